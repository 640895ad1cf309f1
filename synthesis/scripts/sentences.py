"""Sentence segmentation: where the sentences of a text begin and end. Pure.

Written for speech: the sentences of a quotation or a bracket are sentences too, and a list's number belongs to its item.
What differs between languages is data (sentence_data.py). `python -m tests.benchmarks segmentation` compares it with
pysbd and sentencex.
"""

import re
from typing import NamedTuple

from .sentence_data import SentenceData, data_of


class Span(NamedTuple):
    """A part of a text, by its place."""

    start: int  # characters
    end: int


# Where a sentence may end: marks, and quotes and brackets that they close, before white space; or Chinese and Japanese
# marks before anything.
_CANDIDATE = re.compile(
    r"""(?<![.!?…‽।॥])(?P<marks>[.!?…‽।॥]+(?:[ ]+[.!?…]+(?=\s|\Z))*|[。！？｡]+)
        (?P<closers>(?:\[\d{1,3}\]|["'“”‘’«»‹›)\]}」』）】》]|[ \u00a0\u202f]+[»›](?=\s|[.,;:]|\Z))*)
        (?P<gap>\s+|(?<=[。！？｡])|(?<=[。！？｡].)|(?<=[!?])(?=[\u3040-\u30ff\u4e00-\u9fff]))""",
    re.VERBOSE,
)
_OPENERS = "\"'“”‘’«»‹›„‚([{「『（【《¿¡—–-*_• \u00a0\u202f"
_TOKEN_START = " \u00a0\u202f\t\n\"“”‘«»‹›„‚([{「『（【《¿¡—–/’'"  # an elided article too: “l’art. 5”
_INITIALS = re.compile(r"[^\W\d_](?:(?:\.|\.?-)[^\W\d_])*")  # J, J.R, U.S, J.-P
_ROMAN_NUMERAL = re.compile(r"(?=[IVXLC])(?:X[CL]|L?X{0,3}|C{1,3})(?:IX|IV|V?I{0,3})\b")
_VOWELS = re.compile(r"[aeiouyàáâãäèéêëìíîïòóôõöùúûü]|(.)\1")  # or a letter twice, as in “hmm” and “shh”
_NUMBER = re.compile(r"[\d#$€£¥₹§]")
_WORD = re.compile(r"\w")
UNITS = frozenset("m h s g l t km kg cm mm ml ha min sec seg sek std ft in lb lbs oz mi".split())  # after a number
FEWEST_WORDS = 3  # in a sentence, before a time or the like at its end
SHORT_WORD = 4  # letters: one that stands before a number is taken for an abbreviation
LONGEST_TOKEN = 30  # characters looked at before a full stop; no abbreviation is longer


def sentences(text: str, language: str) -> list[Span]:
    """Return the sentences of one line of text, in order, without the white space around them.

    Together they cover everything else. language: a code of voices.languages.
    """
    segmenter = _Segmenter(text, language)
    spans, start, word = [], 0, _WORD.search(text)
    for candidate in _CANDIDATE.finditer(text):
        if word and word.start() < candidate.start() and segmenter.ends(candidate, start):
            spans.append(_trimmed(text, start, candidate.start("gap")))
            start = candidate.end()
            word = _WORD.search(text, start)
    if text[start:].strip():
        spans.append(_trimmed(text, start, len(text)))
    return spans


def has_words(text: str) -> bool:
    """Return whether there is anything to say in a text."""
    return _WORD.search(text) is not None


