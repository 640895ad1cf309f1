"""Live views: in the event loop, with a short chain of middleware, until the client hangs up."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import sync_to_async
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from tests.asgi import ask, exchange
from voicesite.asgi import application
from voicesite.web.bodies import SMALL_BYTES
from voicesite.web.live import find, is_live, live

pytestmark = pytest.mark.django_db  # each request looks first at the connections that are there

happened: list[str] = []


@live
async def echo(request):
    return HttpResponse(request.body + threading.current_thread().name.encode())


@live
async def blocking(request):
    return HttpResponse(await sync_to_async(lambda: threading.current_thread().name)())


@live
async def waits(request):
    happened.append("waits")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        happened.append("cancelled")
        raise


@live
async def streams(request):
    async def content():
        try:
            while True:
                happened.append("part")
                yield b"part"
                await asyncio.sleep(0)
        finally:
            happened.append("closed")

    return StreamingHttpResponse(content())


@live
async def fails(request):
    raise ValueError


def page(request):
    return HttpResponse("page")


urlpatterns = [
    path("echo", echo),
    path("blocking", blocking),
    path("waits", waits),
    path("streams", streams),
    path("fails", fails),
    path("page", page),
]
handler400 = "voicesite.site.errors.bad_request"


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.ROOT_URLCONF = __name__
    happened.clear()


def test_only_marked_views_are_live():
    assert find("/echo").func is echo and is_live(echo)
    assert not is_live(find("/page").func) and find("/nowhere") is None


def test_a_live_view_runs_in_the_event_loop_and_what_blocks_in_a_thread():
    made = asyncio.run(ask(application, "POST", "/echo", b"said by "))
    assert (made.status, made.body) == (200, b"said by MainThread")
    assert made.headers["x-content-type-options"] == "nosniff" and made.headers["content-length"] == "18"
    assert asyncio.run(ask(application, "GET", "/blocking")).body.startswith(b"live")


def test_a_thread_is_taken_for_what_blocks_and_for_nothing_else(monkeypatch):
    submit, taken = ThreadPoolExecutor.submit, []
    monkeypatch.setattr(ThreadPoolExecutor, "submit", lambda *args: taken.append(1) or submit(*args))
    assert asyncio.run(ask(application, "GET", "/echo")).status == 200 and not taken
    assert asyncio.run(ask(application, "GET", "/blocking")).status == 200 and len(taken) == 1


def test_what_is_wrong_with_a_request_keeps_its_shape(settings, caplog):
    settings.ALLOWED_HOSTS = ["elsewhere"]
    assert asyncio.run(ask(application, "GET", "/echo")).status == 400
    settings.ALLOWED_HOSTS = ["*"]
    failed = asyncio.run(ask(application, "GET", "/fails"))
    assert failed.status == 500 and failed.headers["x-content-type-options"] == "nosniff"


def test_a_body_that_is_too_long_is_not_read(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = SMALL_BYTES

    async def refused():
        async with exchange(application, "POST", "/echo", content_length=str(SMALL_BYTES + 1)) as made:
            await made.wait_for(lambda: made.sent)
            made.hang_up()
        return made

    made = asyncio.run(refused())
    assert made.status == 413 and made.read == 0


@pytest.mark.parametrize("size", [SMALL_BYTES, 3 * SMALL_BYTES])
def test_a_view_that_reads_a_large_body_is_run_again_with_it(size):
    made = asyncio.run(ask(application, "POST", "/echo", bytes(size)))
    assert (made.status, len(made.body)) == (200, size + len("MainThread"))
    assert ("is_again" in made.scope) == (size > SMALL_BYTES), "then it is not counted twice"


@pytest.mark.parametrize("sent", [b"", b"begun"])
def test_who_hangs_up_while_a_large_body_comes_is_gone(sent):
    async def hang_up():
        async with exchange(application, "POST", "/echo", content_length=str(2 * SMALL_BYTES)) as made:
            if sent:
                made.send_body(sent, more=True)
            made.hang_up()
        return made

    assert asyncio.run(hang_up()).sent == []


def test_who_hangs_up_is_noticed_though_the_body_never_came():
    async def hang_up():
        async with exchange(application, "POST", "/streams", content_length=str(2 * SMALL_BYTES)) as made:
            await made.wait_for(lambda: len(made.sent) > 3)
            made.send_body(b"unread", more=True)
            made.hang_up()

    asyncio.run(hang_up())
    assert happened[-1] == "closed"


def test_a_view_whose_client_hangs_up_is_cancelled():
    async def hang_up():
        async with exchange(application, "GET", "/waits") as made:
            while not happened:
                await asyncio.sleep(0)
            made.hang_up()

    asyncio.run(hang_up())
    assert happened == ["waits", "cancelled"]


def test_a_stream_whose_client_hangs_up_is_closed_within_a_part():
    async def hang_up():
        async with exchange(application, "GET", "/streams") as made:
            await made.wait_for(lambda: len(made.sent) > 3)
            made.hang_up()
            seen = len(happened)
        return seen

    seen = asyncio.run(hang_up())
    assert happened[-1] == "closed" and happened.count("closed") == 1 and len(happened) <= seen + 3


def test_many_wait_at_once():
    async def many():
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            exchanges = [exchange(application, "GET", "/waits") for _ in range(200)]
            made = [await each.__aenter__() for each in exchanges]
            while len(happened) < 200:
                await asyncio.sleep(0)
            assert (await ask(application, "GET", "/echo")).status == 200
            for one in made:
                one.hang_up()
            for each in exchanges:
                group.create_task(each.__aexit__(None, None, None))

    asyncio.run(many())
    assert happened.count("cancelled") == 200


def test_a_site_begins_and_ends():
    async def life():
        told, said = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}], []

        async def receive():
            return told.pop(0)

        async def send(message):
            said.append(message["type"])

        await application({"type": "lifespan"}, receive, send)
        return said

    assert asyncio.run(life()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
