"""The words of a text as they are said, each in one way to write it, and where they are written. Pure."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from voices.text.normalization import read

from . import english, sounds

UNSPACED_LANGUAGES = ("zh", "ja", "ko")  # their errors are counted by characters

_SENTENCE_ENDS = ".!?:…\"“”'‘("


class Token(NamedTuple):
    """A word as it is said (or a character, in languages without spaces)."""

    word: str  # in lower case without punctuation; a number in digits
    key: str  # the same for all words that sound the same
    start: int  # of what is written, in characters
    end: int
    is_name: bool = False  # by its capital letter, within a sentence
    is_loop: bool = False  # it stands for many repetitions of what is before it

    @property
    def is_number(self) -> bool:
        return self.word[:1].isdigit()


def tokens(text: str, language: str) -> list[Token]:
    """Return the words of a text as it is read in `language`, a code of voices.languages; empty if unknown."""
    base = language.split("-")[0]
    words = spelled(text, language)
    if base == "en":
        same = english.homophones()
        joined = _with_numbers(_with_initials(words))
        return [each._replace(key=_numeral(same.get(each.word, each.word))) for each in joined]
    if base in sounds.SPELLED_AS_SAID:
        return [each._replace(key=sounds.key(each.word, base)) for each in words]
    return words


def spelled(text: str, language: str) -> list[Token]:
    """Return the words of a text as it is read, in one spelling, with numbers in words."""
    base = language.split("-")[0]
    words = list(_words(text, language, base in UNSPACED_LANGUAGES))
    if base != "en":
        return words
    plain = ((each, sounds.without_accents(each.word)) for each in words)
    return [each._replace(word=part, key=part) for each, word in plain for part in english.respell(word).split()]


def bare(word: str) -> str:
    """Return a word without its case and punctuation."""
    return "".join(filter(_is_pronounced, unicodedata.normalize("NFKC", word).casefold()))


def _is_pronounced(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"  # letters, numbers, and the marks that are vowels in Hindi


def _words(text: str, language: str, by_character: bool) -> Iterator[Token]:
    pieces = read(text, language)
    spoken = "".join(piece.spoken for piece in pieces)
    said_ends = list(accumulate(len(piece.spoken) for piece in pieces))
    written_ends = list(accumulate(len(piece.written) for piece in pieces))

    def place(index: int, end: bool) -> int:
        """Return where the character of `spoken` at `index` is written: its start, or its end."""
        number = bisect_right(said_ends, index)
        piece, written_end = pieces[number], written_ends[number]
        if piece.spoken != piece.written:
            return written_end if end else written_end - len(piece.written)
        return written_end - (said_ends[number] - index) + end

    before = ""
    for match in re.finditer(r"\S" if by_character else r"\S+", spoken):
        chunk = match.group()
        span = place(match.start(), False), place(match.end() - 1, True)
        word = unicodedata.normalize("NFKC", chunk).casefold().replace("’", "'").replace("‘", "'")
        is_name = chunk[:1].isupper() and bool(before) and before[-1] not in _SENTENCE_ENDS
        is_name = is_name and bare(word) not in english.CALENDAR
        before = chunk
        if by_character:
            yield from (Token(part, part, *span) for part in word if _is_pronounced(part))
            continue
        kept = "'&" if language.startswith("en") else ""
        elided = "" if language.startswith("en") else "'"  # “l'homme” is one word
        word = "".join(c if _is_pronounced(c) or c in kept else "" if c in elided else " " for c in word)
        yield from (Token(part, part, *span, is_name) for part in word.split())


def _numeral(word: str) -> str:
    return str(english.VALUES.get(word, word))


def _merged(parts: list[Token], word: str) -> Token:
    return parts[0]._replace(word=word, end=parts[-1].end)


def _with_initials(words: list[Token]) -> list[Token]:
    """Return the words with letters that follow each other as one: “f b i”, “p m”."""
    joined: list[Token] = []
    run: list[Token] = []
    for each in [*words, None]:
        if each and len(each.word) == 1 and each.word.isalpha():
            run.append(each)
            continue
        joined += [_merged(run, "".join(letter.word for letter in run))] if len(run) > 1 else run
        run = []
        joined += [each] if each else []
    return joined


def _with_numbers(words: list[Token]) -> list[Token]:
    """Return the words with each number in digits: “a hundred and five” is 105, “nineteen forty-five” 19 and 45."""
    found: list[Token] = []
    index = 0
    while index < len(words):
        value, length, ordinal = _number(
            [each.word for each in words[index : index + 30]], bool(found) and found[-1].is_number
        )
        if not length:
            found.append(words[index])
            index += 1
            continue
        found.append(_merged(words[index : index + length], f"{value}{'th' if ordinal else ''}"))
        index += length
        if _is_small_change(found, words[index : index + 1]):
            index += 1
    return found


def _is_small_change(before: list[Token], after: list[Token]) -> bool:
    """Return whether a number after “two dollars (and)” is that of cents; drop the “and”."""
    if not after or after[0].word not in ("cent", "cents", "pence", "p"):
        return False
    at = -3 if len(before) > 2 and before[-2].word == "and" else -2
    if len(before) < -at or before[at].word.rstrip("s") not in ("dollar", "pound", "euro"):
        return False
    if at == -3:
        del before[-2]
    return True


def _number(words: list[str], after_number: bool) -> tuple[int, int, bool]:
    """Return the value of the number that the words begin with, of how many words it is, and whether it is an ordinal."""
    total = current = length = 0
    least_scale = 10**15
    begun = False
    while length < len(words):
        word = words[length]
        after = words[length + 1] if length + 1 < len(words) else ""
        if not begun and word in ("a", "an") and after in english.SCALES:
            current, begun, length = 1, True, length + 1
            continue
        if not begun and word in ("oh", "o") and after_number and after in english.VALUES:
            return 0, 1, False
        if (
            begun
            and word == "and"
            and current % 100 == 0
            and (after in english.VALUES or after in english.ORDINAL_VALUES)
        ):
            length += 1
            word = after
        ordinal = word in english.ORDINAL_VALUES or word in english.ORDINAL_SCALES
        small = english.VALUES.get(word, english.ORDINAL_VALUES.get(word))
        scale = english.SCALES.get(word, english.ORDINAL_SCALES.get(word))
        if small is not None and not begun:
            current = small
        elif small and (
            current % 100 == 0 and current + total or (current % 100 >= 20 and current % 10 == 0 and small < 10)
        ):
            current += small
        elif scale == 100 and 0 < current < 100:
            current *= 100
        elif scale and scale > 100 and current > 0 and scale < least_scale:
            total, current, least_scale = total + current * scale, 0, scale
        else:
            if words[length - 1] == "and":
                length -= 1
            break
        begun, length = True, length + 1
        if ordinal:
            return total + current, length, True
    return (total + current, length, False) if begun else (0, 0, False)
