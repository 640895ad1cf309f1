"""What the endpoints at /v1/ share: authentication, parameters, and errors in OpenAI's format."""

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from voices.analysis.reference_audio import AudioRejected
from voices.languages import language_code
from voicesite.people import keys
from voicesite.people.requests import Request
from voicesite.web.rejection import STATUS_BY_CODE, Rejected
from voicesite.web.rest import MESSAGE_BY_CODE, Bearer, parse_json, rejection_of

logger = logging.getLogger(__name__)

OPENAI_STATUS = STATUS_BY_CODE | {"no_engine": 500}  # as OpenAI's client expects them; 400 for any other code
OPENAI_CODE = {"invalid_key": "invalid_api_key"}  # what OpenAI calls a code of the REST API
TYPE_BY_STATUS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error", 500: "server_error"}


def error_body(rejected: Rejected) -> dict[str, Any]:
    """Return a rejection in OpenAI's format. A code that only repeats the status is left out."""
    of_recording = isinstance(rejected, AudioRejected)
    return {
        "error": {
            "message": rejected.message or MESSAGE_BY_CODE[rejected.code],
            "type": TYPE_BY_STATUS.get(OPENAI_STATUS.get(rejected.code, 400), "invalid_request_error"),
            "param": "file" if of_recording else next(iter(rejected.fields), None),
            "code": OPENAI_CODE.get(rejected.code, rejected.code)
            if of_recording or rejected.code not in MESSAGE_BY_CODE
            else None,
        }
    }


def endpoint(scope: str, *methods: str) -> Callable:
    """Return a decorator for a view at /v1/, which admits keys with `scope`, and for GET those that may read."""

    def wrap(view: Callable[..., HttpResponseBase]) -> Callable:
        @functools.wraps(view)
        def answer(request: Request, *args, **kwargs) -> HttpResponseBase:
            try:
                if request.method not in methods:
                    raise Rejected("method_not_allowed", f"Send it as {' or '.join(methods)}.")
                Bearer(scope).authenticate(request, keys.bearer_token(request) or "")
                return view(request, *args, **kwargs)
            except Exception as error:
                rejected = rejection_of(error)
                status = OPENAI_STATUS.get(rejected.code, 400)
                if status == 500 and rejected is not error:
                    logger.exception("Internal Server Error: %s", request.path)
                headers = {405: {"Allow": ", ".join(methods)}, 429: {"Retry-After": str(rejected.retry)}}
                return JsonResponse(error_body(rejected), status=status, headers=headers.get(status))

        return login_not_required(csrf_exempt(answer))

    return wrap


def json_body(request: HttpRequest) -> dict:
    try:
        body = parse_json(request.body)
    except ValueError:
        raise Rejected("bad_request", "The body is no JSON.") from None
    if not isinstance(body, dict):
        raise Rejected("bad_request", "The body is no JSON object.")
    return body


def choice_of(values, name: str, known: tuple[str, ...], default: str) -> str:
    chosen = values.get(name) or default
    if chosen not in known:
        raise Rejected("bad_request", f"`{name}` is one of {', '.join(known)}.").about(name)
    return chosen


def language_of(named: Any) -> str:
    """Return the code in voices.languages of a language that a program names; empty if it names none. Raises Rejected."""
    if not named:
        return ""
    try:
        return language_code(str(named))
    except ValueError as error:
        raise Rejected("bad_request", str(error)).about("language") from None
