"""The alphabet that Kokoro was trained on, and how IPA is written in it.

It is that of misaki, the grapheme-to-phoneme library made for the model: IPA with one letter for each English diphthong
and affricate, no tie bars, stress right before the vowel, and no length marks in American English. The ids are those of
config.json of hexgrad/Kokoro-82M, the conversions those of misaki 0.9.4 (both Apache-2.0), or else explained.
"""

import re
import unicodedata

_RUNS = {  # the id of the first symbol, and the symbols of this id and the next ones
    1: ";:,.!?",
    9: '—…"()“” \u0303ʣʥʦʨᵝꭧAI',
    31: "O",
    33: "Q",
    35: "ST",
    39: "W",
    41: "Yᵊabcdef",
    50: "hijklmnopqrstuvwxyzɑɐɒæ",
    75: "βɔɕç",
    80: "ɖðʤə",
    85: "ɚɛɜ",
    90: "ɟ",
    92: "ɡ",
    99: "ɥ",
    101: "ɨɪʝ",
    110: "ɯɰŋɳɲɴø",
    118: "ɸθœ",
    123: "ɹ",
    125: "ɾɻ",
    128: "ʁɽʂʃʈʧ",
    135: "ʊʋ",
    138: "ʌɣɤ",
    142: "χʎ",
    147: "ʒʔ",
    156: "ˈˌː",
    162: "ʰ",
    164: "ʲ",
    169: "↓",
    171: "→↗↘",
    177: "ᵻ",
}
IDS = {symbol: first + place for first, symbols in _RUNS.items() for place, symbol in enumerate(symbols)}

ENGLISH = ("en-us", "en-gb")
STRESSES = "ˈˌ"
VOWELS = "AIOQWYaeiouyæøœɐɑɒɔəɚɛɜɤɨɪɯʊʌᵊᵻ"
_NOT_IPA = frozenset("AIOQSTWY" + ';:,.!?—…"()“”')  # symbols of the model that mean something else in IPA, or nothing

# How people write IPA, and how it is meant. Most dictionaries write r for English ɹ, and an apostrophe for the stress.
_SPELLINGS = {
    "'": "ˈ",
    "’": "ˈ",
    "′": "ˈ",
    "ˊ": "ˈ",
    ":": "ː",
    "g": "ɡ",
    "\u035c": "\u0361",  # a tie below
    "ɝ": "ɜɹ",
    "˞": "ɹ",
    "ʱ": "ʰ",
    "ʷ": "w",
    "ǝ": "ə",
    "ε": "ɛ",
    "α": "ɑ",
    "ı": "ɪ",
    "ι": "ɪ",
    "∫": "ʃ",
    "|": " ",
    "‖": " ",
    **dict.fromkeys(".-·‿ˑ", ""),  # breaks of syllables, links, half length
}
# Signs under and over a letter that tell finer than the model can: where the tongue is, whether a vowel glides …
_FINER = re.compile(
    r"[\u031a-\u0320\u0324\u0325\u0329\u032a\u032c\u032f-\u0334\u0339-\u033d\u0306\u0308\u030a\u030d\u0311\u207f˔˕ˠˤ]"
)
_SYLLABIC = re.compile("(.)[\u0329\u030d]")

# The nearest symbol of the model to others of IPA, by place and manner of articulation in the IPA's chart.
NEAREST = {
    "ɓ": "b",
    "ʙ": "b",
    "ɗ": "d",
    "ɠ": "ɡ",
    "ʛ": "ɡ",
    "ɢ": "ɡ",
    "ʄ": "ɟ",
    "ħ": "h",
    "ʜ": "h",
    "ɦ": "h",
    "ɧ": "ʃ",
    "ʕ": "ʔ",
    "ʡ": "ʔ",
    "ʢ": "ʔ",
    "ɬ": "l",
    "ɮ": "l",
    "ɭ": "l",
    "ʟ": "l",
    "ɫ": "l",
    "ɺ": "ɾ",
    "ɱ": "m",
    "ʀ": "ʁ",
    "ⱱ": "v",
    "ʍ": "w",
    "ʏ": "y",
    "ɘ": "ə",
    "ɵ": "ə",
    "ɞ": "ɜ",
    "ɶ": "œ",
    "ʉ": "u",
    "ʑ": "ʒ",
    "ʐ": "ʒ",
    "\u0361": "",  # ties of phonemes that are none of the model's
}

