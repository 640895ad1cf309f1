"""How well the times of words are known, in milliseconds: the figures of docs/engines.md.

Words are spoken one by one by kokoro and joined at places that are known to the sample, with gaps as short as in running
speech; then the times are asked for, with what Whisper tiny.en recognized and without. In natural sentences nobody knows
the places: there, estimated times are compared with the recognized ones. Last, cues are compared with where sentences are
joined.
"""

import itertools
from pathlib import Path

import numpy as np
import soxr

from synthesis.delivery.cues import Cue, written
from synthesis.delivery.word_times import EDGE_SECONDS, TimedWord, times
from synthesis.engines.base import Utterance
from synthesis.engines.kokoro.data import voices
from synthesis.engines.kokoro.engine import RATE, KokoroEngine, _pack
from synthesis.engines.kokoro.fit import Blend
from voices.text.normalization import join, read
from voices.transcription.transcribers.bundled import BundledWhisper

LINES = (Path(__file__).parent / "sentences" / "en-us.txt").read_text().splitlines()
MORE_LINES = (
    "When the rain stopped, the children, who had waited all morning, ran out into the garden.",
    "On 3 May 2019 the ferry left at 7:45, with 1,250 people on board; nobody was hurt.",
    "Dr. Wu said that it was 25 km away, but he was wrong, and then, at last, we saw it.",
)
JOINED_LINES, NATURAL_LINES = 14, 20
GAP_SECONDS = (0.01, 0.06)
COMMA_SECONDS = 0.25


class Speaker:
    def __init__(self) -> None:
        self.engine = KokoroEngine()
        self.engine.load(self.engine.models[0].name)
        heart = np.float32([name == "af_heart" for name in voices()[0]])
        self.voice = _pack(Blend(heart, heart))
        self.whisper = BundledWhisper()
        self.whisper.load(self.whisper.models[0].name)

    def speak(self, text: str) -> np.ndarray:
        said = self.engine.synthesize([Utterance(text, "en-us", self.voice)], lambda progress: None)
        return np.concatenate([audio.samples for audio in said])

    def recognize(self, samples: np.ndarray) -> list[list]:
        wave = soxr.resample(samples, RATE, 16_000)
        return [list(word[:3]) for word in self.whisper.transcribe(wave, "en-us", lambda progress: None).words]


def joined(speaker: Speaker, line: str, random: np.random.Generator) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Return a sentence of words that were spoken one by one, and when each begins and ends, in seconds."""
    edge = round(EDGE_SECONDS * RATE)
    parts, places, at = [np.zeros(edge, np.float32)], [], edge
    words = line.split()
    for word in words:
        samples = speaker.speak(word.strip(".,;:?!"))[edge:-edge]
        places.append((at / RATE, (at + len(samples)) / RATE))
        gap = COMMA_SECONDS if word[-1] in ",;:" else random.uniform(*GAP_SECONDS)
        gap = EDGE_SECONDS if len(places) == len(words) else gap
        parts += [samples, np.zeros(round(gap * RATE), np.float32)]
        at += len(samples) + round(gap * RATE)
    return np.concatenate(parts), places


def row(what: str, found: list[tuple[TimedWord, tuple[float, float]]]) -> str:
    """Return a row of the table: how far the beginning of each word is off, and its middle."""
    starts = np.array([word.start - start for word, (start, _) in found]) * 1000
    middles = np.array([(word.start + word.end - start - end) / 2 for word, (start, end) in found]) * 1000
    figures = [
        f"{np.median(np.abs(errors)):.0f} | {np.percentile(np.abs(errors), 90):.0f} | {np.median(errors):+.0f}"
        for errors in (starts, middles)
    ]
    return f"| {what} | {len(found)} | {' | '.join(figures)} |"


def cue_errors() -> np.ndarray:
    """Return how far cues of 1,000 sentences of random lengths are from where these are joined, in milliseconds."""
    random = np.random.default_rng(0)
    lengths = random.integers(RATE // 2, 20 * RATE, 1000)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    text = "".join(
        written((Cue(start / RATE, end / RATE, ("x",)) for start, end in itertools.pairwise(starts.tolist())), "vtt")
    )
    shown = [line.partition(" --> ")[0] for line in text.splitlines() if " --> " in line]
    seconds = [sum(float(part) * 60**power for power, part in enumerate(reversed(time.split(":")))) for time in shown]
    return np.abs(np.array(seconds) - starts[:-1] / RATE) * 1000


def main() -> None:
    speaker, random = Speaker(), np.random.default_rng(0)
    heard: list = []
    estimated: list = []
    misheard = 0
    for line in LINES[:JOINED_LINES]:
        samples, places = joined(speaker, line, random)
        seconds = len(samples) / RATE
        recognized = speaker.recognize(samples)
        for word, place in zip(times(line, line, recognized, seconds, "en-us"), places, strict=True):
            misheard += word.is_estimated
            if not word.is_estimated:
                heard.append((word, place))
        estimated += zip(times(line, line, (), seconds, "en-us"), places, strict=True)
    natural: list = []
    for line in [*LINES[:NATURAL_LINES], *MORE_LINES]:
        spoken = join(read(line, "en-us"))
        samples = speaker.speak(spoken)
        seconds, recognized = len(samples) / RATE, speaker.recognize(samples)
        known = times(line, spoken, recognized, seconds, "en-us")
        guessed = times(line, spoken, (), seconds, "en-us")
        natural += [
            (guess, (word.start, word.end)) for guess, word in zip(guessed, known, strict=True) if not word.is_estimated
        ]
    print("| times | words | start, median ms | 90 % | off | middle, median ms | 90 % | off |")
    print("|---|---|---|---|---|---|---|---|")
    print(row("recognized, words joined at known places", heard))
    print(row("estimated, words joined at known places", estimated))
    print(row("estimated, natural sentences, against recognized", natural))
    print(
        f"\n{misheard} of {misheard + len(heard)} joined words were not recognized, and estimated between the others."
    )
    errors = cue_errors()
    print(f"Cues against joins of 1,000 sentences: median {np.median(errors):.2f} ms, at most {errors.max():.2f} ms.")


if __name__ == "__main__":
    main()
