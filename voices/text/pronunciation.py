"""How words are said: what people write in their dictionary, and where it applies in a text. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from voicesite.texts import N_

MAX_WORD = 80  # characters
MAX_SAID = 120  # characters

# Scripts without spaces between words; Korean joins particles to the end of a word.
_HAN_AND_HIRAGANA = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
)
_HANGUL = "\uac00-\ud7a3"
_MARKS = "".join(chr(code) for code in range(0x300, 0x3100) if unicodedata.category(chr(code))[0] == "M")
_WORD = rf"(?:(?![{_HAN_AND_HIRAGANA}{_HANGUL}])[\w{_MARKS}\u200c\u200d])+"
# White space; one character of these scripts; a word, or a number with its separators; any other character.
_TOKEN = re.compile(
    rf"\s+|[{_HAN_AND_HIRAGANA}{_HANGUL}][{_MARKS}]*|(?P<word>{_WORD}(?:(?<=\d)[.,](?=\d){_WORD})*)|.", re.DOTALL
)
_SYLLABLE = re.compile(f"[{_HANGUL}]")
_APOSTROPHES = str.maketrans("’ʼ＇", "'''")

_UNSAYABLE = re.compile(rf"[^\w{_MARKS}\u200c\u200d\s'’‐‑-]|[\d_]")
_IPA_HINTS = {":": N_("ː (long)"), "'": N_("ˈ (stress)"), "’": N_("ˈ (stress)")}
_IPA_SYMBOL = re.compile(r"[a-zæçðøħŋœβθχ\u01c0-\u01c3\u0250-\u02ff\u0300-\u036f\u1d00-\u1dbf\u2c71ⁿ.|‖‿ ()↑↓→↗↘ꜛꜜ]")


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


def unknown_ipa(said: str) -> str:
    """Return the characters between the slashes of `said` that are no symbols of IPA, each once."""
    return "".join(dict.fromkeys(character for character in said[1:-1] if not _IPA_SYMBOL.match(character)))


def problem_of_word(word: str) -> str:
    """Return why an entry can't be for `word`, in words; empty if it can."""
    return "" if any(map(str.isalnum, word)) else N_("Write a word: this has neither a letter nor a digit.")


def problem_of_said(said: str) -> str:
    """Return why nothing can be said like this, in words; empty if it can.

    A respelling goes to the engine as it is: digits and symbols in it would be lost, or read otherwise.
    """
    if "/" in said:
        if not is_ipa(said) or "/" in said[1:-1]:
            return N_("IPA stands between two slashes, and nothing beside them: /ˈnaɪki/.")
        if unknown := unknown_ipa(said):
            hints = [
                N_("{written} is {symbol}").format(written=written, symbol=symbol)
                for written, symbol in _IPA_HINTS.items()
                if written in unknown
            ]
            hint = f" In IPA {' and '.join(hints)}." if hints else ""
            return N_("These are not IPA symbols: {names}.{hint}").format(names=" ".join(unknown), hint=hint)
        has_sound = any(unicodedata.category(symbol) in ("Ll", "Lo") for symbol in said)
        return "" if has_sound else N_("There is no sound between the slashes.")
    if unsayable := "".join(dict.fromkeys(_UNSAYABLE.findall(said))):
        return N_("Write it in letters, such as “nye-kee”, or as IPA: {names} can’t be said.").format(
            names=" ".join(unsayable)
        )
    return "" if any(map(str.isalpha, said)) else N_("Write how it is said, such as “nye-kee”.")


def fold(word: str) -> str:
    """Return what words that are found alike have in common: any case, apostrophe and white space are the same."""
    return _plainly(word).casefold()


def find(text: str, pronunciations: Iterable[Pronunciation]) -> list[Pronounced]:
    """Return where whole words of `text` are in the dictionary, in order: see `Dictionary.find`."""
    return Dictionary(pronunciations).find(text)


@dataclass(slots=True)
class _Node:
    after: dict[str, "_Node"] = field(default_factory=dict)  # by the next token, in lower case
    entries: list[Pronunciation] = field(default_factory=list)  # that end here


class Dictionary:
    """Pronunciations as a trie of tokens, so that looking through a text takes as long for 5,000 of them as for one.

    Of several for the same words, the first that matches applies.
    """

    def __init__(self, pronunciations: Iterable[Pronunciation]):
        self._root = _Node()
        for each in pronunciations:
            node = self._root
            for token in _TOKEN.finditer(each.word.strip()):
                node = node.after.setdefault(_plain(token.group()).casefold(), _Node())
            if node is not self._root:
                node.entries.append(each)

    def find(self, text: str) -> list[Pronounced]:
        """Return where whole words of `text` are in the dictionary, in order.

        Of those that overlap, the one that begins first is taken, and of these the longest. A possessive counts as its
        word: “'s” stays as it is after a respelling, and becomes part of IPA, which can't be followed by letters.
        """
        if not self._root.after:
            return []
        tokens = list(_TOKEN.finditer(text))
        plain = [_plain(token.group()) for token in tokens]
        found, index = [], 0
        while index < len(tokens):
            if not (match := self._longest(tokens, plain, index)):
                index += 1
                continue
            end, said = match
            if is_ipa(said) and _has_possessive(tokens, plain, end):
                end, said = end + 2, _possessive(said)
            found.append(Pronounced(tokens[index].start(), tokens[end - 1].end(), said))
            index = end
        return found

    def apply(self, text: str) -> str:
        """Return `text` with what is said in place of what is written."""
        for start, end, said in reversed(self.find(text)):
            text = text[:start] + said + text[end:]
        return text

    def _longest(self, tokens: Sequence[re.Match], plain: Sequence[str], start: int) -> tuple[int, str] | None:
        """Return the end of the longest entry that begins at the token `start`, and how it is said."""
        if start and _SYLLABLE.match(plain[start]) and _SYLLABLE.match(plain[start - 1]):
            return None  # in the middle of a Korean word
        node, best = self._root, None
        for end in range(start, len(tokens)):
            if (after := node.after.get(plain[end].casefold())) is None:
                break
            node = after
            if node.entries and not _goes_on(tokens, plain, end + 1):
                written = "".join(plain[start : end + 1])
                fitting = (each for each in node.entries if not each.match_case or _plainly(each.word) == written)
                if entry := next(fitting, None):
                    best = end + 1, entry.said
        return best


def _plain(token: str) -> str:
    return " " if token.isspace() else unicodedata.normalize("NFC", token).translate(_APOSTROPHES)


def _plainly(words: str) -> str:
    return "".join(_plain(token.group()) for token in _TOKEN.finditer(words.strip()))


def _goes_on(tokens: Sequence[re.Match], plain: Sequence[str], end: int) -> bool:
    """Return whether the word before the token `end` goes on after an apostrophe, as “don” does in “don't”."""
    is_joined = tokens[end - 1]["word"] and plain[end : end + 1] == ["'"] and end + 1 < len(tokens)
    return bool(is_joined and tokens[end + 1]["word"]) and not _has_possessive(tokens, plain, end)


def _has_possessive(tokens: Sequence[re.Match], plain: Sequence[str], end: int) -> bool:
    return list(plain[end : end + 2]) in (["'", "s"], ["'", "S"])


def _possessive(said: str) -> str:
    """Return IPA with the sound of an English “'s”, which depends on the last one: /kæts/, /dɔɡz/, /bʌsɪz/."""
    sounds = said[1:-1].rstrip()
    ending = "ɪz" if sounds[-1:] in tuple("szʃʒ") else "s" if sounds[-1:] in tuple("ptkfθ") else "z"
    return f"/{sounds}{ending}/"
