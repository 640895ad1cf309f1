"""The REST API at /api/: the parts of the apps, put together, with their document."""

import functools

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import URLPattern, path, re_path
from django.utils.log import log_response
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation

import synthesis.api.rest
import voices.archives.api
import voices.clips.api
import voices.profiles.api
from voicesite.web.rest import ERRORS, Error, Parser, Refused, authentication, error_response

from .health import Health

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
    voices.archives.api.router,
):
    api.add_router("", router, auth=authentication("voices"))
api.add_router("", synthesis.api.rest.router, auth=authentication("speak"))


@api.exception_handler(Refused)
def _refused(request: HttpRequest, exception: Refused) -> HttpResponse:
    headers = {"Retry-After": str(exception.retry)} if exception.status == 429 else {}
    return error_response(
        exception.status, exception.message, code=exception.code, fields=exception.fields, headers=headers
    )


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, exception: HttpError) -> HttpResponse:
    if isinstance(exception.__cause__, Refused | RequestDataTooBig):  # ninja calls whatever ends the reading a 400
        return api.on_exception(request, exception.__cause__)
    return error_response(exception.status_code)


@api.exception_handler(AuthenticationError)
def _unauthenticated(request: HttpRequest, exception: AuthenticationError) -> HttpResponse:
    return error_response(401)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, exception: ValidationError) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for error in exception.errors:
        source, *place = error["loc"]
        name = ".".join(str(step) for step in (place[1:] if source == "body" else place))
        fields.setdefault(name, []).append(error["msg"])
    return error_response(422, fields=fields)


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    return error_response(404)


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, exception: RequestDataTooBig) -> HttpResponse:
    return error_response(413)


@api.exception_handler(SuspiciousOperation)
def _suspicious(request: HttpRequest, exception: SuspiciousOperation) -> HttpResponse:
    return error_response(400)


@api.exception_handler(MultiPartParserError)
def _unreadable(request: HttpRequest, exception: MultiPartParserError) -> HttpResponse:
    return error_response(400, "The form can't be read: it is cut off, or not the multipart/form-data that it says.")


@api.exception_handler(Exception)
def _broken(request: HttpRequest, exception: Exception) -> HttpResponse:
    response = error_response(500)
    log_response("Internal Server Error: %s", request.path, response=response, request=request, exception=exception)
    return response


def _answering(view):
    """A view of ninja's as part of this site: it asks itself who calls, and its odd answers are like the others."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = ", ".join(sorted({*response.headers["Allow"].split(", "), "OPTIONS"}))
            if request.method == "OPTIONS":
                response = HttpResponse(status=204, headers={"Allow": allowed})
            else:
                response = error_response(405, f"Here are only {allowed}.", headers={"Allow": allowed})
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return login_not_required(answer)


@login_not_required
@csrf_exempt
def _nowhere(request: HttpRequest) -> HttpResponse:
    return error_response(404, "The API has no such address.")


# ---------------------------------------------------------------------------------------------------------------------
# The document, and two ways to read it. Public, as it says nothing about anyone.


@functools.cache
def document() -> dict:
    """The OpenAPI document, with the errors that follow from what an operation takes."""
    schema = api.get_openapi_schema(path_prefix="api")
    for unused in (
        "GenerationFilters",
        "VoiceIds",
        "ClipIn",
        "Input",
        "RecordingIn",
        "AudioFormat",
        "VoiceIn",
        "VoiceFilterParams",
    ):  # of addresses and forms, told field by field
        schema["components"]["schemas"].pop(unused, None)
    for kind in (Error, Health):
        schema["components"]["schemas"] |= kind.model_json_schema(ref_template="#/components/schemas/{model}")["$defs"]
    schema["components"]["schemas"]["Error"] = {
        "title": "Error",
        "description": Error.__doc__,
        "type": "object",
        "properties": {"error": {"$ref": "#/components/schemas/Problem"}},
        "required": ["error"],
    }
    schema["components"]["responses"] = {
        name: {
            "description": message,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Error"},
                    "example": {"error": {"code": code, "message": message}},
                }
            },
        }
        for name, code, message in ERRORS.values()
    }
    for address, methods in schema["paths"].items():
        methods.pop("head", None)  # as GET, without the body
        for operation in methods.values():
            form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data", {}).get("schema", {})
            for field in (
                *form.get("properties", {}).values(),
                *(taken["schema"] for taken in operation["parameters"]),
            ):
                _without_null(field)
            statuses = {401, 403, 500}
            if "{" in address:
                statuses.add(404)
            if "requestBody" in operation:
                statuses |= {400, 413, 415}
            if "requestBody" in operation or any(taken["in"] == "query" for taken in operation["parameters"]):
                statuses.add(422)
            for status in sorted(statuses):
                reference = {"$ref": f"#/components/responses/{ERRORS[status][0]}"}
                operation["responses"].setdefault(status, reference)
    schema["components"]["schemas"]["Health"] = _without_definitions(Health)
    told = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}}
    schema["paths"]["/api/health"] = {
        "get": {
            "operationId": "health",
            "summary": "Whether the site does its work",
            "description": "For monitors, and for anybody: it says nothing of anyone.",
            "tags": ["Site"],
            "parameters": [],
            "security": [],  # none is needed
            "responses": {200: {"description": "It does"} | told, 503: {"description": "It does not"} | told},
        }
    }
    return schema


def _without_definitions(kind: type[Schema]) -> dict:
    schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return schema


def _without_null(schema: dict) -> None:
    """In an address and in a form there is no null: what may be left out is left out."""
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


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html")


@login_not_required
@require_safe
@csp_update({"style-src": ["'self'", "'unsafe-inline'"]})  # it writes its styles itself
def redoc(request: HttpRequest) -> HttpResponse:
    return render(request, "api/redoc.html")


urlpatterns = [
    path("openapi.json", openapi, name="openapi"),
    *(
        path(str(address.pattern), _answering(address.callback), name=address.name)
        for address in api.urls[0]
        if isinstance(address, URLPattern) and address.name != "api-root"
    ),
    re_path("", _nowhere),
]
