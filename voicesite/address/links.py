"""Links for others: the site's address as another person, on another machine, opens it."""

import os
import shlex
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

from .network import EVERYWHERE, is_loopback, lan_addresses, with_port

DEFAULT_PORTS = {"http": "80", "https": "443"}


def absolute_url(request: HttpRequest, path: str) -> str:
    """Return the address of a path, which begins with a slash, for somebody else to open."""
    return site_url(request) + path


def site_url(request: HttpRequest) -> str:
    """Return the site's address, without a slash at its end.

    That is VOICESITE_URL or, without it, what the visitor called the site. A visitor of this machine, who says localhost,
    gets its address on the network where the site listens there too.
    """
    if settings.SITE_URL:
        return settings.SITE_URL
    host, scheme = request.get_host(), request.scheme or "http"
    name, port = split_domain_port(host)
    # Another port is forwarded by something, a container's say, that has an address which is not known here.
    is_direct = (port or DEFAULT_PORTS[scheme]) == str(settings.PORT)
    if is_loopback(name) and settings.HOST in EVERYWHERE and is_direct:
        return next(iter(network_urls(scheme)), f"{scheme}://{host}")
    return f"{scheme}://{host}"


def reachable_only_here(request: HttpRequest) -> bool:
    """Return whether a link for others would open on this computer only."""
    return is_loopback(urlsplit(site_url(request)).hostname or "")


def network_urls(scheme: str) -> list[str]:
    """Return the site's addresses on the network, the likeliest first, as they are where the site listens there."""
    return [f"{scheme}://{with_port(address, settings.PORT)}" for address in lan_addresses()]


def command_for_network() -> str:
    """Return the command that serves this same site on the network, with HTTPS: make run HTTPS=self PORT=9000."""
    variables = {"HTTPS": "self"}
    if "HOST" in os.environ:
        variables["HOST"] = "0.0.0.0"  # noqa: S104
    if settings.PORT != 8000:
        variables["PORT"] = str(settings.PORT)
    if settings.DATA_DIR != settings.BASE_DIR / "var":
        variables["VOICESITE_DATA"] = str(settings.DATA_DIR)
    return " ".join(["make run", *(f"{name}={shlex.quote(value)}" for name, value in variables.items())])
