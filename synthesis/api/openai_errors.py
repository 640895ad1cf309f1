"""What the endpoints at /v1/ share: authentication, parameters, and errors in OpenAI's format."""

import functools
import logging
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from voices.analysis.reference_audio import AudioRejected
from voicesite.limits import idempotency, rates
from voicesite.limits.idempotency import Answered
from voicesite.people import keys
from voicesite.people.requests import Request
from voicesite.web.live import live
from voicesite.web.parsing import parse_json
from voicesite.web.rejection import STATUS_BY_CODE, Rejected
from voicesite.web.rest import MESSAGE_BY_CODE, Bearer, rejection_of

logger = logging.getLogger(__name__)

# As OpenAI's client expects them; 400 for any other code.
OPENAI_STATUS = STATUS_BY_CODE | {"no_engine": 500, "invalid": 400}
OPENAI_CODE = {  # what OpenAI calls a code of the REST API
    "invalid_key": "invalid_api_key",
    "rate_limited": "rate_limit_exceeded",
    "quota_exceeded": "insufficient_quota",
}
IN_VAIN = ("quota_exceeded", "generation_failed")  # is repeated: a worker has tried what failed again itself
TYPE_BY_STATUS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error", 500: "server_error"}
TYPE_BY_STATUS |= dict.fromkeys((503, 507), "server_error")


def error_body(rejected: Rejected) -> dict[str, Any]:
    """Return a rejection in OpenAI's format. A code that only repeats a known status is left out."""
    of_recording = isinstance(rejected, AudioRejected)
    return {
        "error": {
            "message": rejected.message or MESSAGE_BY_CODE[rejected.code],
            "type": TYPE_BY_STATUS.get(OPENAI_STATUS.get(rejected.code, 400), "invalid_request_error"),
            "param": "file" if of_recording else next(iter(rejected.fields), None),
            "code": OPENAI_CODE.get(rejected.code, rejected.code)
            if of_recording or rejected.status > 500 or rejected.code not in MESSAGE_BY_CODE
            else None,
        }
    }


def endpoint(scope: str, *methods: str, public: bool = False) -> Callable:
    """Return a decorator for a view at /v1/, which admits keys with `scope`, and for GET those that may read.

    An async view is live. public: where PUBLIC_VOICES is on, it also answers whoever shows no key, as nobody.
    """

    def admit(request: Request) -> None:
        if request.method not in methods:
            raise Rejected("method_not_allowed", f"Send it as {' or '.join(methods)}.")
        if public and settings.PUBLIC_VOICES and keys.sent_secret(request) is None:
            request.user = AnonymousUser()  # type: ignore[assignment] # a browser's session is none: any page could use it
        else:
            Bearer(scope).authenticate(request, keys.sent_secret(request) or "")

    def wrap(view: Callable) -> Callable:
        @functools.wraps(view)
        def answer(request: Request, *args, **kwargs) -> HttpResponseBase:
            response = None
            try:
                admit(request)
                response = view(request, *args, **kwargs)
            except Exception as error:
                response = _failure(request, error, methods)
            finally:
                idempotency.end(request, response)
            rates.set_headers(request, response)
            return response

        @functools.wraps(view)
        async def live_answer(request: Request, *args, **kwargs) -> HttpResponseBase:
            response = None
            try:
                await sync_to_async(admit)(request)
                response = await view(request, *args, **kwargs)
            except Exception as error:
                response = _failure(request, error, methods)
            finally:
                await sync_to_async(idempotency.end)(request, response)
            rates.set_headers(request, response)
            return response

        return live(live_answer) if iscoroutinefunction(view) else login_not_required(csrf_exempt(answer))

    return wrap


def _failure(request: Request, error: Exception, methods: tuple[str, ...]) -> HttpResponseBase:
    """Return the response to a request that a view refused, that was answered before, or that failed."""
    if isinstance(error, Answered):
        return error.response
    rejected = rejection_of(error)
    status = OPENAI_STATUS.get(rejected.code, 400)
    if status == 500 and rejected is not error:
        logger.exception("Internal Server Error: %s", getattr(request.resolver_match, "route", ""))
    headers = {"Allow": ", ".join(methods)} if status == 405 else {}
    if rejected.is_for_now:
        headers["Retry-After"] = str(rejected.retry)
    response = JsonResponse(error_body(rejected), status=status, headers=headers)
    if rejected.code in IN_VAIN:
        response["X-Should-Retry"] = "false"  # OpenAI's clients would ask again at once
    return response


def json_body(request: HttpRequest) -> dict:
    body = parse_json(request.body)
    if not isinstance(body, dict):
        raise Rejected("bad_request", "The body is not a JSON object.")
    return body


def choice_of(values, name: str, known: tuple[str, ...], default: str) -> str:
    chosen = values.get(name) or default
    if chosen not in known:
        raise Rejected("bad_request", f"`{name}` is one of {', '.join(known)}.").about(name)
    return chosen
