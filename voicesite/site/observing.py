"""What every request has, whoever answers it: an id, a line in the log, a place in the metrics. And the probes.

It is around the whole application, since a request that Django never sees is one too.
"""

import asyncio
import logging
import re
import time
import uuid
from typing import Any

from django.db import DatabaseError
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from voicesite import logs
from voicesite.jobs.threads import Threads
from voicesite.models import User

from . import metrics

logger = logging.getLogger("voicesite.requests")

PATIENCE_SECONDS = 3.0  # with a database that says nothing
FRESH_SECONDS = 1.0  # that an answer of the database holds: probes in any number cost it one query a second
_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_QUIET = ("/livez", "/readyz", "/metrics", "/static/")  # without a line in the log: machines ask for these all day


class Observed:
    """Give each request to `application` its id, count it, and write down how it was answered.

    proxies: whose headers are believed, of who asks, by which scheme, and under which id. This machine's are where the site
    listens on a Unix socket, since only who may open its file gets there.
    """

    def __init__(self, application: Any, proxies: list[str], on_socket: bool = False):
        self._readiness = Readiness()
        self._on_socket = on_socket
        if on_socket:
            proxies = [*proxies, "127.0.0.1"]
        self._site = ProxyHeadersMiddleware(application, proxies) if proxies else application
        self._proxies = self._site.trusted_hosts if proxies else ()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await _live_and_die(receive, send)
        if self._on_socket and not scope.get("client"):
            scope["client"] = ("127.0.0.1", 0)
        request = self._id(scope)
        begun, status = time.perf_counter(), 0

        async def answer(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (b"x-request-id", request.encode())]}
                metrics.count_request(scope["method"], _route(scope), status, time.perf_counter() - begun)
            await send(message)

        with logs.bound(request=request):
            try:
                await self._answer(scope, receive, answer)
            finally:
                if not scope["path"].startswith(_QUIET):
                    took = round((time.perf_counter() - begun) * 1000)
                    # The route, since an address may be a secret, as that of an invitation is. 0: they hung up first.
                    facts = {"method": scope["method"], "route": _route(scope), "status": status, "milliseconds": took}
                    logger.info("%s %s: %d", scope["method"], _route(scope), status, extra={"facts": facts})

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        match scope["path"]:
            case "/livez":
                await _say(send, 200, b"ok")
            case "/readyz":
                is_ready = await self._readiness()
                await _say(send, *((200, b"ok") if is_ready else (503, b"The database is not responding.")))
            case _:
                await self._site(scope, receive, send)

    def _id(self, scope: Any) -> str:
        """Return the id that a believed proxy gave the request, or else a new one."""
        if scope["client"] and scope["client"][0] in self._proxies:
            given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin1")
            if _ID.fullmatch(given):
                return given
        return uuid.uuid4().hex


class Readiness:
    """Whether requests can be answered now: the database responds, and has its tables."""

    def __init__(self) -> None:
        self._thread = Threads(1, "readiness")
        self._look: asyncio.Future | None = None
        self._looked_at = 0.0

    async def __call__(self) -> bool:
        is_old = time.monotonic() - self._looked_at > FRESH_SECONDS
        if self._look is None or (self._look.done() and is_old):
            self._looked_at = time.monotonic()
            self._look = asyncio.get_running_loop().run_in_executor(self._thread, database_responds)
        done, _ = await asyncio.wait([self._look], timeout=PATIENCE_SECONDS)
        return bool(done) and self._look.result()


def database_responds() -> bool:
    try:
        User.objects.exists()
    except DatabaseError:
        return False
    return True


def _route(scope: Any) -> str:
    """Return which kind of address it is, without what is particular about it."""
    return scope.get("route") or next((path for path in _QUIET if scope["path"].startswith(path)), "unknown")


async def _say(send: Any, status: int, words: bytes) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(words)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words})


async def _live_and_die(receive: Any, send: Any) -> None:
    for moment in ("startup", "shutdown"):
        assert (await receive())["type"] == f"lifespan.{moment}"
        await send({"type": f"lifespan.{moment}.complete"})
