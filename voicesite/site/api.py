"""The REST API at /api/: the routers of the apps, their authentication and errors, and the OpenAPI document."""

import functools
import json
import re
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, re_path
from django.utils.log import log_response
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation

import synthesis.api.rest
import synthesis.api.segments
import synthesis.api.text
import synthesis.pronunciations.api
import voices.archives.api
import voices.clips.api
import voices.profiles.api
from voicesite.web.rejection import Rejected
from voicesite.web.rest import (
    CODE_BY_EXCEPTION,
    CODE_BY_STATUS,
    MESSAGE_BY_CODE,
    Error,
    Parser,
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
    voices.archives.api.router,
):
    api.add_router("", router, auth=authentication("voices"))
for router in (
    synthesis.api.rest.router,
    synthesis.api.segments.router,
    synthesis.api.text.router,
    synthesis.pronunciations.api.router,
):
    api.add_router("", router, auth=authentication("speak"))
api.add_router("", health.router)


def _rejected(request: HttpRequest, exception: Any) -> HttpResponse:
    rejected = rejection_of(exception)
    response = error_response(rejected)
    if rejected.code == "internal":
        log_response("Internal Server Error: %s", request.path, response=response, request=request, exception=exception)
    return response


for _kind in CODE_BY_EXCEPTION:  # ninja has handlers of its own for some of these
    api.add_exception_handler(_kind, _rejected)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, exception: HttpError) -> HttpResponse:
    if isinstance(exception.__cause__, Rejected | RequestDataTooBig):  # ninja makes a 400 of any error while it reads
        return api.on_exception(request, exception.__cause__)
    return error_response(Rejected(CODE_BY_STATUS[exception.status_code]))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, exception: ValidationError) -> HttpResponse:
    fields: dict[str, list[str]] = {}
    for error in exception.errors:
        source, *place = error["loc"]
        name = ".".join(str(step) for step in (place[1:] if source == "body" else place))
        fields.setdefault(name, []).append(error["msg"])
    return error_response(Rejected("invalid", fields=fields))


def _wrap(view):
    """Wrap a view of ninja's, which authenticates by itself: answer OPTIONS, and give a 405 the shape of other errors."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = ", ".join(sorted({*response.headers["Allow"].split(", "), "OPTIONS"}))
            if request.method == "OPTIONS":
                response = HttpResponse(status=204, headers={"Allow": allowed})
            else:
                rejected = Rejected("method_not_allowed", f"Here are only {allowed}.")
                response = error_response(rejected, {"Allow": allowed})
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return login_not_required(wrapped)


@login_not_required
@csrf_exempt
def _unknown_address(request: HttpRequest) -> HttpResponse:
    return error_response(Rejected("not_found", "The API has no such address."))


# ---------------------------------------------------------------------------------------------------------------------
# The OpenAPI document and two viewers of it. Public, since it has no data of users.


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
        for operation in methods.values():
            form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data", {}).get("schema", {})
            parameters = operation["parameters"]
            for field in (*form.get("properties", {}).values(), *(parameter["schema"] for parameter in parameters)):
                _remove_null(field)
            statuses = {401, 403, 500} if operation["security"] else set()
            if "{" in address:
                statuses.add(404)
            if "requestBody" in operation:
                statuses |= {400, 413, 415}
            if "requestBody" in operation or any(parameter["in"] == "query" for parameter in parameters):
                statuses.add(422)
            for status in sorted(statuses):
                operation["responses"].setdefault(status, reference(status))
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
allow_inline_styles = csp_update({"style-src": ["'self'", "'unsafe-inline'"]})  # Redoc injects them
redoc = login_not_required(allow_inline_styles(TemplateView.as_view(template_name="api/redoc.html")))

urlpatterns = [
    path("openapi.json", openapi, name="openapi"),
    *(
        path(str(pattern.pattern), _wrap(pattern.callback), name=pattern.name)
        for pattern in api.urls[0]
        if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    ),
    re_path("", _unknown_address),
]
