"""Filters and a tag for players of generations, and for their text."""

from collections.abc import Sequence

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from synthesis.models import Generation, Segment
from synthesis.pages.listening import player_id, take_address, whole_address
from voices.models import Clip

register = template.Library()


@register.filter
def whole(generation: Generation) -> str:
    """Return the address of the whole; nothing while there is none."""
    return whole_address(generation) if generation.is_heard else ""


@register.filter
def mp3(generation: Generation) -> str:
    """Return the address of the whole as MP3, which every phone and every messenger takes."""
    return f"{whole_address(generation)}&format=mp3"


register.filter("player_id", player_id)


@register.filter
def original_id(clip: Clip) -> str:
    """Return the id of the player of a voice's recording."""
    return f"original-{clip.pk}"


register.filter("take_address", take_address)


@register.simple_tag
def paragraph_of(sentences: Sequence, between: str = " ") -> SafeString:
    """Return a paragraph of the text as it is spoken, of `text_context`. Not a template, as there may be thousands."""
    speaker = sentences[0].speaker
    name = format_html('<b class="speaker">{}</b> ', speaker) if speaker else SafeString("")
    escaped = between.join(map(_sentence, sentences))
    return name + mark_safe(escaped)  # nosec B703 # noqa: S308


@register.simple_tag
def spoken(sentences: Sequence, between: str = " ") -> SafeString:
    """Return a paragraph of the text without any sign of how it was made, for whoever only listens."""
    speaker = sentences[0].speaker
    name = format_html('<b class="speaker">{}</b> ', speaker) if speaker else SafeString("")
    return name + escape(between.join(sentence.text for sentence in sentences))


def _sentence(sentence) -> str:
    attributes = ""
    if sentence.state != Segment.State.COMPLETED:
        attributes = ' class="waiting"'
    elif sentence.take__is_marked:
        attributes = format_html(' class="marked" title="{}"', _("Words differ"))
    return f"<span data-s{attributes}>{escape(sentence.text)}</span>"
