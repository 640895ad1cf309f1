"""The faces of voices on a page."""

from uuid import UUID

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from voices.faces.views import NO_VOICE

register = template.Library()


@register.simple_tag
def face(voice: UUID | str | None, size: int = 24) -> SafeString:
    """Show the face of the voice with this key, `size` pixels wide: a picture beside a name, which says all there is to say."""
    picture = '<img class="face" src="{}" alt="" width="{}" height="{}" loading="lazy" decoding="async">'
    return format_html(picture, reverse("voices:face", args=[voice or NO_VOICE]), size, size)
