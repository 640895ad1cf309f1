"""What is repeated and when, how the clients wait, and what they send: servers of every kind, played by httpx."""

import itertools
import json
import ssl

import httpx
import pytest

from voicesite.client import (
    Client,
    Conflict,
    ConnectionFailed,
    GenerationCancelled,
    NotFound,
    RateLimited,
    ServerFailed,
    VoicesiteError,
)
from voicesite.client import client as driver
from voicesite.client.errors import retry_after
from voicesite.client.retries import wait_before
from voicesite.client.waiting import Events

TASK = {"task_id": "t1", "status": "pending", "progress": 0}
DONE = TASK | {"status": "completed", "progress": 100, "result": {"id": "t1", "status": "completed", "seconds": 2.0}}


@pytest.fixture
def slept(monkeypatch):
    """The seconds that were slept, in no time."""
    seconds = []
    monkeypatch.setattr(driver.time, "sleep", seconds.append)
    return seconds


def playing(*answers, **options):
    """A client of a server that gives these answers, one after the other, and the requests that it got."""
    requests, left = [], iter(answers)

    def answer(request):
        request.read()
        requests.append(request)
        found = next(left)
        if isinstance(found, BaseException) or (isinstance(found, type) and issubclass(found, BaseException)):
            raise found
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    return Client("http://site", "vs_key", transport=httpx.MockTransport(answer), **options), requests


def status(number, **headers):
    return httpx.Response(number, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("refused"), httpx.ReadTimeout("late"), status(429), status(503)]
)
def test_what_fails_on_the_way_is_repeated_with_growing_waits(slept, failure):
    client, requests = playing(failure, failure, failure, {"models": []})
    assert client.models() == []
    assert len(requests) == 4 and all(0.25 * 2**n <= wait <= 0.5 * 2**n for n, wait in enumerate(slept))


def test_it_gives_up(slept):
    client, requests = playing(*[status(502)] * 9, retries=2)
    with pytest.raises(ServerFailed, match="502 Bad Gateway") as caught:
        client.models()
    assert len(requests) == 3 and caught.value.status == 502


@pytest.mark.parametrize(
    ("said", "least", "most"), [("3", 3, 3.5), ("0", 0, 0.2), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0.2)]
)
def test_retry_after_is_respected(slept, said, least, most):
    client, _ = playing(status(429, Retry_After=said), {"models": []})
    client.models()
    assert least <= slept[0] <= most


def test_who_is_told_to_wait_for_long_learns_it_at_once(slept):
    client, requests = playing(status(429, Retry_After="3600"))
    with pytest.raises(RateLimited) as caught:
        client.models()
    assert caught.value.retry_after == 3600 and not slept and len(requests) == 1


@pytest.mark.parametrize("number", [400, 401, 403, 404, 413, 422, 500])
def test_a_refusal_is_not_repeated(slept, number):
    client, requests = playing(status(number))
    with pytest.raises(VoicesiteError) as caught:
        client.models()
    assert caught.value.status == number and len(requests) == 1 and not slept


def test_what_makes_something_is_sent_with_one_key_a_call(slept):
    client, requests = playing(httpx.ReadError("broken"), status(409, Retry_After="1"), TASK, TASK)
    client.submit("One.", "Ada")
    client.submit("One.", "Ada")
    sent = [request.headers["Idempotency-Key"] for request in requests]
    assert sent[0] == sent[1] == sent[2] != sent[3]
    assert json.loads(requests[0].content) == {"text": "One.", "voice": "Ada", "speed": 1.0}


def test_a_conflict_is_one(slept):
    client, _ = playing(status(409))
    with pytest.raises(Conflict):
        client.submit("One.", "Ada")


def test_a_recording_is_sent_again_from_its_beginning(slept, tmp_path):
    path = tmp_path / "clip.wav"
    path.write_bytes(b"RIFF" * 1000)
    client, requests = playing(status(503), {"text": "Good."}, status(503), {"text": "Good."})
    with path.open("rb") as file:
        for source in (path, file):
            assert client.transcribe(source).text == "Good."
    assert [request.content.count(b"RIFF") for request in requests] == [1000] * 4
    assert b'filename="clip.wav"' in requests[3].content


def test_a_delete_that_was_heard_before_is_done(slept):
    client, _ = playing(httpx.ReadError("broken"), status(404))
    client.cancel("t1")
    client, _ = playing(status(404))
    with pytest.raises(NotFound):
        client.cancel("t1")


def test_usage():
    said = {
        "speech_seconds_today": 75.0,
        "stored_bytes": 10,
        "renews_at": "2026-11-27T00:00:00Z",
        "warnings": ["Soon."],
    }
    client, _ = playing(said | {"requests": {"limit": 600}})
    usage = client.usage()
    assert usage.renews_at.day == 27 and usage.warnings == ("Soon.",) and usage.stored_bytes_limit is None


def test_waits_differ_by_chance():
    assert len({wait_before(3, None) for _ in range(5)}) > 1 and max(wait_before(30, None) for _ in range(50)) <= 20
    assert retry_after({"retry-after": "soon"}) is None and retry_after({}) is None


# --- who answers


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"[]", b'{"results": [{"no": "id"}]}', b'{"results": [7]}'])
def test_another_server_is_recognized(body):
    client, _ = playing(httpx.Response(200, content=body))
    with pytest.raises(VoicesiteError, match="no Voicesite server"):
        list(client.voices())


