"""Views that answer in threads: what may hold one, and how their bodies and answers come and go."""

import asyncio
import io
import threading
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import path

from tests.asgi import ask, exchange
from voicesite.web import bodies
from voicesite.web.bodies import SMALL_BYTES
from voicesite.web.pages import FILE_BYTES, PageHandler

calls: list[str] = []
let_go = threading.Event()
PERSON = SimpleNamespace(pk=7, is_authenticated=True)
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="words"\r\n\r\nhello\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n%s\r\n--x--\r\n'
)
FORM_TYPE = "multipart/form-data; boundary=x"


def Known(get_response):
    """Middleware that knows who asks by a header."""

    def middleware(request):
        request.user = PERSON if "X-Known" in request.headers else AnonymousUser()
        return get_response(request)

    return middleware


def reads(request):
    calls.append("reads")
    return HttpResponse(str(len(request.body)))


def form(request):
    calls.append("form")
    return HttpResponse(f"{request.POST['words']} {request.FILES['file'].size}")


def refuses(request):
    calls.append("refuses")
    response = HttpResponse("no", status=401)
    response.set_cookie("a", "b")
    return response


def waits(request):
    calls.append("waits")
    let_go.wait(5)
    return HttpResponse("waited")


def streams(request):
    def content():
        try:
            while True:
                calls.append("part")
                yield b"part"
        finally:
            calls.append("closed")

    return StreamingHttpResponse(content())


def three_parts(request):
    def content():
        thread = threading.current_thread()
        for _ in range(3):
            yield bytes(FILE_BYTES)
            assert threading.current_thread() is thread and thread.name.startswith("content")

    return StreamingHttpResponse(content())


def a_file(request):
    return FileResponse(io.BytesIO(bytes(3 * FILE_BYTES + 5)), filename="a.bin")


urlpatterns = [
    path("reads", reads),
    path("form", form),
    path("refuses", refuses),
    path("waits", waits),
    path("streams", streams),
    path("three-parts", three_parts),
    path("file", a_file),
]
handler400 = "voicesite.site.errors.bad_request"


@pytest.fixture
def app(settings):
    """A handler with two threads."""
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [f"{__name__}.Known"]
    calls.clear()
    let_go.clear()
    handler = PageHandler(2)
    yield handler
    let_go.set()
    handler._threads.shutdown()


def test_a_request_is_answered_with_its_headers_and_cookies(app):
    made = asyncio.run(ask(app, "GET", "/refuses"))
    assert (made.status, made.body) == (401, b"no")
    assert made.headers["set-cookie"] == "a=b; Path=/"


def test_a_slow_body_holds_no_thread(app):
    async def many():
        slow = [exchange(app, "POST", "/reads", content_length="10") for _ in range(50)]
        made = [await each.__aenter__() for each in slow]
        for one in made:
            one.send_body(b"1", more=True)
        assert (await ask(app, "GET", "/refuses")).status == 401
        assert calls == ["refuses"]
        for one, each in zip(made, slow, strict=True):
            one.send_body(b"23456789x")
            await each.__aexit__(None, None, None)
        return {one.body for one in made}

    assert asyncio.run(many()) == {b"10"}


def test_a_body_without_a_length_is_as_long_as_it_is(app):
    async def chunks():
        async with exchange(app, "POST", "/reads", transfer_encoding="chunked") as made:
            made.send_body(b"12345", more=True)
            made.send_body(b"678")
        return made

    assert asyncio.run(chunks()).body == b"8"


def test_a_large_body_is_refused_before_it_comes(app):
    async def refused():
        async with exchange(app, "POST", "/refuses", content_length=str(SMALL_BYTES + 1)) as made:
            await made.wait_for(lambda: made.sent)
        return made

    made = asyncio.run(refused())
    assert made.status == 401 and made.read == 0


