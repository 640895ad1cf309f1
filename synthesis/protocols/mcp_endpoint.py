"""MCP at /mcp, the protocol by which assistants such as Claude call tools: streamable HTTP, without sessions.

Each request is answered by itself, as JSON, so that any number of web processes will do. A key is asked for as at /api/,
with the same limits and errors; what the protocol says is the library's business, which a web process imports at the first
request: 1 s, 30 MB.
"""

import asyncio
import ipaddress
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response

from voicesite.address.network import is_loopback
from voicesite.limits import idempotency, rates
from voicesite.limits.idempotency import Answered
from voicesite.people import keys
from voicesite.people.requests import Request
from voicesite.web.live import live
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Bearer, error_response, rejection_of


@live
async def endpoint(request: Request) -> HttpResponse:
    """Answer one message of the protocol. Only POST: there is no stream by which the site would speak first.

    Who hangs up cancels no speech, as at /api/: it is in the library.
    """
    response = None
    try:
        if request.method != "POST":
            raise Rejected("method_not_allowed", "Send it as POST: this server keeps no stream open.")
        if not comes_from_here(request):
            raise Rejected("forbidden", "A page of another site may not use this address.")
        if find_spec("mcp") is None:
            raise Rejected("not_found", "MCP is not installed on this site: `make install` adds it.")
        await sync_to_async(Bearer("speak", "read").authenticate)(request, keys.sent_secret(request) or "")
        response = await _answer(request)
    except Answered as answered:
        response = answered.response
    except Exception as error:
        rejected = rejection_of(error)
        response = error_response(rejected, {"Allow": "POST"} if rejected.status == 405 else None)
        if rejected.code == "internal":
            log_response("Internal Server Error: %s", request.path, response=response, request=request, exception=error)
    finally:
        await sync_to_async(idempotency.end)(request, response)
    rates.set_headers(request, response)
    return response


def comes_from_here(request: HttpRequest) -> bool:
    """Return whether a request may be a browser's: it has no Origin, or one that is trusted, or the site's own.

    Where the site answers to any name, its own origin must be an address, or this machine: a name could be one that
    somebody else's DNS has led here.
    """
    origin = request.headers.get("Origin")
    if origin is None or {origin.lower(), "*"} & {*settings.CORS_ORIGINS} or origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError:
        return False
    is_ours = origin == f"{request.scheme}://{request.get_host()}"
    return is_ours and ("*" not in settings.ALLOWED_HOSTS or is_loopback(host) or _is_address(host))


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def _library() -> tuple[type, Any]:
    """Import the library, which takes a second the first time: in a thread, so that others are answered meanwhile."""
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from .mcp_tools import server

    return StreamableHTTPSessionManager, server


async def _answer(request: Request) -> HttpResponse:
    """Let the library answer the request, as an ASGI application of its own, and return that as a response."""
    manager_class, server = await asyncio.to_thread(_library)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": request.scheme,
        "path": request.path,
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in request.headers.items()],
        "voicesite.request": request,
    }
    body = [{"type": "http.request", "body": request.body, "more_body": False}]
    response = HttpResponse(headers={"Cache-Control": "no-store"})

    async def receive() -> dict[str, Any]:
        return body.pop() if body else await asyncio.Future()  # LiveHandler looks for hang-ups

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            response.status_code = message["status"]
            del response["Content-Type"]
            for name, value in message["headers"]:
                response[name.decode()] = value.decode()
        else:
            response.write(message.get("body", b""))

    # A manager serves once, and costs nothing.
    manager = manager_class(
        server, json_response=True, stateless=True, max_request_body_size=settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    )
    async with manager.run():
        await manager.handle_request(scope, receive, send)
    return response
