"""Whether the best excerpts of a long recording are clean speech of its main speaker, how long that takes, and how
much memory: an hour made of the fixtures, with all that spoils a recording.

Beside it: how surely speaker similarity tells the fixtures' speakers apart, by whole recordings and by windows.
"""

import argparse
import resource
import time
from itertools import combinations

import numpy as np

from tests.voices.files import speech
from tests.voices.sounds import clipped, in_room, music, noise, with_noise
from voices.analysis import speaker_encoder
from voices.analysis.best_excerpts import rank_excerpts
from voices.analysis.vad import SAMPLE_RATE

MAIN_RECORDINGS = ("english_ivr", "spanish_ivr")
OTHER_RECORDINGS = ("english_austen_1", "english_austen_2", "english_austen_short")


def mix(seconds: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """A recording, float32 (samples,), and where it is clean speech of the main speaker, bool (samples,).

    Two in five parts are the main speaker as recorded. The others: her in noise (12 dB), over music, clipped, in a
    hall; the other speaker; both at once; noise, music and silence without speech.
    """
    random = np.random.default_rng(seed)
    wave, clean = [], []
    length = 0
    tune = music(12)

    def one(names) -> np.ndarray:
        return speech(names[random.integers(len(names))]) * np.float32(random.uniform(0.5, 1))

    kinds = {
        "clean": lambda: one(MAIN_RECORDINGS),
        "noise": lambda: with_noise(one(MAIN_RECORDINGS), noise(range(12 * SAMPLE_RATE)), 12),
        "music": lambda: with_noise(one(MAIN_RECORDINGS), tune, 8),
        "clipped": lambda: clipped(one(MAIN_RECORDINGS), 0.02),
        "hall": lambda: in_room(one(MAIN_RECORDINGS), 0.9),
        "other": lambda: np.concatenate([one(OTHER_RECORDINGS) for _ in range(2)]) * 2,
        "both": lambda: (
            np.resize(one(OTHER_RECORDINGS), 6 * SAMPLE_RATE) * 2 + np.resize(one(MAIN_RECORDINGS), 6 * SAMPLE_RATE)
        ),
        "only noise": lambda: 0.05 * noise(range(5 * SAMPLE_RATE)),
        "only music": lambda: tune[: 8 * SAMPLE_RATE] * 3,
        "silence": lambda: np.zeros(6 * SAMPLE_RATE),
    }
    shares = [0.4, 0.08, 0.08, 0.06, 0.06, 0.16, 0.04, 0.04, 0.04, 0.04]
    while length < seconds * SAMPLE_RATE:
        kind = str(random.choice(list(kinds), p=shares))
        part = np.clip(kinds[kind](), -1, 1).astype(np.float32)
        pause = (1e-4 * noise(range(int(random.uniform(0.2, 1.2) * SAMPLE_RATE)), random.integers(99))).astype(
            np.float32
        )
        wave += [part, pause]
        clean += [np.full(len(part), kind == "clean"), np.full(len(pause), kind == "clean")]
        length += len(part) + len(pause)
    return np.concatenate(wave), np.concatenate(clean)


def choose(seconds: float) -> None:
    wave, clean = mix(seconds)
    print(f"{len(wave) / SAMPLE_RATE:.0f} s, of which {clean.mean():.0%} are clean speech of the main speaker")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    found = rank_excerpts(wave)
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    chosen = right = 0
    for excerpt in found:
        part = clean[round(excerpt.start * SAMPLE_RATE) : round(excerpt.end * SAMPLE_RATE)]
        chosen, right = chosen + len(part), right + part.sum()
        print(f"  {excerpt.start:7.1f} – {excerpt.end:7.1f} s  score {excerpt.score:.2f}  clean {part.mean():4.0%}")
    print(
        f"{len(found)} excerpts in {took:.0f} s, {right / max(chosen, 1):.1%} of them clean speech of the main speaker;"
        f" memory {before:.0f} → {peak:.0f} MB, of which the recording is {wave.nbytes / 2**20:.0f} MB"
    )


def tell_apart() -> None:
    who = dict.fromkeys(MAIN_RECORDINGS, "main") | dict.fromkeys(OTHER_RECORDINGS, "other")
    windows = {name: speaker_encoder.embed_windows(speech(name), SAMPLE_RATE) for name in who}
    whole = {name: speaker_encoder.embed(speech(name), SAMPLE_RATE) for name in who}
    for what, pairs in (
        ("recordings", lambda one, two: [[speaker_encoder.similarity(whole[one], whole[two])]]),
        ("windows of 1.6 s", lambda one, two: windows[one] @ windows[two].T),
    ):
        same = [pairs(*pair) for pair in combinations(who, 2) if who[pair[0]] == who[pair[1]]]
        other = [pairs(*pair) for pair in combinations(who, 2) if who[pair[0]] != who[pair[1]]]
        a, b = (np.concatenate([np.ravel(part) for part in parts]) for parts in (same, other))
        beaten = (a[:, None] > b[None, :]).mean()
        print(
            f"Similarity of {what}: same speaker {a.min():.2f} … {np.median(a):.2f} … {a.max():.2f},"
            f" different {b.min():.2f} … {np.median(b):.2f} … {b.max():.2f};"
            f" a same-speaker pair is the closer one in {beaten:.1%} of comparisons"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=60)
    tell_apart()
    choose(60 * arguments.parse_args().minutes)


if __name__ == "__main__":
    main()
