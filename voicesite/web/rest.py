"""What the routers of the REST API share: authentication, the shape of errors, request bodies and pagination.

Each subject declares its operations in an `api.py`, and `voicesite.site.api` mounts them. The docstring of an operation
is its description in the OpenAPI document, below its summary.
"""

import json
from collections.abc import Iterable
from functools import partialmethod
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import NON_FIELD_ERRORS, RequestDataTooBig, SuspiciousOperation
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from ninja import Field, Schema
from ninja import Router as NinjaRouter
from ninja.errors import AuthenticationError
from ninja.pagination import PaginationBase
from ninja.parser import Parser as NinjaParser
from ninja.security import HttpBearer, SessionAuth

from voicesite.people import keys

from .rejection import STATUS_BY_CODE, Rejected

# The general code of each status, and its message.
MESSAGE_BY_CODE = {
    "bad_request": "The request can't be read.",
    "unauthenticated": "Sign in, or send an API key: Authorization: Bearer vs_…",
    "forbidden": "The API key may not do this; or, without a key, the token against forged requests is missing or wrong: "
    "send it as X-CSRFToken.",
    "not_found": "It is not here, or it is not yours.",
    "method_not_allowed": "This address does not know the method.",
    "conflict": "That is not possible as things are now.",
    "too_large": "That is more than may be sent at once.",
    "unsupported_media_type": "Send it as application/json.",
    "invalid": "Something is wrong with what was sent: `fields` says what.",
    "busy": "Too much is going on at this moment. Try again in a few seconds.",
    "internal": "Something went wrong here. It is in the log of the site.",
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
    code = next((code for code in ("busy", "too_large") if code in codes), "invalid")
    return Rejected(code, next(iter(fields.values()))[0], fields)


def save_form(form: Any, **names: str) -> Any:
    """Validate and save a form, and return what it made. names: as for `problems`.

    Raises Rejected; as a conflict if `save` returned None, since another request took a name or a recording first.
    """
    if not form.is_valid():
        raise rejection(form, **names)
    made = form.save()
    if made is None:
        raise Rejected("conflict", fields=problems(form, **names))
    return made


def rejection_of(error: Exception) -> Rejected:
    """Translate an exception of Django's, ninja's or ours into a rejection; an unknown one into a 500."""
    if isinstance(error, Rejected):
        return error
    if isinstance(error, MultiPartParserError):
        words = "The form can't be read: it is cut off, or not the multipart/form-data that it says."
        return Rejected("bad_request", words)
    return Rejected(next(code for kind, code in CODE_BY_EXCEPTION.items() if isinstance(error, kind)))


def error_response(rejected: Rejected, headers: dict[str, str] | None = None) -> HttpResponse:
    """Return the response to a rejected request."""
    status, headers = rejected.status, dict(headers or {})
    error: dict[str, Any] = {
        "code": rejected.code,
        "message": rejected.message or MESSAGE_BY_CODE[CODE_BY_STATUS[status]],
    }
    if rejected.fields:
        error["fields"] = rejected.fields
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 429:
        headers["Retry-After"] = str(rejected.retry)
    return JsonResponse({"error": error}, status=status, headers=headers)


class Session(SessionAuth):
    """Authentication by the browser's session; ninja also checks the CSRF token of requests that change something."""

    def __call__(self, request: HttpRequest):
        # Before the CSRF check, so that an anonymous request is a 401 and not a 403.
        return super().__call__(request) if request.user.is_authenticated else None


class Bearer(HttpBearer):
    """Authentication by an API key with a scope; the request then acts as the key's owner."""

    def __init__(self, scope: str):
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest):
        secret = keys.bearer_token(request)
        return None if secret is None else self.authenticate(request, secret)

    def authenticate(self, request: HttpRequest, token: str):
        key = keys.find(token)
        if key is None:  # rejected here, so that the session is not tried instead
            raise Rejected("invalid_key", "This API key is not known here, or revoked: make one on the account page.")
        if not key.allows(self.scope, request.method or ""):
            raise Rejected("scope_missing", f"The API key “{key.name}” lacks the scope “{self.scope}”.")
        request.user = key.owner
        return key.owner


def authentication(scope: str) -> list:
    """Return the ways to authenticate: a key with the scope, or a session.

    Each operation authorises by itself, through `.visible_to(request.user)` and the like.
    """
    return [Bearer(scope), Session()]


def parse_json(body: bytes) -> Any:
    """Return what a JSON body says. Raises ValueError, also for half of a character, as of an emoji that was cut.

    Such a surrogate can be escaped in JSON, and neither kept in a database nor logged.
    """
    value = json.loads(body)
    if b"\\ud" in body.lower():
        json.dumps(value, ensure_ascii=False).encode()
    return value


class Parser(NinjaParser):
    """Parses bodies only of the content types that the OpenAPI document declares."""

    def parse_body(self, request: HttpRequest):
        _expect(request, "application/json")
        return parse_json(request.body)

    def parse_querydict(self, data, list_fields, request: HttpRequest):
        if data is not request.GET:
            _expect(request, "multipart/form-data", "application/x-www-form-urlencoded")
        return super().parse_querydict(data, list_fields, request)


def _expect(request: HttpRequest, *kinds: str) -> None:
    if request.content_type not in kinds and request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
        named = request.content_type or "nothing that is named"
        raise Rejected("unsupported_media_type", f"Send it as {kinds[0]}, not as {named}.")


class Router(NinjaRouter):
    """ninja's router, where GET also answers HEAD, DELETE answers 204, and options add to the OpenAPI document.

    A GET with side effects has no HEAD: declare it by `api_operation(["GET"], …)`.
    """

    def api_operation(self, methods, path, *, errors=(), required=(), file_types=(), **options):
        """Declare an operation.

        errors: statuses of its errors, beside those that follow from its parameters. required: fields of its multipart
        form that the form requires, and not the schema. file_types: content types of the audio file that it returns,
        whole or by byte ranges. options: ninja's.
        """
        extra = options.setdefault("openapi_extra", {})
        extra["responses"] = extra.get("responses", {}) | {status: reference(status) for status in errors}
        if required:
            extra["requestBody"] = {"content": {"multipart/form-data": {"schema": {"required": required}}}}
        if file_types:
            extra["parameters"] = [RANGE_HEADER]
            extra["responses"] |= file_responses(file_types)
            options.setdefault("response", {200: None})
        return super().api_operation(methods, path, **options)

    get = partialmethod(api_operation, ["GET", "HEAD"])
    post = partialmethod(api_operation, ["POST"])
    patch = partialmethod(api_operation, ["PATCH"])
    delete = partialmethod(api_operation, ["DELETE"], response={204: None})


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


RANGE_HEADER = {
    "in": "header",
    "name": "Range",
    "required": False,
    "description": "Which part: one range of bytes",
    "schema": {"type": "string"},
    "example": "bytes=0-65535",
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
