"""When each written word of a take is heard: by what a transcriber recognized, or estimated from its length. Pure."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple, Protocol

from rapidfuzz.distance import Levenshtein

from voices.text.alignment import split_words
from voices.text.normalization import read
from voices.text.word_errors import bare, tokens

EDGE_SECONDS = 0.06  # of silence at each end of a take, as engines trim them
# What a word takes beside its letters, as so many letters: fitted to the times of kokoro's words.
WORD_LETTERS = 2.0
COMMA_LETTERS = 6.0
SENTENCE_LETTERS = 8.0
_SENTENCE_MARKS, _COMMA_MARKS = ".!?…।॥。！？", ",;:—–、，；：،؛"
_CLOSERS = "\"'”’»)]」』）】》"


class Take(Protocol):
    """What matters here of a SegmentTake."""

    text: str
    spoken: str
    seconds: float
    words: list | None


class TimedWord(NamedTuple):
    text: str  # as it is written, with its punctuation and the white space before it: together they are the text
    start: float  # seconds from the start of the take
    end: float
    is_estimated: bool  # nobody heard it there


def word_times(take: Take, language: str) -> list[TimedWord]:
    """Return the written words of a take with their times, in order, within it. language: that of its text."""
    return times(take.text, take.spoken, take.words or (), take.seconds, language)


def times(text: str, spoken: str, recognized: Sequence[Sequence], seconds: float, language: str) -> list[TimedWord]:
    """Return the words of `text`, which is read as `spoken`, with their times.

    recognized: [text, start, end] of what was heard in it, in order; without them all times are estimated.
    """
    words = _written(text)
    if not words:
        return []
    edge = min(EDGE_SECONDS, seconds / 4)
    known = _recognized(words, recognized, language, edge, seconds - edge)
    is_all_known = sum(len(unit) for unit, _, _ in known) == len(words) == len(known)
    letters = [] if is_all_known else _letters(words, spoken, language)
    found: list[TimedWord] = []

    def spread(first: int, after: int, end: float) -> None:
        """Add words that nobody heard by themselves: they share the time up to `end`, in seconds."""
        begin = found[-1].end if found else edge
        if first < after:
            found.extend(_spread(words[first:after], letters[first:after], begin, max(end, begin)))

    at = 0
    for unit, start, end in known:
        spread(at, unit.start, start)  # what lies between two words that were heard was said between them
        start = max(start, found[-1].end if found else 0.0)
        if len(unit) == 1:
            found.append(TimedWord(words[unit.start], start, max(end, start), False))
        else:
            part = slice(unit.start, unit.stop)
            found += _spread(words[part], letters[part], start, max(end, start))
        at = unit.stop
    spread(at, len(words), seconds - edge)
    return [word._replace(start=round(word.start, 3), end=round(word.end, 3)) for word in found]


def _written(text: str) -> list[str]:
    """Return the words of a text; punctuation that stands alone belongs to the word before it."""
    words: list[str] = []
    for piece in split_words(text.strip()):
        if words and not any(map(str.isalnum, piece)):
            words[-1] += piece
        elif words and not any(map(str.isalnum, words[-1])):
            words[-1] += piece  # an opening dash
        else:
            words.append(piece)
    return words


def _recognized(
    words: Sequence[str], recognized: Sequence[Sequence], language: str, first: float, last: float
) -> list[tuple[range, float, float]]:
    """Return which words were heard and when, ascending and within `first` to `last` seconds.

    A word was heard where the same is recognized, by sound, or one other in its place. Words that are read as one, as of
    “25 km”, come together.
    """
    heard = [(str(word), float(start), float(end)) for word, start, end, *_ in recognized]
    if not heard:
        return []
    heard_words = [word for word, _, _ in heard]
    units, heard_units = ([range(index, index + 1) for index in range(len(each))] for each in (words, heard_words))
    wanted, got = ([(bare(word), index) for index, word in enumerate(each)] for each in (words, heard_words))
    if [key for key, _ in wanted] != [key for key, _ in got]:  # else the words needn't be read, which takes longer
        units, wanted = _said(words, language)
        heard_units, got = _said(heard_words, language)
    parts = Counter(unit for _, unit in got)  # of each unit that was heard: they share its time
    before: Counter[int] = Counter()
    spans: list[tuple[float, float]] = []
    for _, number in got:
        unit = heard_units[number]
        start, end = heard[unit.start][1], heard[unit.stop - 1][2]
        spans.append(
            (
                start + (end - start) * before[number] / parts[number],
                start + (end - start) * (before[number] + 1) / parts[number],
            )
        )
        before[number] += 1
    times_of: dict[int, list[float]] = {}
    for one, other in _paired([key for key, _ in wanted], [key for key, _ in got]):
        times_of.setdefault(wanted[one][1], []).extend(spans[other])
    found, at = [], first
    for number in sorted(times_of):
        start, end = (min(max(time, at), last) for time in (min(times_of[number]), max(times_of[number])))
        found.append((units[number], start, end))
        at = end
    return found


def _paired(wanted: Sequence[str], got: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield which are the same, and which stand in the place of each other."""
    at_wanted = at_got = 0
    for block in Levenshtein.opcodes(wanted, got).as_matching_blocks():
        if block.a - at_wanted == block.b - at_got:
            yield from zip(range(at_wanted, block.a), range(at_got, block.b), strict=True)
        at_wanted, at_got = block.a + block.size, block.b + block.size
        yield from zip(range(block.a, at_wanted), range(block.b, at_got), strict=True)


