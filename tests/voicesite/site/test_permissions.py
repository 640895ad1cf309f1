"""Who may ask what: every operation of the OpenAPI document, with everything that a program or a browser may show.

The table is made from the document: an operation that is added is asked here without being named.
"""

import pytest
from django.test import Client
from django.utils import timezone

from tests.voices.profiles.test_api import world  # noqa: F401
from voicesite.models import ApiKey
from voicesite.people import keys
from voicesite.site.api import document

OPERATIONS = {
    operation["operationId"]: (method, address, operation)
    for address, methods in document()["paths"].items()
    for method, operation in methods.items()
}
# The scopes of which a key needs one, by an operation's first tag. One without a tag that is named here fails the tests.
SCOPES_BY_TAG = {
    **dict.fromkeys(("Voices", "Clips", "Recordings", "Archives"), {"voices"}),
    **dict.fromkeys(("Speech", "Pronunciations", "OpenAI", "Webhooks"), {"speak"}),
    "Usage": set(ApiKey.Scope.values),
}
PUBLIC_OPERATIONS = {"health"}
ALSO_BY_SPEAK = {"list_voices"}  # who may speak needs to know in which voice


def scopes_of(name):
    return SCOPES_BY_TAG.get(OPERATIONS[name][2]["tags"][0], set())


def with_key(user, *scopes, **changes):
    key, secret = keys.issue(user, "One", list(scopes))
    ApiKey.objects.filter(pk=key.pk).update(**changes)
    return {"headers": {"Authorization": f"Bearer {secret}"}}


def by_key(name, *scopes):
    """What a key with these scopes gets."""
    reads = OPERATIONS[name][0] == "get" and "read" in scopes
    speaks = name in ALSO_BY_SPEAK and "speak" in scopes
    return "in" if reads or speaks or scopes_of(name) & set(scopes) else 403


def by_session(name, has_token):
    if not takes_sessions(name):
        return 401
    return "in" if has_token or OPERATIONS[name][0] == "get" else 403


def takes_sessions(name):
    return {"Session": []} in OPERATIONS[name][2]["security"]


def in_session(client, person):
    """Sign in; return the header with the token against forged requests."""
    client.force_login(person)
    client.get("/account/")
    return {"X-CSRFToken": next(value.value for name, value in client.cookies.items() if "csrf" in name)}


NOW = timezone.now()
# What is shown, and what each operation answers: a status, or "in" for anything but 401 and 403.
SHOWN = {
    "nothing": (lambda user: {}, lambda name: 401),
    "wrong key": (lambda user: {"headers": {"Authorization": "Bearer vs_wrong"}}, lambda name: 401),
    "wrong X-API-Key": (lambda user: {"headers": {"X-API-Key": "vs_wrong"}}, lambda name: 401),
    "revoked key": (lambda user: with_key(user, *ApiKey.Scope.values, revoked_at=NOW), lambda name: 401),
    "expired key": (lambda user: with_key(user, *ApiKey.Scope.values, expires_at=NOW), lambda name: 401),
    "key that reads": (lambda user: with_key(user, "read"), lambda name: by_key(name, "read")),
    "key that speaks": (lambda user: with_key(user, "speak"), lambda name: by_key(name, "speak")),
    "key for voices": (lambda user: with_key(user, "voices"), lambda name: by_key(name, "voices")),
    "key for all": (lambda user: with_key(user, *ApiKey.Scope.values), lambda name: "in"),
}


def ask(client, name, world, **options):  # noqa: F811
    method, address, _ = OPERATIONS[name]
    ids = {"model": "whisper-1", "voice": world.voice.pk} | world.ids
    options |= {} if method == "get" else {"data": b"", "content_type": "application/json"}
    return getattr(client, method)(address.format(**ids), **options)


def check(response, name, expected):
    if response.headers.get("Content-Type") != "text/event-stream":  # which may last
        b"".join(response)  # an archive takes a turn until it is sent
    if name in PUBLIC_OPERATIONS:
        expected = "in"
    if expected == "in":
        assert response.status_code not in (401, 403, 429), (name, response.content[:300])
    else:
        assert response.status_code == expected, (name, response.status_code)
        assert response.json()["error"]["message"]


def test_every_operation_says_what_it_needs():
    for name, (_, address, operation) in OPERATIONS.items():
        if name not in PUBLIC_OPERATIONS:
            assert {"Bearer": []} in operation["security"] and {"ApiKey": []} in operation["security"], name
            assert takes_sessions(name) == address.startswith("/api/"), name
            assert scopes_of(name), name


@pytest.mark.parametrize("shown", SHOWN)
def test_a_key_opens_what_its_scopes_say(shown, world, user):  # noqa: F811
    show, expected = SHOWN[shown]
    options = show(user)
    for number, name in enumerate(OPERATIONS):
        client = Client(enforce_csrf_checks=True, REMOTE_ADDR=f"10.0.0.{number}")  # which may guess a few keys each
        check(ask(client, name, world, **options), name, expected(name))


@pytest.mark.parametrize("has_token", [False, True])
def test_a_session_opens_the_api_where_the_token_comes_along(has_token, world, user):  # noqa: F811
    client = Client(enforce_csrf_checks=True)
    token = in_session(client, user)
    for name in OPERATIONS:
        check(ask(client, name, world, headers=token if has_token else {}), name, by_session(name, has_token))


def test_a_stranger_finds_nothing_of_others(world, stranger):  # noqa: F811
    client = Client(enforce_csrf_checks=True)
    token = in_session(client, stranger)
    for name, (_, address, _) in OPERATIONS.items():
        names_a_thing = "{" in address and takes_sessions(name)
        response = ask(client, name, world, headers=token)
        if names_a_thing and response.status_code == 422:
            continue  # what is sent is looked at first: tests of the operation send what is right
        check(response, name, 404 if names_a_thing else by_session(name, True))
