"""Filters and a tag for players of generations, and for their text."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html
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
def paragraph_of(segments: Sequence[Segment], between: str = " ") -> SafeString:
    """Return a paragraph of the text as it is spoken: a tag of its own, as there may be thousands of sentences."""
    speaker = segments[0].speaker
    name = format_html('<b class="speaker">{}</b> ', speaker) if speaker else SafeString()
    return name + mark_safe(between.join(_sentence(segment) for segment in segments))  # noqa: S308 each is escaped


def _sentence(segment: Segment) -> SafeString:
    if segment.state != Segment.State.COMPLETED:
        return format_html('<span data-s class="waiting">{}</span>', segment.text)
    if segment.take and segment.take.is_marked:
        return format_html('<span data-s class="marked" title="What was heard differs">{}</span>', segment.text)
    return format_html("<span data-s>{}</span>", segment.text)
