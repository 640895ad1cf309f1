"""What the parts of the REST API share: who asks, one shape of errors, bodies and pages of lists.

`voicesite.site.api` mounts the parts; each app has its own in `api.py`.
"""

import json
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
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
from ninja.security import APIKeyCookie, HttpBearer

from voicesite.people import keys

from .rejection import STATUS, Rejected

# What can go wrong with any operation: the general code of each status, and words for people.
ERRORS = {
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
GENERAL = {STATUS[code]: code for code in ERRORS}


class Problem(Schema):
    code: str = Field(description="For programs: it stays the same when the words change")
    message: str = Field(description="What is wrong and what to do, in words for people")
    fields: dict[str, list[str]] | None = Field(None, description="What is wrong with which field, where it is known")


class Error(Schema):
    """What every answer is that is no success."""

    error: Problem


def problems(form: BaseForm, **names: str) -> dict[str, list[str]]:
    """What a form says against each field. names: what its fields are called here, where otherwise."""
    return {
        "" if name == NON_FIELD_ERRORS else names.get(name, name): [text for error in errors for text in error.messages]
        for name, errors in form.errors.as_data().items()
    }


def rejection(form: BaseForm, **names: str) -> Rejected:
    """Return what an invalid form says. names: as of `problems`."""
    codes = {error.code for errors in form.errors.as_data().values() for error in errors}
    fields = problems(form, **names)
    code = next((code for code in ("busy", "too_large") if code in codes), "invalid")
    return Rejected(code, next(iter(fields.values()))[0], fields)


def rejection_of(error: Exception) -> Rejected:
    """Return what an exception of Django's, ninja's or ours says to whoever asked; of any other one, a 500."""
    match error:
        case Rejected():
            return error
        case AuthenticationError():
            return Rejected("unauthenticated")
        case Http404():
            return Rejected("not_found")
        case RequestDataTooBig():
            return Rejected("too_large")
        case SuspiciousOperation() | MultiPartParserError():
            return Rejected("bad_request")
    return Rejected("internal")


def error_response(rejected: Rejected, headers: dict[str, str] | None = None) -> HttpResponse:
    """Answer with what was rejected, in the API's one shape of errors."""
    status, headers = rejected.status, dict(headers or {})
    error: dict[str, Any] = {"code": rejected.code, "message": rejected.message or ERRORS[GENERAL[status]]}
    if rejected.fields:
        error["fields"] = rejected.fields
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 429:
        headers["Retry-After"] = str(rejected.retry)
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
        secret = keys.bearer_token(request)
        return None if secret is None else self.authenticate(request, secret)

    def authenticate(self, request: HttpRequest, token: str):
        key = keys.find(token)
        if key is None:  # whoever sends a key is never taken for the browser's session instead
            raise Rejected("invalid_key", "This API key is not known here, or was revoked.")
        if not key.allows(self.scope, request.method or ""):
            raise Rejected("scope_missing", f"The API key “{key.name}” lacks the scope “{self.scope}”.")
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
        named = request.content_type or "nothing that is named"
        raise Rejected("unsupported_media_type", f"Send it as {kinds[0]}, not as {named}.")


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


def reference(status: int) -> dict[str, str]:
    """Return what stands in the document for the answer of a general error."""
    return {"$ref": f"#/components/responses/{response_name(GENERAL[status])}"}


def response_name(code: str) -> str:
    return code.title().replace("_", "")


def error_responses(*statuses: int) -> dict:
    """For `openapi_extra`: errors of an operation beside those that follow from its parameters."""
    return {"responses": {status: reference(status) for status in statuses}}


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
