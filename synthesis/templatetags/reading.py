"""The tag of `synthesis/_reading.html`."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from synthesis.pages.reading import Part, Sentence
from voicesite.wording import translated

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
    word, said = part.written.strip(), part.said.strip()
    if word.endswith(".") and said.endswith(".") and word.count(".") == 1:  # the sentence's
        word, said = word[:-1], said[:-1]
    html = format_html(
        '<mark data-word="{word}" data-said="{said}" title="{about}"{pressed}>'
        '{shown}<span class="unseen"> ({about})</span></mark>',
        word=word,
        said=said,
        shown=part.said.strip() or word,
        about=", ".join(
            filter(None, (translated(part.kind), _("written “{word}”").format(word=word) if said else _("not read")))
        ),
        pressed=PRESSED if editable else "",
    )
    if not said:
        return format_html("<del>{}</del> ", html)
    return format_html("{}{}{}", " " * part.said[:1].isspace(), html, " " * part.said[-1:].isspace())
