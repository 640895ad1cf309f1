"""English words as the model learnt to say them: from the dictionary of misaki, with its rules for endings and stress.

tables/english_words.txt.gz is made by scripts/make_english_words.py. The rules are those of misaki 0.9.4 (Apache-2.0),
en.py; the part of speech, which misaki asks a tagger for, is told by the words beside (see heteronyms.py).
"""

import gzip
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from . import heteronyms
from .alphabet import ENGLISH, STRESSES, VOWELS

TABLE = Path(__file__).parent / "tables" / "english_words.txt.gz"
PAUSES = ";:,.!?—…"
QUOTES = "()“”"
_CONSONANTS = "bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθT"
_ONE_CONSONANT = re.compile(r"(?:^|[^aeiou])[aeiouy][^aeiouwxy]$")
_AFTER_THESE_T_IS_FLAPPED = "AIOWYiuæɑəɛɪɹʊʌ"


def read_words(words: Sequence[str], language: str, otherwise: Callable[[str], str]) -> list[str]:
    """Return the phonemes of the words of a text, and its marks as they are; `otherwise` says what is not known here.

    From right to left, since “the”, “a” and “to” depend on the sound that follows.
    """
    said = [""] * len(words)
    following = ""  # the first sound after the word; empty before a pause
    for place in range(len(words) - 1, -1, -1):
        word = words[place]
        if word in PAUSES + QUOTES:
            said[place] = word
            following = following if word in QUOTES else ""
            continue
        known = _read(words, place, following, language)
        said[place] = known.replace("ɾ", "T").replace("ʔ", "t") if known else otherwise(word)
        following = next((letter for letter in said[place] if letter in VOWELS + _CONSONANTS), following)
    return said


def is_known(word: str, language: str) -> bool:
    """Return whether a word is in the dictionary as it is written."""
    return word in _dictionary(language) or word.lower() in _dictionary(language)


def add_s(phonemes: str, language: str) -> str:
    """Return the phonemes of a plural or possessive."""
    if phonemes[-1] in "ptkfθ":
        return phonemes + "s"
    return phonemes + (_weak_i(language) if phonemes[-1] in "szʃʒʧʤ" else "") + "z"


def _read(words: Sequence[str], place: int, following: str, language: str) -> str:
    word = words[place].replace("’", "'")
    before_vowel = bool(following) and following in VOWELS
    match word.lower():
        case "a":
            return "ˈA" if word == "A" and _is_a_letter(words, place) else "ɐ"
        case "an":
            return "ɐn"
        case "the":
            return "ði" if before_vowel else "ðə"
        case "to" if following:
            return "tʊ" if before_vowel else "tə"
        case "in":
            return "ɪn" if following else "ˈɪn"
        case "i" if word == "I":
            return "ˈI" if _is_capital(words[place - 1 : place]) else "ˌI"
        case "am" if following and word == "am":
            return "ɐm"
    tag = heteronyms.reading(words, place)
    if " " in tag:  # phonemes
        return tag.split()[ENGLISH.index(language)]
    tags = (tag, "" if following else "None", "DEFAULT")
    stress = "" if word == word.lower() else "ˈ" if word == word.upper() and len(word) > 1 else "ˌ"
    return _say(word, tags, stress, language)


def _is_a_letter(words: Sequence[str], place: int) -> bool:
    """Whether an A stands among single capitals, as in “A B C”, or ends what is said: “vitamin A”."""
    beside = [*words[max(place - 1, 0) : place], *words[place + 1 : place + 2]]
    at_end = place + 1 == len(words) or words[place + 1] in PAUSES
    return at_end or _is_capital(beside)


def _is_capital(words: Sequence[str]) -> bool:
    return any(len(word) == 1 and word.isupper() for word in words)


