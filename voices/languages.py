"""The languages a person may choose, by code. One table: no other place may name a language."""

from collections.abc import Iterable

# A code is the language, and the accent where the engines tell accents apart.
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

# What people and programs write for a code of the table.
_ALIAS_CODES = {"en": "en-us", "en-uk": "en-gb", "fr-fr": "fr", "es-es": "es", "it-it": "it", "pt-pt": "pt"}


def language_code(written: str) -> str:
    """The table's code for what someone wrote: a code in any case, an alias, or a full name.

    Raises ValueError, in words for that person, when the table has no such language.
    """
    code = written.strip().lower().replace("_", "-")
    code = _ALIAS_CODES.get(code, code)
    if code in LANGUAGES:
        return code
    for known, name in LANGUAGES.items():
        if code == name.lower():
            return known
    raise ValueError(f"“{written}” is not a language of this site. Choose one of: {', '.join(LANGUAGES)}.")


def language_names(codes: Iterable[str]) -> list[str]:
    """Return the names of the table's languages among `codes`, sorted; two accents are one."""
    return sorted({LANGUAGES[code].partition(" (")[0] for code in codes if code in LANGUAGES})


def best_match(language: str, choices: list[str]) -> str:
    """The one of `choices` to preselect for a speaker of `language`: itself, its other accent, or the first."""
    if language in choices:
        return language
    base = language.split("-")[0]
    return next((choice for choice in choices if choice.split("-")[0] == base), choices[0])
