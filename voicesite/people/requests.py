"""Requests as views know them: typed by who asks and how."""

import uuid
from contextlib import suppress

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from voicesite.models import User


class Request(HttpRequest):
    """A request of someone signed in: LoginRequiredMiddleware has sent everyone else to the sign-in page."""

    htmx: HtmxDetails
    user: User


def as_uuid(written: str | None) -> uuid.UUID | None:
    """Return the UUID that a request names, or None if that is none."""
    with suppress(ValueError):
        return uuid.UUID(written or "")
    return None
