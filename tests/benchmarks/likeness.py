"""How much the embedded engine sounds like the recording, how well it is understood, and how fast it is.

For each fixture: speaker similarity of the default voice, of the one-shot fit and of the refinement to the recording,
on sentences that neither heard; word error rate of ten English sentences; the ratio of the median pitches. Then the
similarity by an independent encoder too, which the fit does not optimise, and what another seed changes: how much takes
of a sentence differ, and whether they cost words or likeness.

`--clips FOLDER` measures only the one-shot fit by both encoders, to the WAV files of a folder: strangers' recordings.
"""

import argparse
import itertools
import time
from pathlib import Path

import numpy as np
import soundfile

from synthesis.engines.base import Reference, Utterance
from synthesis.engines.kokoro.data import voices
from synthesis.engines.kokoro.engine import RATE, KokoroEngine, _pack
from synthesis.engines.kokoro.fit import Blend
from tests import FIXTURES
from tests.listening import transcribe, word_errors
from voices.analysis import speaker_encoder
from voices.analysis.pitch import median_pitch

from . import independent_encoder

SENTENCES = (
    "The harbour was silent except for the gulls above the water.",
    "Please remember to lock the door when you leave the house.",
    "My brother bought a new bicycle because the old one was broken.",
    "We walked through the forest until the sun went down.",
    "The teacher asked the children to open their books.",
    "It has been raining since early this morning.",
    "There are many good reasons to learn another language.",
    "The letter arrived on Monday, but nobody opened it.",
    "Could you tell me the way to the nearest station?",
    "After dinner they sat around the fire and told stories.",
)
UNSEEN_SENTENCES = SENTENCES[:4]


def main(refine: bool = True) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=Path, help="a folder of WAV files")
    folder = parser.parse_args().clips
    engine = KokoroEngine()
    engine.load(engine.models[0].name)
    if folder:
        measure_by_both(engine, folder)
        return
    names = voices()[0]
    heart = np.eye(len(names), dtype=np.float32)[names.index("af_heart")]
    default = _pack(Blend(heart, heart))
    print(
        f"{'recording':<22}{'default':>8}{'one-shot':>9}{'s':>6}{'refined':>8}{'s':>6}{'WER':>6}{'pitch':>14}{'RTF':>6}"
    )
    table = []
    for path in sorted(FIXTURES.glob("*.wav")):
        samples, rate = soundfile.read(path, dtype="float32")
        reference = Reference(samples, rate)
        target = speaker_encoder.embed(samples, rate)

        def likeness(conditioning, target=target):
            return float(
                np.mean(
                    [
                        speaker_encoder.similarity(target, speaker_encoder.embed(say(engine, text, conditioning), RATE))
                        for text in UNSEEN_SENTENCES
                    ]
                )
            )

        engine.condition(reference)  # the map is made once
        began = time.perf_counter()
        once = engine.condition(reference)
        took = time.perf_counter() - began
        began = time.perf_counter()
        best = engine.refine(reference, once, lambda progress: None) if refine else once
        refined_in = time.perf_counter() - began
        errors = words = 0
        spoken, compute, pitches = 0.0, 0.0, []
        for text in SENTENCES:
            began = time.perf_counter()
            wave = say(engine, text, best)
            compute += time.perf_counter() - began
            spoken += len(wave) / RATE
            wrong, said = word_errors(text, transcribe(wave, RATE))
            errors, words = errors + wrong, words + said
            pitches.append(median_pitch(wave, RATE))
        row = (likeness(default), likeness(once), took, likeness(best), refined_in, errors / words)
        own, made = median_pitch(samples, rate), float(np.median(pitches))
        table.append((*row, made / own, compute / spoken))
        print(
            f"{path.stem:<22}{row[0]:>8.3f}{row[1]:>9.3f}{row[2]:>6.2f}{row[3]:>8.3f}{row[4]:>6.0f}{row[5]:>6.1%}"
            f"{own:>6.0f} → {made:.0f} Hz{compute / spoken:>6.2f}",
            flush=True,
        )
    mean = np.mean(table, axis=0)
    print(
        f"{'mean':<22}{mean[0]:>8.3f}{mean[1]:>9.3f}{mean[2]:>6.2f}{mean[3]:>8.3f}{mean[4]:>6.0f}{mean[5]:>6.1%}{mean[6]:>14.2f}{mean[7]:>6.2f}"
    )

    measure_by_both(engine, FIXTURES)
    measure_takes(engine)
    measure_speed(engine, default)


