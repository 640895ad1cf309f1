"""Which requests are repeated, and when: what failed on the way, or was refused for a while."""

import random
import uuid
from dataclasses import replace
from itertools import count
from ssl import SSLCertVerificationError

import httpx

from .errors import ConnectionFailed, VoicesiteError, error_of, retry_after
from .steps import Answer, Flow, Request, Sleep

REPEATED = (429, 502, 503, 504)
FIRST_WAIT, LONGEST_WAIT = 0.5, 20.0  # seconds, of waits that the server says nothing of
LONGEST_RETRY_AFTER = 60.0  # seconds: who is told to wait longer than that learns it as an error


def with_key(request: Request) -> Request:
    """Return a request that makes something with a key by which the server knows it again when it is repeated."""
    return replace(request, headers={**request.headers, "Idempotency-Key": str(uuid.uuid4())})


def sent(request: Request, retries: int) -> Flow[Answer]:
    """Send a request until it succeeds, and return the answer. Raises VoicesiteError.

    It is repeated at most `retries` times; a POST only with a key, so that it makes nothing twice.
    """
    if request.method == "POST" and "Idempotency-Key" not in request.headers:
        retries = 0
    for tries in count():
        said = None
        try:
            answer: Answer = yield request
        except httpx.RequestError as failure:
            error: VoicesiteError = unreachable(failure)
            repeat = not _is_final(failure)
        else:
            gone = request.method == "DELETE" and answer.status == 404 and tries  # by the try before this one
            if 200 <= answer.status < 300 or gone:
                return answer
            error, said = error_of(answer), retry_after(answer.headers)
            # The first of two requests with one key may still be at work when the second comes.
            at_work = answer.status == 409 and said is not None and "Idempotency-Key" in request.headers
            repeat = answer.status in REPEATED or at_work
        if not repeat or tries >= retries or (said or 0) > LONGEST_RETRY_AFTER:
            raise error
        yield Sleep(wait_before(tries, said))
    raise AssertionError


def wait_before(tries: int, said: float | None) -> float:
    """Return the seconds to wait after `tries` + 1 tries: what the server said, or longer each time; never all at once."""
    if said is not None:
        return said + random.uniform(0, 0.1 * said + 0.1)  # noqa: S311
    longest = min(FIRST_WAIT * 2**tries, LONGEST_WAIT)
    return random.uniform(longest / 2, longest)  # noqa: S311


def unreachable(failure: Exception) -> ConnectionFailed:
    """Say in words why there was no answer."""
    if certificate := _certificate_error(failure):
        words = (
            f"The server’s certificate is not trusted: {certificate.verify_message}. If it made it itself, name that "
            "certificate: Client(certificate=…), voicesite login --certificate FILE"
        )
        return ConnectionFailed(words, code="certificate")
    if isinstance(failure, httpx.UnsupportedProtocol):
        return ConnectionFailed("The server’s address begins with http:// or https://", code="address")
    if isinstance(failure, httpx.TimeoutException):
        return ConnectionFailed("The server didn’t answer in time.", code="timeout")
    return ConnectionFailed(f"Can’t reach the server: {failure}", code="connection")


def _is_final(failure: Exception) -> bool:
    return isinstance(failure, httpx.UnsupportedProtocol) or _certificate_error(failure) is not None


def _certificate_error(failure: BaseException | None) -> SSLCertVerificationError | None:
    while failure is not None and not isinstance(failure, SSLCertVerificationError):
        failure = failure.__cause__ or failure.__context__
    return failure
