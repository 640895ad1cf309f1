"""What pages say of how a take turned out."""

from django import template

from synthesis import checks
from synthesis.models import Generation

register = template.Library()

register.filter("is_unlike", checks.is_unlike)
register.filter("is_inexact", checks.is_inexact)
register.filter("wrong_words", checks.wrong_words)
register.filter("marked", checks.marked)


@register.filter
def unit(take: Generation, count: int) -> str:
    """What errors are counted in, in words: “1 word”, “3 characters”."""
    return f"{count} {checks.unit(take.language)}{'' if count == 1 else 's'}"
