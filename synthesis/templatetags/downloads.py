"""The tag of the menu with what can be downloaded of a generation."""

from typing import Any

from django import template

from synthesis.delivery import menu
from synthesis.models import Generation

register = template.Library()


@register.inclusion_tag("synthesis/library/_downloads.html")
def downloads(generation: Generation) -> dict[str, Any]:
    """Show the menu; it polls by itself while a file is being made. Two queries."""
    return menu.downloads(generation)
