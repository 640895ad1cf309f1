"""Slots in the pages of voices, which extensions of other apps fill."""

from django.template import Context, Engine, Library
from django.utils.html import format_html_join

from voices.extensions import extensions

register = Library()


@register.simple_tag(takes_context=True)
def slot(context: Context, name: str) -> str:
    """Render the templates that extensions have for a slot, with the context of the page."""
    filled = (extension.slots[name] for extension in extensions if name in extension.slots)
    return format_html_join("", "{}", ((Engine.get_default().get_template(part).render(context),) for part in filled))
