"""What the endpoints at /v1/ share: who may ask, and errors in OpenAI's shape."""

import functools
import json
import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from voices.languages import language_code
from voicesite.people import keys
from voicesite.people.requests import Request

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The answer is an error, in OpenAI's shape."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None):
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code

    def as_dict(self) -> dict[str, Any]:
        kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
        kind = kinds.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}


def endpoint(scope: str, *methods: str) -> Callable:
    """A view of /v1/, for keys that have the scope, or may read where the method is GET."""

    def wrap(view: Callable[..., HttpResponseBase]) -> Callable:
        @functools.wraps(view)
        def answer(request: Request, *args, **kwargs) -> HttpResponseBase:
            try:
                if request.method not in methods:
                    raise Refused(405, f"Send it as {' or '.join(methods)}.")
                key = keys.find(keys.sent_by(request) or "")
                if key is None:
                    raise Refused(
                        401, "This API key is not known here: make one on the account page.", code="invalid_api_key"
                    )
                if not key.allows(scope, request.method):
                    raise Refused(403, f"The API key “{key.name}” lacks the scope “{scope}”.", code="scope_missing")
                request.user = key.owner
                return view(request, *args, **kwargs)
            except Exception as error:
                refused = _refusal(error)
                if refused.status >= 500 and not isinstance(error, Refused):
                    logger.exception("Internal Server Error: %s", request.path)
                response = JsonResponse(refused.as_dict(), status=refused.status)
                if refused.status == 405:
                    response["Allow"] = ", ".join(methods)
                if refused.status == 429:
                    response["Retry-After"] = "5"
                return response

        return login_not_required(csrf_exempt(answer))

    return wrap


def _refusal(error: Exception) -> Refused:
    match error:
        case Refused():
            return error
        case RequestDataTooBig():
            return Refused(413, "That is more than may be sent at once.")
        case SuspiciousOperation() | MultiPartParserError():
            return Refused(400, "The request can't be read.")
    return Refused(500, "Something went wrong here. It is in the log of the site.")


def json_body(request: HttpRequest) -> dict:
    try:
        asked = json.loads(request.body)
    except ValueError:
        raise Refused(400, "The body is no JSON.") from None
    if not isinstance(asked, dict):
        raise Refused(400, "The body is no JSON object.")
    return asked


def choice_of(asked, name: str, known: tuple[str, ...], default: str) -> str:
    wanted = asked.get(name) or default
    if wanted not in known:
        raise Refused(400, f"`{name}` is one of {', '.join(known)}.", param=name)
    return wanted


def language_of(written: Any) -> str:
    """A code of voices.languages, of what programs call a language; empty where they say nothing."""
    if not written:
        return ""
    try:
        return language_code(str(written))
    except ValueError as error:
        raise Refused(400, str(error), param="language") from None
