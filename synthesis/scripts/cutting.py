"""Utterances of a length that an engine speaks well: long sentences are cut, and very short ones are joined. Pure.

Lengths are those of what is spoken, which numbers make far longer than what is written.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from synthesis.engines.base import Engine
from voices.text.normalization import Piece

from .sentence_data import data_of, first_word
from .sentences import Span, sentences

# How bad it is to cut at a place: in limits, so that 0.1 is as bad as a tenth of the limit off the ideal place.
CLAUSE_PAUSE_SECONDS = 0.05
SENTENCE_COST = 0.0
CLAUSE_COST = 0.1
COMMA_COST = 0.2
CONJUNCTION_COST = 0.35
SPACE_COST = 0.6
SHORT_WORD_COST = 0.1  # more, after a word such as “the” or “of”
FEW_WORDS_COST = 1.0  # more, where a part of one or two words is left
FEWEST_WORDS = 3
SHORT_WORD = 3  # letters
CHARACTERS_OF_DIGIT = 6  # as it is spoken
LONG_SENTENCE = 40  # characters: at the beginning of a text it is cut for a clause that is soon heard
SHORTEST_CLAUSE, LONGEST_CLAUSE = 20, 60  # of that; a shorter one would end before the next utterance is there
CHARACTERS_OF_SIGN = {"zh": 3, "ja": 2.5, "ko": 2}  # of an alphabet, that take as long to say
PART_COST = 0.3  # more, where it makes one part more than there must be

_GAP = re.compile(r"\s+|(?<=[、，；：。！？])(?=[^\s、，；：。！？」』”’）》…])|(?<=[」』”）》])(?=[「『“（《])")
_IPA = re.compile(r"(?<![\w/])/[^/\s](?:[^/]*[^/\s])?/(?![\w/])")
_WORD = re.compile(rf"{_IPA.pattern}|[\u3040-\u30ff\u3400-\u9fff]{{1,2}}|\w\S*")
_CLOSERS = "\"'”’»)]」』）】》"
_OPENERS = "\"'“‘«„([¿¡「『（【《"
_UNBREAKABLE_AFTER = "$€£¥₹§#«¿¡"
_BRACKETS = "([（【"
_PAIRS = tuple(zip("“«([「『（【《", "”»)]」』）】》", strict=True))


class _Gap(NamedTuple):
    """A place between two words."""

    end: int  # of the word before it
    start: int  # of the word after it
    cost: float


def count_words(spoken: str) -> int:
    """Return how many words an engine speaks; two Chinese or Japanese characters are one."""
    return sum(1 for _ in _WORD.finditer(spoken))


def cut(text: str, limit: int, language: str, fixed: Sequence[tuple[int, int]] = ()) -> list[Span]:
    """Return the parts of `text` of at most `limit` characters: of about the same length, cut where it sounds best.

    It is cut between sentences, else at clauses, before conjunctions or between words; never in a number, before its
    unit, after an abbreviation or an initial, inside IPA, nor in one of the spans that are `fixed`, if it can be helped.
    A word that is longer than the limit is cut anywhere. White space between the parts belongs to none.
    """
    text_span = Span(len(text) - len(text.lstrip()), len(text.rstrip()))
    if text_span.end - text_span.start <= limit:
        return [text_span] if text_span.start < text_span.end else []
    return list(_Cutter(text, limit, language, fixed).parts(*text_span))


def cut_pieces(pieces: Sequence[Piece], limit: int, language: str) -> list[list[Piece]]:
    """Return the pieces of a text in groups that say at most `limit` characters each, by `cut`.

    A piece that is said otherwise than it is written stays whole unless it alone is longer than the limit.
    """
    return _grouped(pieces, cut(_spoken(pieces), limit, language, _fixed(pieces)))


def cut_first_clause(pieces: Sequence[Piece], language: str, fewest_words: int) -> list[list[Piece]]:
    """Return the pieces of a sentence in two groups, the first of which is a clause: it is spoken, and heard, sooner.

    In one where it is short already, or has no good place: after a mark, else before a conjunction, outside of quotations
    and brackets, not between names, and with `fewest_words` on either side.
    """
    spoken = _spoken(pieces)
    density = CHARACTERS_OF_SIGN.get(language, 1)
    if len(spoken) * density <= LONG_SENTENCE:
        return [list(pieces)]
    cutter = _Cutter(spoken, len(spoken), language, _fixed(pieces))
    places = []
    for gap in (cutter.gaps[number] for number in cutter.free):
        before, after = spoken[: gap.end], spoken[gap.start :]
        few = max(fewest_words, FEWEST_WORDS) + (gap.cost == CONJUNCTION_COST)
        if (
            SENTENCE_COST < gap.cost <= CONJUNCTION_COST
            and SHORTEST_CLAUSE <= len(before.strip()) * density <= LONGEST_CLAUSE
            and min(count_words(before), count_words(after)) >= few
            and not _is_quoting(before)
            and not _is_between_names(before, after)
        ):
            places.append((gap.cost == CONJUNCTION_COST, gap))
    if not places:
        return [list(pieces)]
    _, gap = min(places)
    start, end = len(spoken) - len(spoken.lstrip()), len(spoken.rstrip())
    return _grouped(pieces, [Span(start, gap.end), Span(gap.start, end)])


def _spoken(pieces: Sequence[Piece]) -> str:
    return "".join(piece.spoken for piece in pieces)


def _is_quoting(before: str) -> bool:
    """Return whether a quotation or a bracket is open at the end of `before`."""
    return before.count('"') % 2 == 1 or any(before.count(opener) != before.count(closer) for opener, closer in _PAIRS)


def _is_between_names(before: str, after: str) -> bool:
    """Return whether what stands around a mark may be a name, a place or a date: “Paris, Texas”, “July, 2026”."""
    last = before.split()[-1].lstrip(_OPENERS)
    return after[:1].isdigit() or (last[:1].isupper() and after[:1].isupper())


def _places(pieces: Sequence[Piece]) -> list[Span]:
    """Return where each piece is in what is spoken."""
    spans, spoken_at = [], 0
    for piece in pieces:
        spans.append(Span(spoken_at, spoken_at + len(piece.spoken)))
        spoken_at = spans[-1].end
    return spans


def _fixed(pieces: Sequence[Piece]) -> list[Span]:
    """Return the places of those that are said otherwise than they are written."""
    return [span for piece, span in zip(pieces, _places(pieces), strict=True) if piece.written != piece.spoken]


def _grouped(pieces: Sequence[Piece], parts: Sequence[Span]) -> list[list[Piece]]:
    """Return the pieces in groups, by these parts of what is spoken; white space between these is in the first of two."""
    groups: list[list[Piece]] = [[] for _ in parts] or [[]]
    number = 0
    for piece, span in zip(pieces, _places(pieces), strict=True):
        start = span.start
        while number + 1 < len(parts) and parts[number + 1].start < span.end:
            number += 1
            groups[number - 1] += _slice(piece, start - span.start, parts[number].start - span.start)
            start = max(start, parts[number].start)
        groups[number] += _slice(piece, start - span.start, len(piece.spoken))
    return groups


def join_short(spoken: Sequence[str], fewest_words: int, limit: int) -> list[range]:
    """Return which of a block's utterances to speak as one, so that none has fewer than `fewest_words` if it can be helped.

    A short one joins the one after it, else the one before, where the two have at most `limit` characters.
    """
    words = [count_words(text) for text in spoken]

    def is_short(group: range) -> bool:
        return sum(words[index] for index in group) < fewest_words

    def fits(group: range) -> bool:
        return sum(len(spoken[index]) + 1 for index in group) - 1 <= limit

    forward: list[range] = []
    for index in range(len(spoken)):
        if forward and is_short(forward[-1]) and fits(range(forward[-1].start, index + 1)):
            forward[-1] = range(forward[-1].start, index + 1)
        else:
            forward.append(range(index, index + 1))
    groups: list[range] = []
    for group in forward:
        if groups and is_short(group) and fits(range(groups[-1].start, group.stop)):
            groups[-1] = range(groups[-1].start, group.stop)
        else:
            groups.append(group)
    return groups


def estimate_utterances(text: str, limit: int = Engine.max_characters) -> int:
    """Return about how many utterances a text makes, rather too many, at no cost."""
    spoken = len(text) + CHARACTERS_OF_DIGIT * sum(map(str.isdigit, text))
    return 1 + len(re.findall(r"[.!?…।॥。！？\n]+", text.strip())) + 2 * spoken // limit


def _slice(piece: Piece, start: int, end: int) -> list[Piece]:
    """Return the part of a piece by the place of what is spoken; of a changed one, about the part that is written."""
    if end <= start and piece.spoken:
        return []
    if (start, end) == (0, len(piece.spoken)):
        return [piece]
    scale = len(piece.written) / len(piece.spoken)
    return [
        piece._replace(written=piece.written[round(start * scale) : round(end * scale)], spoken=piece.spoken[start:end])
    ]


class _Cutter:
    """The places where a text may be cut, and the choice between them."""

    def __init__(self, text: str, limit: int, language: str, fixed: Sequence[tuple[int, int]]):
        self.text = text
        self.limit = limit
        self.conjunctions = data_of(language).conjunctions
        self.sentence_ends = {span.end for span in sentences(text, language)}
        kept = sorted(Span(*span) for span in [*fixed, *(match.span() for match in _IPA.finditer(text))])
        self.gaps: list[_Gap] = []
        self.free: list[int] = []  # numbers of the gaps that nothing holds together
        number = 0
        for match in _GAP.finditer(text):
            end, start = match.span()
            while number < len(kept) and kept[number].end <= end:
                number += 1
            is_inside = number < len(kept) and kept[number].start < end
            cost = self._cost(end, start)
            if cost is not None and not is_inside:
                self.free.append(len(self.gaps))
            self.gaps.append(_Gap(end, start, SPACE_COST if cost is None else cost))

    def parts(self, start: int, end: int) -> Iterator[Span]:
        if end - start <= self.limit:
            yield Span(start, end)
            return
        left_end, right_start = self._place(start, end)
        yield from self.parts(start, left_end)
        yield from self.parts(right_start, end)

    def _place(self, start: int, end: int) -> tuple[int, int]:
        """Return where to cut a span that is too long: the end of its left part and the start of the right one."""
        first = bisect_right(self.gaps, start, key=lambda gap: gap.end)
        last = bisect_left(self.gaps, end, key=lambda gap: gap.start)
        fewest = math.ceil((end - start) / self.limit)
        for numbers in (self.free, range(len(self.gaps))):
            inside = numbers[bisect_left(numbers, first) : bisect_left(numbers, last)]
            best = min(
                (
                    (self._badness(number, first, last, ideal) + cost, number)
                    for count, cost in ((fewest, 0.0), (fewest + 1, PART_COST))
                    for ideal, number in self._candidates(inside, start, end, count)
                ),
                default=None,
            )
            if best:
                gap = self.gaps[best[1]]
                return gap.end, gap.start
        place = round(start + (end - start) * (fewest // 2) / fewest)
        return place, place

    def _candidates(self, numbers: Sequence[int], start: int, end: int, count: int) -> Iterator[tuple[float, int]]:
        """Yield gaps that leave room for `count` parts, or else those next to the ideal place; and that place."""
        left, right = count // 2, count - count // 2
        ideal = start + (end - start) * left / count
        low = bisect_left(numbers, end - right * self.limit, key=lambda number: self.gaps[number].start)
        high = bisect_right(numbers, start + left * self.limit, key=lambda number: self.gaps[number].end)
        if low >= high:
            nearest = bisect_left(numbers, ideal, key=lambda number: self.gaps[number].end)
            low, high = max(0, nearest - 1), nearest + 1
        for number in numbers[low:high]:
            yield ideal, number

    def _badness(self, number: int, first: int, last: int, ideal: float) -> float:
        """Return how bad a gap is, of those from `first` to before `last` in the span."""
        gap = self.gaps[number]
        leaves_few = min(number - first, last - 1 - number) + 1 < FEWEST_WORDS
        return gap.cost + leaves_few * FEW_WORDS_COST + abs(gap.end - ideal) / self.limit

    def _cost(self, end: int, start: int) -> float | None:
        """Return how bad it is to cut between `end` and `start`; None if the words must stay together."""
        text = self.text
        if end in self.sentence_ends:
            return SENTENCE_COST
        before = text[max(0, end - SHORT_WORD - 1) : end]
        after = text[start : start + 20]
        last, mark = before[-1:], before.rstrip(_CLOSERS)[-1:]
        if (
            last.isdigit()
            or last in _UNBREAKABLE_AFTER
            or not (after[:1].isalnum() or after[:1] in _OPENERS + "/$€£¥₹")
        ):
            return None
        if mark in "…;:—–；：" or before.endswith("...") or last in ")]）】" or after[:1] in _BRACKETS:
            return CLAUSE_COST
        if mark in ",、，،":
            return COMMA_COST
        if mark == ".":
            return None  # an abbreviation or an initial
        if first_word(after) in self.conjunctions:
            return CONJUNCTION_COST
        is_short = len(before) <= SHORT_WORD or any(letter.isspace() for letter in before)
        return SPACE_COST + (SHORT_WORD_COST if is_short else 0)
