"""Requests with the types of the attributes that middleware adds, and what views parse from them."""

import uuid
from contextlib import suppress

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from voicesite.models import User


class Request(HttpRequest):
    """A request of a signed-in user: LoginRequiredMiddleware redirects everyone else to the sign-in page."""

    htmx: HtmxDetails
    user: User


def as_uuid(written: str | None) -> uuid.UUID | None:
    """Parse a UUID from a request; return None if it is malformed or missing."""
    with suppress(ValueError):
        return uuid.UUID(written or "")
    return None
