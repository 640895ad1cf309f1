"""The tag of `synthesis/_reading.html`."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from synthesis.pages.reading import Part, Sentence

register = template.Library()

PRESSED = SafeString(' role="button" tabindex="0"')


@register.simple_tag
def said(sentence: Sentence, editable: bool = False) -> str:
    """Return a sentence as it is said, with marks on the parts that are written otherwise.

    editable: the marks can be pressed; static/reading.js says what happens then.
    """
    return format_html_join(
        "", "{}", ((_marked(part, editable) if part.is_changed else part.said,) for part in sentence.parts)
    )


def _marked(part: Part, editable: bool) -> str:
    written = part.written.strip()
    return format_html(
        '<mark data-word="{word}" data-said="{said}" title="{about}"{pressed}>'
        '{shown}<span class="unseen"> ({about})</span></mark>',
        word=written,
        said=part.said,
        shown=part.said or "not read",
        about=f"{part.kind}, written “{written}”" if part.kind else f"written “{written}”",
        pressed=PRESSED if editable else "",
    )