def measure_by_both(engine: KokoroEngine, folder: Path) -> None:
    """Similarity of the one-shot fit to the recording by both encoders, and of the recordings to each other."""
    encoders = {"GE2E": speaker_encoder.embed}
    if independent_encoder.is_installed():
        encoders["independent"] = independent_encoder.embed
    else:
        print(independent_encoder.HOW_TO_INSTALL)
    known, alike = {}, []
    print(f"\n{'fit at once':<22}" + "".join(f"{name:>14}" for name in encoders))
    for path in sorted(folder.glob("*.wav")):
        samples, rate = soundfile.read(path, dtype="float32")
        voice = engine.condition(Reference(samples, rate))
        takes = [say(engine, text, voice) for text in UNSEEN_SENTENCES]
        known[path.stem] = {name: embed(samples, rate) for name, embed in encoders.items()}
        alike.append(
            [
                np.mean([known[path.stem][name] @ embed(take, RATE) for take in takes])
                for name, embed in encoders.items()
            ]
        )
        print(f"{path.stem:<22}" + "".join(f"{each:>14.2f}" for each in alike[-1]), flush=True)
    print(f"{'mean':<22}" + "".join(f"{each:>14.2f}" for each in np.mean(alike, axis=0)))
    for name in encoders:
        pairs = [float(one[name] @ other[name]) for one, other in itertools.combinations(known.values(), 2)]
        print(f"recordings to each other by {name}: {min(pairs):.2f} to {max(pairs):.2f}, mean {np.mean(pairs):.2f}")


def measure_takes(engine: KokoroEngine, seeds: int = 8) -> None:
    """Takes of four sentences in each voice as fitted at once: the first as the model has it, the others by a seed."""
    print(f"\n{'takes of':<22}{'similarity':>20}{'WER':>14}{'length':>12}{'pitch':>12}")
    for path in sorted(FIXTURES.glob("*.wav")):
        samples, rate = soundfile.read(path, dtype="float32")
        target, voice = speaker_encoder.embed(samples, rate), engine.condition(Reference(samples, rate))
        rows = []
        for text in UNSEEN_SENTENCES:
            for seed in range(seeds):
                wave = say(engine, text, voice, seed)
                wrong, said = word_errors(text, transcribe(wave, RATE))
                like = speaker_encoder.similarity(target, speaker_encoder.embed(wave, RATE))
                rows.append((like, wrong / said, len(wave) / RATE, median_pitch(wave, RATE)))
        table = np.array(rows).reshape(len(UNSEEN_SENTENCES), seeds, 4)
        plain, others = table[:, 0].mean(0), table[:, 1:].mean((0, 1))
        spread = (table[:, 1:, 2:].std(1) / table[:, 1:, 2:].mean(1)).mean(0)
        print(
            f"{path.stem:<22}{plain[0]:>11.3f} → {others[0]:.3f}{plain[1]:>7.1%} → {others[1]:.1%}"
            f"{spread[0]:>10.1%} ±{spread[1]:>9.1%} ±",
            flush=True,
        )


def measure_speed(engine: KokoroEngine, conditioning) -> None:
    """The engine alone, without the site: whole sentences one after the other, best of three rounds."""
    rounds = []
    for _ in range(3):
        began = time.perf_counter()
        spoken = sum(len(say(engine, text, conditioning)) for text in SENTENCES) / RATE
        rounds.append((time.perf_counter() - began) / spoken)
    print(f"The engine alone: real-time factor {min(rounds):.2f} (seconds of compute a second of audio)")


def say(engine: KokoroEngine, text: str, conditioning, seed: int = 0) -> np.ndarray:
    utterance = Utterance(text, "en-us", conditioning, seed=seed)
    return np.concatenate([audio.samples for audio in engine.synthesize([utterance], lambda progress: None)])


if __name__ == "__main__":
    main()
