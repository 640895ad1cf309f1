"""When the first sound of a text comes, and how long all of it takes: kokoro in its process, the way a worker asks it.

The first utterance alone, then batches of `max_batch`. The voice is fitted anew for each text, the model is loaded. Each
row is the median of the rounds, and a round speaks each, so that what else the machine does meets all.
Then each batch again both ways in turn: one after another with all cores, as it was spoken before, and at once.

    python -m tests.benchmarks.first_sound --rounds 3 --sentences 1 6 60
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import soundfile

from synthesis.engines.base import Audio, Conditioning, Reference, Utterance
from synthesis.engines.client import EngineProcess
from synthesis.engines.kokoro.engine import KokoroEngine
from synthesis.scripts.script import prepare
from tests import FIXTURES

SENTENCES = Path(__file__).parent / "sentences" / "en-us.txt"
OPENING = "When the old clock on the wall struck nine, she packed her bag and left the house without a word."
AIMS = {6: 0.12, 60: 0.05}  # of the total
RATIO_AIM = 1.15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sentences", type=int, nargs="+", default=[1, 6, 60])
    chosen = parser.parse_args()
    samples, rate = soundfile.read(FIXTURES / "english_austen_1.wav", dtype="float32")
    reference = Reference(samples, rate)
    process = EngineProcess()
    process.load(KokoroEngine.name, KokoroEngine.models[0].name, beat)
    began_with = process.memory()
    try:
        voice = process.condition(reference, beat)
        speak(process, ["Now everything is loaded."], voice)
        warm = process.memory()
        speak(process, ["Now everything is loaded."] * KokoroEngine.max_batch, voice)
        both = process.memory()
        rows: dict[int, list[tuple[float, float, float]]] = {count: [] for count in chosen.sentences}
        ratios = []
        for _ in range(chosen.rounds):
            for count in chosen.sentences:
                rows[count].append(read(process, reference, texts(count)))
            for batch in batches(texts(max(chosen.sentences))[1:], KokoroEngine.max_batch):
                sides = [throughput(process, batch, voice, size) for size in (1, len(batch))]
                ratios.append((*sides, sides[0] / sides[1]))
        print("| sentences | utterances | first sound, s | total, s | share | aim | real-time factor |")
        print("|---|---|---|---|---|---|---|")
        for count, measured in rows.items():
            first, total, spoken = (statistics.median(column) for column in zip(*measured, strict=True))
            share = statistics.median(one[0] / one[1] for one in measured)
            cells = (count, len(texts(count)), f"{first:.2f}", f"{total:.1f}", f"{share:.3f}", AIMS.get(count, "–"))
            print(f"| {' | '.join(map(str, cells))} | {total / spoken:.2f} |")
        alone, together, ratio = (statistics.median(column) for column in zip(*ratios, strict=True))
        print(f"\nOne after another: real-time factor {alone:.3f}; {KokoroEngine.max_batch} at once: {together:.3f}.")
        low, high = min(each[2] for each in ratios), max(each[2] for each in ratios)
        print(f"{ratio:.2f} times the throughput ({low:.2f} to {high:.2f} of {len(ratios)} batches; aim: {RATIO_AIM}).")
        print(
            f"Memory, MB: {began_with / 1e6:.0f} loaded, {warm / 1e6:.0f} after an utterance, {both / 1e6:.0f} after a "
        )
        print(f"batch, {process.memory() / 1e6:.0f} in the end.")
    finally:
        process.end()


def beat() -> None:
    pass


def texts(count: int) -> list[str]:
    """Return what is spoken of a text of so many sentences."""
    known = [line.strip() for line in SENTENCES.read_text().splitlines() if line.strip()]
    # Prose has longer sentences than these beside them: every third is two in one.
    found = [
        f"{line[:-1]}, and {other[0].lower()}{other[1:]}" if number % 3 == 0 else line
        for number, (line, other) in enumerate(itertools.pairwise(known))
    ]
    text = " ".join([OPENING, *itertools.islice(itertools.cycle(found), count - 1)])
    return [segment.spoken for segment in prepare(text, "en-us", KokoroEngine).segments]


def read(process: EngineProcess, reference: Reference, spoken: Sequence[str]) -> tuple[float, float, float]:
    """Return the seconds until the first utterance is there, and all of them, and how many seconds they sound."""
    began = time.perf_counter()
    voice = process.condition(reference, beat)
    sound = speak(process, spoken[:1], voice)
    first = time.perf_counter() - began
    for batch in batches(spoken[1:], KokoroEngine.max_batch):
        sound += speak(process, batch, voice)
    return first, time.perf_counter() - began, sound


def throughput(process: EngineProcess, spoken: Sequence[str], voice: Conditioning, size: int) -> float:
    """Return the real-time factor of batches of this size: seconds of compute a second of audio."""
    began = time.perf_counter()
    sound = sum(speak(process, batch, voice) for batch in batches(spoken, size))
    return (time.perf_counter() - began) / sound


def speak(process: EngineProcess, spoken: Sequence[str], voice: Conditioning) -> float:
    """Speak a batch; return how many seconds it sounds."""
    utterances = [Utterance(text, "en-us", voice) for text in spoken]
    items = process.synthesize(utterances, beat)
    return sum(len(item.samples) / item.sample_rate for item in items if isinstance(item, Audio))


def batches(spoken: Sequence[str], size: int) -> list[Sequence[str]]:
    return [spoken[start : start + size] for start in range(0, len(spoken), size)]


if __name__ == "__main__":
    main()
