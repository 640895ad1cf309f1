"""From a text to what Kokoro speaks: phonemes in the alphabet that it was trained on, and the marks that it knows.

The text is split here, at its words and marks, so that each mark is where it was. English words are looked up, one by
one; those that are not found, and the clauses of other languages, are pronounced by espeak. Nothing is left out in
silence: what cannot be said is in the log.
"""

import logging
import re
import unicodedata
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from . import english, espeak, loanwords
from .alphabet import ENGLISH, from_ipa

logger = logging.getLogger(__name__)

_MARKS = str.maketrans(
    {
        **dict.fromkeys("«„‟〝「『", "“"),
        **dict.fromkeys("»〞」』", "”"),
        **dict.fromkeys("[{（【", "("),
        **dict.fromkeys("]}）】", ")"),
        **dict.fromkeys("–―", "—"),
        **dict.fromkeys("¿¡", " "),  # the marks at the end say as much
        **dict.fromkeys("।॥。", "."),
        **dict.fromkeys("，、", ","),
        **dict.fromkeys("‘‛`´ʼ", "’"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
        "！": "!",
        "？": "?",
        "：": ":",
        "；": ";",
    }
)
_CLOSING, _OPENING = ";:,.!?…)”", "(“"
_IPA = r"(?<![^\s“(—])/(?P<ipa>[^\s/A-Z\d][^/A-Z\d\n]{0,80})/(?![\w/])"
_MOST_LETTERS = 100  # at once: espeak says only the beginning of a word of several hundred
_TOKEN = re.compile(
    rf"""{_IPA}
    | (?P<mark>\.\.+ | --+ | [;:,.!?—…()“”"])
    | (?P<word>(?:[^\s;:,.!?—…()“”"/]|(?<=\d)[.,:/](?=\d)){{1,{_MOST_LETTERS}}})
    | (?P<slash>/)""",
    re.VERBOSE,
)
_SCRIPTS = {"hi": ("DEVANAGARI", "LATIN")}  # of words that are read; of all others, Latin
_READ_SYMBOLS = "%&@#*+=<>°ºª$€£¥₹\\^~|_"  # espeak says their names, where no one did before


class Token(NamedTuple):
    """A word, a mark or a pronunciation of a text."""

    kind: str  # "word", "mark" or "ipa"
    text: str
    spaced: bool  # there is a space before it


def read(text: str, language: str) -> str:
    """Return the phonemes of a text, all of them in the model's alphabet. IPA in it stands between slashes."""
    text = text.encode("utf-8", "ignore").decode()  # a surrogate alone can't even be logged
    tokens = [part for token in _tokens(text, language) for part in _speakable(token, language)]
    said = _read_english(tokens, language) if language in ENGLISH else _read_clauses(tokens, language)
    joined = ""
    for token, phonemes in zip(tokens, said, strict=True):
        if not phonemes:
            continue
        if joined and token.spaced and joined[-1] not in _OPENING and phonemes[0] not in _CLOSING:
            joined += " "
        joined += phonemes
    return joined


def chunks(phonemes: str, most: int) -> list[str]:
    """Split phonemes into parts of at most `most`: after a mark, else at a space, within a word only where it is longer."""
    parts = []
    while len(phonemes) > most:
        cuts = (_last(pattern, phonemes[:most]) for pattern in (r"[.!?…]”? ", r"[;:,—)”]+ ?", " "))
        cut = next((cut for cut in cuts if cut > most // 4), most)
        parts.append(phonemes[:cut].strip())
        phonemes = phonemes[cut:].strip()
    return [part for part in [*parts, phonemes] if part]


def _last(pattern: str, text: str) -> int:
    return max((match.end() for match in re.finditer(pattern, text)), default=0)


def _tokens(text: str, language: str) -> list[Token]:
    text = unicodedata.normalize("NFC", text).translate(_MARKS)
    tokens: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        kind, found = str(match.lastgroup), match[match.lastgroup or 0]
        if kind == "slash":  # as a space
            continue
        spaced = match.start() > end
        end = match.end()
        if kind == "mark":
            found = _mark(found, opens=spaced or not tokens or tokens[-1].text in _OPENING)
        tokens.append(Token(kind, found, spaced))
    return tokens


def _mark(found: str, opens: bool) -> str:
    if found == '"':
        return "“" if opens else "”"
    return {".": "…", "-": "—"}[found[0]] if len(found) > 1 else found


def _speakable(token: Token, language: str) -> list[Token]:
    """Return the token as what can be said of it: a dash for a hyphen that stands alone, no letters of other scripts."""
    if token.kind != "word":
        return [token]
    if token.text in ("-", "−"):
        return [token._replace(kind="mark", text="—")]
    scripts = _SCRIPTS.get(language, ("LATIN",))
    kept = "".join(letter for letter in token.text if _is_read(letter, scripts))
    if kept != token.text:
        logger.warning("%d letters of a word are not read in %s", len(token.text) - len(kept), language)
    kept = kept.strip("-")
    if not any(letter.isalnum() or letter in _READ_SYMBOLS for letter in kept):
        return []
    if language in ENGLISH and "-" in kept and not english.is_known(kept, language):
        first, *others = filter(None, kept.split("-"))
        return [token._replace(text=first), *(Token("word", other, True) for other in others)]
    return [token._replace(text=kept)]


def _is_read(letter: str, scripts: tuple[str, ...]) -> bool:
    if letter.isascii() or letter in "’" + _READ_SYMBOLS:
        return True
    return unicodedata.category(letter)[0] in "LMN" and unicodedata.name(letter, "").startswith((*scripts, "COMBINING"))


def _read_english(tokens: list[Token], language: str) -> list[str]:
    said = english.read_words(
        [f"/{token.text}/" if token.kind == "ipa" else token.text for token in tokens],
        language,
        lambda word: _written(word, language) if word[0] == "/" else _pronounce([word], language),
    )
    for place, token in enumerate(tokens):
        if token.text in ("'s", "’s") and place and not token.spaced:  # after IPA
            said[place - 1 : place + 1] = [english.add_s(said[place - 1], language), ""]
    return said


def _read_clauses(tokens: list[Token], language: str) -> list[str]:
    """Return the phonemes of each token; those of words in a row stand at the first: espeak says them as one."""
    said = ["" if token.kind == "word" else token.text for token in tokens]
    for place, token in enumerate(tokens):
        if token.kind == "ipa":
            said[place] = _written(token.text, language)
        elif token.kind == "word" and (not place or tokens[place - 1].kind != "word"):
            words = takewhile(lambda token: token.kind == "word", tokens[place:])
            said[place] = _pronounce([_spelled(word.text, language) for word in words], language)
    return said


@lru_cache(maxsize=4096)
def _loanword(word: str, language: str) -> str:
    """Return the phonemes of a word that espeak takes for English, as it is said in `language`."""
    elided, _, rest = word.partition("'")
    if rest and elided.lower() in loanwords.ELIDED:  # “d'aujourd'hui”, “l'online”
        return loanwords.ELIDED[elided.lower()] + _pronounce([_spelled(rest, language)], language)
    parts = _speakable(Token("word", word, False), "en-us")
    return loanwords.adapt("".join(_read_english(parts, "en-us")).replace(" ", ""), language)


def _spelled(word: str, language: str) -> str:
    """Return a word as espeak reads it right."""
    word = word.replace("’", "'")
    elided, apostrophe, rest = word.rpartition("'")  # “l'e-mail”
    respelled = loanwords.RESPELLED[language]
    if known := respelled.get(word.lower()) or (apostrophe and respelled.get(rest.lower())):
        return known if word.lower() in respelled else elided + apostrophe + known
    if language == "fr":
        word = re.sub(r"-y$", "-i", word)  # “vas-y”; espeak spells the y
        french = re.sub("th", "t", word, flags=re.IGNORECASE)  # “rythme”; espeak takes every th for English
        if french != word and _is_english(word, language) and not _is_english(french, language):
            return french
    return word


def _is_english(word: str, language: str) -> bool:
    return any(stretch.foreign == "en" for stretch in espeak.phonemize(word, language))


def _pronounce(words: list[str], language: str) -> str:
    """Return what espeak says, in the model's alphabet; words that it takes for English as they are said in `language`."""
    stretches = espeak.phonemize(" ".join(words), language)
    marked = [ipa for stretch in stretches if stretch.foreign == "en" for ipa in stretch.ipa.split()]
    loanwords_in_order = [word for word in words if _is_english(word, language)] if marked else []
    # Else it took a part of a word for English, or words only where they stand beside each other.
    is_by_word = len(loanwords_in_order) == len(marked)
    said = ""
    for ipa, foreign in stretches:
        if foreign != "en" or language in ENGLISH:
            phonemes = _written(ipa, language)
        elif is_by_word:
            phonemes = " ".join(_loanword(loanwords_in_order.pop(0), language) for _ in ipa.split())
        else:
            phonemes = loanwords.adapt(_written(ipa, "en-us"), language)
        said += " " * ipa.startswith(" ") + phonemes + " " * ipa.endswith(" ")
    return said.strip()


def _written(ipa: str, language: str) -> str:
    """Return IPA in the model's alphabet; what it lacks is in the log."""
    phonemes, unknown = from_ipa(ipa, language)
    if unknown:
        logger.warning("A word has sounds that Kokoro lacks: %s", " ".join(unknown))
    return phonemes
