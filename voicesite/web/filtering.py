"""The response to a list whose filters htmx sends while one types: its part `found`, under an address of its own."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django_htmx.http import push_url


def followed(
    request: HttpRequest, template: str, context: Mapping[str, Any], chosen: Mapping[str, str]
) -> HttpResponse:
    """Render a page; for htmx, its partial `found`. The address then has what is `chosen`, and nothing empty."""
    if request.headers.get("HX-Target") != "found":
        return render(request, template, context)
    query = urlencode({name: value for name, value in chosen.items() if value})
    return push_url(render(request, f"{template}#found", context), f"{request.path}?{query}" if query else request.path)
