"""The languages of the site, by code: the only table of them."""

from collections.abc import Iterable

# Codes have a region only where engines distinguish accents.
LANGUAGES = {
    "en-us": "English (American)",
    "en-gb": "English (British)",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "pt-br": "Portuguese (Brazilian)",
    "hi": "Hindi",
    "de": "German",
    "ja": "Japanese",
    "ko": "Korean",
    "pt": "Portuguese (European)",
    "ru": "Russian",
    "zh": "Chinese (Mandarin)",
}

# Each language and, where there are several, its accents: for what may apply to one accent or to all of them.
LANGUAGES_AND_ACCENTS: dict[str, str] = {}
for _code, _name in LANGUAGES.items():
    LANGUAGES_AND_ACCENTS.setdefault(_code.split("-")[0], _name.partition(" (")[0])
    LANGUAGES_AND_ACCENTS.setdefault(_code, _name)

# By what people and programs write for a language: an alias, its code or its name, in lower case.
_CODES = {"en": "en-us", "en-uk": "en-gb", "fr-fr": "fr", "es-es": "es", "it-it": "it", "pt-pt": "pt"}
_CODES |= {code: code for code in LANGUAGES} | {name.lower(): code for code, name in LANGUAGES.items()}


def language_code(written: str) -> str:
    """Return the code of a language written as a code in any case, an alias, or a full name.

    Raises ValueError, with a message for the person, if the table has no such language.
    """
    code = _CODES.get(written.strip().lower().replace("_", "-"))
    if code is None:
        raise ValueError(f"“{written}” is not a language of this site. Choose one of: {', '.join(LANGUAGES)}.")
    return code


def language_names(codes: Iterable[str]) -> list[str]:
    """Return the sorted names of the languages among `codes`, without accents or unknown codes."""
    return sorted({LANGUAGES[code].partition(" (")[0] for code in codes if code in LANGUAGES})


def best_match(language: str, choices: list[str]) -> str:
    """Return which of `choices` to preselect for `language`: itself, another accent of it, or the first."""
    if language in choices:
        return language
    base = language.split("-")[0]
    return next((choice for choice in choices if choice.split("-")[0] == base), choices[0])
