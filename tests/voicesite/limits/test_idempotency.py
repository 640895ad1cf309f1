"""What is sent twice with an Idempotency-Key is done once and answered twice."""

import asyncio
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from synthesis.api import wait
from synthesis.models import Generation
from synthesis.workers import sweeper, tasks
from tests import asgi
from tests.factories import FittingFactory
from tests.voices.profiles import test_api
from tests.voices.profiles.test_api import CALLS, OPERATIONS, call, cutting, taken_in, world  # noqa: F401
from voicesite.limits import idempotency
from voicesite.models import IdempotencyKey, RequestCount
from voicesite.people import keys
from voicesite.web.rest import IDEMPOTENCY_KEY

pytestmark = pytest.mark.backends

URL = "/api/generations/async"
KEY = {"Idempotency-Key": "8e03978e-40d5"}
POSTS = [name for name, (method, _, _) in OPERATIONS.items() if method == "post" and name in CALLS]


@pytest.fixture
def voice(user):
    return FittingFactory(voice__owner=user, voice__name="Grandmother").voice


def ask(client, address=URL, headers=KEY, **changes):
    body = {"voice": "Grandmother", "text": "One two three."} | changes
    return client.post(address, body, content_type="application/json", headers=headers)


def code(response, status):
    assert response.status_code == status, response.content
    return response.json()["error"]["code"]


@pytest.mark.parametrize("name", POSTS)
def test_every_post_is_done_once(name, world, user, taken_in, cutting):  # noqa: F811
    assert IDEMPOTENCY_KEY in OPERATIONS[name][2]["parameters"]
    CALLS[name][0].get("before", len)(world.ids)
    client = test_api.signed_in(user)
    first = call(client, name, world, headers=KEY)
    if first.status_code >= 400:
        assert first.status_code == CALLS[name][1] and not IdempotencyKey.objects.exists()
        return
    again = call(client, name, world, headers=KEY)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (
        again.headers["Idempotency-Replayed"] == "true"
        and again.headers["Content-Type"] == first.headers["Content-Type"]
    )
    assert again.headers.get("Location") == first.headers.get("Location")
    assert "Idempotency-Replayed" not in first.headers


def test_another_request_with_the_key_is_refused(page, voice):
    assert ask(page).status_code == 202
    assert code(ask(page, text="Another text."), 422) == "key_reused"
    assert code(ask(page, address="/api/generations", wait=0), 422) == "key_reused"
    assert ask(page, address=f"{URL}/").status_code == 202, "the same address"
    assert ask(page, headers=KEY | {"Idempotency-Key": '"8e03978e-40d5"'}).status_code == 202, "as the draft writes it"
    assert ask(page, headers={}).status_code == 202
    assert Generation.objects.count() == 2
    for odd in ("", " ", "x" * 256, "a\tb"):
        assert code(ask(page, headers={"Idempotency-Key": odd}), 400) == "bad_request"


def test_the_keys_of_two_people_never_meet_and_those_of_a_person_do(page, user, stranger, voice):
    FittingFactory(voice__owner=stranger, voice__name="Grandmother")
    program = Client(headers={"X-API-Key": keys.issue(user, "One", ["speak"])[1]})
    reader = Client(headers={"X-API-Key": keys.issue(user, "Two", ["read"])[1]})
    tasks_ = [ask(client).json()["task_id"] for client in (page, program, test_api.signed_in(stranger))]
    assert tasks_[0] == tasks_[1] != tasks_[2]
    assert code(ask(reader), 403) == "scope_missing", "what was answered is only for who may ask"


def test_what_is_refused_may_be_corrected(page, voice, monkeypatch):
    assert code(ask(page, text=""), 422) == "invalid"
    assert code(ask(page, voice="Nobody"), 422) == "invalid"
    assert ask(page).status_code == 202

    def broken(generation):
        raise ZeroDivisionError

    monkeypatch.setattr(Generation, "submit", broken)
    assert code(ask(page, headers={"Idempotency-Key": "another"}), 500) == "internal"
    monkeypatch.undo()
    assert ask(page, headers={"Idempotency-Key": "another"}).status_code == 202
    assert Generation.objects.count() == 2


