"""The languages that can be read, each in a file of its own."""

from functools import cache
from importlib import import_module

from voices.text.normalization.language import Language

# By code of voices.languages, the module and the class.
LANGUAGE_CLASSES = {
    "en-us": ("english", "AmericanEnglish"),
    "en-gb": ("english", "BritishEnglish"),
    "de": ("german", "German"),
    "hi": ("hindi", "Hindi"),
    "ja": ("japanese", "Japanese"),
    "ko": ("korean", "Korean"),
    "ru": ("russian", "Russian"),
    "zh": ("chinese", "Chinese"),
    "fr": ("french", "French"),
    "it": ("italian", "Italian"),
    "es": ("spanish", "Spanish"),
    "pt-br": ("portuguese", "BrazilianPortuguese"),
    "pt": ("portuguese_european", "EuropeanPortuguese"),
}


@cache
def language_of(code: str) -> Language | None:
    """Return a language by its code, with or without a region; None if it is none of the site's."""
    base = code.split("-")[0]
    code = (
        code
        if code in LANGUAGE_CLASSES
        else next((each for each in LANGUAGE_CLASSES if each.split("-")[0] == base), "")
    )
    if not code:
        return None
    module, name = LANGUAGE_CLASSES[code]
    return getattr(import_module(f"{__name__}.{module}"), name)()
