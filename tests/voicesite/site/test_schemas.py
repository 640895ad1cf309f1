"""Every operation of the OpenAPI document is sent what the document allows and what it doesn't, at random but the same
each time, and answers as the document says. `python -m tests.benchmarks.schemas` sends more of it.
"""

import os
from collections import defaultdict
from contextlib import suppress
from functools import cache

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction

from tests.voices.profiles.test_api import world  # noqa: F401
from voicesite.models import ApiKey
from voicesite.people import keys
from voicesite.site.api import document

pytest.importorskip("schemathesis")

import hypothesis  # noqa: E402
import schemathesis.openapi  # noqa: E402
from schemathesis import GenerationMode, checks  # noqa: E402
from schemathesis.specs.openapi import checks as openapi_checks  # noqa: E402

EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "2"))  # of what is allowed, and as many of what isn't
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]
EVENTS = "text/event-stream"

OPERATIONS = defaultdict(list)  # their names by tag
for _methods in document()["paths"].values():
    for _operation in _methods.values():
        # A stream lasts as long as its job. Without workers, health is a 503, as it should be.
        streams = EVENTS in _operation["responses"].get(200, {}).get("content", {}) and "requestBody" not in _operation
        if not streams and _operation["tags"] != ["Site"]:
            OPERATIONS[_operation["tags"][0]].append(_operation["operationId"])


@pytest.fixture(autouse=True)
def _one_connection(db, monkeypatch):
    """Requests don't close the connection of the test when they end, as they do on a site."""
    monkeypatch.setattr(connection, "close", lambda: None)


@cache
def schema():
    """Ask for the document, in the first test that needs it."""
    return schemathesis.openapi.from_wsgi("/api/openapi.json", WSGIHandler())


def quick(case):
    """Nobody works here, so nobody waits."""
    if isinstance(case.body, dict):
        if isinstance(case.body.get("wait"), float | int):
            case.body["wait"] = min(case.body["wait"], 0)
        if case.operation.path == "/v1/audio/speech":
            case.body["voice"] = "nobody"
    if isinstance(case.query, dict):
        case.query.pop("wait", None)
    return case


def wrong_with(operation, mode, ids, headers):
    """Return what an operation answered otherwise than its document says."""
    found = []
    kept = [*CHECKS]
    if operation.path.startswith("/api/"):  # at /v1/ much is taken that OpenAI would not: programs send it
        kept.append(openapi_checks.negative_data_rejection)
    names = [parameter.name for parameter in operation.path_parameters]

    def ask(case):
        quick(case)
        if mode == GenerationMode.POSITIVE and names:
            case.path_parameters = {name: ids[name] for name in names if name in ids} or case.path_parameters
        with transaction.atomic():
            try:
                case.call_and_validate(headers=headers, checks=kept)
            except (Exception, BaseExceptionGroup) as error:
                found.append(f"{operation.label} {mode.value}: {error}")
            transaction.set_rollback(True)

    strategy = operation.as_strategy(generation_mode=mode)
    with_settings = hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    with suppress(hypothesis.errors.Unsatisfiable):  # there is nothing that is wrong, or nothing that is right
        with_settings(hypothesis.given(strategy)(ask))()
    return found


@pytest.mark.parametrize("tag", OPERATIONS)
def test_it_answers_as_its_document_says(tag, world, user):  # noqa: F811
    _, secret = keys.issue(user, "Fuzzer", ApiKey.Scope.values)
    ids = {name: str(value) for name, value in world.ids.items()} | {"model": "whisper-1"}
    wrong = []
    for name in OPERATIONS[tag]:
        operation = schema().find_operation_by_id(name)
        for mode in GenerationMode:
            wrong += wrong_with(operation, mode, ids, {"X-API-Key": secret})
    assert not wrong, "\n\n".join(wrong)


def test_subtitles_in_json_are_described():
    """This was found by 30 examples of each operation, not by 2."""
    operation = document()["paths"]["/api/generations/{generation_id}/subtitles"]["get"]
    assert operation["responses"][200]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/TimesOut"
    }
