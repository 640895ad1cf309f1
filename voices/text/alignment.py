"""Word alignment: when each word of a transcript is said. Pure."""

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise, starmap
from typing import NamedTuple

from rapidfuzz.distance import Indel

from .word_errors import bare

_CJK_CHARACTER = "[぀-ヿ㐀-䶿一-鿿豈-﫿々]"  # kana and Chinese characters: each is a word of its own
_WORD_PATTERN = re.compile(rf"\s*(?:[^\s\w]*{_CJK_CHARACTER}[^\s\w]*|(?:(?!{_CJK_CHARACTER})\S)+)")


class Word(NamedTuple):
    """A word and when it is said. In JSON, it is a list of four."""

    text: str  # as in the transcript, with its punctuation and the white space before it
    start: float  # seconds
    end: float
    confidence: float  # of the transcriber, 0 to 1; 1 for a word that a person wrote


def split_words(text: str) -> list[str]:
    """Return the words of a text with their punctuation and the white space before them, which make it up."""
    return _WORD_PATTERN.findall(text)


def text_of(words: Iterable[Sequence]) -> str:
    """Return the transcript that the words make up."""
    return "".join(word[0] for word in words).strip()


def between(words: Iterable[Sequence], start: float, end: float) -> list[Word]:
    """Return the words whose middle lies between `start` and `end`, in seconds."""
    return [word for word in starmap(Word, words) if start <= (word.start + word.end) / 2 < end]


def align(text: str, words: Iterable[Sequence], confidence: float = 1.0) -> list[Word]:
    """Return the words of `text`, a person's correction of the transcript of `words`, with their times.

    An unchanged word keeps its times and confidence. Words that replace others share their time in proportion to length,
    inserted ones the pause; `confidence` is theirs. Empty if no times are known.
    """
    # A transcriber's word may hold several Chinese characters.
    old = [part for word, *times in words for part in _spread(_WORD_PATTERN.findall(word), *times)]
    if not old:
        return []
    new = _WORD_PATTERN.findall(text.strip())
    aligned: list[Word] = []
    at_old = at_new = 0
    # By the longest common subsequence, so that as many words as possible keep their times.
    for block in Indel.opcodes([bare(word.text) for word in old], [bare(piece) for piece in new]).as_matching_blocks():
        if at_old < block.a:
            start, end = old[at_old].start, old[block.a - 1].end
        else:
            end = old[min(block.a, len(old) - 1)].start
            start = old[block.a - 1].end if block.a else end
        aligned += _spread(new[at_new : block.b], start, max(start, end), confidence)
        at_old, at_new = block.a + block.size, block.b + block.size
        kept = zip(new[block.b : at_new], old[block.a : at_old], strict=True)
        aligned += [word._replace(text=piece) for piece, word in kept]
    return aligned


def _spread(pieces: list[str], start: float, end: float, confidence: float) -> list[Word]:
    """Return the pieces as successive words from `start` to `end`, with durations in proportion to their lengths."""
    offsets = list(accumulate((len(piece.strip()) for piece in pieces), initial=0))  # in characters
    times = [round(start + (end - start) * offset / max(offsets[-1], 1), 3) for offset in offsets]
    return [Word(piece, *span, confidence) for piece, span in zip(pieces, pairwise(times), strict=True)]
