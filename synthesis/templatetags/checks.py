"""Filters for a generation's place in the queue, and for its evaluation."""

from django import template
from django.utils.html import format_html, format_html_join

from synthesis.models import Generation
from synthesis.speech import evaluation

register = template.Library()

register.filter("is_unlike", evaluation.is_unlike)
register.filter("is_inexact", evaluation.is_inexact)
register.filter("wrong_words", evaluation.wrong_words)


@register.filter
def place(position: int | None) -> str:
    """Return a pending generation's place in the queue, in words. `position`: how many go before it."""
    if position is None:
        return "Waiting"
    return f"Waiting: {position} before yours" if position else "Next in line"


@register.filter
def marked(take: Generation) -> str:
    """Return the recognized text, with <mark> around the words that the text doesn't have."""
    words = evaluation.marked_words(take)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", word) if wrong else word,) for word, wrong in words)
    )


@register.filter
def unit(take: Generation, count: int) -> str:
    """Return a count of errors in the unit of the language: “1 word”, “3 characters”."""
    return f"{count} {evaluation.error_unit(take.language)}{'' if count == 1 else 's'}"