def _say(word: str, tags: Sequence[str], stress: str, language: str) -> str:
    """Return the phonemes of a word, alone or by its stem; empty if neither is known."""
    bare = word.strip("'")
    for form in dict.fromkeys((word, word.lower(), bare.lower(), bare.capitalize(), _without_accents(bare.lower()))):
        if found := _look_up(form, tags, language):
            return _with_stress(found, stress)
    lower = bare.lower()
    for stem, add in _stems(lower):
        found = _look_up(stem, tags, language) or _look_up(stem.capitalize(), tags, language)
        if found and (ended := add(found, language)):
            return _with_stress(ended, stress)
    return ""


def _stems(word: str) -> Iterator[tuple[str, Callable[[str, str], str]]]:
    """Yield each stem that a word could be an inflection of, and the function that adds the ending's sound."""
    if word.endswith("s") and len(word) > 2:
        if not word.endswith("ss"):
            yield word[:-1].removesuffix("'"), add_s
        if word.endswith("ies") and len(word) > 4:
            yield word[:-3] + "y", add_s
        elif word.endswith(("ses", "xes", "zes", "hes", "oes")) and len(word) > 4:
            yield word[:-2], add_s
    if word.endswith("d") and len(word) > 3:
        if not word.endswith("dd"):
            yield word[:-1], _add_ed
        if word.endswith("ied"):
            yield word[:-3] + "y", _add_ed
        if word.endswith("ed") and not word.endswith("eed"):
            yield word[:-2], _add_ed
            if len(word) > 5 and word[-3] == word[-4]:
                yield word[:-3], _add_ed
    if word.endswith("ing") and len(word) > 4:
        stems = [word[:-3], word[:-3] + "e"]
        # After one vowel and one consonant it is “hoping” of hope: that of hop doubles the consonant.
        yield from ((stem, _add_ing) for stem in (reversed(stems) if _ONE_CONSONANT.search(stems[0]) else stems))
        if len(word) > 5 and (word[-4] == word[-5] or word[-5:-3] == "ck"):
            yield word[:-4], _add_ing


def _add_ed(stem: str, language: str) -> str:
    if stem[-1] in "pkfθʃsʧ":
        return stem + "t"
    if stem[-1] == "d":
        return stem + _weak_i(language) + "d"
    if stem[-1] != "t":
        return stem + "d"
    if language == "en-us" and stem[-2:-1] in tuple(_AFTER_THESE_T_IS_FLAPPED):
        return stem[:-1] + "ɾᵻd"
    return stem + _weak_i(language) + "d"


def _add_ing(stem: str, language: str) -> str:
    if language == "en-gb":
        return stem + ("ɹɪŋ" if stem[-1] in "əː" and not stem.endswith(("iː", "uː")) else "ɪŋ")
    if stem[-1] == "t" and stem[-2:-1] in tuple(_AFTER_THESE_T_IS_FLAPPED):
        return stem[:-1] + "ɾɪŋ"
    return stem + "ɪŋ"


def _weak_i(language: str) -> str:
    return "ɪ" if language == "en-gb" else "ᵻ"


def _look_up(word: str, tags: Sequence[str], language: str) -> str:
    reading = _dictionary(language).get(word, "")
    if "=" not in reading:
        return reading
    readings = dict(part.split("=") for part in reading.split())
    return next(readings[tag] for tag in tags if tag in readings)


def _with_stress(said: str, stress: str) -> str:
    """Stress a word that has capitals: a name at least a little, a word in capitals in full."""
    if stress == "ˈ" and "ˈ" not in said and "ˌ" in said:
        return said.replace("ˌ", "ˈ", 1)
    if stress and not any(mark in said for mark in STRESSES):
        return re.sub(f"(?=[{VOWELS}])", stress, said, count=1)
    return said


def _without_accents(word: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))


@cache
def _dictionary(language: str) -> dict[str, str]:
    column = 1 + ENGLISH.index(language)
    lines = (line.split("\t") for line in gzip.decompress(TABLE.read_bytes()).decode().splitlines())
    return {fields[0]: fields[column] for fields in lines if fields[column]}
