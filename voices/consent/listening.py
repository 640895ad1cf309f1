"""Judge a recording of a sentence: are its words heard, and is it the voice of the clip? Pure.

The thresholds are measured by `python -m tests.benchmarks consent`; docs/voices.md has the figures.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from anyascii import anyascii
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein, Opcodes

MIN_LIKENESS = 75.0  # of a word and what was heard in its place, 0 to 100, for it to count as heard
MIN_SENTENCE = 60.0  # of the words before those by chance, and what was heard in their place
MIN_WORDS = 5  # of the six by chance: a transcriber may mistake one
MIN_SIMILARITY = 0.70  # of the speaker embeddings of the sentence and of the clip
SAME_ENVELOPE = 0.995  # correlation of two recordings' loudness: of one that was encoded anew, not of two readings
ENVELOPE_PARTS = 100


@dataclass(frozen=True)
class Reading:
    """What of a sentence was heard."""

    missing: tuple[str, ...]  # words by chance that were not heard in their place
    agrees: bool  # whether what comes before them was heard, by which the speaker agrees


def read(sentence: str, words: Sequence[str], heard: str, spellings: Mapping[str, str] | None = None) -> Reading:
    """Return what of a sentence is in what a transcriber heard.

    The two are aligned as wholes, so that each word by chance has to be heard in its place: of another sentence with some
    of the same words, few are. They are compared in Latin letters, since a transcriber may write a word in another script
    of its language; where that does not help, `spellings` has the other way of writing a word.

    words: by chance, in the order of the sentence.
    """
    for word in words:
        heard = heard.replace((spellings or {}).get(word, word), word)
    text, said = _plain(sentence), _plain(heard)
    steps = Levenshtein.opcodes(text, said)
    missing, at, first = [], 0, len(text)
    for word in words:
        start = sentence.index(word, at)
        at = start + len(word)
        begin, end = len(_plain(sentence[:start])), len(_plain(sentence[:at]))
        first = min(first, begin)
        slack = (end - begin) // 2  # a mistaken letter beside a word moves its ends
        place = said[max(_place(steps, begin) - slack, 0) : _place(steps, end) + slack]
        compare = fuzz.partial_ratio if len(place) > end - begin else fuzz.ratio
        if compare(text[begin:end], place) < MIN_LIKENESS:
            missing.append(word)
    return Reading(tuple(missing), fuzz.ratio(text[:first], said[: _place(steps, first)]) >= MIN_SENTENCE)


def _place(steps: Opcodes, place: int) -> int:
    """Return where a place of one text is in another, by the steps that lead from it to that."""
    for step in steps:
        if step.src_start <= place < step.src_end:
            return min(step.dest_start + place - step.src_start, step.dest_end)
    return steps.dest_len


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, anyascii(text).lower()))


def envelope(samples: np.ndarray) -> list[float]:
    """Return how loud the parts of a recording are, by which one that was encoded anew is known: ENVELOPE_PARTS numbers.

    samples: float (samples,).
    """
    pieces = np.array_split(np.asarray(samples, np.float64), ENVELOPE_PARTS)
    loudness = np.array([np.sqrt(np.mean(piece**2)) if len(piece) else 0.0 for piece in pieces])
    return [round(float(part), 6) for part in loudness / max(float(loudness.max()), 1e-9)]


def is_replay(one: Sequence[float], others: Iterable[Sequence[float]]) -> bool:
    """Return whether an envelope is that of another recording, as good as."""
    for other in others:
        varies = len(other) == len(one) and np.std(one) > 0 and np.std(other) > 0
        if varies and np.corrcoef(one, other)[0, 1] >= SAME_ENVELOPE:
            return True
    return False
