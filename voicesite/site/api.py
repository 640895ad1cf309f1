"""The REST API at /api/: the routers of the apps, their authentication and errors, and the OpenAPI document."""

import functools
import json
import re
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, re_path
from django.utils.log import log_response
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView, TemplateView
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation

import synthesis.aliases.api
import synthesis.api.jobs
import synthesis.api.library
import synthesis.api.links
import synthesis.api.provenance
import synthesis.api.rest
import synthesis.api.segments
import synthesis.api.text
import synthesis.pronunciations.api
import voices.archives.api
import voices.clips.api
import voices.consent.api
import voices.profiles.api
import voicesite.hooks.api
import voicesite.limits.api
from synthesis.api import openai_document
from voicesite.limits import idempotency, rates
from voicesite.limits.idempotency import Answered
from voicesite.resources import outage
from voicesite.web import events
from voicesite.web.addresses import with_or_without_slash
from voicesite.web.live import live
from voicesite.web.parsing import Parser
from voicesite.web.rejection import Rejected
from voicesite.web.rest import (
    CODE_BY_EXCEPTION,
    CODE_BY_STATUS,
    IDEMPOTENCY_KEY,
    MESSAGE_BY_CODE,
    Error,
    Router,
    authentication,
    error_response,
    reference,
    rejection_of,
    response_name,
)

from . import health

DESCRIPTION = """
What the pages of this site do, for programs. They send an API key of their person’s, who makes it on the account page:
`Authorization: Bearer vs_…`. A key may do what its scopes say: `read` sees everything, `speak` and `voices` see and
change speech and voices. A browser that is signed in may ask too; what changes something needs the token against forged
requests then, in the header `X-CSRFToken`.

What is not yours is a 404, as if it were not there. Errors have one shape, `{"error": {"code", "message", "fields"}}`:
`code` is for programs, `message` for people, and `fields` says what is wrong with which field. Lists come in pages:
`limit` and `offset` choose one, `next` and `previous` lead on. Times are in UTC; lengths and places in a recording are
in seconds.
"""


class API(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = API(
    title="Voicesite",
    version=settings.VERSION,
    description=DESCRIPTION.strip(),
    parser=Parser(),
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
)
for router in (
    voices.profiles.api.router,
    voices.clips.api.router,
    voices.clips.api.recordings,
    voices.consent.api.router,
    voices.archives.api.router,
):
    api.add_router("", router, auth=authentication("voices"))
for router in (
    synthesis.api.rest.router,
    synthesis.api.library.router,
    synthesis.api.jobs.router,
    synthesis.api.links.router,
    synthesis.api.provenance.router,
    synthesis.api.segments.router,
    synthesis.api.text.router,
    synthesis.pronunciations.api.router,
    synthesis.aliases.api.router,
    voicesite.hooks.api.router,
):
    api.add_router("", router, auth=authentication("speak"))
api.add_router("", voicesite.limits.api.router)
api.add_router("", health.router)


def _rejected(request: HttpRequest, exception: Any) -> HttpResponse:
    rejected = rejection_of(exception)
    response = error_response(rejected)
    if rejected.code == "internal":
        log_response("Internal Server Error: %s", request.path, response=response, request=request, exception=exception)
    return response


for _kind in CODE_BY_EXCEPTION:  # ninja has handlers of its own for some of these
    api.add_exception_handler(_kind, _rejected)


@api.exception_handler(Answered)
def _answered(request: HttpRequest, exception: Answered) -> HttpResponse:
    return exception.response


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, exception: HttpError) -> HttpResponse:
    cause: Any = exception.__cause__  # ninja makes a 400 of any error while it reads
    if isinstance(cause, Rejected | RequestDataTooBig) or outage(cause):
        return api.on_exception(request, cause)
    return error_response(Rejected(CODE_BY_STATUS[exception.status_code]))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, exception: ValidationError) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for error in exception.errors:
        source, *place = error["loc"]
        name = ".".join(str(step) for step in (place[1:] if source == "body" else place))
        words = "There is no such field." if error["type"] == "extra_forbidden" else error["msg"]
        words = words.removeprefix("Value error, ")  # pydantic's words before ours
        fields.setdefault(name, []).append(words)
    return error_response(Rejected("invalid", fields=fields))


