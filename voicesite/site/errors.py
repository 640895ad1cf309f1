"""Answer what is refused before a page or the API sees it: programs in the API's shape, people with a page."""

import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from synthesis.api.openai_errors import OPENAI_STATUS, error_body
from voicesite.people.requests import page_again, page_before
from voicesite.resources import outage
from voicesite.web.rejection import Rejected
from voicesite.web.rest import error_response

REFUSED = {
    "disk_full": "507.html",
    "read_only": "503.html",
    "files_unreachable": "503_files.html",
    "database_unreachable": "503_database.html",
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that could not be read, as `handler400`: 413 where it is too large, and how large it may be."""
    if isinstance(exception, RequestDataTooBig):
        context = {"characters": f"{settings.TEXT_LIMIT:,}", "bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE}
        return _answer(request, "too_large", "413.html", context)
    return _answer(request, "bad_request", "400.html")


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a request without the token against forged ones, as CSRF_FAILURE_VIEW."""
    return _answer(request, "forbidden", "403_csrf.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, "forbidden", "403.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, "not_found", "404.html")


def broken(request: HttpRequest) -> HttpResponse:
    """Answer what raised an exception, as `handler500`, which is called while that is handled: an outage is no bug."""
    error = sys.exception()
    code = error.code if isinstance(error, Rejected) else outage(error)
    if code in REFUSED:
        return _answer(request, code, REFUSED[code])
    return _answer(request, "internal", "500.html")


def middleware(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer who opens the address of a button, such as from a bookmark, with a page instead of an empty one."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.accepts("text/html") and not response.content:
            shown = _answer(request, "method_not_allowed", "405.html")
            shown["Allow"] = response["Allow"]
            return shown
        return response

    return respond


def _answer(request: HttpRequest, code: str, page: str, context: dict[str, Any] | None = None) -> HttpResponse:
    rejected = Rejected(code)
    if request.path.startswith("/v1/"):
        return JsonResponse(error_body(rejected), status=OPENAI_STATUS[code])
    if request.path.startswith("/api/") or not request.accepts("text/html"):
        return error_response(rejected)
    ways = {"again": page_again(request), "before": page_before(request)} if code != "bad_request" else {}
    response = HttpResponse(render_to_string(page, ways | (context or {})), status=rejected.status)
    if rejected.is_for_now:
        response["Retry-After"] = str(rejected.retry)
    return response