def _said(words: Sequence[str], language: str) -> tuple[list[range], list[tuple[str, int]]]:
    """Return which words are read as one, and what is said: keys that are the same for what sounds the same.

    Each key has the number of the words that it belongs to.
    """
    ends = list(accumulate(map(len, words)))
    said = tokens("".join(words), language)
    places = [(bisect_right(ends, token.start), bisect_left(ends, token.end)) for token in said]
    joined = {index for first, last in places for index in range(first + 1, last + 1)}
    units: list[range] = []
    unit_of = []
    for index in range(len(words)):
        start = units.pop().start if index in joined else index
        units.append(range(start, index + 1))
        unit_of.append(len(units) - 1)
    return units, [(token.key, unit_of[first]) for token, (first, _) in zip(said, places, strict=True)]


def _letters(words: Sequence[str], spoken: str, language: str) -> list[tuple[float, float]]:
    """Return how long each word is said, and the pause after it, in letters as they are read."""
    said = [sum(map(str.isalnum, word)) for word in spoken.split()]
    lengths = said if len(said) == len(words) else _read_letters(words, language)
    found = []
    for word, length in zip(words, lengths, strict=True):
        mark = word.rstrip(_CLOSERS)[-1:]
        pause = SENTENCE_LETTERS if mark in _SENTENCE_MARKS else COMMA_LETTERS if mark in _COMMA_MARKS else 0.0
        found.append((length + WORD_LETTERS, pause))
    return found


def _read_letters(words: Sequence[str], language: str) -> list[float]:
    """Return the letters that are read for each word: for those of “3 km”, a share of “three kilometers”."""
    at = [0.0]  # letters that are read for what is written up to here
    for piece in read("".join(words), language):
        share = sum(map(str.isalnum, piece.spoken)) / max(len(piece.written), 1)
        same = piece.spoken == piece.written
        for character in piece.written:
            at.append(at[-1] + (character.isalnum() if same else share))
    ends = list(accumulate(map(len, words), initial=0))
    return [at[end] - at[start] for start, end in pairwise(ends)]


def _spread(words: Sequence[str], letters: Sequence[tuple[float, float]], start: float, end: float) -> list[TimedWord]:
    """Return words from `start` to `end` in proportion to what is said of them; the last one's pause is not there."""
    total = sum(word + pause for word, pause in letters) - letters[-1][1]
    rate = (end - start) / total
    found, at = [], start
    for text, (word, pause) in zip(words, letters, strict=True):
        found.append(TimedWord(text, at, min(at + word * rate, end), True))
        at += (word + pause) * rate
    return found