# In order: the first that fits a place is taken. \u0361 is a tie.
_ENGLISH = (
    ("[ʔt]\u0361?n\u0329", "tᵊn"),  # button
    ("ə\u0361l", "ᵊl"),
    (r"(\S)\u0329", r"ᵊ\1"),
    ("[aɑ]\u0361?[ɪi](?!ː)", "I"),
    ("[aɑ]\u0361?ʊ", "W"),
    ("d\u0361?ʒ", "ʤ"),
    ("t\u0361?ʃ", "ʧ"),
    ("[eɛ]\u0361?[ɪi](?!ː)", "A"),
    ("[ɔo]\u0361?[ɪi](?!ː)", "Y"),
    ("ɚɹ?", "əɹ"),
    ("ɹɹ", "ɹ"),
    ("r", "ɹ"),
    ("[xç]", "k"),
    ("ʔ", "t"),
    ("\u0303", ""),
    ("ʲ(?=[oə])", "j"),
    ("ʲ", ""),
)
_ACCENTS = {
    "en-us": (
        ("[oə]\u0361?ʊ", "O"),
        ("ɜː?ɹ?", "ɜɹ"),
        ("ɪ\u0361?ə", "iə"),
        ("oː?ɹ", "ɔɹ"),
        ("ɒ", "ɑ"),
        ("a", "æ"),
        ("ɾ", "T"),
        ("o", "O"),
        ("ː", ""),
    ),
    "en-gb": (
        ("[oə]\u0361?ʊ", "Q"),
        ("[eɛ]\u0361?ə", "ɛː"),
        ("i\u0361?ə", "ɪə"),
        ("o(?=ː)", "ɔ"),
        ("æ", "a"),
        ("ɾ", "t"),
        ("o", "Q"),
    ),
}
_ENGLISH_LAST = (("e", "ɛ"), ("ɐ", "ə"))
_OTHERS = (
    ("a\u0361ɪ", "I"),
    ("a\u0361ʊ", "W"),
    ("d\u0361z", "ʣ"),
    ("d\u0361?ʒ", "ʤ"),
    ("e\u0361ɪ", "A"),
    ("o\u0361ʊ", "O"),
    ("ə\u0361ʊ", "Q"),
    ("s\u0361s", "S"),
    ("t\u0361s", "ʦ"),
    ("t\u0361?ʃ", "ʧ"),
    ("ɔ\u0361ɪ", "Y"),
)
_LANGUAGES = {
    "es": (("ː", ""),),  # espeak has it where a consonant follows p, as in “concepto”
    "fr": (("[rɹ]", "ʁ"),),
}
_LATE_STRESS = re.compile(f"([{STRESSES}])([^{VOWELS}{STRESSES}\\s]+)(?=[{VOWELS}])")


def from_ipa(said: str, language: str) -> tuple[str, list[str]]:
    """Write IPA, as espeak or a person has it, in the model's alphabet for `language`.

    Returns it and the symbols that are unknown, and left out. Slashes or brackets around it may be there.
    """
    said = said.strip()
    if len(said) > 1 and said[0] + said[-1] in ("//", "[]"):
        said = said[1:-1]
    letters = unicodedata.normalize("NFD", said).replace("c\u0327", "ç")
    letters = "".join(_SPELLINGS.get(letter, letter) for letter in letters)
    unknown = [letter for letter in letters if letter in _NOT_IPA]
    letters = "".join(letter for letter in letters if letter not in _NOT_IPA)
    if language in ENGLISH:
        letters = _rewrite(letters, *_ENGLISH, *_ACCENTS[language], *_ENGLISH_LAST)
    else:
        letters = _rewrite(_SYLLABIC.sub(r"ə\1", letters), *_OTHERS)
        letters = _rewrite(letters, *_LANGUAGES.get(language, ()))
    letters = _FINER.sub("", letters)
    letters = "".join(NEAREST.get(letter, letter) for letter in letters)
    unknown += [letter for letter in letters if letter not in IDS]
    letters = "".join(letter for letter in letters if letter in IDS)
    return " ".join(_LATE_STRESS.sub(r"\2\1", letters).split()), list(dict.fromkeys(unknown))


def _rewrite(letters: str, *rules: tuple[str, str]) -> str:
    for pattern, replacement in rules:
        letters = re.sub(pattern, replacement, letters)
    return letters
