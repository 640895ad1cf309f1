"""A key for how a word sounds, by rules of spelling: for what transcribers spell in another way. Pure.

Where spelling follows sound (Spanish, Portuguese, Italian, German) or sound follows spelling (French), words with the
same key are the same to the ear. English spelling tells too little for that: there the key only measures how alike two
words are, and `english` lists the homophones.
"""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

# Applied in turn to a word in lower case without accents (ñ is N, ç is s). Capitals stand for sounds of their own.
_RULES = {
    "en": (
        ("^kn|^gn|^pn", "n"), ("^wr", "r"), ("^ps", "s"), ("^wh", "w"), ("ph", "f"), ("t?ch|dge|dj", "J"), ("sh|sch", "S"),
        ("th", "T"), ("ck|q", "k"), ("[tsc]i(?=[oa])", "S"), ("c(?=[eiy])", "s"), ("c", "k"), ("x", "ks"), ("g(?=[eiy])|j", "J"),
        ("gh(?=t|$)", ""), ("gh", "g"), ("mb$", "m"), ("(?<=..)e$", ""), ("h|(?<!^)w|r(?![aeiouy])", ""), ("y", "i"),
        ("b", "p"), ("d", "t"), ("g", "k"), ("v", "f"), ("z", "s"),
        ("[ei][aeiou]*", "i"), ("[ou][aeiou]*", "o"), ("a[aeiou]*", "a"),
    ),
    "es": (
        ("ch", "C"), ("h", ""), ("ll", "y"), ("v", "b"), ("c(?=[ei])|z", "s"), ("qu|k", "c"), ("g(?=[ei])|x(?=[aeiou])", "j"),
        ("gu(?=[ei])", "g"), ("[iy](?=$|[aeou])", "y"), ("m(?=[pb])", "n"),
    ),
    "fr": (
        ("ph", "f"), ("h", ""), ("(?<=...)ent$", "E"), ("eaux?|aux?|ot$|ots$|o", "O"), ("er$|ez$|es$|ee?s?$|ai[st]?$|aient$|et$|ets$|est$|e$", "E"),
        ("oi", "W"), ("ai|ei", "E"), ("[ae][mn](?=[^aeiouyEOWmn]|$)", "A"), ("(?:i|ai|ei|y)[mn](?=[^aeiouyEOWmn]|$)", "I"),
        ("qu|k|c(?![eiyEIh])", "c"), ("c|ss?", "s"), ("z", "s"), ("(?<=.)[sxtdp]+$", ""), ("g(?=[eiyEI])", "j"), ("y", "i"),
    ),
    "it": (("ch", "c"), ("h", ""), ("y", "i"), ("k", "c"), ("j", "i")),
    "pt": (
        ("ch", "x"), ("(?<![ln])h", ""), ("ss|c(?=[ei])", "s"), ("z$", "s"), ("qu(?=[ei])|k", "c"), ("y", "i"), ("w", "v"),
    ),
    "de": (("ß|ss", "s"), ("ph", "f"), ("dt$", "t"), ("th", "t"), ("(?<=[aeiou])h(?![aeiou])", ""), ("y", "i")),
}  # fmt: skip
_PATTERNS = {code: [(re.compile(rule), sound) for rule, sound in rules] for code, rules in _RULES.items()}
_KEPT = {"ñ": "N", "ç": "s"}  # sounds of their own, which the letters below their marks don't have
_REPEATED = re.compile(r"(\w)\1+")

SPELLED_AS_SAID = frozenset(_RULES) - {"en"}  # languages in which words with the same key sound the same


@lru_cache(20_000)
def key(word: str, language: str) -> str:
    """Return how a word in lower case sounds; the word without accents where there are no rules for its language.

    language: the code of a language without its country, such as “en”.
    """
    if language not in _PATTERNS:
        return word
    sound = without_accents("".join(_KEPT.get(character, character) for character in word))
    for pattern, replacement in _PATTERNS[language]:
        sound = pattern.sub(replacement, sound)
    return _REPEATED.sub(r"\1", sound) or word


def likeness(one: str, other: str, language: str) -> float:
    """Return how alike two words (or several, joined) sound, 0 to 1."""
    return Levenshtein.normalized_similarity(key(one, language), key(other, language))


def without_accents(word: str) -> str:
    return word if word.isascii() else "".join(unicodedata.normalize("NFD", character)[0] for character in word)