@pytest.mark.parametrize("size", [10, SMALL_BYTES, 3 * 2**20])
def test_a_body_of_any_size_is_read_whole(app, size):
    body = FORM % (b"x" * size)
    made = asyncio.run(ask(app, "POST", "/form", body, content_type=FORM_TYPE, x_known="1"))
    assert (made.status, made.body) == (200, f"hello {size}".encode())
    assert (made.scope.get("is_again") is True) == (len(body) > SMALL_BYTES), "then it is not counted twice"
    assert len(calls) == (1 if len(body) <= SMALL_BYTES else 2), "a view that reads a large body is run again with it"


@pytest.mark.parametrize(("known", "status"), [("x_known", 200), ("x_other", 413)])
def test_strangers_send_forms_and_no_files(app, settings, known, status):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = SMALL_BYTES
    body = FORM % bytes(2 * SMALL_BYTES)
    made = asyncio.run(ask(app, "POST", "/form", body, content_type=FORM_TYPE, **{known: "1"}))
    assert made.status == status and made.read == (status == 200)


def test_nobody_sends_more_than_the_largest_file(app, settings):
    settings.IMPORT_MAX_BYTES = settings.CLIP_MAX_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE = SMALL_BYTES
    body = FORM % bytes(3 * SMALL_BYTES)
    made = asyncio.run(ask(app, "POST", "/form", body, content_type=FORM_TYPE, x_known="1"))
    assert made.status == 413 and made.read == 0


def test_one_person_sends_only_some_large_bodies_at_once(app, monkeypatch):
    monkeypatch.setattr(bodies, "BODIES_OF_ONE_PERSON", 1)
    body = FORM % bytes(2 * SMALL_BYTES)
    headers = {"content_type": FORM_TYPE, "x_known": "1", "content_length": str(len(body))}

    async def two():
        async with (
            exchange(app, "POST", "/form", **headers) as first,
            exchange(app, "POST", "/form", **headers) as other,
        ):
            first.send_body(body[:9], more=True)
            other.send_body(body)
            while not first.read:
                await asyncio.sleep(0)
            await asyncio.sleep(0.05)
            assert other.read == 0, "it waits for its turn"
            first.send_body(body[9:])
        return first.status, other.status

    assert asyncio.run(two()) == (200, 200)


def test_a_body_that_stops_coming_is_given_up(app, monkeypatch):
    monkeypatch.setattr(bodies, "SILENCE_SECONDS", 0.01)

    async def silent():
        async with exchange(app, "POST", "/reads", content_length="10") as made:
            made.send_body(b"1", more=True)

    with pytest.raises(bodies.TooSlow):
        asyncio.run(silent())


def test_a_client_that_leaves_while_it_waits_for_a_thread_costs_none(app):
    async def queue():
        async with exchange(app, "GET", "/waits"), exchange(app, "GET", "/waits"):
            while calls.count("waits") < 2:
                await asyncio.sleep(0.01)
            async with exchange(app, "GET", "/refuses") as third:
                third.send_body(b"")
                third.hang_up()
            let_go.set()
        return third

    assert asyncio.run(queue()).sent == [] and "refuses" not in calls


def test_content_is_closed_when_the_client_hangs_up(app):
    async def hang_up():
        async with exchange(app, "GET", "/streams") as made:
            await made.wait_for(lambda: len(made.sent) > 3)
            made.hang_up()
        return made

    made = asyncio.run(hang_up())
    assert calls[-1] == "closed" and calls.count("part") <= len(made.sent) + 1
    calls.clear()
    assert asyncio.run(ask(app, "HEAD", "/streams")).body == b"" and calls == []


@pytest.mark.parametrize(("address", "length"), [("/file", 3 * FILE_BYTES + 5), ("/three-parts", 3 * FILE_BYTES)])
def test_who_takes_an_answer_slowly_holds_no_thread(app, address, length):
    async def slow():
        readers = [exchange(app, "GET", address) for _ in range(20)]
        made = [await reader.__aenter__() for reader in readers]
        for one in made:
            one.takes.clear()
        for one in made:
            await one.wait_for(lambda one=one: len(one.sent) == 2)
        assert (await ask(app, "GET", "/refuses")).status == 401
        for one, reader in zip(made, readers, strict=True):
            one.takes.set()
            await reader.__aexit__(None, None, None)
        return {len(one.body) for one in made}

    assert asyncio.run(slow()) == {length}
