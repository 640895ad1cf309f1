"""The words of transcripts, and the languages that can be transcribed."""

from collections.abc import Collection

from django import template
from django.utils.html import format_html_join

from voices.languages import LANGUAGES, language_names
from voices.models import DOUBTFUL_CONFIDENCE, Clip
from voices.transcription import requests as transcription
from voices.transcription.choice import current

register = template.Library()


@register.simple_tag
def why_not(clip: Clip) -> str:
    """Return why the clip can't be transcribed in its language; empty if it can."""
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


@register.filter
def playable_words(clip: Clip) -> str:
    """Return the words of a transcribed clip as HTML, each with its start in seconds; doubtful ones are marked.

    This is no template, since the page shows white space as it is.
    """
    words = (
        (
            text[: len(text) - len(text.lstrip())] if place else "",
            "mark" if confidence < DOUBTFUL_CONFIDENCE else "span",
            f"{start:.2f}",
            text.strip(),
        )
        for place, (text, start, _, confidence) in enumerate(clip.words)
    )
    return format_html_join("", '{0}<{1} data-from="{2}">{3}</{1}>', words)
