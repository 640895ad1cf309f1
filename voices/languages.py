"""The languages of the site, by code: the only table of them."""

import re
from collections.abc import Iterable

from voicesite.texts import N_

# Codes have a region only where engines distinguish accents.
LANGUAGES = {
    "en-us": N_("English (American)"),
    "en-gb": N_("English (British)"),
    "es": N_("Spanish"),
    "fr": N_("French"),
    "it": N_("Italian"),
    "pt-br": N_("Portuguese (Brazilian)"),
    "hi": N_("Hindi"),
    "de": N_("German"),
    "ja": N_("Japanese"),
    "ko": N_("Korean"),
    "pt": N_("Portuguese (European)"),
    "ru": N_("Russian"),
    "zh": N_("Chinese (Mandarin)"),
}

WITHOUT_ACCENTS = (N_("English"), N_("Portuguese"), N_("Chinese"))  # how the names below begin, for translators

# Each language and, where there are several, its accents: for what may apply to one accent or to all of them.
LANGUAGES_AND_ACCENTS: dict[str, str] = {}
for _code, _name in LANGUAGES.items():
    LANGUAGES_AND_ACCENTS.setdefault(_code.split("-")[0], _name.partition(" (")[0])
    LANGUAGES_AND_ACCENTS.setdefault(_code, _name)

# By what people and programs write for a language: an alias, its code or its name, in lower case.
_CODES = {"en": "en-us", "en-uk": "en-gb", "mandarin": "zh"}
_CODES |= {code: code for code in LANGUAGES} | {name.lower(): code for code, name in LANGUAGES.items()}
_CODES |= {name.lower(): _CODES[code] for code, name in LANGUAGES_AND_ACCENTS.items() if "-" not in code}
_REGION = re.compile(r"(?<=^[a-z]{2})-[a-z0-9]{2,4}(-[a-z0-9]{2,4})?$")  # a script, a region or both


def language_code(written: str) -> str:
    """Return the code of a language written as a code in any case, an alias, or a name.

    A region that makes no difference here is left out, as of “de-AT”. Raises ValueError, with a message for the person,
    if the table has no such language.
    """
    key = written.strip().lower().replace("_", "-")
    code = _CODES.get(key) or _CODES.get(_REGION.sub("", key))
    if code is None:
        raise ValueError(f"“{written[:40]}” is not a language of this site. Choose one of: {', '.join(LANGUAGES)}.")
    return code


def language_or_accent(written: str) -> str:
    """Return the code in LANGUAGES_AND_ACCENTS of what is written as for `language_code`: “English” is for all accents."""
    key = written.strip().lower().replace("_", "-")
    names = {name.lower(): code for code, name in LANGUAGES_AND_ACCENTS.items()}
    return key if key in LANGUAGES_AND_ACCENTS else names.get(key) or language_code(written)


def first_known(codes: Iterable[str], default: str = "en-us") -> str:
    """Return the first of `codes`, such as “de-at”, that is a language of the site, in whatever region."""
    for code in codes:
        base = code.lower().partition("-")[0]
        if found := _CODES.get(code.lower()) or _CODES.get(base):
            return found
    return default


def language_names(codes: Iterable[str]) -> list[str]:
    """Return the sorted names of the languages among `codes`, without accents or unknown codes."""
    return sorted({LANGUAGES[code].partition(" (")[0] for code in codes if code in LANGUAGES})


def best_match(language: str, choices: list[str]) -> str:
    """Return which of `choices` to preselect for `language`: itself, another accent of it, or the first."""
    if language in choices:
        return language
    base = language.split("-")[0]
    return next((choice for choice in choices if choice.split("-")[0] == base), choices[0])
