"""Send a request to an address that somebody wrote: to a public one only, within seconds, and nowhere else.

No redirect is followed and no proxy of the environment asked. The connection goes to an IP address that was judged just
before, with the name for `Host` and TLS: a name that leads elsewhere a moment later (DNS rebinding) changes nothing.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from voicesite.modelhost import certificates
from voicesite.modelhost.protocol import ModelError
from voicesite.texts import N_

from .addresses import NotAllowed, Target, Unresolved, addresses_of, parse
from .models import ANSWER_BYTES

TOTAL_SECONDS = 5.0  # to connect, send and have the answer; with the look-up less than LEASE_SECONDS of the job
MAX_ADDRESSES = 4  # of a name that are tried
_KINDS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
_FAILURES = (OSError, http.client.HTTPException, ModelError, ValueError)  # the last of a socket that was cut off


class Unanswered(Exception):
    """No answer came; the message says why, for people."""


@dataclass(frozen=True)
class Answer:
    status: int
    beginning: str  # of its body
    retry_after: float | None  # seconds, as the answer asks


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Post `body` to `url`. Raises Unanswered."""
    try:
        target = parse(url)
        found = addresses_of(target)
    except (NotAllowed, Unresolved) as error:
        raise Unanswered(str(error)) from None
    end = time.monotonic() + TOTAL_SECONDS
    try:
        with _connected(target, found, end) as connection:
            connection.request("POST", target.path, body, headers | {"Connection": "close"})
            response = connection.getresponse()
            if time.monotonic() >= end:
                raise TimeoutError  # its headers were cut off, which look as if they had ended
            beginning = b""
            with suppress(*_FAILURES):  # the status is the answer
                beginning = response.read(ANSWER_BYTES)
            return Answer(response.status, _text(beginning), _seconds(response.headers.get("Retry-After")))
    except _FAILURES as error:
        is_late = isinstance(error, TimeoutError) or time.monotonic() >= end
        raise Unanswered(
            N_("No answer within {seconds} seconds.").format(seconds=f"{TOTAL_SECONDS:g}") if is_late else _why(error)
        ) from error


@contextmanager
def _connected(target: Target, found: list[str], end: float) -> Iterator[http.client.HTTPConnection]:
    """Give a connection to one of the addresses, which is cut off at `end`, however slowly the other side goes on."""
    sock = _connect(target, found, end)
    held = [sock]
    watch = threading.Timer(max(end - time.monotonic(), 0), lambda: _cut(held[-1]))
    watch.daemon = True
    watch.start()
    try:
        connection = _KINDS[target.scheme](target.host, target.port)
        if target.scheme == "https":
            secure = certificates.context().wrap_socket(
                sock, server_hostname=target.host, do_handshake_on_connect=False
            )
            held.append(secure)
            secure.do_handshake()
        connection.sock, connection.auto_open = held[-1], 0  # it never connects by itself: that would go by the name
        yield connection
    finally:
        watch.cancel()
        held[-1].close()


def _connect(target: Target, found: list[str], end: float) -> socket.socket:
    """Connect to the first address that takes it: one of IPv6 may not be reached from here. Raises OSError."""
    failure: OSError = TimeoutError()
    for address in found[:MAX_ADDRESSES]:
        left = end - time.monotonic()
        if left <= 0:
            break
        # Not socket.create_connection, which asks the resolver again.
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        sock.settimeout(left if len(found) == 1 else left / 2)
        try:
            sock.connect((address, target.port))
        except OSError as error:
            failure = error
            sock.close()
        else:
            sock.settimeout(max(end - time.monotonic(), 0.01))
            return sock
    raise failure


def _cut(sock: socket.socket) -> None:
    """End what another thread reads or writes. Not by SSLSocket's own method, which pulls its state from under that."""
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _why(error: Exception) -> str:
    match error:
        case ModelError():
            return error.message
        case ssl.SSLCertVerificationError():
            return N_("Its certificate is not valid: {why}.").format(why=error.verify_message)
        case ssl.SSLError():
            return N_("No secure connection: it does not speak TLS as this site does.")
        case http.client.RemoteDisconnected() | ConnectionResetError() | BrokenPipeError():
            return N_("It closed the connection without an answer.")
        case OSError():
            return N_("No connection: {why}.").format(why=(error.strerror or "it failed").lower())
    return N_("Its answer is not HTTP.")


def _text(body: bytes) -> str:
    return body.decode(errors="replace").replace("\0", "\ufffd")[:ANSWER_BYTES]


def _seconds(written: str | None) -> float | None:
    """Return the seconds of a `Retry-After`, which is a number of them or a date; None if it is neither."""
    if written is None:
        return None
    if written.strip().isascii() and written.strip().isdigit():
        return float(written.strip()[:9])
    with suppress(ValueError, TypeError, OverflowError):
        moment = parsedate_to_datetime(written)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - time.time()
    return None
