"""Filters for what was changed in a text, and for the takes of a sentence."""

from django import template

from synthesis.models import SegmentTake
from synthesis.pages.changes import in_line
from voices.text.alignment import text_of

register = template.Library()

register.filter("in_line", in_line)


@register.filter
def recognized(take: SegmentTake) -> str:
    """Return what a transcriber heard in a take."""
    return text_of(take.words or [])
