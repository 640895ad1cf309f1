"""What programs send: JSON bodies and forms, and what none of them may have."""

import json
import math
import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja.operation import Operation
from ninja.params.models import FileModel, FormModel
from ninja.parser import Parser as NinjaParser

from .rejection import Rejected

MOST_NESTED = 50  # levels of a JSON body
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(body: bytes) -> Any:
    """Return what a JSON body says. Raises Rejected where that is nothing to work with.

    NaN and infinity are no JSON. Half of a character, as of an emoji that was cut, can neither be kept in a database nor
    logged; a database refuses NUL characters, and whoever goes through what is nested too deep ends in an error.
    """
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Rejected("bad_request", "The body is not valid JSON.") from None
    if "\\u" in text or text.count("[") + text.count("{") > MOST_NESTED:
        _check_json(value, [])
    return value


def _finite(written: str) -> float:
    if not math.isfinite(number := float(written)):
        raise ValueError
    return number


def _check_json(value: Any, place: list[str]) -> None:
    """Raise Rejected for what no request may have, at a place of its body."""
    if len(place) > MOST_NESTED:
        raise Rejected("bad_request", f"The body is nested too deep: {MOST_NESTED} levels are the limit.")
    if isinstance(value, str):
        if why := _why_no_text(value):
            raise Rejected("invalid", why).about(".".join(place))
    elif isinstance(value, dict):
        for name, part in value.items():
            _check_json(name, place)
            _check_json(part, [*place, name])
    elif isinstance(value, list):
        for index, part in enumerate(value):
            _check_json(part, [*place, str(index)])


def _why_no_text(value: str) -> str:
    """Return why no field may have this value; empty if it may."""
    if "\0" in value:
        return "This text contains a null character (code 0). Please delete it."
    return "It has half of a character, as of an emoji that was cut." if _SURROGATE.search(value) else ""


class Parser(NinjaParser):
    """Parses bodies only of the content types that the OpenAPI document declares."""

    def parse_body(self, request: HttpRequest):
        _expect(request, "application/json")
        return parse_json(request.body)

    def parse_querydict(self, data, list_fields, request: HttpRequest):
        if data is not request.GET:
            _expect(request, "multipart/form-data", "application/x-www-form-urlencoded")
            known = {*getattr(request, "form_fields", ()), "csrfmiddlewaretoken"}
            if unknown := {*request.POST, *request.FILES} - known:
                raise Rejected("invalid", fields={name: ["There is no such field."] for name in sorted(unknown)})
        for name, values in data.lists():
            for value in values:
                if isinstance(value, str) and (why := _why_no_text(value)):
                    raise Rejected("invalid", why).about(name)
        return super().parse_querydict(data, list_fields, request)


def name_form_fields(operation: Operation) -> None:
    """Let requests of an operation know the fields that its form has: the parser refuses others."""
    forms = [model for model in operation.models if issubclass(model, FormModel | FileModel)]
    names = {name for model in forms for name in getattr(model, "__ninja_flatten_map__", model.model_fields)}

    def knowing(run: Callable) -> Callable:
        def with_fields(request: HttpRequest, **kw: Any) -> HttpResponseBase:
            request.form_fields = names  # type: ignore[attr-defined]
            return run(request, **kw)

        return with_fields

    if names:
        operation.run = knowing(operation.run)  # type: ignore[method-assign]
        operation._run_decorators = [knowing]  # type: ignore[attr-defined]


def _expect(request: HttpRequest, *kinds: str) -> None:
    if request.content_type not in kinds and request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
        named = request.content_type or "nothing that is named"
        raise Rejected("unsupported_media_type", f"Send it as {kinds[0]}, not as {named}.")
