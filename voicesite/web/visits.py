"""Redirects of pages that come into the document that is there: see static/visits.js."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase


def middleware(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Tell a script that visits a page where it is redirected to, in `X-Visit-Next`, instead of redirecting it.

    A browser follows a redirect by itself, and tells its script neither the place in the page that it leads to nor anything
    of one that leads to another site, as that of single sign-on does.
    """

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if "X-Visit" in request.headers and 300 <= response.status_code < 400 and response.has_header("Location"):
            response.headers["X-Visit-Next"] = response.headers["Location"]
            del response.headers["Location"]
            response.status_code = 204
        return response

    return respond