def test_the_key_goes_nowhere_else():
    client, requests = playing({"results": [], "next": "http://elsewhere/api/voices?offset=2"})
    with pytest.raises(VoicesiteError, match="elsewhere"):
        list(client.voices())
    client, requests = playing(status(307, Location="https://site/api/models"))
    with pytest.raises(VoicesiteError, match="https://site/api/models"):
        client.models()
    assert len(requests) == 1


def test_a_site_below_a_path(monkeypatch):
    monkeypatch.setenv("VOICESITE_SERVER", "https://host/sounds")
    requests = []

    def answer(request):
        requests.append(request)
        following = None if request.url.query == b"offset=100" else "/sounds/api/voices?offset=100"
        return httpx.Response(200, json={"results": [], "next": following})

    assert list(Client(transport=httpx.MockTransport(answer)).voices()) == []
    assert [request.url.path for request in requests] == ["/sounds/api/voices"] * 2


@pytest.mark.parametrize("address", ["site", "ftp://site", "http://", "http://host:port"])
def test_an_address_that_is_none(address):
    with pytest.raises(ValueError, match="address"):
        Client(address)


def test_a_certificate_that_is_not_trusted_is_told_at_once(slept):
    error = httpx.ConnectError("failed")
    error.__cause__ = ssl.SSLCertVerificationError(1, "failed")
    error.__cause__.verify_message = "self-signed certificate"
    client, requests = playing(error)
    with pytest.raises(ConnectionFailed, match=r"self-signed certificate.*--certificate"):
        client.models()
    assert len(requests) == 1


def test_a_closed_client():
    client, requests = playing()
    client.close()
    with pytest.raises(VoicesiteError, match="closed"):
        client.models()
    assert not requests


# --- waiting


def events(*tasks, first=1):
    lines = "".join(f": still here\r\n\r\nid: {n}\ndata: {json.dumps(task)}\n\n" for n, task in enumerate(tasks, first))
    return httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=lines.encode())


def test_it_is_told_by_events_where_there_are_some(slept):
    heard = []
    half = TASK | {"status": "generating", "progress": 40}
    client, requests = playing(events(TASK, half), events(half, DONE, first=2))
    assert client.wait("t1", heard.append).seconds == 2.0
    assert [task.progress for task in heard] == [0, 40, 100], "each change once"
    assert requests[1].headers["Last-Event-ID"] == "2" and len(requests) == 2 and not slept


def test_without_events_it_asks_as_often_as_it_may(slept, monkeypatch):
    none = status(404)
    client, requests = playing(none, httpx.Response(200, json=TASK, headers={"Retry-After": "2"}), TASK, DONE)
    client.wait("t1")
    assert [round(wait) for wait in slept] == [2, 1] and len(requests) == 4
    assert requests[1].url.params["wait"] == "20"


def test_a_request_that_was_held_is_followed_at_once(slept, monkeypatch):
    clock = itertools.count(0, 20)
    monkeypatch.setattr("voicesite.client.waiting.monotonic", lambda: next(clock))
    client, _ = playing(status(404), TASK, TASK, DONE)
    client.wait("t1")
    assert slept == [0.0, 0.0]


def test_ends_that_are_none(slept):
    client, _ = playing(events(TASK | {"status": "cancelled"}))
    with pytest.raises(GenerationCancelled):
        client.wait("t1")
    client, _ = playing(events(TASK), status(404), status(404))
    with pytest.raises(NotFound):
        client.wait("t1")


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_events_come_in_pieces_of_any_size(size, end):
    written = f'id: 7{end}data: {{"a":{end}data:  1}}{end}{end}: a comment{end}{end}event: x{end}data: “é”{end}{end}data: lost'
    data, reader = written.encode(), Events()
    found = [event for at in range(0, len(data), size) for event in reader.take(data[at : at + size])]
    assert found == [("7", '{"a":\n 1}'), ("7", "“é”")]


# --- interruption


@pytest.mark.parametrize("moment", range(4))
def test_an_interruption_at_any_moment_cancels_what_was_made(slept, moment):
    answers = [TASK | {}, status(404), TASK, TASK]
    answers[moment] = KeyboardInterrupt
    # Asked again, by its key, which task that was; the first request may still be at work.
    made = [status(409), status(409), httpx.Response(202, json=TASK)] if moment == 0 else []
    client, requests = playing(*answers[: moment + 1], *made, httpx.Response(204))
    heard = []
    with pytest.raises(KeyboardInterrupt):
        client.speak("One.", "Ada", on_progress=heard.append)
    assert (requests[-1].method, requests[-1].url.path) == ("DELETE", "/api/generations/tasks/t1")
    assert heard[-1].status == "cancelled" and not client._session.running
    posts = [request for request in requests if request.method == "POST"]
    assert len({request.headers["Idempotency-Key"] for request in posts}) == 1


def test_a_second_interruption_ends_the_first(slept):
    client, requests = playing(TASK, KeyboardInterrupt, KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        client.speak("One.", "Ada")
    assert len(requests) == 3


def test_what_has_ended_is_not_cancelled(slept):
    broken = httpx.ConnectError("refused")
    client, requests = playing(TASK, status(404), TASK | {"status": "failed", "error": "It failed."})
    with pytest.raises(VoicesiteError, match="It failed"), client:
        client.speak("One.", "Ada")
    client, others = playing(TASK, *[broken] * 6)
    with pytest.raises(ConnectionFailed), client:
        client.speak("One.", "Ada")
    assert "DELETE" not in [request.method for request in [*requests, *others]]
