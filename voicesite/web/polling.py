"""The response to a part of a page that polls by the tag `poll`."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import HttpResponseStopPolling


def poll(request: HttpRequest, template: str, context: Mapping[str, Any], *, going: bool) -> HttpResponse:
    """Render the part; unless work is still `going` on, with status 286, which makes htmx stop polling."""
    response = render(request, template, context)
    return response if going else HttpResponseStopPolling(response.content)
