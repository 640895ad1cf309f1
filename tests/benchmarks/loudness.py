"""How loud the embedded engine's speech is, before and after it is levelled: the tables of docs/engines.md.

Sixty sentences, twelve of them short, in three fixtures' voices: loudness, true peak, the spread between sentences, what
the limiter takes, whether it costs words or likeness where it takes most, and what levelling costs. Then more than
a thousand joins, as they are and made to click on purpose.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from synthesis.engines.base import Reference
from synthesis.engines.kokoro.engine import RATE, KokoroEngine
from synthesis.speech import loudness
from synthesis.speech.loudness import levelling
from synthesis.speech.loudness.limiter import Limiter
from tests import FIXTURES
from tests.listening import transcribe, word_errors
from voices.analysis import speaker_encoder

from .likeness import say

VOICES = ("english_austen_1", "english_ivr", "spanish_ivr")
LONG = (Path(__file__).parent / "sentences" / "en-us.txt").read_text().splitlines()
SHORT = (
    "No!",
    "Yes.",
    "Help!",
    "Chapter nine.",
    "Are you quite sure?",
    "Stop it at once!",
    "Thank you, my dear.",
    "Well, I never.",
    "Who goes there?",
    "It was over.",
    "Whatever you say.",
    "Please, be quiet.",
)
SENTENCES = (*LONG[:48], *SHORT)
PART = round(0.3 * RATE)  # of what is heard while it is spoken
HARDEST = 10  # sentences of a voice, by what the limiter takes, that are listened to
PAUSE = np.zeros(round(0.4 * RATE), np.float32)


class Levelled(NamedTuple):
    text: str
    spoken: np.ndarray
    amplified: np.ndarray  # by the gain of the levelled, without the limiter
    take: np.ndarray
    taken: np.ndarray  # dB that the limiter took, of each audible sample


def main() -> None:
    engine = KokoroEngine()
    engine.load(engine.models[0].name)
    spent = {"speaking": 0.0, "levelling": 0.0}
    takes: list[np.ndarray] = []
    streamed: list[tuple[np.ndarray, list[int]]] = []
    rows = []
    for name in VOICES:
        recording, rate = soundfile.read(FIXTURES / f"{name}.wav", dtype="float32")
        voice = engine.condition(Reference(recording, rate))
        began = time.process_time()
        spoken = [say(engine, text, voice) for text in SENTENCES]
        spent["speaking"] += time.process_time() - began
        began = time.process_time()
        voice_meter, levelled = loudness.VoiceMeter(RATE, None), []
        for wave in spoken:
            voice_meter.push(wave)
            levelled.append(loudness.level(wave, RATE, voice_meter.lufs))
        spent["levelling"] += time.process_time() - began
        rows.append(
            _row(name, [_taken(*each) for each in zip(SENTENCES, spoken, levelled, strict=True)], recording, rate)
        )
        takes += levelled
        streamed += [_streamed(wave, voice_meter.lufs) for wave in spoken]
    for title, *values in zip(TITLES, *rows, strict=True):
        print(f"| {title} | {' | '.join(values)} |")
    share = spent["levelling"] / spent["speaking"]
    print(f"\nLevelling takes {share:.2%} of the processor time of speaking.\n")
    print_clicks(takes, streamed)


def _taken(text: str, spoken: np.ndarray, take: np.ndarray) -> Levelled:
    """Find the gain again: that of the samples that the limiter left alone."""
    audible = np.abs(take) > 1e-3
    gain_db = 20 * np.log10(take[audible] / spoken[audible])
    amplified = spoken * np.float32(10 ** (gain_db.max() / 20))
    limiter = Limiter(RATE, loudness.CEILING_DBTP)
    assert np.allclose(limiter.push(amplified, last=True), take, atol=1e-3)
    return Levelled(text, spoken, amplified, take, gain_db.max() - gain_db)


TITLES = (
    "",
    "---",
    "as spoken: LUFS, dBTP",
    "levelled: LUFS, dBTP, RMS with the pauses (dBFS)",
    "spread of sentences as spoken, LU: all, the middle 90 %",
    "levelled",
    "the limiter takes, dB: most, mean of the sentences' most, mean of all samples",
    f"similarity of the {HARDEST} sentences of which it takes most: without it → with it",
    "word error rate of them",
)


def _row(name: str, sentences: list[Levelled], recording: np.ndarray, rate: int) -> list[str]:
    before, after = (_whole(each.spoken for each in sentences), _whole(each.take for each in sentences))
    measured = [loudness.measure([whole], RATE) for whole in (before, after)]
    rms = 20 * np.log10(np.sqrt((after**2).mean()))
    most = [each.taken.max() for each in sentences]
    hardest = sorted(sentences[:48], key=lambda each: -each.taken.max())[:HARDEST]
    target = speaker_encoder.embed(recording, rate)
    heard = [_hear([(each.text, getattr(each, which)) for each in hardest], target) for which in ("amplified", "take")]
    return [
        name,
        "---",
        f"{measured[0].integrated:.1f}, {measured[0].true_peak:.1f}",
        f"{measured[1].integrated:.1f}, {measured[1].true_peak:.2f}, {rms:.1f}",
        _spread([each.spoken for each in sentences]),
        _spread([each.take for each in sentences]),
        f"{max(most):.1f}, {np.mean(most):.1f}, {np.concatenate([each.taken for each in sentences]).mean():.2f}",
        f"{heard[0][0]:.3f} → {heard[1][0]:.3f}",
        f"{heard[0][1]:.1%} → {heard[1][1]:.1%}",
    ]


def _whole(waves: Iterator[np.ndarray]) -> np.ndarray:
    return np.concatenate([part for wave in waves for part in (wave, PAUSE)])


def _spread(waves: list[np.ndarray]) -> str:
    own = [levelling._integrated(levelling._without_silent_ends(wave, RATE), RATE) for wave in waves]
    return f"{np.ptp(own):.1f}, {np.ptp(np.percentile(own, [5, 95])):.1f}"


def _hear(sentences: list[tuple[str, np.ndarray]], target: np.ndarray) -> tuple[float, float]:
    """Return the mean speaker similarity and the word error rate."""
    likeness = [speaker_encoder.similarity(target, speaker_encoder.embed(wave, RATE)) for _, wave in sentences]
    errors = [word_errors(text, transcribe(wave, RATE)) for text, wave in sentences]
    return float(np.mean(likeness)), sum(wrong for wrong, _ in errors) / sum(said for _, said in errors)


def _streamed(spoken: np.ndarray, lufs: float) -> tuple[np.ndarray, list[int]]:
    """Return the take as it is levelled while it is spoken, and where its parts join."""
    leveller = loudness.Leveller(RATE, lufs)
    starts = range(0, len(spoken), PART)
    parts = [leveller.push(spoken[at : at + PART], last=at == starts[-1]) for at in starts]
    return np.concatenate(parts), [int(place) for place in np.cumsum([len(part) for part in parts])[:-1]]


def print_clicks(takes: list[np.ndarray], streamed: list[tuple[np.ndarray, list[int]]]) -> None:
    """Count the joins that the detector says click: as they are, and both ends of a take that was damaged."""
    random = np.random.default_rng(0)
    print("| joins | of | click |\n|---|---|---|")
    takes = [(np.round(take * 32767) / 32767).astype(np.float32) for take in takes]
    decay = np.exp(-np.arange(len(PAUSE)) / (0.02 * RATE)).astype(np.float32)
    steps = [(f"with a step of {size:.0%}", np.float32(size) * decay) for size in (0.01, 0.05)]
    rows = {
        "parts of takes heard while they are spoken": streamed,
        "both ends of takes": [_joined(take) for take in takes],
    }
    for title, step in steps:
        rows[f"the same, {title}"] = [_joined(take, step) for take in takes]
    for offset in (0.01, 0.03):
        rows[f"the same, of takes with an offset of {offset:.0%}"] = [
            _joined(take + np.float32(offset)) for take in takes
        ]
    loud = [np.flatnonzero(np.convolve(take**2, np.full(48, 1 / 48), "same") > 0.03**2) for take in takes]
    halves = [np.sort(random.choice(places, 2)) for places in loud]
    rows["the same, of takes cut while they speak"] = [
        _joined(take[start : end + 1]) for take, (start, end) in zip(takes, halves, strict=True) if end - start > 480
    ]
    for title, joins in rows.items():
        found = sum(len(loudness.clicks(sound, RATE, places)) for sound, places in joins)
        print(f"| {title} | {sum(len(places) for _, places in joins)} | {found} |")


def _joined(take: np.ndarray, step: np.ndarray | float = 0.0) -> tuple[np.ndarray, list[int]]:
    """Return the take between two pauses, which begin and end with `step` beside it, and the places of its joins."""
    before, after = PAUSE + np.flip(step) if np.ndim(step) else PAUSE, PAUSE + step
    return np.concatenate([before, take, after]).astype(np.float32), [len(PAUSE), len(PAUSE) + len(take)]


if __name__ == "__main__":
    main()
