"""Sentence segmentation: where the sentences of a text begin and end. Pure.

Written for speech: the sentences of a quotation or a bracket are sentences too, and a list's number belongs to its item.
What differs between languages is data (sentence_data.py). `python -m tests.benchmarks segmentation` compares it with
pysbd and sentencex.
"""

import re
from typing import NamedTuple

from .sentence_data import UNITS, data_of, first_word

SENTENCE_PAUSE_SECONDS = 0.2


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
_BEFORE_WORDS = " \u00a0\u202f\t\n\"“”‘«»‹›„‚([{「『（【《¿¡—–/’'"  # an elided article too: “l’art. 5”
_INITIAL = r"(?:एफ|एच|आई|एल|एम|एन|आर|एस|क्यू|[^\W\d_][\u0900-\u0903\u093a-\u094f]{0,2})"  # with the vowel signs of Hindi
_INITIALS = re.compile(rf"{_INITIAL}(?:(?:\.|\.?-){_INITIAL})*")  # J, J.R, U.S, J.-P, ए.पी.जे
_ROMAN_NUMERAL = re.compile(r"(?=[IVXLC])(?:X[CL]|L?X{0,3}|C{1,3})(?:IX|IV|V?I{0,3})\b")
_VOWEL = re.compile(r"[aeiouyàáâãäèéêëìíîïòóôõöùúûü]|(.)\1")  # or a letter twice, as in “hmm” and “shh”
_NUMBER = re.compile(r"[\d#$€£¥₹§]|[A-Z]{1,4}-?\d")
_OPERATORS = tuple("=+×÷<≤≥≈&/|→")
_WORD = re.compile(r"\w")
FEWEST_WORDS = 3  # of a sentence, before a time or the like at its end
SHORT_WORD = 4  # letters: one that stands before a number is taken for an abbreviation
LONGEST_WORD = 30  # characters that are looked at on either side of a full stop


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


def _trimmed(text: str, start: int, end: int) -> Span:
    part = text[start:end]
    return Span(end - len(part.lstrip()), start + len(part.rstrip()))


class _Segmenter:
    """Decides whether a sentence of one text ends at a candidate."""

    def __init__(self, text: str, language: str):
        self.text = text
        self.data = data_of(language)
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
        return self._word_before(candidate.start(), start).lower() not in self.data.names or self._starts_sentence(
            following
        )

    def _following(self, place: int) -> str:
        """Return the beginning of what follows, without quotes, brackets and dashes."""
        return self.text[place : place + LONGEST_WORD].lstrip(_OPENERS)

    def _continues(self, following: str) -> bool:
        """Return whether it goes on with a sign, or in lower case, unlike “iPhone”, in a text that has capitals."""
        goes_on = following[:1].islower() and not following[1:2].isupper() or following[:1] in _OPERATORS
        return following.startswith((",", ";", ":")) or self.has_capitals and goes_on

    def _closes_an_aside(self, candidate: re.Match[str], start: int) -> bool:
        """Return whether a bracket closes that was opened in mid-sentence."""
        if not re.search(r"[)\]）】]", candidate["closers"]):
            return False
        opened = max(self.text.rfind(bracket, start, candidate.start()) for bracket in "([（【")
        return opened >= 0 and bool(_WORD.search(self.text, start, opened))

    def _ends_at_full_stop(self, place: int, start: int, following: str) -> bool:
        data = self.data
        word = self._word_before(place, start)
        before = self.text[start : place - len(word)]
        previous = self._word_before(len(before.rstrip()) + start, start) if before[-1:].isspace() else ""
        # “UU” and “EE.UU” of “EE. UU.”; “Thurs” of “Mon.-Thurs.”
        spellings = {word.lower(), (previous + word).lower(), word.rpartition("-")[2].lower()}
        starts_anew = self._starts_sentence(following)
        if f"{word}.{first_word(following)}".lower() in data.abbreviations:
            return False  # in the middle of one
        if word.isdecimal():
            return self._ends_at_number(word, previous, before, following)
        if spellings & data.closing:
            if "(" in self.text[place + 1 : place + 3] and following[:1].isdigit():
                return False  # “Smith et al. (2019)”
            if len(before.split(None, FEWEST_WORDS)) < FEWEST_WORDS and not starts_anew:
                return False  # “At 5 p.m. Ann left.”
            return starts_anew if following[:1].islower() else first_word(following) not in data.after_closing
        if _begins_with_number(following, word):
            is_item = re.match(r"\d{1,3}[.)]\s", following)
            if spellings & data.before_numbers or word.lower().endswith(data.ends_before_numbers):
                return False
            if len(word) <= SHORT_WORD and following[:1].isdigit() and not is_item:
                return False  # an abbreviation, by the look of it
        if word in UNITS and previous[-1:].isdigit():
            return self.has_capitals or not following[:1].islower()
        if spellings & data.before_words:
            return False
        if spellings & data.names:
            return starts_anew
        if _INITIALS.fullmatch(word) and not (word == "I" and previous):
            return starts_anew and bool(before.strip())
        looks_abbreviated = word.isascii() and word.isalpha() and not word.isupper() and not _VOWEL.search(word.lower())
        return not looks_abbreviated or starts_anew or previous[-1:].isdigit()

    def _ends_at_number(self, number: str, previous: str, before: str, following: str) -> bool:
        if len(number) <= 3 and not _WORD.search(before):
            return False  # of a list
        ordinals = self.data.before_ordinals
        if ordinals and len(number) <= 2 and following[:1].isalpha():
            return previous.lower() not in ordinals and first_word(following) not in self.data.after_ordinals
        return True

    def _word_before(self, place: int, start: int) -> str:
        """Return the word that ends at `place`, which may have full stops in it."""
        part = self.text[max(start, place - LONGEST_WORD) : place]
        return part[max(part.rfind(mark) for mark in _BEFORE_WORDS) + 1 :]

    def _starts_sentence(self, following: str) -> bool:
        """Return whether it begins with a word that often begins a sentence."""
        word = first_word(following)
        is_initial = len(word) == 1 and following[1:2] == "."
        return not is_initial and bool({word, word.partition("'")[0]} & self.data.starters)


def _begins_with_number(following: str, word: str) -> bool:
    """Return whether a number follows, or a Roman numeral, which the “I” after “No.” is not."""
    if roman := _ROMAN_NUMERAL.match(following):
        return bool(roman[0]) and (roman[0] != "I" or word.lower() != "no")
    return bool(_NUMBER.match(following))