def test_a_form_is_the_same_however_it_is_divided(page, taken_in):  # noqa: F811
    def send(content, **changes):
        form = test_api.answers(audio=SimpleUploadedFile("morning.wav", content), **changes)
        return page.post("/api/voices", form, headers=KEY)

    first, again = send(b"RIFF" * 300_000), send(b"RIFF" * 300_000)
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert code(send(b"RIFF" * 299_999 + b"FFIR"), 422) == "key_reused"
    assert code(send(b"RIFF" * 300_000, description="Warm."), 422) == "key_reused"
    one, other = "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n", None
    other = one.replace("--x", "--yy")
    made = [
        Client().post("/", text, content_type=f"multipart/form-data; boundary={edge}").wsgi_request
        for text, edge in ((one, "x"), (other, "yy"))
    ]
    assert len({idempotency.fingerprint(request) for request in made}) == 1


def test_who_asks_meanwhile_is_told_to_come_back(page, user, voice, monkeypatch):
    submit, seen = Generation.submit, []

    def slow(generation):
        seen.append(ask(test_api.signed_in(user)))
        submit(generation)

    monkeypatch.setattr(Generation, "submit", slow)
    assert ask(page).status_code == 202
    assert code(seen[0], 409) == "in_progress" and seen[0].headers["Retry-After"] == "1"
    assert Generation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_is_done(user, voice):
    start, answers = threading.Barrier(8), []

    def run():
        client = test_api.signed_in(user)
        start.wait()
        answers.append(ask(client))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Generation.objects.count() == 1
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.json()["task_id"] for answer in answers if answer.status_code == 202}) == 1


class Killed(BaseException):
    """The process ends here: nothing catches it, and the database undoes what was not committed."""


@contextmanager
def killed_before_the_answer_is_kept():
    def die(response):
        raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(idempotency, "_kept", die)
        yield


def expire():
    IdempotencyKey.objects.update(lease_expires_at=timezone.now())


def test_a_key_of_a_dead_process_is_free_in_half_a_minute_whatever_its_clock_was(world, user):  # noqa: F811
    before = Generation.objects.count()
    with killed_before_the_answer_is_kept():
        call(test_api.signed_in(user), "speak", world, headers=KEY)
    IdempotencyKey.objects.update(lease_expires_at=timezone.now() + timedelta(hours=2))
    assert call(test_api.signed_in(user), "speak", world, headers=KEY).status_code == 202
    assert Generation.objects.count() == before + 1


def rows():
    left_out = (IdempotencyKey, RequestCount, UserSession)  # that a session is used is noted beside what it asks for
    return {model: model._base_manager.count() for model in apps.get_models() if model not in left_out}


@pytest.mark.parametrize("name", POSTS)
def test_what_a_kill_interrupts_is_done_once(name, world, user, taken_in, cutting):  # noqa: F811
    CALLS[name][0].get("before", len)(world.ids)
    client, before = test_api.signed_in(user), rows()
    with transaction.atomic():
        alone, once = call(client, name, world), rows()
        transaction.set_rollback(True)
    if alone.status_code >= 400:
        assert once == before
        return
    with killed_before_the_answer_is_kept():
        call(client, name, world, headers=KEY)
    assert rows() == (once if name == "speak" else before), (
        "speech is committed when it is asked for, all else with its answer"
    )
    assert code(call(client, name, world, headers=KEY), 409) == "in_progress"
    expire()
    first, again = (call(client, name, world, headers=KEY) for _ in range(2))
    assert first.status_code == alone.status_code and rows() == once
    assert (again.status_code, again.content, again.headers["Idempotency-Replayed"]) == (
        first.status_code,
        first.content,
        "true",
    )


def test_speech_that_was_asked_for_before_a_kill_is_the_answer(page, voice):
    with killed_before_the_answer_is_kept():
        ask(page, address="/api/generations", wait=0)
    made = Generation.objects.get()
    expire()
    assert ask(page, address="/api/generations", wait=0).json()["task_id"] == str(made.pk)
    with killed_before_the_answer_is_kept():
        ask(page, address="/api/generations", wait=0, headers={"Idempotency-Key": "another"})
    Generation.objects.exclude(pk=made.pk).get().request_cancel()
    expire()
    anew = ask(page, address="/api/generations", wait=0, headers={"Idempotency-Key": "another"}).json()["task_id"]
    assert Generation.objects.count() == 3 and Generation.objects.filter(pk=anew, state="pending").exists()


def test_who_hangs_up_and_asks_again_at_once_hears_the_same_speech(page, voice, monkeypatch):
    async def hang_up(*_):
        raise asyncio.CancelledError

    with monkeypatch.context() as patch, pytest.raises(asyncio.CancelledError):
        patch.setattr(wait, "until_ended", hang_up)
        ask(page, address="/api/generations", wait=0)
    assert ask(page, address="/api/generations", wait=0).json()["task_id"] == str(Generation.objects.get().pk)


