"""The text of a generation as it is written, kept true to its segments when these change. Pure.

A segment has its words without marks, so they are searched for in the text, in order. What stands between two segments,
such as a line break, a `[pause]` or a name, belongs to neither.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from synthesis.scripts.characters import is_cjk
from synthesis.scripts.cutting import CLAUSE_PAUSE_SECONDS
from synthesis.scripts.marks import HEADING_PAUSE_SECONDS, LINE_PAUSE_SECONDS, PARAGRAPH_PAUSE_SECONDS
from synthesis.scripts.sentences import SENTENCE_PAUSE_SECONDS, Span

MARKS_CHARACTERS = 300  # that may stand between two segments, and not be read
MAX_TRIES = 20  # at a sentence that is found within words

_PAUSE = r"(?:\[\s*pause[^\[\]]*\]|<break\b[^<>]*>)"
_PAUSES = re.compile(rf"(?:\s|{_PAUSE})+", re.IGNORECASE)
_NEXT_PAUSE = re.compile(rf"(\s*){_PAUSE}", re.IGNORECASE)
_RESPELLED = re.compile(r"\{[^{}|]*\|[^{}]*\}")
_USUAL_PAUSES = {0.0, CLAUSE_PAUSE_SECONDS, SENTENCE_PAUSE_SECONDS, LINE_PAUSE_SECONDS}
_USUAL_PAUSES |= {PARAGRAPH_PAUSE_SECONDS, HEADING_PAUSE_SECONDS}


class Written(Protocol):
    """What a segment says of how it is written."""

    text: str
    speaker: str
    pause: float
    pause_before: float
    starts_paragraph: bool


class Change(NamedTuple):
    """What a text has now in place of what it had, and what it takes to undo that exactly."""

    start: int
    end: int  # of what is there now
    before: str  # what was there


def find(text: str, sentences: Sequence[str], speakers: Collection[str] = ()) -> list[Span | None]:
    """Return where each sentence stands in `text`, whatever its white space; None where that can't be said.

    sentences: those of the whole text, or the first of them, in order and without marks. speakers: names before lines.
    """
    names = "|".join(map(re.escape, speakers)) or r"\Z."
    between = rf"(?:\s|{_PAUSE}|(?<!\w)(?:{names})\s*[:：]|(?<!\S)[#>•*-]+(?=\s))+"
    marks = re.compile(between, re.IGNORECASE)
    places = list(_places(text, sentences))
    return [place or _between(text, places, index, marks) for index, place in enumerate(places)]


def _between(text: str, places: Sequence[Span | None], index: int, marks: re.Pattern) -> Span | None:
    """Return what stands between the neighbours of a sentence, without the marks around: a sentence with marks in it."""
    before = places[index - 1] if index else Span(0, 0)
    after = places[index + 1] if index + 1 < len(places) else Span(len(text), len(text))
    if before is None or after is None:
        return None
    start, end = before.end, after.start
    if opening := marks.match(text, start, end):
        start = opening.end()
    end = _without_end(text, start, end, marks)
    return Span(start, end) if start < end else None


def _without_end(text: str, start: int, end: int, marks: re.Pattern) -> int:
    """Return where `text[start:end]` ends without the marks at its end."""
    last = max((found.span()[::-1] for found in marks.finditer(text, start, end)), default=(0, 0))
    return last[1] if last[0] == end else end


def _places(text: str, sentences: Iterable[str]) -> Iterator[Span | None]:
    kept = [at for at, character in enumerate(text) if not character.isspace()]
    squeezed = "".join(text[at] for at in kept)
    respelled = [found.span() for found in _RESPELLED.finditer(text)]
    begin = passed = 0  # where the last one that was found ends, and the length of those not found since
    for sentence in sentences:
        sought = "".join(sentence.split())
        # Those not found are in between, with their marks: they need as much room as their words.
        first, last = begin + passed, begin + 2 * passed + MARKS_CHARACTERS + len(sought)
        place = None
        for _ in range(MAX_TRIES if sought else 0):
            if (at := squeezed.find(sought, first, last)) < 0:
                break
            there = Span(kept[at], kept[at + len(sought) - 1] + 1)
            if _is_whole(text, there, respelled):
                place, begin = there, at + len(sought)
                break
            first = at + 1
        passed = 0 if place else passed + len(sought)
        yield place


def _is_whole(text: str, place: Span, respelled: Sequence[tuple[int, int]]) -> bool:
    """Return whether a place neither begins nor ends within a word, or within a word with its respelling."""
    return not any(_is_within_word(text, at) or _is_within(respelled, at) for at in place)


def _is_within(spans: Sequence[tuple[int, int]], at: int) -> bool:
    """Return whether a place is inside one of `spans`, which are in order."""
    before = bisect_left(spans, (at, 0)) - 1  # the last that begins before it
    return before >= 0 and at < spans[before][1]


def _is_within_word(text: str, at: int) -> bool:
    around = text[at - 1 : at + 1] if at else ""
    return len(around) == 2 and around.isalnum() and not any(map(is_cjk, around))


def replaced(text: str, place: Span, words: str) -> str:
    """Return `text` with other words at a place; without any, nothing is left of it but the lines around."""
    if words:
        return text[: place.start] + words + text[place.end :]
    text = without_pause(text, place)
    before, after = text[: place.start], text[place.end :]
    return before + (after.lstrip(" ") if not before or before[-1].isspace() else after)


def without_pause(text: str, place: Span) -> str:
    """Return `text` without the `[pause]` mark behind a place."""
    if match := _NEXT_PAUSE.match(text, place.end):
        return text[: place.end] + match[1] + text[match.end() :].lstrip(" ")
    return text


def with_pause(text: str, place: Span, seconds: float) -> str:
    """Return `text` with a `[pause]` mark behind a place, in place of the one that is there."""
    match = _NEXT_PAUSE.match(text, place.end)
    gap, after = (match[1] or " ", match.end()) if match else (" ", place.end)
    return f"{text[: place.end]}{gap}[pause {seconds:g}s]{text[after:]}"


def without_last_pause(words: str) -> str:
    """Return words without the white space and the `[pause]` marks at their end."""
    return words[: _without_end(words, 0, len(words), _PAUSES)]


def written_anew(segments: Sequence[Written]) -> str:
    """Return a text that is read as these segments: with lines, names of speakers, and pauses that are not the usual."""
    text = ""
    last: Written | None = None
    for segment in segments:
        if last is None:
            text += f"[pause {segment.pause_before:g}s] " if segment.pause_before else ""
        elif segment.starts_paragraph or segment.speaker != last.speaker:
            ends_speech = last.speaker and not segment.speaker  # a line below belongs to the speaker above it
            text += "\n" if last.pause == LINE_PAUSE_SECONDS and not ends_speech else "\n\n"
        else:
            text += "" if is_cjk(text[-1]) else " "
        if segment.speaker and (last is None or segment.starts_paragraph or segment.speaker != last.speaker):
            text += f"{segment.speaker}: "
        text += segment.text
        if segment.pause not in _USUAL_PAUSES:
            text += f" [pause {segment.pause:g}s]"
        last = segment
    return text


def difference(old: str, new: str) -> Change:
    """Return how `new` came of `old`, as one change."""
    shorter = min(len(old), len(new))
    start = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    left = shorter - start
    same = next((n for n in range(left) if old[-1 - n] != new[-1 - n]), left)
    return Change(start, len(new) - same, old[start : len(old) - same])


def undone(text: str, change: Change) -> str:
    """Return the text before a change that was the last one of it."""
    return text[: change.start] + change.before + text[change.end :]
