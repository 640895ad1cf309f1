"""Word times: which word of a transcript is said when."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from .word_errors import plain

_CHARACTER = "[぀-ヿ㐀-䶿一-鿿豈-﫿々]"  # kana and Chinese characters: each is a word for itself


_PIECE = re.compile(rf"\s*(?:[^\s\w]*{_CHARACTER}[^\s\w]*|(?:(?!{_CHARACTER})\S)+)")


class Word(NamedTuple):
    """A word and where it is said. JSON keeps it as a list of four."""

    text: str  # as it stands in the transcript, with its punctuation and the white space before it
    start: float  # seconds
    end: float
    confidence: float  # of the transcriber, 0 to 1; 1 for what a person wrote


def text_of(words: Iterable[Sequence]) -> str:
    """The transcript that the words make."""
    return "".join(word[0] for word in words).strip()


def between(words: Iterable[Sequence], start: float, end: float) -> list[Word]:
    """The words that are said from `start` to `end`: a word belongs where its middle is."""
    return [word for word in map(_word, words) if start <= (word.start + word.end) / 2 < end]


def align(text: str, words: Iterable[Sequence]) -> list[Word]:
    """The words of `text`, which a person made of the transcript of `words`: each where it is said.

    What is still there keeps its times and its confidence. What was written instead of others takes their time, and
    what was put in between, the pause; several share it by their length. Empty where no word has a time.
    """
    old = [part for word in words for part in _parts(_word(word))]
    if not old:
        return []
    new = _PIECE.findall(text.strip())
    known, written = [plain(word.text) for word in old], [plain(piece) for piece in new]
    aligned: list[Word] = []
    for tag, from_old, to_old, from_new, to_new in SequenceMatcher(None, known, written, autojunk=False).get_opcodes():
        pieces = new[from_new:to_new]
        if tag == "equal":
            kept = zip(pieces, old[from_old:to_old], strict=True)
            aligned += [word._replace(text=piece) for piece, word in kept]
            continue
        start = old[from_old].start if tag == "replace" else old[max(from_old - 1, 0)].end
        end = old[to_old - 1].end if tag == "replace" else old[min(from_old, len(old) - 1)].start
        if from_old == 0 and tag == "insert":
            start = end
        aligned += _spread(pieces, start, max(start, end), 1.0)
    return aligned


def _word(row: Sequence) -> Word:
    return row if isinstance(row, Word) else Word(*row)


def _parts(word: Word) -> list[Word]:
    """A transcriber's word as the pieces that `align` compares: it may give several Chinese characters as one."""
    return _spread(_PIECE.findall(word.text), word.start, word.end, word.confidence)


def _spread(pieces: list[str], start: float, end: float, confidence: float) -> list[Word]:
    """Words one after the other from `start` to `end`, each with a share by its length."""
    lengths = [len(piece.strip()) for piece in pieces]
    made, before = [], 0
    for piece, length in zip(pieces, lengths, strict=True):
        from_, before = start + (end - start) * before / sum(lengths), before + length
        to = start + (end - start) * before / sum(lengths)
        made.append(Word(piece, round(from_, 3), round(to, 3), confidence))
    return made
