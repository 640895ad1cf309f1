"""One pass over a text by a list of rules: the first match wins, and a rule that matches may still decline."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    """A part of a text, as it is written and as it is said."""

    written: str
    spoken: str
    kind: str = ""  # what it was read as, such as “money”; empty where it is said as it is written


class Rule(NamedTuple):
    kind: str  # in words, for the person who wrote the text
    pattern: re.Pattern
    say: Callable[[re.Match], str | None]  # None declines: another rule may take it


def rule(kind: str, pattern: str, say: Callable[[re.Match], str | None], flags: int = 0) -> Rule:
    return Rule(kind, re.compile(pattern, flags), say)


def stop_of(match: re.Match) -> str:
    """Return the full stop that a match, such as an abbreviation, shares with the end of the sentence; mostly none."""
    return "." if match.group().endswith(".") and not match.string[match.end() :].strip(" )]”\"’'»") else ""


def scan(text: str, rules: Sequence[Rule], start: int, end: int, same_width: dict) -> list[Piece]:
    """Return the pieces of text[start:end]. Of rules that match at the same place, the earlier in the list goes first.

    same_width: replaces single characters before the rules look, one for one, as in `str.translate`.
    """
    seen = text.translate(same_width)
    ahead = {place: match for place, each in enumerate(rules) if (match := each.pattern.search(seen, start, end))}
    pieces: list[Piece] = []
    while ahead:
        first = min(ahead, key=lambda place: (ahead[place].start(), place))
        match = ahead[first]
        said = rules[first].say(match)
        if said is None:
            passed, resume = [first], match.start() + 1
        else:
            if start < match.start():
                pieces.append(Piece(text[start : match.start()], text[start : match.start()]))
            start = resume = match.end()
            pieces.append(_piece(text[match.start() : start], _with_spaces(said, match), rules[first].kind))
            passed = [place for place in ahead if ahead[place].start() < start]
        for place in passed:
            if found := rules[place].pattern.search(seen, resume, end):
                ahead[place] = found
            else:
                del ahead[place]
    if start < end:
        pieces.append(Piece(text[start:end], text[start:end]))
    return pieces


def _piece(written: str, said: str, kind: str) -> Piece:
    return Piece(written, said, kind if said != written else "")


_UNSPACED = re.compile(
    "[぀-ヿ㐀-䶿一-鿿豈-﫿々가-힣]"
)  # Chinese, Japanese; and Korean, which joins particles to numbers


def _with_spaces(said: str, match: re.Match) -> str:
    """Return `said`, with spaces where it replaces what stands next to letters or digits: “40cm”, “3x”."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    if not said or _UNSPACED.search(said[0] + said[-1]):
        return said
    return (
        " " * (_is_spoken(before) and _is_spoken(said[0]) and not _UNSPACED.match(before))
        + said
        + " " * (_is_spoken(after) and _is_spoken(said[-1]) and not _UNSPACED.match(after))
    )


def _is_spoken(character: str) -> bool:
    """Return whether it is a letter, a digit, or a mark on a letter, such as the vowel signs of Hindi."""
    return character.isalnum() or unicodedata.category(character or " ") in ("Mn", "Mc")
