"""What the routers of the REST API share: authentication, the shape of errors, request bodies and pagination.

Each subject declares its operations in an `api.py`, and `voicesite.site.api` mounts them. The docstring of an operation
is its description in the OpenAPI document, below its summary.
"""

import functools
from collections.abc import Callable, Iterable
from functools import partialmethod
from typing import Any, ClassVar
from urllib.parse import urlencode

from asgiref.sync import iscoroutinefunction
from django.core.exceptions import NON_FIELD_ERRORS, RequestDataTooBig, SuspiciousOperation
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from ninja import Field, Query, Schema, Status
from ninja import Router as NinjaRouter
from ninja.errors import AuthenticationError
from ninja.pagination import PaginationBase
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import contribute_operation_args, contribute_operation_callback

from voicesite.address.links import absolute_url
from voicesite.jobs.job import Job
from voicesite.limits import idempotency, rates
from voicesite.models import User
from voicesite.people import keys
from voicesite.resources import DATABASE_UNREACHABLE, DISK_FULL, FILES_UNREACHABLE, READ_ONLY, outage

from . import events
from .parsing import name_form_fields
from .rejection import STATUS_BY_CODE, Rejected

# The general code of each status, and its message.
MESSAGE_BY_CODE = {
    "bad_request": "The request can’t be read.",
    "unauthenticated": "Sign in, or send an API key: Authorization: Bearer vs_…",
    "forbidden": "The API key may not do this; or, without a key, the token against forged requests is missing or wrong: "
    "send it as X-CSRFToken.",
    "not_found": "Not found.",
    "method_not_allowed": "This address doesn’t support that method.",
    "conflict": "That isn’t possible right now.",
    "too_large": "The request is too large.",
    "unsupported_media_type": "Send it as application/json.",
    "invalid": "Some fields are invalid; see `fields`.",
    "busy": "Too many requests at the moment. Try again in a few seconds.",
    "internal": "Something went wrong. It has been logged.",
    "files_unreachable": FILES_UNREACHABLE,
    "database_unreachable": DATABASE_UNREACHABLE,
    "read_only": READ_ONLY,
    "disk_full": DISK_FULL,
}
CODE_BY_STATUS = {STATUS_BY_CODE[code]: code for code in MESSAGE_BY_CODE}
# The first that matches: RequestDataTooBig is a SuspiciousOperation too.
CODE_BY_EXCEPTION: dict[type[Exception], str] = {
    AuthenticationError: "unauthenticated",
    Http404: "not_found",
    RequestDataTooBig: "too_large",
    SuspiciousOperation: "bad_request",
    MultiPartParserError: "bad_request",
    Exception: "internal",
}


class Problem(Schema):
    code: str = Field(description="For programs: it stays the same when the words change")
    message: str = Field(description="What is wrong and what to do, in words for people")
    fields: dict[str, list[str]] | None = Field(None, description="What is wrong with which field, where it is known")


class Error(Schema):
    """The body of every error response."""

    error: Problem


def problems(form: BaseForm, **names: str) -> dict[str, list[str]]:
    """Return the messages of a form's errors by field. names: the API's names of fields, where they differ."""
    return {
        "" if field == NON_FIELD_ERRORS else names.get(field, field): [str(text) for text in messages]
        for field, messages in form.errors.items()
    }


def rejection(form: BaseForm, **names: str) -> Rejected:
    """Return the errors of a form as a rejection. names: as for `problems`."""
    codes = {error.code for errors in form.errors.as_data().values() for error in errors}
    fields = problems(form, **names)
    code = next((code for code in ("busy", "too_large", "disk_full") if code in codes), "invalid")
    return Rejected(code, next(iter(fields.values()))[0], fields)


def save_form(form: Any, **names: str) -> Any:
    """Validate and save a form, and return what it made. names: as for `problems`.

    Raises Rejected; as a conflict if `save` returned None, since another request took a name or a recording first.
    """
    if not form.is_valid():
        raise rejection(form, **names)
    idempotency.begin_work()
    made = form.save()
    if made is None:
        raise Rejected("conflict", fields=problems(form, **names))
    return made


def rejection_of(error: Exception) -> Rejected:
    """Translate an exception of Django's, ninja's or ours into a rejection; an unknown one into a 500."""
    if isinstance(error, Rejected):
        return error
    if code := outage(error):
        return Rejected(code)
    if isinstance(error, MultiPartParserError):
        words = "The form can't be read: it is incomplete, or not valid multipart/form-data."
        return Rejected("bad_request", words)
    return Rejected(next(code for kind, code in CODE_BY_EXCEPTION.items() if isinstance(error, kind)))


