"""HTTP client of speech servers with OpenAI's API: lists their models, and streams speech.

Network errors become EngineErrors, in words. A request is retried only where that is harmless: when there was no
connection, or when the status says that the server has not begun (429, 502, 503, 504).
"""

import contextlib
import json
import socket
from collections.abc import Iterator, Mapping
from threading import Event
from typing import Any

import urllib3
from urllib3 import exceptions
from urllib3.util import Retry, Timeout, parse_url

from synthesis.engines.base import EngineError
from voicesite.modelhost import certificates
from voicesite.modelhost.network_errors import explain
from voicesite.texts import N_

CONNECT_SECONDS = 10
RETRY_STATUSES = frozenset({429, 502, 503, 504})
MAX_RETRIES = 4
BACKOFF_SECONDS = 0.5  # doubled with each retry; plus random jitter of up to as much
MAX_WAIT_SECONDS = 20  # between two tries, whatever the server asks for
MAX_ERROR_BYTES = 20_000  # read of an error's body


def address_error(address: str) -> str:
    """Return what is wrong with the address of a server, in words; empty if nothing is."""
    try:
        url = parse_url(address)
    except exceptions.LocationParseError:
        return N_("“{address}” is no address.").format(address=address)
    if url.scheme not in ("http", "https") or not url.host:
        return N_("“{address}” is no address of a server: write http://gpu.example:8091.").format(address=address)
    return ""


class Closed(Exception):
    """The request was closed by this side."""


class SpeechServer:
    """A server at `address`, with or without /v1 at its end. Stateless, so thread-safe.

    silence: seconds without a byte after which a request times out.
    """

    def __init__(self, address: str, key: str = "", silence: float = 60):
        self.address = address.rstrip("/").removesuffix("/v1")
        self.name = parse_url(self.address).netloc or ""
        self.key = key
        self.silence = silence

    def models(self) -> list[str] | None:
        """Return the names of the models it serves; None where it does not list them. Raises EngineError."""
        try:
            answer = json.loads(b"".join(Request(self, "GET", "/v1/models").read()))
            return [model["id"] for model in answer["data"]]
        except (ValueError, KeyError, TypeError, NotFound):
            return None

    def speak(self, body: Mapping[str, Any]) -> "Request":
        """Return a request for speech, not sent yet."""
        return Request(self, "POST", "/v1/audio/speech", body)


class NotFound(EngineError):
    """The server has no such page or no such model (404)."""


class Request:
    """A request on a connection of its own: `close`, from any thread at any time, makes the server stop."""

    def __init__(self, server: SpeechServer, method: str, path: str, body: Mapping[str, Any] | None = None):
        self.server = server
        self.method = method
        self.path = path
        self.body = body
        self.media_type = ""  # of the answer, once it has begun
        self._closed = Event()
        self._socket: socket.socket | None = None

    def close(self) -> None:
        """End the request at once: `read` raises Closed."""
        self._closed.set()
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads from it; closing would not

    def read(self) -> Iterator[bytes]:
        """Send the request, and yield the answer's body as it comes. Raises EngineError, or Closed."""
        headers = {"Accept": "application/json, audio/*, application/octet-stream"}
        if self.server.key:
            headers["Authorization"] = f"Bearer {self.server.key}"
        try:
            with self._pool() as pool:
                response = pool.request(
                    self.method,
                    parse_url(self.server.address + self.path).request_uri,
                    headers=headers,
                    json=self.body,
                    retries=_retries(self._closed),
                    redirect=False,
                    preload_content=False,
                )
                if response.status != 200:
                    raise self._refusal(response.status, response.read(MAX_ERROR_BYTES))
                self.media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                yield from response.stream(8192)
        except exceptions.HTTPError as error:
            if self._closed.is_set():
                raise Closed from error
            name = N_("the speech server {name}").format(name=self.server.name)
            words, permanent = explain(error, name, self.server.name, N_("Is it running?"), self.server.silence)
            raise EngineError(words, permanent) from error
        if self._closed.is_set():  # a body without a length ends as a closed connection does
            raise Closed

    def _pool(self) -> urllib3.HTTPConnectionPool:
        timeout = Timeout(connect=CONNECT_SECONDS, read=self.server.silence)
        secure = {"ssl_context": certificates.context()} if self.server.address.lower().startswith("https:") else {}
        pool = urllib3.connection_from_url(self.server.address, timeout=timeout, maxsize=1, **secure)
        request = self

        class Connection(pool.ConnectionCls):  # type: ignore[name-defined]
            def connect(self) -> None:
                super().connect()
                request._socket = self.sock
                if request._closed.is_set():  # while it was connecting
                    raise Closed

        pool.ConnectionCls = Connection
        return pool

    def _refusal(self, status: int, body: bytes) -> EngineError:
        """Return the error that a status other than 200 means, with the server's own words."""
        name = N_("The speech server {name}").format(name=self.server.name)
        said = _message(body)
        why = f": {said}" if said else "."
        match status:
            case 400 | 413 | 422:
                return EngineError(N_("{name} refused this{why}").format(name=name, why=why), permanent=True)
            case 401 | 403:
                return EngineError(
                    N_("{name} does not accept this site’s key (VOICESITE_REMOTE_KEY).").format(name=name),
                    permanent=True,
                )
            case 404:
                return NotFound(
                    N_("{name} has no such model, or makes no speech{why}").format(name=name, why=why), permanent=True
                )
            case 429:
                return EngineError(N_("{name} has too much to do at the moment{why}").format(name=name, why=why))
            case 502 | 503 | 504:
                return EngineError(N_("{name} is not ready{why}").format(name=name, why=why))
        if status >= 500:
            return EngineError(N_("{name} failed ({status}){why}").format(name=name, status=status, why=why))
        return EngineError(
            N_("{name} answered with HTTP {status}, which is no speech.").format(name=name, status=status),
            permanent=True,
        )


def _retries(closed: Event) -> Retry:
    """Return urllib3's rules for retries, with a wait between them that setting `closed` interrupts."""

    class InterruptibleRetry(Retry):
        def sleep(self, response: urllib3.BaseHTTPResponse | None = None) -> None:
            asked = (self.get_retry_after(response) if response else None) or 0
            if closed.wait(max(asked, self.get_backoff_time())):
                raise Closed

    return InterruptibleRetry(
        total=MAX_RETRIES,
        read=0,
        other=0,
        status_forcelist=RETRY_STATUSES,
        allowed_methods=None,
        raise_on_status=False,
        backoff_factor=BACKOFF_SECONDS,
        backoff_jitter=BACKOFF_SECONDS,
        backoff_max=MAX_WAIT_SECONDS,
        retry_after_max=MAX_WAIT_SECONDS,
    )


def _message(body: bytes) -> str:
    """Return the message in an error's body: as OpenAI or FastAPI write it, or plain text. At most 300 characters."""
    try:
        answer = json.loads(body)
    except ValueError:
        text = body.decode(errors="replace").strip()
        answer = "" if text.startswith("<") else text  # a proxy's page
    for key in ("error", "detail", "message"):
        if isinstance(answer, list):
            answer = answer[0] if answer else ""
        if isinstance(answer, dict):
            answer = answer.get(key, answer.get("msg", answer))
    text = answer if isinstance(answer, str) else ""
    return " ".join(text.split())[:300]
