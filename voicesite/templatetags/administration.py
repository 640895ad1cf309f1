"""Tags of the administration."""

import re
from collections.abc import Iterator

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()


_NOTHING = re.compile(r"<td[^>]*>\s*[-–]?\s*</td>")


@register.filter
def headed(cells: list[SafeString], heads: list[dict]) -> Iterator[SafeString]:
    """Return the cells of a row of a list, each with the name of its column: on a narrow screen a row is a card.

    A cell in which there is nothing gets `data-nothing`, as a card needs no line for it.
    """
    for cell, head in zip(cells, heads, strict=True):
        if not cell.startswith("<td") or "action-checkbox" in head.get("class_attrib", ""):
            yield cell
            continue
        nothing = " data-nothing" if _NOTHING.fullmatch(cell.strip()) else ""
        marked = cell.replace("<td", f'<td data-head="{escape(capfirst(head["text"]))}"{nothing}', 1)
        yield mark_safe(marked)  # noqa: S308  a cell is HTML of Django's, and the name is escaped
