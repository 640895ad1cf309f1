"""Filters and a tag for players of generations, and for their text."""

from collections.abc import Sequence

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from synthesis.models import Generation, Segment
from synthesis.pages.listening import take_address, whole_address

register = template.Library()


@register.filter
def whole(generation: Generation) -> str:
    """Return the address of the whole; nothing while there is none."""
    return whole_address(generation) if generation.is_heard else ""


@register.filter
def player_id(generation: Generation) -> str:
    return f"player-{generation.pk}"


register.filter("take_address", take_address)


@register.simple_tag
def paragraph_of(sentences: Sequence, between: str = " ") -> SafeString:
    """Return a paragraph of the text as it is spoken, of `text_context`. Not a template, as there may be thousands."""
    speaker = sentences[0].speaker
    name = format_html('<b class="speaker">{}</b> ', speaker) if speaker else SafeString()
    return name + mark_safe(between.join(map(_sentence, sentences)))  # noqa: S308 each is escaped


def _sentence(sentence) -> str:
    attributes = ""
    if sentence.state != Segment.State.COMPLETED:
        attributes = ' class="waiting"'
    elif sentence.take__is_marked:
        attributes = ' class="marked" title="What was heard differs"'
    return f"<span data-s{attributes}>{escape(sentence.text)}</span>"
