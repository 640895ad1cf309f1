"""The words of a transcript, where each is said, and how two texts differ as they are heard. Pure."""

import re
import unicodedata
from difflib import SequenceMatcher

from .normalization import spoken

UNSPACED = ("zh", "ja", "ko")  # languages whose errors are counted by characters

MANY = 250_000  # pairs of tokens that are compared one by one, in half a second
ANCHOR = 6  # tokens in a row that are the same in both texts


# ---------------------------------------------------------------------------------------------------------------------
# Errors

# What is written in two ways and said in one.
_SAME = {
    "mister": "mr",
    "missus": "mrs",
    "doctor": "dr",
    "okay": "ok",
    "alright": "all right",
    "cannot": "can not",
    "can't": "can not",
    "won't": "will not",
    "shan't": "shall not",
    "let's": "let us",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "o'clock": "oclock",
    "grey": "gray",
    "&": "and",
}
_CONTRACTIONS = (
    (re.compile(r"n't$"), " not"),
    (re.compile(r"'re$"), " are"),
    (re.compile(r"'ll$"), " will"),
    (re.compile(r"'ve$"), " have"),
    (re.compile(r"'m$"), " am"),
    (re.compile(r"(?<=^it|^he)'s$|(?<=^that|^what|^here)'s$|(?<=^she)'s$|(?<=^there|^where)'s$"), " is"),
)
_AMERICAN = (  # rough, but done to both texts
    (re.compile(r"(?<=\w\w\w)our(?=$|s$|ed$|ing$|ful$|ite$|able$|less$)"), "or"),
    (re.compile(r"(?<=\w\w\w)([iy])s(?=e$|es$|ed$|ing$|ation$|ations$)"), r"\1z"),
    (re.compile(r"(?<=\w\w[bt])re(?=$|s$)"), "er"),
    (re.compile(r"(?<=\w\w)ogue(?=$|s$)"), "og"),
    (re.compile(r"(?<=\w\w)ll(?=ed$|ing$|er$|ers$)"), "l"),
    (re.compile(r"(?<=\w\w)ence$"), "ense"),
)


def error_rate(said: str, heard: str, language: str) -> float:
    """The word error rate: substitutions, deletions and insertions for each word that was said. It may exceed 1.

    In Chinese, Japanese and Korean, for each character. Not counted as errors are case, punctuation, numerals for words,
    contractions, compounds written in one word or several, and British against American spelling.

    language: a code of voices.languages; empty where it is not known, and numerals stay numerals.
    """
    wanted, got = _tokens(said, language), _tokens(heard, language)
    if not wanted:
        return 1.0 if got else 0.0
    return _long_edits(wanted, got) / len(wanted)


def letters(text: str, language: str) -> str:
    """What is said in a text, letter by letter, without anything that `error_rate` does not count."""
    return "".join(_tokens(text, language))


def edit_distance(one: str, other: str) -> int:
    """Letters to put in, take out or replace to make one text of the other.

    By the bits of whole numbers (Myers 1999, “A fast bit-vector algorithm for approximate string matching based on
    dynamic programming”, as Hyyrö 2003 has it): two texts of a minute take a millisecond.
    """
    if not one or not other:
        return len(one) + len(other)
    places: dict[str, int] = {}
    for place, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << place
    last, every = 1 << len(one) - 1, (1 << len(one)) - 1
    up, down, distance = every, 0, len(one)  # where the column grows and shrinks by one, and its last number
    for letter in other:
        same = places.get(letter, 0)
        across = (((same & up) + up) ^ up) | same
        same |= down
        grows, shrinks = down | ~(across | up) & every, up & across
        distance += bool(grows & last) - bool(shrinks & last)
        grows, shrinks = grows << 1 | 1, shrinks << 1
        up, down = (shrinks | ~(same | grows)) & every, grows & same & every
    return distance


def _tokens(text: str, language: str) -> list[str]:
    base = language.split("-")[0]
    text = unicodedata.normalize("NFKC", text).replace("’", "'")
    text = spoken(text, language).casefold().replace("’", "'")
    if base in UNSPACED:
        return [character for character in text if _is_said(character)]
    text = "".join(c if _is_said(c) or c in "'&" else " " for c in text)
    return [part for word in text.split() for part in (_english(word) if base == "en" else plain(word)).split()]


def _english(word: str) -> str:
    word = _SAME.get(word, word)
    for pattern, replacement in _CONTRACTIONS:
        word = pattern.sub(replacement, word)
    for pattern, replacement in _AMERICAN:
        word = pattern.sub(replacement, word)
    return word.replace("'", "").replace("&", "")


def plain(text: str) -> str:
    """What of a word is said, whatever its case and punctuation."""
    return "".join(filter(_is_said, unicodedata.normalize("NFKC", text).casefold()))


def _is_said(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"  # letters, numbers, and the marks that are vowels in Hindi


def _long_edits(said: list[str], heard: list[str]) -> int:
    """The edit distance of texts of any length: between long stretches that are the same in both.

    Where there are none, two long texts have little in common, and the exact number would say nothing more.
    """
    if len(said) * len(heard) <= MANY:
        return _edits(said, heard)
    blocks = SequenceMatcher(None, said, heard).get_matching_blocks()
    edits = at_said = at_heard = 0
    for block in blocks:
        if block.size >= ANCHOR or not block.size:  # the last one is empty
            left, right = said[at_said : block.a], heard[at_heard : block.b]
            edits += _edits(left, right) if len(left) * len(right) <= MANY else max(len(left), len(right))
            at_said, at_heard = block.a + block.size, block.b + block.size
    return edits


def _edits(said: list[str], heard: list[str]) -> int:
    """The edit distance, in which two or three words of one side that make up one of the other cost nothing."""
    rows = [list(range(len(heard) + 1))]
    for i in range(1, len(said) + 1):
        row = [i]
        for j in range(1, len(heard) + 1):
            best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (said[i - 1] != heard[j - 1]))
            for n in (2, 3):
                if n <= j and said[i - 1] == "".join(heard[j - n : j]):
                    best = min(best, rows[i - 1][j - n])
                if n <= i and heard[j - 1] == "".join(said[i - n : i]):
                    best = min(best, rows[i - n][j - 1])
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
