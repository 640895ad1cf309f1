"""Numbers, and what the database keeps in English, in the language of the page.

What a job says of itself, why it failed, what is wrong with a recording: processes without a reader write that, and people of
several languages read it. So it is kept in English, as programs get it, and `translated` says it in the language of a page,
with what was put into the sentence.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.messages.mofile import read_mo
from babel.numbers import format_decimal, format_percent
from django.conf import settings
from django.utils.translation import get_language, gettext, gettext_lazy, to_locale

_PLACE = re.compile(r"\\\{(\w+)\\\}")
# Places for what people wrote or are called, which stays as it is, also where it is a word of the catalogue.
_THEIRS = {
    "file", "keep", "name", "original_name", "owner", "part", "said", "tag", "text", "title", "username", "voice",
    "voice_name", "word", "written",
}  # fmt: skip
_LEAST_LETTERS = 6  # of a sentence, besides its places, so that it is taken for the one that a text was made of


def locale() -> Locale:
    """Return the rules of the active language, by which Babel writes numbers and dates."""
    return Locale.parse(to_locale(get_language() or settings.LANGUAGE_CODE))


def thousands(number: int) -> str:
    """Format a whole number: 5,000."""
    return format_decimal(number, "#,##0", locale())


def decimal(number: float, places: int = 1) -> str:
    """Format a number with so many decimal places: 4.2. With -1, it has one unless that is 0."""
    pattern = f"0.{('0' if places > 0 else '#') * abs(places)}" if places else "0"
    return format_decimal(number, pattern, locale())


def percent(share: float) -> str:
    """Format a share: 0.88 as 88%."""
    return format_percent(share, locale=locale())


def lazily(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return choices, English names by key, as names in the language of whoever sees them."""
    return {key: gettext_lazy(text) for key, text in texts.items()}


def translated(text: str) -> str:
    """Return an English text of ours in the active language; one that nobody translated as it is."""
    language = get_language() or settings.LANGUAGE_CODE
    return _translated(str(text), language) if text and language != settings.LANGUAGE_CODE else text


@lru_cache(maxsize=10_000)
def _translated(text: str, language: str) -> str:
    # A label is followed by a colon in some places, a reason by a full stop.
    if (whole := gettext(text)) != text:
        return whole
    for pattern, original in _patterns(language):
        if found := pattern.fullmatch(text):
            put_in = found.groupdict().items()
            return gettext(original).format(**{n: value if n in _THEIRS else translated(value) for n, value in put_in})
    first, stop, rest = text.partition(". ")
    if rest and (said := _translated(first + ".", language)) != first + ".":
        return f"{said} {translated(rest)}"
    return text


@cache
def _patterns(language: str) -> list[tuple[re.Pattern, str]]:
    """Return the sentences with places that are translated into a language, those that say most first."""
    file = settings.LOCALE_PATHS[0] / to_locale(language) / "LC_MESSAGES" / "django.mo"
    with file.open("rb") as opened:
        originals = [message.id for message in read_mo(opened) if isinstance(message.id, str) and "{" in message.id]
    letters = {original: sum(map(str.isalpha, re.sub(r"\{\w+\}", "", original))) for original in originals}
    told = sorted((one for one in originals if letters[one] >= _LEAST_LETTERS), key=lambda one: -letters[one])
    return [(_pattern(original), original) for original in told]


def _pattern(original: str) -> re.Pattern:
    seen: set[str] = set()

    def place(match: re.Match) -> str:
        name = match[1]
        again = name in seen
        seen.add(name)
        return f"(?P={name})" if again else f"(?P<{name}>.*)"

    return re.compile(_PLACE.sub(place, re.escape(original)), re.DOTALL)
