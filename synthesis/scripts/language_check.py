"""Notice that a text is in another language than the one that it would be read in. Pure."""

import re
import threading
from collections import Counter
from functools import cache

from voices.languages import LANGUAGES

MIN_LETTERS = 20  # in less, names and greetings can't be told from a language; a CJK character counts as two
MIN_WORDS = 4  # different ones
MIN_HAN_CHARACTERS = 25  # where Japanese is chosen: addresses and headlines have no kana either
MIN_PROBABILITY = 0.9
MIN_SHARE = 0.6  # of the letters, in sentences that are in the other language
MAX_LITTLE_WORDS_SHARE = 0.1  # of the words: more little words of the chosen language make it a text with foreign names
MAX_CHARACTERS = 20_000  # that are looked at: a book is in the language of its beginning

# Regional languages that are nearer to one of the site's than to anything else that it speaks: read as that one.
_READ_AS = {"an": "es", "ext": "es", "vec": "it", "lij": "it", "wuu": "zh", "yue": "zh"}
_CODES = {code.partition("-")[0]: code for code in reversed(LANGUAGES)}  # of accents, the first

# Little words, which a text with foreign names and titles is made of all the same; Hindi's as people write it in Latin.
_LITTLE_WORDS = {
    "en": "a all and are at be been both but by did do for from had has have he her his how i in is it its my not of on or "
    "our said she so than that the their them there they this to was we were what when which who will with you your",
    "es": "al como con cuando del desde donde el ella en entre era es esta este esto fue ha había hasta la las le lo los "
    "más me mi muy no nos o para pero por porque que se sin sobre son su sus también un una y ya yo",
    "fr": "à au aux avec c'est ce cette dans de des du elle elles en est et était il ils je la le les leur lui mais ne "
    "nous on ou où par pas plus pour qu'il que qui sa sans se ses son sont sur un une vous y",
    "it": "a al alla anche che chi con da dal dalla dei del della delle di e è era gli ha ho i il in io la le lo ma mi "
    "nel nella non per perché più quando questa questo se si sono sua suo un una",
    "pt": "à ao aos as até com como da das de do dos e é ela ele em era está eu foi há isso já mais mas me muito na não nas "
    "no nos o os ou para pela pelo por quando que são se sem seu sua também um uma você",
    "de": "als am an auch auf aus bei das dass dem den der des die du ein eine einem einen einer er es für hat ich ihr im "
    "in ist mit nach nicht noch oder sein sich sie sind so und uns vom von vor war was wie wir zu zum zur",
    "hi": "aap aur bhi ek hai hain ho hoon ja ka kal kar ke ki ko koi kuch kya kyun main me mein mera meri mujhe na nahi "
    "nahin par raha rahe se tha thi to toh tum wo woh ya yaar ye yeh",
}

_QUOTATION = re.compile(r'“[^“”„]*”|„[^“”„]*[“”]|«[^«»]*»|"[^"]*"|「[^「」]*」|『[^『』]*』')
_SENTENCE_END = re.compile(r"[.!?…।。！？\n]+")
_NOT_A_WORD = re.compile(r"[@/\\_=<>{}\[\]\d]|\([^()]*\)")  # in addresses, code, marks and numbers
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_KANA = re.compile("[\u3040-\u30ff]")
_loading = threading.Lock()


def looks_like(text: str, language: str) -> str:
    """Return the code of the language of the site that `text` plainly is in, if that is not `language`; else "".

    Nothing is said of accents, of short texts, of names, code and numbers, nor of languages that the site does not
    speak. What is quoted does not count, where there is more than that; else most of the sentences decide.

    language: a code of voices.languages.
    """
    text = text[:MAX_CHARACTERS]
    outside = _QUOTATION.sub(" ", text)
    words = _words(outside if re.search(r"[^\W\d]", outside) else text)
    if len({word.casefold() for line in words for word in line}) < MIN_WORDS and not _WIDE.search(text):
        return ""
    written = "\n".join(" ".join(line) for line in words)
    base = language.partition("-")[0]
    found = _language(written)
    if found in ("", base) or found not in _CODES:
        return ""
    if (base, found) == ("ja", "zh") and (_KANA.search(text) or _letters(written) < 2 * MIN_HAN_CHARACTERS):
        return ""
    own = _LITTLE_WORDS.get(base, "").split()
    little = set(own) - set(_LITTLE_WORDS.get(found, "").split())
    said = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", written.lower())
    if sum(word in little for word in said) > MAX_LITTLE_WORDS_SHARE * len(said):
        return ""
    shares: Counter[str] = Counter()
    for sentence in _SENTENCE_END.split(written):
        if judged := _language(sentence):
            shares[judged] += _letters(sentence)
    return _CODES[found] if shares[found] >= MIN_SHARE * shares.total() else ""


def _words(text: str) -> list[list[str]]:
    """Return the words of each line, without addresses, code, marks and numbers."""
    return [[word for word in line.split() if not _NOT_A_WORD.search(word)] for line in text.split("\n")]


def _letters(text: str) -> int:
    """Return the length of `text` in letters; a CJK character, which is about a syllable, counts as two."""
    return len(re.findall(r"[^\W\d_]", text)) + len(_WIDE.findall(text))


def _language(text: str) -> str:
    """Return the language of `text`, without an accent; "" if it is short or not plain."""
    if _letters(text) < MIN_LETTERS:
        return ""
    probabilities: Counter[str] = Counter()
    for code, probability in _identifier().rank(text):
        probabilities[_READ_AS.get(code, code)] += probability
    code, probability = probabilities.most_common(1)[0]
    return code if probability >= MIN_PROBABILITY else ""


def _identifier():
    with _loading:
        return _load()


@cache
def _load():
    """Return py3langid's identifier: 77 MB and half a second, at the first text that is looked at."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
