"""Requests with the types of the attributes that middleware adds, what views parse from them, and where they came from."""

import uuid
from contextlib import suppress
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from voicesite.models import ApiKey, User


class Request(HttpRequest):
    """A request of a signed-in user: LoginRequiredMiddleware redirects everyone else to the sign-in page."""

    htmx: HtmxDetails
    user: User


def key_of(request: HttpRequest) -> ApiKey | None:
    """Return the key that a program showed, which authentication sets; None where a session asks."""
    return getattr(request, "api_key", None)


def as_uuid(written: str | None) -> uuid.UUID | None:
    """Parse a UUID from a request; return None if it is malformed or missing."""
    with suppress(ValueError):
        return uuid.UUID(written or "")
    return None


def page_before(request: HttpRequest) -> str:
    """Return the address, within the site, of the page that a form was sent from; the studio's where that is not known."""
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        return "/"
    return urlsplit(came_from)._replace(scheme="", netloc="", fragment="").geturl() or "/"


def page_again(request: HttpRequest) -> str:
    """Return the address that asks once more for what a request asked for, where that is a page; else the page before."""
    return request.get_full_path() if request.method in ("GET", "HEAD") else page_before(request)
