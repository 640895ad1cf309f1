"""Filters for a generation's place in the queue, and for its evaluation."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from synthesis.models import Generation
from synthesis.speech import evaluation
from voicesite.templatetags.display import about

register = template.Library()

register.filter("is_unlike", evaluation.is_unlike)
register.filter("is_inexact", evaluation.is_inexact)
register.filter("wrong_words", evaluation.wrong_words)
register.filter("why_unheard", evaluation.why_unheard)
register.filter("takes_vary", evaluation.takes_vary)

_TAGS = {
    "same": "{}",
    "differs": "<mark>{}</mark>",
    "missing": '<del><span class="unseen">{missing}</span>{}</del> ',
}


@register.filter
def place(position: int | None) -> str:
    """Return a pending generation's place in the queue, in words. `position`: how many go before it."""
    if position is None:
        return _("Waiting")
    return _("{position} ahead of yours").format(position=position) if position else _("Next")


@register.filter
def starts(generation: Generation) -> str:
    """Return when a pending generation begins, in words: “starts in about 2 min”; nothing where that is not known."""
    if generation.begins_in is None:
        return ""
    if generation.begins_in < 1:
        return _("continues now") if generation.time_share else _("starts now")
    words = _("continues in {time}") if generation.time_share else _("starts in {time}")
    return words.format(time=about(generation.begins_in))


@register.filter
def marked(take: Generation) -> str:
    """Return the recognized text, with <mark> around what differs and <del> around what is missing."""
    return format_html_join(
        "",
        "{}",
        ((format_html(_TAGS[kind], part, missing=_("missing:") + " "),) for kind, part in evaluation.marked_text(take)),
    )


@register.filter
def difference(take: Generation, count: int) -> str:
    """Return a count of errors in the unit of the language: “1 word differs”, “3 characters differ”."""
    unit = evaluation.error_unit(take.language)
    if unit == "word":
        return ngettext("{count} word differs", "{count} words differ", count).format(count=count)
    return ngettext("{count} character differs", "{count} characters differ", count).format(count=count)
