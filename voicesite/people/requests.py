"""Requests as views know them: typed by who asks and how."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from voicesite.models import User


class Request(HttpRequest):
    """A request of someone signed in: LoginRequiredMiddleware has sent everyone else to the sign-in page."""

    htmx: HtmxDetails
    user: User
