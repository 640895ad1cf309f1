"""The tag of the menu with what can be downloaded of a generation."""

from typing import Any

from django import template

from synthesis.delivery import menu
from synthesis.delivery.encoding import FORMATS
from synthesis.models import Generation

register = template.Library()


@register.simple_tag
def formats() -> list[tuple[str, str]]:
    """Return the name and the title of each format, what most people want first."""
    return [(name, FORMATS[name].title) for name in menu.ORDER]


@register.inclusion_tag("synthesis/library/_downloads.html")
def downloads(generation: Generation) -> dict[str, Any]:
    """Show the menu; it polls by itself while a file is being made. Two queries."""
    return menu.downloads(generation)
