"""Filters for a generation's place in the queue, and for its evaluation."""

from django import template
from django.utils.html import format_html, format_html_join

from synthesis.models import Generation
from synthesis.speech import evaluation

register = template.Library()

register.filter("is_unlike", evaluation.is_unlike)
register.filter("is_inexact", evaluation.is_inexact)
register.filter("wrong_words", evaluation.wrong_words)
register.filter("why_unheard", evaluation.why_unheard)
register.filter("takes_vary", evaluation.takes_vary)

_TAGS = {
    "same": "{}",
    "differs": "<mark>{}</mark>",
    "missing": '<del><span class="unseen">missing: </span>{}</del> ',
}


@register.filter
def place(position: int | None) -> str:
    """Return a pending generation's place in the queue, in words. `position`: how many go before it."""
    if position is None:
        return "Waiting"
    return f"Waiting: {position} before yours" if position else "Next in line"


@register.filter
def marked(take: Generation) -> str:
    """Return the recognized text, with <mark> around what differs and <del> around what is missing."""
    return format_html_join(
        "", "{}", ((format_html(_TAGS[kind], part),) for kind, part in evaluation.marked_text(take))
    )


@register.filter
def difference(take: Generation, count: int) -> str:
    """Return a count of errors in the unit of the language: “1 word differs”, “3 characters differ”."""
    unit = evaluation.error_unit(take.language)
    return f"{count} {unit} differs" if count == 1 else f"{count} {unit}s differ"
