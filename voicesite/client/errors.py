"""What can go wrong: one family of exceptions, whose kinds are those that a program would treat differently."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from .steps import Answer


class VoicesiteError(Exception):
    """What every failed call raises; the message is for people.

    `code` is for programs and stays the same when the words change, `fields` has the messages by field, `status` is that
    of HTTP (0 where there was no answer), and `retry_after` the seconds to wait, if the server said so.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        fields: Mapping[str, Sequence[str]] | None = None,
        status: int = 0,
        retry_after: float | None = None,
    ):
        super().__init__(message)
        self.message, self.code, self.status, self.retry_after = message, code, status, retry_after
        self.fields = {name: list(messages) for name, messages in (fields or {}).items()}


class Unauthenticated(VoicesiteError):
    """There is no key, or it is unknown, revoked or expired."""


class Forbidden(VoicesiteError):
    """The key lacks the scope that this needs."""


class NotFound(VoicesiteError):
    """It is not there, or not yours; or the server is too old to have it."""


class Conflict(VoicesiteError):
    """Not as things are now."""


class TooLarge(VoicesiteError):
    """The file or the text is larger than the server takes."""


class Invalid(VoicesiteError):
    """A field is wrong: `fields` says which."""


class RateLimited(VoicesiteError):
    """Too much at once, or more than a quota; still so after the tries that `retries` allows."""


class ServerFailed(VoicesiteError):
    """The server failed, or what stands before it."""


class ConnectionFailed(VoicesiteError):
    """There was no answer, or it broke off."""


class GenerationFailed(VoicesiteError):
    """The text could not be spoken."""


class GenerationCancelled(VoicesiteError):
    """The task was cancelled while it was waited for."""


KIND_BY_CODE = {"generation_failed": GenerationFailed, "generation_cancelled": GenerationCancelled}
KIND_BY_STATUS = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: Invalid,
    429: RateLimited,
}


def error_of(answer: Answer) -> VoicesiteError:
    """Translate an answer that is none of success: Voicesite's errors, OpenAI's, or a page of something between."""
    error = _error_in(answer.body)
    code, fields = str(error.get("code") or ""), error.get("fields")
    if not isinstance(fields, dict):  # OpenAI's shape names one parameter
        fields = {error["param"]: [str(error.get("message", ""))]} if error.get("param") else {}
    message = str(error.get("message") or "") or f"The server answered {answer.status} {_phrase(answer.status)}."
    if answer.status in (301, 302, 303, 307, 308):
        message = f"The server is elsewhere: {answer.headers.get('location', 'it doesn’t say where')}"
    kind = KIND_BY_CODE.get(code) or KIND_BY_STATUS.get(answer.status)
    kind = kind or (ServerFailed if answer.status >= 500 else VoicesiteError)
    return kind(message, code=code, fields=fields, status=answer.status, retry_after=retry_after(answer.headers))


def stranger() -> VoicesiteError:
    """Return the error of an answer that no Voicesite server gives."""
    return VoicesiteError("What answered is no Voicesite server: check the address.", code="stranger")


def _error_in(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, dict) else {}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` says, as a number or as a date; None if it says nothing."""
    said = headers.get("retry-after", "")
    try:
        return max(float(said), 0.0)
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
