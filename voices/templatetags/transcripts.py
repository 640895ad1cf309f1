"""What pages say about what can be written down here."""

from collections.abc import Collection

from django import template

from voices.languages import LANGUAGES, language_names
from voices.models import Clip
from voices.transcription import requests as transcription
from voices.transcription.choice import current

register = template.Library()


@register.simple_tag
def why_not(clip: Clip) -> str:
    """Why the clip can't be transcribed in its language; empty where it can."""
    return transcription.why_not(clip.language)


@register.filter
def known_languages(codes: Collection[str]) -> str:
    """Return the names of languages, as in “English and Spanish”."""
    return "all languages of this site" if set(codes) == set(LANGUAGES) else " and ".join(language_names(codes))


@register.simple_tag
def transcribed_languages() -> str:
    """Return the languages that are transcribed here: “English or Spanish”; “any language” for all, empty for none."""
    names = language_names(option.languages if (option := current()) else ())
    return "any language" if names == language_names(LANGUAGES) else " or ".join(names)
