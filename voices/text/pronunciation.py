"""How words are said: what people write in their dictionary, and where it applies in a text. Pure."""

from collections.abc import Iterable
from typing import NamedTuple


class Pronunciation(NamedTuple):
    """An entry of a dictionary."""

    word: str  # or several, as written
    said: str  # a respelling such as “nye-kee”, or IPA between slashes such as “/ˈnaɪki/”
    match_case: bool = False


class Pronounced(NamedTuple):
    """A part of a text, by its place, and how it is said."""

    start: int  # characters
    end: int
    said: str


def is_ipa(said: str) -> bool:
    """Return whether `said` is IPA, which stands between slashes, rather than a respelling."""
    return len(said) > 2 and said[0] == said[-1] == "/"


def find(text: str, pronunciations: Iterable[Pronunciation]) -> list[Pronounced]:
    """Return where whole words of `text` are in the dictionary, in order; the longest of those that overlap."""
    raise NotImplementedError
