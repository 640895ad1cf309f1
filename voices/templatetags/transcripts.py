"""The words of transcripts, and the languages that can be transcribed."""

from collections.abc import Collection
from typing import NamedTuple

from django import template
from django.utils.translation import gettext

from voices.languages import LANGUAGES, language_names
from voices.models import DOUBTFUL_CONFIDENCE, Clip
from voices.text.passages import is_passage
from voices.transcription import requests as transcription
from voices.transcription.choice import current
from voicesite.wording import translated

register = template.Library()


@register.simple_tag
def why_not(clip: Clip, chosen: str = "") -> str:
    """Return why the clip can't be transcribed in its language or, where that is unknown, in the chosen one; or ""."""
    return translated(transcription.why_not(clip.language or chosen))


@register.filter
def known_languages(codes: Collection[str]) -> str:
    """Return the names of languages, as in “English and Spanish”."""
    if set(codes) == set(LANGUAGES):
        return gettext("all languages of this site")
    return gettext(" and ").join(map(translated, language_names(codes)))


@register.simple_tag
def transcribed_languages() -> str:
    """Return the languages that are transcribed here: “English or Spanish”; “any language” for all, empty for none."""
    names = language_names(option.languages if (option := current()) else ())
    if names == language_names(LANGUAGES):
        return gettext("any language")
    return gettext(" or ").join(map(translated, names))


@register.simple_tag
def heard_language(clip: Clip, chosen: str) -> str:
    """Return the code of the language that was heard in a clip, if it is another one than `chosen`; "" otherwise."""
    is_same = clip.language.partition("-")[0] == chosen.partition("-")[0]
    return "" if is_same or chosen not in LANGUAGES else clip.language


register.filter(is_passage)


@register.filter
def language_name(code: str) -> str:
    """Return the name of a language, without its accent: “English”."""
    return translated("".join(language_names([code])))


class DoubtfulWord(NamedTuple):
    text: str
    start: float  # seconds of the recording
    place: str  # in the transcript, as “0-5”: in UTF-16 code units, as scripts count


@register.simple_tag
def doubtful_words(clip: Clip) -> list[DoubtfulWord]:
    """Return the words of a clip's transcript that should be looked at."""
    doubtful = []
    first = clip.words[0][0] if clip.words else ""
    at = len(first.lstrip()) - len(first)  # the transcript begins without the white space before its first word
    for text, start, _, confidence in clip.words:
        word, end = text.strip(), at + _units(text.rstrip())
        if confidence < DOUBTFUL_CONFIDENCE:
            doubtful.append(DoubtfulWord(word, start, f"{end - _units(word)}-{end}"))
        at += _units(text)
    return doubtful


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
