"""What pages say of how a take turned out."""

from django import template

from synthesis.models import Generation
from synthesis.speech import evaluation

register = template.Library()

register.filter("is_unlike", evaluation.is_unlike)
register.filter("is_inexact", evaluation.is_inexact)
register.filter("wrong_words", evaluation.wrong_words)
register.filter("marked", evaluation.marked_words)


@register.filter
def unit(take: Generation, count: int) -> str:
    """What errors are counted in, in words: “1 word”, “3 characters”."""
    return f"{count} {evaluation.error_unit(take.language)}{'' if count == 1 else 's'}"
