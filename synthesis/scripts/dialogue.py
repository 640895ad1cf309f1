"""Who speaks in a dialogue: lines that begin with `Name:`, and the names in a text that look like speakers'. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from .characters import EVENT, HARD_BREAK, PARAGRAPH_BREAK, clean, has_words, is_cjk, plain
from .markup import without_markup
from .speaker_words import NO_SPEAKERS, NUMBERS, PARTICLES, SALUTATIONS

MAX_SPEAKERS = 20  # of one text
MAX_NAME_CHARACTERS = 60

_LONGEST_FOUND = 40  # characters of a name that nobody gave
_MOST_WORDS = 3
_MOST_CJK = 8  # characters
_BREAKS = re.compile(f"[\n{HARD_BREAK}{PARAGRAPH_BREAK}]")
_MARK = rf"[{EVENT} ]{{0,6}}"  # what other marks left in the line; more would take a time that grows with its square
_TIME = r"[\[(]?\d{1,2}(?::\d\d){1,2}(?:[.,]\d{1,3})?[\])]?"
# An item's mark, a number, the time in a recording: all may go before a name.
_BEFORE = rf"{_MARK}(?:(?:[-–—+*•‣⁃▪◦●○▶►]|\d{{1,3}}[.)]) ?)?{_MARK}(?P<time>{_TIME} ?[-–—]?)?{_MARK}"
_AFTER = rf"{_MARK}(?P<aside>\([^()]{{1,80}}\))?{_MARK}"
_FOUND = re.compile(
    rf"{_BEFORE}\[?(?P<name>[^\s:：\[\]()][^:：\[\]()\n]{{0,{_LONGEST_FOUND}}}?)\]?{_AFTER}"
    rf"(?::(?=[ \"'“”‘’«»„]|$)|：) *(?P<said>.*)"
)
# A mark in brackets, but for a name at the beginning of a row; marks.py says what each means.
_BRACKET = re.compile(r"(?<=.)\[[^\[\]]{0,60}\]|^\[[^\[\]]{0,60}\](?! ?[:：])")
_PRONOUNCED = re.compile(r"\{([^{}|]{1,200})\|[^{}|]{1,200}\}")
_ITEM = re.compile(r"(?:[-–—+*•‣⁃▪◦●○] ?|\d{1,3}[.)] )")
_SENTENCE = re.compile(r"[.!?…।。！？]|[-–—][\"'”’»]*$")
_ASKS = re.compile(r"[!?！？]")


class Label(NamedTuple):
    """The beginning of a line that says whose it is."""

    speaker: str  # as it is spelled in the cast
    said: str  # the rest of the line
    aside: str  # what stands beside the name, such as “(laughing)”, and is not read


class Speakers:
    """The names of a cast, found at the beginning of a line."""

    def __init__(self, names: Collection[str]) -> None:
        self._by_key = {key_of(name): name for name in names}
        written = "|".join(map(_pattern, self._by_key))
        self._label = (
            re.compile(rf"{_BEFORE}\[?(?P<name>{written})\]?{_AFTER}[:：](?!//) *(?P<said>.*)", re.IGNORECASE)
            if self._by_key
            else None
        )

    def __contains__(self, name: str) -> bool:
        return key_of(name) in self._by_key

    def label(self, row: str) -> Label | None:
        """Return the label of a row; None where no name of the cast begins it. What marks left in it stays in `said`."""
        match = self._label and self._label.match(plain(row))
        if not match:
            return None
        start = match.start("said")
        speaker = self._by_key[key_of(match["name"].replace(EVENT, ""))]
        aside = " ".join(filter(None, (match["time"], match["aside"])))
        return Label(speaker, EVENT * row[:start].count(EVENT) + row[start:], aside.strip(" -–—"))


def key_of(name: str) -> str:
    """Return what two spellings of one name have in common."""
    return " ".join(clean(name).casefold().replace("’", "'").split())


_NO_SPEAKERS = frozenset(map(key_of, NO_SPEAKERS.split("|")))
_SALUTATIONS = frozenset(map(key_of, SALUTATIONS.split()))
_PARTICLES = frozenset(PARTICLES.split())
_NUMBERS = frozenset(NUMBERS.split())


def speaking(text: str, names: Iterable[str]) -> list[str]:
    """Return those of `names` that begin a line of the text."""
    speakers = Speakers(list(names))
    labels = map(speakers.label, _rows(text))
    return list(dict.fromkeys(label.speaker for label in labels if label))


def find_speakers(text: str) -> list[str]:
    """Return the names in a text that look like those of speakers, in order; none where it doesn't look like a dialogue.

    A form (“Name: Ada”), a note (“Note: …”) or a list of terms looks alike but for its words: those in speaker_words.py
    are no names. What is left is a guess, to ask a person about.
    """
    rows = _rows(text)
    lines = [line for line in map(_found, rows, _next_rows(rows)) if line]
    named = [line for line in lines if not line.is_term]
    if len(named) < 2 or len(named) * 2 < len(lines):
        return []
    said = [line.said for line in named]
    keys = [key_of(line.name) for line in named]
    counts = Counter(keys)
    sentences = sum(bool(_SENTENCE.search(words)) for words in said)
    if sentences * 2 < len(said):  # without full stops, only one who speaks again after another tells
        takes_turns = len(keys) > len(counts) > 1 and any(counts[a] > 1 and a != b for a, b in pairwise(keys))
        if not takes_turns or sum(_word_count(words) for words in said) < 2 * len(said):
            return []
    elif max(counts.values()) == 1:
        filled = sum(map(bool, rows))
        if len(counts) > 2 and not any(map(_ASKS.search, said)) or len(named) * 3 < filled or sentences < len(said):
            return []
    most_lines = dict(counts.most_common(MAX_SPEAKERS))
    names: dict[str, str] = {}
    for key, line in zip(keys, named, strict=True):
        if key in most_lines:
            names.setdefault(key, line.name)
    return list(names.values())


class _Line(NamedTuple):
    name: str
    said: str
    is_term: bool  # it is known to be no name


@lru_cache(maxsize=4)  # a request looks at its text several times
def _rows(text: str) -> tuple[str, ...]:
    text = _PRONOUNCED.sub(r"\1", without_markup(clean(text)))
    return tuple(_BRACKET.sub(EVENT, row.strip()) for row in _BREAKS.split(text))


def _next_rows(rows: Sequence[str]) -> list[str]:
    """Return for each row the one that is said after a name alone: the next, also after an empty one."""
    return [rows[at] or "".join(rows[at + 1 : at + 2]) if at < len(rows) else "" for at in range(1, len(rows) + 1)]


def _found(row: str, next_row: str) -> _Line | None:
    match = _FOUND.match(plain(row))
    if not match:
        return None
    name = match["name"].strip(f" {EVENT}\"“”«»'")
    words = key_of(name).replace(".", "").split()
    if not words:
        return None
    said = match["said"]
    numbered = words[0] in _NO_SPEAKERS and _is_number(words[-1])  # “Step 2”
    if numbered or words[0] in _SALUTATIONS or " ".join(words) in _NO_SPEAKERS:
        return _Line(name, said, is_term=True)
    if not said:
        if not next_row or _ITEM.match(next_row) or _FOUND.match(next_row):
            return None
        said = next_row
    return _Line(name, said, is_term=False) if _is_name(name) and has_words(said) else None


def _is_name(name: str) -> bool:
    words = name.split()
    if len(words) > _MOST_WORDS or sum(map(is_cjk, name)) > _MOST_CJK:
        return False
    return _begins_name(words[0]) and all(
        _begins_name(word) or word.casefold() in _PARTICLES or word.isdecimal() for word in words[1:]
    )


def _begins_name(word: str) -> bool:
    """Return whether a word has a capital, or a letter of a script without, and nothing that no name has."""
    kind = unicodedata.category(word[0])
    is_spelled = all(
        letter.isalnum() or letter in ".'’-&#" or unicodedata.category(letter)[0] == "M" for letter in word
    )
    return kind in ("Lu", "Lt", "Lo") and is_spelled


def _is_number(word: str) -> bool:
    return word.isdecimal() or bool(re.fullmatch(r"[ivxlc]+|[a-z]", word)) or word in _NUMBERS


def _word_count(text: str) -> float:
    return len(text.split()) + sum(map(is_cjk, text)) / 2


def _pattern(key: str) -> str:
    return rf"[ {EVENT}]{{1,3}}".join(re.escape(word).replace("'", "['’]") for word in key.split())
