"""What pages say about what can be written down here."""

from django import template

from voices.languages import LANGUAGES
from voices.models import Clip
from voices.transcription import requests as transcription
from voices.transcription.choice import current

register = template.Library()


@register.simple_tag
def why_not(clip: Clip) -> str:
    """Why the clip can't be transcribed in its language; empty where it can."""
    return transcription.why_not(clip.language)


@register.simple_tag
def transcribed_languages() -> str:
    """Which languages are written down here, as in “English or Spanish”; “any language” for all, empty for none."""
    choice = current()
    if choice is None:
        return ""
    names = {LANGUAGES[code].partition(" (")[0]: None for code in LANGUAGES if code in choice.languages}
    every = {name.partition(" (")[0] for name in LANGUAGES.values()}
    return "any language" if len(names) == len(every) else " or ".join(names)
