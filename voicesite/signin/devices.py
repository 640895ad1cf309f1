"""Browsers in which a person has signed in before, where others' guesses at their password do not lock them out.

Each keeps a signed cookie with a number of its own and those of the last few people, as OWASP's “device cookies” do. A
try from there counts towards a limit of the browser's own, and towards no other; so who steals the cookie may guess as
often as from an address. It opens nothing, and outlives signing out.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from voicesite.models import User

KEPT_SECONDS = 365 * 24 * 3600  # from the last time that it was used
PEOPLE = 4  # of one browser: a family's
_SALT = "voicesite.signin.devices"


def number_of(request: HttpRequest, person: User | None) -> str:
    """Return the number of a browser in which `person` has signed in; empty for any other."""
    number, people = _read(request)
    return number if person and person.pk in people else ""


def remember(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the browser know that whose session this is has signed in there."""
    number, people = _read(request)
    kept = [request.user.pk, *(pk for pk in people if pk != request.user.pk)][:PEOPLE]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps([number or secrets.token_urlsafe(12), *kept], salt=_SALT),
        max_age=KEPT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> tuple[str, list[int]]:
    try:
        number, *people = signing.loads(
            request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=_SALT, max_age=KEPT_SECONDS
        )
    except signing.BadSignature:
        return "", []
    return number, people
