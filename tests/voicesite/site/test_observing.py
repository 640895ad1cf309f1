import asyncio
import logging
import threading

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError

from tests.asgi import ask as ask_application
from tests.factories import UserFactory
from voicesite import logs
from voicesite.models import User
from voicesite.site import observing

GIVEN = "proxy-4f.1"


class Told:
    """An application that tells what it was asked."""

    def __init__(self, status: int = 200):
        self.status = status

    async def __call__(self, scope, receive, send):
        self.scope, self.ids = scope, logs.ids_now()
        scope["route"] = "join/<str:token>/"
        logs.bind(person=7)
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b"told"})


@async_to_sync
async def ask(application, path="/join/secret/", **headers):
    return await ask_application(application, "GET", path, **headers)


def observed(told, proxies=("127.0.0.1",), **options):
    return observing.Observed(told, list(proxies), **options)


def test_each_request_has_an_id_which_its_answer_names():
    told = Told()
    first, second = (ask(observed(told)).headers["x-request-id"] for _ in range(2))
    assert len(first) == 32 and first != second == told.ids["request"]


def test_a_proxy_that_is_believed_gives_the_id_and_the_client():
    told = Told()
    headers = {"x_request_id": GIVEN, "x_forwarded_for": "9.9.9.9, 203.0.113.5", "x_forwarded_proto": "https"}
    assert ask(observed(told), **headers).headers["x-request-id"] == told.ids["request"] == GIVEN
    assert told.scope["client"][0] == "203.0.113.5", "and not what the visitor wrote before it"
    assert told.scope["scheme"] == "https"


@pytest.mark.parametrize("proxies", [(), ("10.0.0.2",), ("172.16.0.0/12",)])
def test_nobody_else_is_believed(proxies):
    told = Told()
    headers = {"x_request_id": GIVEN, "x_forwarded_for": "203.0.113.5", "x_forwarded_proto": "https"}
    assert ask(observed(told, proxies), **headers).headers["x-request-id"] != GIVEN
    assert told.scope["client"][0] == "127.0.0.1" and told.scope["scheme"] == "http"


@pytest.mark.parametrize("written", ["", "x" * 101, "two words", 'a"quote', "ü"])
def test_an_id_that_could_be_anything_is_not_taken(written):
    assert ask(observed(Told()), x_request_id=written).headers["x-request-id"] != written


def test_whoever_opens_the_sites_socket_is_a_proxy_of_this_machine():
    told = Told()

    async def without_address(scope, receive, send):
        scope["client"] = None
        await observed(told, (), on_socket=True)(scope, receive, send)

    ask(without_address)
    assert told.scope["client"][0] == "127.0.0.1", "limits by address need one"
    ask(without_address, x_forwarded_for="203.0.113.5", x_forwarded_proto="https")
    assert told.scope["client"][0] == "203.0.113.5" and told.scope["scheme"] == "https"


def test_an_answer_is_a_line_without_secrets(caplog):
    with caplog.at_level(logging.INFO, "voicesite.requests"):
        ask(observed(Told(404)))
    (record,) = caplog.records
    assert record.facts["route"] == "join/<str:token>/" and record.facts["status"] == 404
    assert "secret" not in logs.JsonFormatter().format(record)


def test_one_that_breaks_is_a_line_too(caplog):
    async def breaks(scope, receive, send):
        raise ValueError

    with caplog.at_level(logging.INFO, "voicesite.requests"), pytest.raises(ValueError):
        ask(observed(breaks))
    assert caplog.records[0].facts["status"] == 0


def test_it_lives_without_a_database_a_user_or_a_host_name(caplog):
    with caplog.at_level(logging.INFO, "voicesite.requests"):
        answer = ask(observed(None), "/livez", host="10.1.2.3:8000")
    assert (answer.status, answer.body, caplog.records) == (200, b"ok", [])


def test_it_is_ready_while_the_database_responds(monkeypatch):
    application = observed(None)
    looks = []
    monkeypatch.setattr(observing, "database_responds", lambda: looks.append(1) or len(looks) != 2)

    @async_to_sync
    async def probe(number, seconds):
        monkeypatch.setattr(observing, "FRESH_SECONDS", seconds)
        return [(await ask_application(application, "GET", "/readyz")).status for _ in range(number)]

    assert probe(3, 1000) == [200] * 3 and len(looks) == 1, "any number of probes is one query a second"
    application = observed(None)
    assert probe(2, -1) == [503, 200]


def test_it_is_not_ready_while_the_database_says_nothing(monkeypatch):
    answers = threading.Event()
    monkeypatch.setattr(observing, "database_responds", lambda: answers.wait(20))
    monkeypatch.setattr(observing, "PATIENCE_SECONDS", 0.05)
    application = observed(None)

    async def ask_twice():
        both = await asyncio.gather(*(ask_application(application, "GET", "/readyz") for _ in range(2)))
        answers.set()
        return both

    assert [answer.status for answer in async_to_sync(ask_twice)()] == [503, 503]


@pytest.mark.django_db
def test_a_database_that_fails_does_not_respond(monkeypatch):
    assert observing.database_responds()

    def fail(*args):
        raise OperationalError

    monkeypatch.setattr(type(User.objects.all()), "exists", fail)
    assert not observing.database_responds()


@pytest.mark.django_db
def test_the_person_is_known_to_the_log(rf):
    from voicesite.people.views import LoginRequiredMiddleware

    request = rf.get("/")
    request.user = UserFactory()
    with logs.bound(request="r"):
        assert LoginRequiredMiddleware(lambda _: None).process_view(request, lambda: None, (), {}) is None
        assert logs.ids_now()["person"] == request.user.pk
        request.user = AnonymousUser()
        assert LoginRequiredMiddleware(lambda _: None).process_view(request, lambda: None, (), {}).status_code == 302
