"""How the web server treats its connections: uvicorn's protocol with a limit of time, and HTTPS=self on top of it."""

import asyncio
import contextlib
import functools
import json
import re
import socket
import ssl
from typing import Any

import uvicorn
from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors import multiprocess

from .listening import ENDING

NEWCOMER_SECONDS = 0.5  # for the request of who has just connected when the server ends
PATIENCE_SHARE = 0.8  # of the time for answers that are on their way when the server ends; the rest is for views to end
HEAD_SECONDS = 60.0  # for the head of a request, from the connection or from its first byte on
TLS_HANDSHAKE = b"\x16"  # the first byte of a connection with TLS
HANDSHAKE_SECONDS = 10.0
MAX_HEAD_BYTES = 8192
_WORDS = "The request can’t be read. Is its address too long? Send what is long in the body of a POST."
_SHAPE = json.dumps({"error": {"code": "bad_request", "message": _WORDS}}).encode()
NO_REQUEST = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_SHAPE), _SHAPE)
)


class Server(uvicorn.Server):
    """End without a reset for anyone who has just connected.

    uvicorn alone closes what it has accepted and not read yet, and whoever asked can't know what became of the request. This
    one first stops accepting, so that others wait for the next server, and lets the newcomers ask.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.lifespan.state[ENDING] = asyncio.get_running_loop().create_future()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(NEWCOMER_SECONDS):
                while HTTPS.serving or any(
                    isinstance(each, HTTP) and each.is_new for each in self.server_state.connections
                ):
                    await asyncio.sleep(0.02)
        self.lifespan.state[ENDING].set_result(None)
        patience = self.config.timeout_graceful_shutdown
        hanging_up = (
            asyncio.get_running_loop().call_later(PATIENCE_SHARE * patience, self._hang_up) if patience else None
        )
        await super().shutdown(sockets)
        if hanging_up:
            hanging_up.cancel()

    def _hang_up(self) -> None:
        """Break off the answers that are still on their way. Views end as if the client had left; uvicorn would raise in them."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()


class Process(multiprocess.Process):
    """One of several processes that serve. It is spawned, so nothing that is replaced in a module reaches it: a class does."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = Server(config=self.config)
        return self._server


class HTTP(HttpToolsProtocol):
    """Close connections that send no request, or only half of its head: uvicorn would keep them without end."""

    _timer: asyncio.TimerHandle | None = None

    @property
    def is_new(self) -> bool:
        """Whether it has not asked for anything yet."""
        return self.cycle is None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        if self._timer is None and (self.cycle is None or self.cycle.response_complete):  # another request begins
            self._timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._stop_timer()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, or has too long a head, in words and in the API's shape, and close."""
        self.transport.write(NO_REQUEST)
        self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None


class HTTPS(asyncio.Protocol):
    """Speak HTTPS with the site's own certificate, and redirect plain requests to it.

    People type addresses without https://, and have the plain one open in a tab. So the first byte of a connection
    decides, before the socket is handed to TLS.
    """

    serving: set[asyncio.Task] = set()  # of whom is not known yet what they speak

    def __init__(self, **arguments: Any):
        self._http = functools.partial(HTTP, **arguments)

    def connection_made(self, transport: Any) -> None:
        # A copy of the socket, as the transport would read its first bytes, and give them to nobody else.
        connection = transport.get_extra_info("socket").dup()
        transport.abort()
        task = asyncio.ensure_future(self._serve(connection))
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)

    async def _serve(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        with contextlib.suppress(
            OSError, TimeoutError
        ):  # it went away, took too long, or does not trust the certificate
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                await _readable(connection)
                is_tls = connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE
                if not is_tls:
                    await loop.sock_sendall(connection, redirect(await _head(connection)))
            if is_tls:
                await loop.connect_accepted_socket(
                    self._http, connection, ssl=_context(), ssl_handshake_timeout=HANDSHAKE_SECONDS
                )
                return
        connection.close()


@functools.cache
def _context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.CERTIFICATE_FILE)
    return context


async def _readable(connection: socket.socket) -> None:
    """Return when something can be received; it is left there."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(connection, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(connection)


async def _head(connection: socket.socket) -> bytes:
    """Return what a request says before its body, or as much as there is of it."""
    loop, head = asyncio.get_running_loop(), b""
    while b"\r\n\r\n" not in head and len(head) < MAX_HEAD_BYTES:
        more = await loop.sock_recv(connection, MAX_HEAD_BYTES)
        if not more:
            break
        head += more
    return head


def redirect(head: bytes) -> bytes:
    """Return the response to a plain request, of which `head` is the beginning: its address with https://.

    It is temporary and not stored: the site may be served without HTTPS tomorrow.
    """
    path = re.match(rb"(?:GET|HEAD) (/[\x21-\x7e]*) HTTP/1", head)
    host = re.search(rb"\r\nhost: *([\w.:\[\]-]+) *\r\n", head, re.IGNORECASE)
    if not (path and host):
        return b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    location = b"https://" + host[1] + path[1]
    return (
        b"HTTP/1.1 307 Temporary Redirect\r\nLocation: " + location + b"\r\n"
        b"Cache-Control: no-store\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
