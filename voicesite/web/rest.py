"""What the parts of the REST API share: who asks, one shape of errors, bodies and pages of lists.

`voicesite.site.api` mounts the parts; each app has its own in `api.py`.
"""

import json
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Schema
from ninja import Router as NinjaRouter
from ninja.pagination import PaginationBase
from ninja.parser import Parser as NinjaParser
from ninja.security import APIKeyCookie, HttpBearer

from voicesite.people import keys

# What can go wrong with any operation: its name in the document, the code for programs, and words for people.
ERRORS = {
    400: ("BadRequest", "bad_request", "The request can't be read."),
    401: ("Unauthenticated", "unauthenticated", "Sign in, or send an API key: Authorization: Bearer vs_…"),
    403: (
        "Forbidden",
        "forbidden",
        "The API key may not do this; or, without a key, the token against forged requests is missing or wrong: "
        "send it as X-CSRFToken.",
    ),
    404: ("NotFound", "not_found", "It is not here, or it is not yours."),
    405: ("MethodNotAllowed", "method_not_allowed", "This address does not know the method."),
    409: ("Conflict", "conflict", "That is not possible as things are now."),
    413: ("TooLarge", "too_large", "That is more than may be sent at once."),
    415: ("UnsupportedMediaType", "unsupported_media_type", "Send it as application/json."),
    422: ("Invalid", "invalid", "Something is wrong with what was sent: `fields` says what."),
    429: ("Busy", "busy", "Too much is going on at this moment. Try again in a few seconds."),
    500: ("Internal", "internal", "Something went wrong here. It is in the log of the site."),
}
RETRY_SECONDS = 5


class Problem(Schema):
    code: str = Field(description="For programs: it stays the same when the words change")
    message: str = Field(description="What is wrong and what to do, in words for people")
    fields: dict[str, list[str]] | None = Field(None, description="What is wrong with which field, where it is known")


class Error(Schema):
    """What every answer is that is no success."""

    error: Problem


class Refused(Exception):
    """The answer is an error. Without a code or a message, those of the status."""

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        code: str = "",
        fields: dict[str, list[str]] | None = None,
        retry: int = RETRY_SECONDS,
    ):
        super().__init__(message)
        self.status, self.message, self.code, self.fields = status, message, code, fields
        self.retry = retry  # seconds to wait, of a 429


def problems(form: BaseForm, **names: str) -> dict[str, list[str]]:
    """What a form says against each field. names: what its fields are called here, where otherwise."""
    return {
        "" if name == NON_FIELD_ERRORS else names.get(name, name): [text for error in errors for text in error.messages]
        for name, errors in form.errors.as_data().items()
    }


def refusal(form: BaseForm, **names: str) -> Refused:
    """What an invalid form says, as an error. names: as of `problems`."""
    codes = {error.code for errors in form.errors.as_data().values() for error in errors}
    status = 429 if "busy" in codes else 413 if "too_large" in codes else 422
    fields = problems(form, **names)
    return Refused(status, next(iter(fields.values()))[0], fields=fields)


def error_response(
    status: int,
    message: str = "",
    *,
    code: str = "",
    fields: dict[str, list[str]] | None = None,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    _, usual_code, usual_message = ERRORS[status]
    error: dict[str, Any] = {"code": code or usual_code, "message": message or usual_message}
    if fields:
        error["fields"] = fields
    headers = dict(headers or {})
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 429:
        headers.setdefault("Retry-After", str(RETRY_SECONDS))
    return JsonResponse({"error": error}, status=status, headers=headers)


class Session(APIKeyCookie):
    """A browser that is signed in. What changes something needs the token against forged requests too."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest):
        # Who is not signed in is told that, and not that a token is missing.
        return super().__call__(request) if request.user.is_authenticated else None

    def authenticate(self, request: HttpRequest, key: str | None):
        return request.user


class Bearer(HttpBearer):
    """A program, by the API key of a person: it acts as its owner, as far as the key allows."""

    def __init__(self, scope: str):
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest):
        secret = keys.sent_by(request)
        return None if secret is None else self.authenticate(request, secret)

    def authenticate(self, request: HttpRequest, token: str):
        key = keys.find(token)
        if key is None:  # whoever sends a key is never taken for the browser's session instead
            raise Refused(401, "This API key is not known here, or was revoked.", code="invalid_key")
        if not key.allows(self.scope, request.method or ""):
            raise Refused(403, f"The API key “{key.name}” lacks the scope “{self.scope}”.", code="scope_missing")
        request.user = key.owner
        return key.owner


def authentication(scope: str) -> list:
    """Who may ask: a key with the scope, or a session. What they may see and change, each operation asks of
    `.visible_to(request.user)` and the like."""
    return [Bearer(scope), Session()]


class Parser(NinjaParser):
    """Bodies, of the kinds that the document says they are."""

    def parse_body(self, request: HttpRequest):
        _expect(request, "application/json")
        return json.loads(request.body)

    def parse_querydict(self, data, list_fields, request: HttpRequest):
        if data is not request.GET:
            _expect(request, "multipart/form-data", "application/x-www-form-urlencoded")
        return super().parse_querydict(data, list_fields, request)


def _expect(request: HttpRequest, *kinds: str) -> None:
    if request.content_type not in kinds and request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
        raise Refused(415, f"Send it as {kinds[0]}, not as {request.content_type or 'nothing that is named'}.")


class Router(NinjaRouter):
    """Answers HEAD wherever it answers GET; for what a GET sets going there is `api_operation(["GET"], …)`."""

    def get(self, path, **options):
        return self.api_operation(["GET", "HEAD"], path, **options)


class Pages(PaginationBase):
    """A list, so many at a time."""

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
# For the document


def error_responses(*statuses: int) -> dict:
    """For `openapi_extra`: errors of an operation beside those that follow from its parameters."""
    return {"responses": {status: {"$ref": f"#/components/responses/{ERRORS[status][0]}"} for status in statuses}}


def required_fields(*fields: str) -> dict:
    """For `openapi_extra`: fields of a form that must be there, as the form says and not the schema."""
    return {"requestBody": {"content": {"multipart/form-data": {"schema": {"required": [*fields]}}}}}


def audio_response(*kinds: str) -> dict:
    """For `openapi_extra`: an operation that answers with a file, and with a part of it where a Range is asked for."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
    return {
        "parameters": [
            {
                "in": "header",
                "name": "Range",
                "required": False,
                "description": "Which part: one range of bytes",
                "schema": {"type": "string"},
                "example": "bytes=0-65535",
            }
        ],
        "responses": {
            200: {"description": "All of it", "content": content},
            206: {"description": "The part that was asked for", "content": content},
            304: {"description": "You have it: its ETag is the one of If-None-Match"},
            416: {"description": "It is not so long"},
        },
    }