def error_response(rejected: Rejected, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return the response to a rejected request."""
    status, headers = rejected.status, dict(headers or {})
    error: dict[str, Any] = {
        "code": rejected.code,
        "message": rejected.message or MESSAGE_BY_CODE.get(rejected.code, MESSAGE_BY_CODE[CODE_BY_STATUS[status]]),
    }
    if rejected.fields:
        error["fields"] = rejected.fields
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if rejected.is_for_now:
        headers["Retry-After"] = str(rejected.retry)
    return JsonResponse({"error": error}, status=status, headers=headers)


def _check_set_up(request: HttpRequest) -> None:
    """Raise Rejected where nobody could be admitted, since the site has no user yet."""
    if not User.objects.exists():
        address = absolute_url(request, reverse("setup"))
        raise Rejected("not_set_up", f"This site is not set up yet: open {address} in a browser.")


class Session(SessionAuth):
    """Authentication by the browser's session; ninja also checks the CSRF token of requests that change something."""

    def __init__(self, *, is_poll: bool = False):
        super().__init__()
        self.is_poll = is_poll

    def __call__(self, request: HttpRequest):
        # Before the CSRF check, so that an anonymous request is a 401 and not a 403.
        if request.user.is_authenticated:
            return super().__call__(request)
        _check_set_up(request)
        return None

    def authenticate(self, request: HttpRequest, key: str | None):
        user = super().authenticate(request, key)
        if user:
            rates.admit(request, user, is_poll=self.is_poll)
            idempotency.begin(request, user)
        return user


class Bearer(HttpBearer):
    """Authentication by an API key with one of some scopes; the request then acts as the key's owner.

    is_poll: as of `rates.admit`.
    """

    def __init__(self, *scopes: str, is_poll: bool = False):
        super().__init__()
        self.scopes, self.is_poll = scopes, is_poll

    def __call__(self, request: HttpRequest):
        secret = keys.sent_secret(request)
        return None if secret is None else self.authenticate(request, secret)

    def authenticate(self, request: HttpRequest, token: str):
        key = keys.find(token)
        if key is None:  # rejected here, so that the session is not tried instead
            _check_set_up(request)
            if was := keys.expired(token):  # which is no guess
                words = f"The API key “{was.name}” expired on {was.expires_at:%Y-%m-%d}."
                raise Rejected("invalid_key", f"{words} Create another on the account page.")
            if token:
                rates.refuse_guesses(request.META.get("REMOTE_ADDR", ""))
            raise Rejected("invalid_key", "This API key is unknown or revoked. Create one on the account page.")
        rates.admit(request, key.owner, key, is_poll=self.is_poll)
        if not any(key.allows(scope, request.method or "") for scope in self.scopes):
            raise Rejected("scope_missing", f"The API key “{key.name}” lacks the scope “{self.scopes[0]}”.")
        request.user = key.owner
        request.api_key = key  # type: ignore[attr-defined]
        idempotency.begin(request, key.owner)
        return key.owner


def authentication(*scopes: str, is_poll: bool = False) -> list:
    """Return the ways to authenticate: a key with one of the scopes, or a session. Both count the request, but for a poll.

    Each operation authorises by itself, through `.visible_to(request.user)` and the like.
    """
    return [Bearer(*scopes, is_poll=is_poll), Session(is_poll=is_poll)]


class Router(NinjaRouter):
    """ninja's router, where GET also answers HEAD, DELETE answers 204, and options add to the OpenAPI document.

    A GET with side effects has no HEAD: declare it by `api_operation(["GET"], …)`.
    """

    waiting: ClassVar[set[str]] = set()  # names of addresses whose answers may wait for a job
    streaming: ClassVar[set[str]] = set()  # and of those that stream them

    def api_operation(
        self,
        methods,
        path,
        *,
        errors=(),
        required=(),
        file_types=(),
        job=None,
        streams=True,
        takes_long=False,
        **options,
    ):
        """Declare an operation.

        errors: statuses of its errors, beside those that follow from its parameters. required: fields of its multipart
        form that the form requires, and not the schema. file_types: content types of the audio file that it returns,
        whole or by byte ranges. job: returns of its result the job, if any, that the answer tells the progress of.
        streams: whether a GET then takes `wait`, and has its events at …/events. takes_long: whether a POST works for long
        before it writes, and calls `begin_work` then (voicesite/limits/idempotency.py). options: ninja's.
        """
        extra = options.setdefault("openapi_extra", {})
        extra["responses"] = extra.get("responses", {}) | {status: reference(status) for status in errors}
        if required:
            extra["requestBody"] = {"content": {"multipart/form-data": {"schema": {"required": required}}}}
        if file_types:
            extra["parameters"] = [RANGE_HEADER]
            extra["responses"] |= file_responses(file_types)
            options.setdefault("response", {200: None})
        declare = super().api_operation

        def declared(view: Callable) -> Callable:
            contribute_operation_callback(view, name_form_fields)
            if methods == ["POST"] and not iscoroutinefunction(view):
                view = idempotency.with_answer(view, at_once=not takes_long)
            if job is None:
                return declare(methods, path, **options)(view)
            shown, told, name = _about(view, job), _about(view, job), view.__name__
            if "GET" in methods and streams:
                waits = Query(0, ge=0, le=events.MOST_SECONDS, description=WAIT_WORDS)
                contribute_operation_args(shown, "wait", int, waits)
                self.waiting.add(name)
                self.streaming.add(f"{name}_events")
                told.__name__, told.__doc__ = f"{name}_events", EVENTS_WORDS
                described = {
                    "summary": f"{options['summary']}: events",
                    "openapi_extra": {"parameters": [LAST_EVENT_HEADER]},
                }
                declare(methods, f"{path}/events", url_name=told.__name__, **options | described)(told)
            declare(methods, path, url_name=name if name in self.waiting else None, **options)(shown)
            return view

        return declared

    get = partialmethod(api_operation, ["GET", "HEAD"])
    post = partialmethod(api_operation, ["POST"])
    put = partialmethod(api_operation, ["PUT"])
    patch = partialmethod(api_operation, ["PATCH"])
    delete = partialmethod(api_operation, ["DELETE"], response={204: None})


def _about(view: Callable, job: Callable[[Any], Job | None]) -> Callable:
    """Return a view that notes which job its answer is about."""

    @functools.wraps(view)
    def noting(request: HttpRequest, *args: Any, wait: int = 0, **kwargs: Any) -> Any:
        found = view(request, *args, **kwargs)
        events.about(request, job(found.value if isinstance(found, Status) else found), wait)
        return found

    return noting


class Pages(PaginationBase):
    """Pagination by limit and offset, with links to the pages before and after."""

    items_attribute = "results"

    class Input(Schema):
        limit: int = Field(24, ge=1, le=100, description="How many to give")
        offset: int = Field(0, ge=0, le=1_000_000, description="How many to leave out before the first")

    class Output(Schema):
        count: int = Field(description="How many there are in all")
        next: str | None = Field(description="Where the next ones are; null at the end")
        previous: str | None = Field(description="Where the ones before are; null at the beginning")
        results: list[Any]

    def paginate_queryset(self, queryset: QuerySet, pagination: Any, request: HttpRequest, **params: Any) -> Any:
        limit, offset, count = pagination.limit, pagination.offset, queryset.count()

        def address(offset: int) -> str:
            return f"{request.path}?{urlencode({**request.GET.dict(), 'limit': limit, 'offset': offset})}"

        return {
            "count": count,
            "next": address(offset + limit) if offset + limit < count else None,
            "previous": address(max(offset - limit, 0)) if offset else None,
            "results": queryset[offset : offset + limit],
        }


# ---------------------------------------------------------------------------------------------------------------------
# The OpenAPI document


def reference(status: int) -> dict[str, str]:
    """Return a reference to the response of a general error, which the OpenAPI document has once."""
    return {"$ref": f"#/components/responses/{response_name(CODE_BY_STATUS[status])}"}


def response_name(code: str) -> str:
    return code.title().replace("_", "")


WAIT_WORDS = "Seconds to wait for the next state or stage, or for its end, at most"
EVENTS_WORDS = """The same as server-sent events: one for each change, until it has ended.

`data` is what `GET` answers without `/events`; the progress never goes back. Who comes back with the header `Last-Event-ID`
is told nothing twice; a 204 says that there is nothing more to come."""
LAST_EVENT_HEADER = {
    "in": "header",
    "name": "Last-Event-ID",
    "required": False,
    "description": "The id of the last event that was received",
    "schema": {"type": "string"},
}
RANGE_HEADER = {
    "in": "header",
    "name": "Range",
    "required": False,
    "description": "Which part: one range of bytes",
    "schema": {"type": "string"},
    "example": "bytes=0-65535",
}


IDEMPOTENCY_KEY = {
    "in": "header",
    "name": idempotency.HEADER,
    "required": False,
    "description": "Of your making, another for each request: with the same one, the same request is answered again with "
    "what it was answered with before, for 24 hours, and nothing is done twice",
    "schema": {"type": "string", "minLength": 1, "maxLength": idempotency.LONGEST},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}


def whole_file_response(types: Iterable[str]) -> dict[int, dict]:
    """Return the response of an operation that returns a file of one of these content types, and knows no ranges."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in types}
    return {200: {"description": "All of it", "content": content}}


def file_responses(types: Iterable[str]) -> dict[int, dict]:
    """Return the responses of an operation that returns a file of one of these content types, or a range of it."""
    whole = whole_file_response(types)
    return {
        **whole,
        206: whole[200] | {"description": "The part that was asked for"},
        304: {"description": "You have it: its ETag is the one of If-None-Match"},
        416: {"description": "It is not so long"},
    }
