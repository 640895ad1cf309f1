"""Tags for links that people send to others: with a Copy button and a QR code, and a word on who can open them."""

import functools
from urllib.parse import urlsplit

import segno
from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from voicesite.address.links import command_for_network, network_urls, reachable_only_here
from voicesite.address.network import is_loopback

register = template.Library()


@register.inclusion_tag("_copied.html")
def copied(id: str, value: str, *label: object, qr: bool = False, spoken: bool = True) -> dict[str, object]:
    """Show a text that people take along, in a field of this `id` with a Copy button.

    `label` says what it is to screen readers, “the link for Bo”: to the field too, unless the page has a <label> for it and
    says `spoken=False`. With `qr` it is a link that phones get as a QR code, unless it opens only on this computer.
    """
    qr = qr and not is_loopback(urlsplit(value).hostname or "")
    return {"id": id, "value": value, "label": " ".join(map(str, label)), "qr": qr, "spoken": spoken}


@register.inclusion_tag("_only_here.html", takes_context=True)
def only_here(context: template.RequestContext, what: str = _("This link opens")) -> dict[str, object]:
    """Say, where it is so, that links for others open only on this computer, and to staff how to change that."""
    request = context["request"]
    if not reachable_only_here(request):
        return {"only_here": False}
    listens_here_only = is_loopback(settings.HOST)
    return {
        "only_here": True,
        "what": what,
        "may_know": request.user.is_staff,
        "addresses": network_urls("https") if listens_here_only else [],
        "command": command_for_network() if listens_here_only else "",
    }


@register.simple_tag
def qr_code(text: str, label: str) -> str:
    """Return a QR code as SVG. It is black on white, whatever the page's colours: many phones read no other."""
    return format_html('<div class="qr" role="img" aria-label="{}">{}</div>', label, _drawn(text))


@functools.lru_cache(maxsize=100)  # one takes 20 ms
def _drawn(text: str) -> SafeString:
    code = segno.make(text, micro=False)
    drawn = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    return SafeString(drawn)  # squares, without a letter of the text # nosec B703


@register.simple_tag(takes_context=True)
def may_use_microphone(context: template.RequestContext) -> bool:
    """Return whether browsers let this page record: over HTTPS, and on the computer that serves it."""
    request = context["request"]
    return request.is_secure() or is_loopback(urlsplit(f"//{request.get_host()}").hostname or "")
