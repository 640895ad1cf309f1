"""The answer to a part of a page that asks again and again, as the tag `poll` lets it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseStopPolling


def poll(request: HttpRequest, template: str, context: Mapping[str, Any], *, going: bool) -> HttpResponse:
    """Render the part as it is now; unless work is still `going` on, with status 286, at which htmx stops polling."""
    response = render(request, template, context)
    return response if going else HttpResponseStopPolling(response.content)