@pytest.mark.parametrize("moment", ["when it notes what it makes", "when it keeps its answer"])
def test_a_request_that_another_took_over_has_done_nothing(page, voice, monkeypatch, moment):
    at = (Generation, "submit") if "notes" in moment else (idempotency, "_kept")
    act = getattr(*at)

    def slow(*args):
        IdempotencyKey.objects.update(claim=uuid4())
        return act(*args)

    monkeypatch.setattr(*at, slow)
    assert code(ask(page), 409) == "in_progress"
    assert not Generation.objects.exists()
    if "notes" in moment:
        assert code(ask(page, address="/api/generations", wait=0), 409) == "in_progress"
        assert not Generation.objects.exists()


def test_what_was_answered_just_now_is_not_taken_over(page, user, voice, monkeypatch):
    """Between reading the row of an expired request and taking it over, that one may have been answered."""
    with killed_before_the_answer_is_kept():
        ask(page)
    expire()
    first = QuerySet.first

    def answered_meanwhile(rows):
        found = first(rows)
        if rows.model is IdempotencyKey:
            IdempotencyKey.objects.update(status=202, body=b"{}")
        return found

    monkeypatch.setattr(QuerySet, "first", answered_meanwhile)
    assert code(ask(page), 409) == "in_progress"
    monkeypatch.undo()
    assert ask(page).content == b"{}" and not Generation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_long_request_keeps_its_key(user, monkeypatch):
    monkeypatch.setattr(idempotency, "RENEW_SECONDS", 0.01)
    request = RequestFactory().post("/api/x", {}, headers=KEY)
    idempotency.begin(request, user)
    row, claim = IdempotencyKey.objects.get(), request.idempotency
    end = time.monotonic() + 5
    while IdempotencyKey.objects.get().lease_expires_at == row.lease_expires_at and time.monotonic() < end:
        time.sleep(0.01)
    assert IdempotencyKey.objects.get().lease_expires_at > row.lease_expires_at
    idempotency.end(request, None)
    claim.thread.join(5)
    assert not claim.thread.is_alive() and not IdempotencyKey.objects.exists()


def test_it_is_kept_for_a_day_and_then_deleted(page, voice):
    first = ask(page).json()
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=23))
    sweeper.delete_leftovers()
    assert ask(page).json() == first
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert ask(page, text="Another.").json()["task_id"] != first["task_id"], "before it is swept, too"
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    sweeper.delete_leftovers()
    assert not IdempotencyKey.objects.exists()


def test_without_the_header_it_costs_no_query(page, voice, count_queries):
    with CaptureQueriesContext(connection) as queries:
        ask(page, headers={})
    assert not [query for query in queries if "idempotency" in query["sql"]]


@pytest.fixture
def spoken_at_once(monkeypatch):
    """Speak a text where it is asked for, as streams wait for it."""
    submit = Generation.submit

    def at_once(generation):
        submit(generation)
        tasks.run_next()

    monkeypatch.setattr(Generation, "submit", at_once)


def test_streamed_speech_is_spoken_once_and_heard_twice(user, voice, spoken_at_once):
    program = Client(headers={"X-API-Key": keys.issue(user, "One", ["speak"])[1]})

    def speak(**changes):
        body = {"model": "tts-1", "voice": "Grandmother", "input": "One two three.", "response_format": "pcm"} | changes
        return asgi.post(program, "/v1/audio/speech", body, KEY)

    first, again = speak(), speak()
    assert b"".join(first) == b"".join(again) != b""
    assert first.headers["X-Generation-Id"] == again.headers["X-Generation-Id"]
    assert code(speak(input="Four."), 422) == "key_reused"
    Generation.objects.update(state="cancelled")
    anew = speak()
    assert b"".join(anew) and anew.headers["X-Generation-Id"] != first.headers["X-Generation-Id"]
    assert b"".join(speak()) and Generation.objects.count() == 2


def test_streamed_speech_is_spoken_once_though_a_kill_interrupts_it(user, voice, spoken_at_once):
    program = Client(headers={"X-API-Key": keys.issue(user, "One", ["speak"])[1]})
    body = {"model": "tts-1", "voice": "Grandmother", "input": "One two three.", "response_format": "pcm"}
    with killed_before_the_answer_is_kept():
        asgi.post(program, "/v1/audio/speech", body, KEY)
    expire()
    heard = asgi.post(program, "/v1/audio/speech", body, KEY)
    assert b"".join(heard) and heard.headers["X-Generation-Id"] == str(Generation.objects.get().pk)