def _trimmed(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return Span(end - len(part.lstrip()), start + len(part.rstrip()))


class _Segmenter:
    """Decides whether a sentence of one text ends at a candidate."""

    def __init__(self, text: str, language: str):
        self.text = text
        self.data: SentenceData = data_of(language)
        self.has_capitals = any(letter.isupper() for letter in text)

    def ends(self, candidate: re.Match[str], start: int) -> bool:
        text, marks, closers = self.text, candidate["marks"], candidate["closers"]
        if candidate.end() == len(text):
            return True
        following = self._following(candidate.end())
        if self._continues(following) or self._closes_an_aside(candidate, start):
            return False
        if marks[0] in "。！？｡":
            in_title = text.rfind("《", start, candidate.start()) > text.rfind("》", start, candidate.start())
            return not in_title and not (closers and following.startswith(self.data.after_quotes))
        if marks[0] in "।॥":
            return True
        if closers and not following[:1].isupper() and text[candidate.end()].isalpha() and "." not in marks:
            return False  # “Wait!” said in a script without capitals
        if marks == ".":
            return self._ends_at_full_stop(candidate.start(), start, following)
        if "..." in marks.replace(" ", "") or marks == "…":
            return following[:1].isupper() or not following[:1].isalpha()
        return self._token(candidate.start(), start).lower() not in self.data.names or self._is_starter(following)

    def _following(self, place: int) -> str:
        """Return the beginning of what follows, without quotes, brackets and dashes."""
        return self.text[place : place + LONGEST_TOKEN].lstrip(_OPENERS)

    def _continues(self, following: str) -> bool:
        """Return whether it goes on in lower case, unlike “iPhone”, in a text that has capitals."""
        return self.has_capitals and following[:1].islower() and not following[1:2].isupper()

    def _closes_an_aside(self, candidate: re.Match[str], start: int) -> bool:
        """Return whether a bracket closes that was opened in mid-sentence."""
        if not re.search(r"[)\]）】]", candidate["closers"]):
            return False
        opened = max(self.text.rfind(bracket, start, candidate.start()) for bracket in "([（【")
        return opened >= 0 and has_words(self.text[start:opened])

    def _token(self, end: int, start: int) -> str:
        """Return the end of the word before `end`, which may have full stops in it."""
        token = self.text[max(start, end - LONGEST_TOKEN) : end]
        return token[max(token.rfind(letter) for letter in _TOKEN_START) + 1 :]

    def _ends_at_full_stop(self, place: int, start: int, following: str) -> bool:
        data = self.data
        token = self._token(place, start)
        before = self.text[start : place - len(token)]
        previous = self._token(place - len(token) - 1, start) if before.endswith((" ", "\u00a0", "\u202f")) else ""
        names = {token.lower(), (previous + token).lower()}  # “EE. UU.” too
        if f"{token.lower()}.{self._first_word(following)}" in data.abbreviations:
            return False  # in the middle of one
        is_starter = self._is_starter(following)
        if token.isdecimal():
            return self._ends_at_number(token, previous, before, following)
        if names & data.closing:
            if len(before.split(None, FEWEST_WORDS)) < FEWEST_WORDS:
                return False  # “At 5 p.m. Ann left.”
            return is_starter if following[:1].islower() else self._first_word(following) not in data.after_closing
        counts = names & data.before_numbers or token.lower().endswith(data.ends_before_numbers)
        if counts and self._is_number(following, token):
            return False
        if previous[-1:].isdigit() and token in UNITS:
            return True
        if names & data.before_words:
            return False
        if names & data.names:
            return is_starter
        if _INITIALS.fullmatch(token) and not (token == "I" and previous):
            return is_starter and bool(before.strip())
        if token.isalpha() and not token.isupper() and token.isascii() and not _VOWELS.search(token.lower()):
            return is_starter or previous[-1:].isdigit()  # an abbreviation by the look of it, or a unit
        is_item = re.match(r"\d{1,3}[.)]\s", following)
        return len(token) > SHORT_WORD or not following[:1].isdigit() or bool(is_item)  # such as “apt. 5”

    def _ends_at_number(self, token: str, previous: str, before: str, following: str) -> bool:
        if len(token) <= 3 and not has_words(before):
            return False  # of a list
        if self.data.before_ordinals and len(token) <= 2 and following[:1].isalpha():
            return not (
                previous.lower() in self.data.before_ordinals or self._first_word(following) in self.data.after_ordinals
            )
        return True

    def _is_number(self, following: str, token: str) -> bool:
        if roman := _ROMAN_NUMERAL.match(following):
            return bool(roman[0]) and (roman[0] != "I" or token.lower() != "no")
        return bool(_NUMBER.match(following))

    def _first_word(self, following: str) -> str:
        word = re.match(r"[\w'’]*", following)
        return word[0].lower().replace("’", "'") if word else ""

    def _is_starter(self, following: str) -> bool:
        word = self._first_word(following)
        if len(word) == 1 and following[1:2] == ".":
            return False  # an initial
        return word in self.data.starters or word.partition("'")[0] in self.data.starters
