"""What pages say of a generation: its place in the queue, and how it turned out."""

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
    """Return what to say of a generation that waits, by how many are before it."""
    if position is None:
        return "Waiting"
    return f"Waiting: {position} before yours" if position else "Next in line"


@register.filter
def marked(take: Generation) -> str:
    """Return what was heard, with <mark> around the words that the text doesn't have."""
    words = (
        (format_html("<mark>{}</mark>", heard) if differs else heard,)
        for heard, differs in evaluation.marked_words(take)
    )
    return format_html_join("", "{}", words)


@register.filter
def unit(take: Generation, count: int) -> str:
    """Return a count of errors in the unit of the language: “1 word”, “3 characters”."""
    return f"{count} {evaluation.error_unit(take.language)}{'' if count == 1 else 's'}"