def _wrap(view, name: str):
    """Wrap a view of ninja's, which authenticates by itself: answer OPTIONS, and give a 405 the shape of other errors.

    An address with an async operation is live, for its other operations too; so is one whose answers wait for a job, or
    stream them.
    """
    if iscoroutinefunction(view):

        @functools.wraps(view)
        async def live_view(request: HttpRequest, *args, **kwargs):
            response = None
            try:
                response = await view(request, *args, **kwargs)
            finally:
                await sync_to_async(idempotency.end)(request, response)
            return _finish(request, response)

        return live(live_view)

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs):
        try:
            response = view(request, *args, **kwargs)
            idempotency.end(request, response)
        except Rejected as rejected:  # another request has taken over the key, and what this one did is undone
            response = error_response(rejected)
        finally:
            idempotency.end(request, None)  # if it wasn't by now
        return _finish(request, response)

    if name in Router.waiting:
        return live(events.waits(wrapped))
    if name in Router.streaming:
        return live(events.streams(wrapped))
    return login_not_required(wrapped)


def _finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.status_code == 405:
        allowed = ", ".join(sorted({*response.headers["Allow"].split(", "), "OPTIONS"}))
        if request.method == "OPTIONS":
            response = HttpResponse(status=204, headers={"Allow": allowed})
        else:
            rejected = Rejected("method_not_allowed", f"Here are only {allowed}.")
            response = error_response(rejected, {"Allow": allowed})
    response.headers.setdefault("Cache-Control", "private, no-cache")
    rates.set_headers(request, response)
    events.say_when_to_ask_again(request, response)
    return response


@login_not_required
@csrf_exempt
def _unknown_address(request: HttpRequest) -> HttpResponse:
    return error_response(Rejected("not_found", "There is no such API address."))


# ---------------------------------------------------------------------------------------------------------------------
# The OpenAPI document and a viewer of it. Public, since it has no data of users.


@functools.cache
def document() -> dict:
    """Return the OpenAPI document, with the errors that follow from the parameters of each operation."""
    schema = api.get_openapi_schema(path_prefix="api")
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(schema, default=str)))
    for unused in set(schema["components"]["schemas"]) - used:  # of paths and forms, described field by field
        del schema["components"]["schemas"][unused]
    error = Error.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["components"]["schemas"] |= error.pop("$defs") | {"Error": error}
    schema["components"]["responses"] = {
        response_name(code): {
            "description": message,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Error"},
                    "example": {"error": {"code": code, "message": message}},
                }
            },
        }
        for code, message in MESSAGE_BY_CODE.items()
    }
    for address, methods in schema["paths"].items():
        methods.pop("head", None)  # the same as GET
        if post := methods.get("post"):
            post["parameters"].append(IDEMPOTENCY_KEY)
        for operation in methods.values():
            form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data", {}).get("schema", {})
            if form:
                form["additionalProperties"] = False
            parameters = operation["parameters"]
            for field in (*form.get("properties", {}).values(), *(parameter["schema"] for parameter in parameters)):
                _remove_null(field)
            statuses = {401, 403, 429, 500} if operation["security"] else set()
            if statuses and operation is not methods.get("get"):
                statuses |= {503, 507}
            if "{" in address:
                statuses.add(404)
            if "requestBody" in operation:
                statuses |= {400, 413, 415}
            if IDEMPOTENCY_KEY in parameters:
                statuses |= {400, 409, 422}
            if operation["operationId"] in Router.streaming:
                content = operation["responses"][200]["content"]
                content[events.CONTENT_TYPE] = content.pop("application/json")
                operation["responses"][204] = {"description": "Nothing more to come"}
            if "requestBody" in operation or any(parameter["in"] == "query" for parameter in parameters):
                statuses.add(422)
            for status in sorted(statuses):
                operation["responses"].setdefault(status, reference(status))
    for address, methods in openai_document.paths().items():
        if post := methods.get("post"):
            post["parameters"].append(IDEMPOTENCY_KEY)
        schema["paths"][address] = methods
    schema["components"]["schemas"] |= openai_document.SCHEMAS
    schema["components"]["securitySchemes"]["ApiKey"] = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    for methods in schema["paths"].values():
        for operation in methods.values():
            if {"Bearer": []} in (ways := operation.get("security", [])):
                ways.insert(1, {"ApiKey": []})
    return schema


def _remove_null(schema: dict) -> None:
    """Make a nullable query parameter or form field optional only: neither can hold a null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) == 1:
        del schema["anyOf"]
        schema |= kinds[0]
    if schema.get("default", "") is None:
        del schema["default"]


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> JsonResponse:
    return JsonResponse(document())


docs = login_not_required(TemplateView.as_view(template_name="api/docs.html"))
redoc = login_not_required(RedirectView.as_view(pattern_name="docs", permanent=False))  # where another viewer was

urlpatterns = [
    path("openapi.json", openapi, name="openapi"),
    *(
        with_or_without_slash(pattern, _wrap(pattern.callback, str(pattern.name)))
        for pattern in api.urls[0]
        if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    ),
    re_path("", _unknown_address),
]
