"""Let pages of other sites ask the API: those of VOICESITE_CORS_ORIGINS, by the Fetch standard's headers.

They send an API key. Credentials are never allowed, so that no page of another site asks with somebody's session.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

ADDRESSES = ("/api/", "/v1/", "/mcp")  # what they begin with
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
EXPOSED_HEADERS = (
    "Accept-Ranges, Allow, Content-Disposition, Content-Length, Content-Range, ETag, Idempotency-Replayed, Location, "
    "Mcp-Session-Id, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Generation-Id, X-Instructions, X-Speed, "
    "X-Voice"
)
PREFLIGHT_SECONDS = 7200  # that a browser may remember the answer, at most


def middleware(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    if not settings.CORS_ORIGINS:
        raise MiddlewareNotUsed
    return lambda request: share(request, preflight(request) or get_response(request))


def preflight(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a browser that asks whether a page may ask; None to any other request."""
    asked = request.headers.get("Access-Control-Request-Method")
    if request.method != "OPTIONS" or not asked or not _allowed(request):
        return None
    headers = {"Access-Control-Allow-Methods": METHODS, "Access-Control-Max-Age": str(PREFLIGHT_SECONDS)}
    if named := request.headers.get("Access-Control-Request-Headers"):
        headers["Access-Control-Allow-Headers"] = named  # no header of a request means anything but its words
    return HttpResponse(status=204, headers=headers)


def share(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return the response, which a page of an allowed origin may read."""
    if settings.CORS_ORIGINS and request.path.startswith(ADDRESSES):
        if allowed := _allowed(request):
            response.headers["Access-Control-Allow-Origin"] = allowed
            response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        if "*" not in settings.CORS_ORIGINS:
            patch_vary_headers(response, ["Origin"])
    return response


def _allowed(request: HttpRequest) -> str:
    """Return the origin to name as allowed; empty where the page's is not."""
    origin = request.headers.get("Origin", "")
    if not origin or not request.path.startswith(ADDRESSES):
        return ""
    if "*" in settings.CORS_ORIGINS:
        return "*"
    return origin if origin.lower() in settings.CORS_ORIGINS else ""
