"""Requests and events of programs: bodies and headers that no program of ours would send."""

import asyncio
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from urllib.parse import unquote

from wyoming.event import read_event

from tests.fuzz.target import fuzzed, words

FORM = (
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n--x--\r\n'
)


@fuzzed(
    b"\0multipart/form-data; boundary=x\n" + FORM,
    b"\1multipart/form-data; boundary=x\n" + FORM,
    b'\2multipart/form-data; boundary="x"; charset=utf-7\n' + FORM.replace(b"RIFF", b"R" * 500),
    b"\3application/x-www-form-urlencoded; charset=latin-1\na=1&b=%ff&c",
    b"\4multipart/form-data; boundary=x\n"
    + FORM.replace(b"audio/wav", b"audio/wav\r\nContent-Transfer-Encoding: base64"),
)
def form(data: bytes) -> None:
    """A body that comes in pieces, as servers hand it on, and the form in it: kept as it came, or refused as Django does."""
    from django.core.exceptions import BadRequest, RequestAborted, SuspiciousOperation
    from django.core.handlers.asgi import ASGIRequest
    from django.http.multipartparser import MultiPartParserError

    from voices.intake.upload_handler import BoundedUploadHandler
    from voicesite.web.bodies import Incoming

    kind, sent = data[0] % 5 if data else 0, data[1:]
    content_type, _, sent = sent.partition(b"\n")
    headers = [(b"content-type", content_type)]
    headers += [
        [(b"content-length", str(len(sent)).encode())],
        [(b"transfer-encoding", b"chunked")],
        [(b"content-length", b"99999999999999999999"), (b"transfer-encoding", b"chunked")],
        [],
        [(b"content-length", b"\xb2")],
    ][kind]
    size = 1 + len(sent) // 3
    messages = [
        {"type": "http.request", "body": sent[at : at + size], "more_body": at + size < len(sent)}
        for at in range(0, max(len(sent), 1), size)
    ] + [{"type": "http.disconnect"}]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}

    async def receive() -> dict:
        return messages.pop(0)

    async def gather() -> Incoming | None:
        incoming = Incoming(scope, receive)
        try:
            return incoming if await incoming.gather(4000) else None
        except RequestAborted:
            return None

    incoming = asyncio.run(gather())
    if incoming is None:
        return
    with incoming.file:
        assert incoming.file.read() == (sent if incoming.length else b"")
        incoming.file.seek(0)
        request = ASGIRequest(scope, incoming.file)
        request.upload_handlers = [BoundedUploadHandler(request)]
        request.user = request.resolver_match = None
        try:
            list(request.POST.lists())
            for _, files in request.FILES.lists():
                for file in files:
                    file.close()
        except (BadRequest, MultiPartParserError, SuspiciousOperation) as error:
            assert str(error) or error
        finally:
            request.close()


@fuzzed(
    b"bytes=0-3",
    b'bytes=-2\n"e"',
    b"bytes=5-2",
    b"bytes=9-, 1-2",
    b"BYTES=00000000000000000000-1",
    "bytes=²-³".encode(),
)
def ranges(data: bytes) -> None:
    """The headers Range and If-Range: the whole file, or exactly the part that the answer names."""
    from django.core.files.base import ContentFile
    from django.test import RequestFactory

    from voicesite.web.media import sound_response

    content = b"0123456789"
    asked, _, if_range = data.decode("latin-1").partition("\n")
    headers = {"Range": asked} | ({"If-Range": if_range} if if_range else {})
    response = sound_response(RequestFactory().get("/", headers=headers), ContentFile(content), etag="e", name="a.wav")
    assert response.status_code in (200, 206, 416)
    if response.status_code == 416:
        assert response["Content-Range"] == "bytes */10"
        return
    sent = b"".join(response)
    response._resource_closers.pop()()  # the file; `close` would ask the database
    assert len(sent) == int(response["Content-Length"])
    if response.status_code == 206:
        first, last = response["Content-Range"].removeprefix("bytes ").removesuffix("/10").split("-")
        assert 0 <= int(first) <= int(last) < 10 and sent == content[int(first) : int(last) + 1]
    else:
        assert sent == content


@fuzzed(
    b"POST /v1/audio/transcriptions\nhost: localhost\ncontent-type: multipart/form-data; boundary=x\n"
    b"authorization: Bearer vs_wrong\n\n" + FORM,
    b"POST /api/recordings\nhost: localhost\ncontent-type: multipart/form-data; boundary=x\ntransfer-encoding: chunked\n\n"
    + FORM,
    b"POST /v1/audio/speech\nhost: localhost\ncontent-type: application/json\ncontent-length: 2\nidempotency-key: a\n\n{}",
    b"POST /account/login/?next=//a.example\nhost: [::1]:8000\ncookie: a=b; timezone=Europe/Madrid\n\nusername=ada&password=%ff",
    b"GET /join/%e2%80%ae%00/?page=\xb2&search=%\nhost: localhost\naccept-language: x\nrange: bytes=0-\nx-forwarded-for: ::1%eth0\n\n",
    b"OPTIONS /mcp\nhost: localhost\norigin: http://[\naccess-control-request-method: POST\n\n",
    needs_site=True,
    in_threads=True,
)
def exchange(data: bytes) -> None:
    """A whole request of a stranger's, as the web server hands it on, by the handlers of live views and of pages."""
    from voicesite.asgi import application

    head, _, body = data.partition(b"\n\n")
    asked, *lines = head.split(b"\n")
    method, _, target = asked.decode("ascii", "replace").partition(" ")
    path, _, query = target.partition("?")
    size = 1 + len(body) // 3
    pieces = [body[at : at + size] for at in range(0, max(len(body), 1), size)]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
        "headers": [
            (name.lower(), value.strip())
            for name, _, value in (line.partition(b":") for line in lines)
            if re.fullmatch(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) and not re.search(rb"[\0\r]", value)
        ],
    }
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages[-1]["more_body"] = False
    sent: list[dict] = []

    async def receive() -> dict:
        return messages.pop(0) if messages else await asyncio.Future()

    async def send(message: dict) -> None:
        sent.append(message)

    _loop().run_until_complete(asyncio.wait_for(application(scope, receive, send), 15))
    assert sent[0]["status"] < 500, b"".join(message.get("body", b"") for message in sent)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One for all requests, as in a web process: the site keeps a look at the database between two of them."""
    return asyncio.new_event_loop()


@contextmanager
def _program() -> Iterator:
    """A program with a key, which is no more when the block ends, with all that it did."""
    from django.db import transaction
    from django.test import Client

    from voicesite.models import User
    from voicesite.people import keys

    with transaction.atomic():
        user = User(username="fuzzed")
        user.set_unusable_password()
        user.save()
        secret = keys.issue(user, "Fuzzed", ["speak", "read"])[1]
        yield Client(headers={"Authorization": f"Bearer {secret}"})
        transaction.set_rollback(True)


@fuzzed(
    b'8e03978e-40d5\n{"voice": "x", "text": "One two three.", "cast": {"Ada": "Ben"}, "speed": 1.5, "seed": 3}',
    b'"quoted"\n{"name": "Word", "word": "nginx", "said": "engine x", "language": "en"}',
    b"\xff\xfe\n[]",
    b"\n{}",
    needs_site=True,
)
def repeated(data: bytes) -> None:
    """A POST with an Idempotency-Key that is sent twice: refused in words, or answered twice alike."""
    key, _, sent = data.partition(b"\n")
    address = "/api/pronunciations" if len(sent) % 2 else "/api/generations/async"
    with _program() as program:
        headers = {"Idempotency-Key": key.decode("latin-1")}
        first, again = (program.post(address, sent, content_type="application/json", headers=headers) for _ in range(2))
        assert first.status_code == again.status_code < 500, first.content
        if "Idempotency-Replayed" in again.headers:
            assert first.content == again.content


@fuzzed(
    b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}',
    b'{"jsonrpc": "2.0", "id": "a", "method": "tools/call", "params": {"name": "speak", "arguments": {"voice": "x", "text": "a"}}}',
    b'{"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "list_voices", "arguments": {}}}',
    b'{"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "transcribe", "arguments": {"audio": "AA=="}}}',
    b'{"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}, '
    b'"clientInfo": {"name": "a", "version": "1"}}}',
    b'[{"jsonrpc": "2.0", "method": "notifications/initialized"}]',
    needs_site=True,
)
def message(data: bytes) -> None:
    """A message of MCP."""
    with _program() as program:
        accept = {"Accept": "application/json, text/event-stream"}
        answer = program.post("/mcp", data, content_type="application/json", headers=accept)
        assert answer.status_code < 500, answer.content


@fuzzed(
    b'{"type": "synthesize", "data_length": 13}\n{"text": "hi"}',
    b'{"type":"audio-chunk","payload_length":4}\nabcd',
)
def frame(data: bytes) -> None:
    """One event of the Wyoming protocol."""
    from synthesis.protocols.wyoming_input import without_halves

    try:
        event = read_event(io.BytesIO(data))
    except (ValueError, KeyError, TypeError, AttributeError, EOFError):  # after which the connection is closed
        return
    if event := without_halves(event):
        json.dumps(event.data).encode()


_SOUND = b'"data": {"rate": 16000, "width": 2, "channels": 1}'


@fuzzed(
    b'{"type": "ping", "data": {"text": "a"}}\n{"type": "synthesize", "data": {"text": "Hi.", "voice": {"name": "x"}}}\n',
    b'{"type": "synthesize-start", "data": {"voice": {"language": "en"}}}\n'
    b'{"type": "synthesize-chunk", "data": {"text": "One. Two"}}\n{"type": "synthesize-stop"}\n',
    b'{"type": "transcribe", "data": {"language": "en"}}\n{"type": "audio-start", ' + _SOUND + b"}\n"
    b'{"type": "audio-chunk", ' + _SOUND + b', "payload_length": 4}\nabcd{"type": "audio-stop"}\n',
)
def conversation(data: bytes) -> None:
    """What comes by a connection of the Wyoming protocol, up to what is asked of the site: the connection ends in words."""
    from synthesis.protocols import wyoming_server

    said = []

    async def talk() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        connection = wyoming_server.Connection(None, reader, None)  # type: ignore[arg-type]

        async def send(event) -> None:
            said.append(event.event())

        async def answer() -> None:
            await connection.requests.get()
            await asyncio.Future()

        connection.send, connection._answer = send, answer  # type: ignore[method-assign]
        await connection.run()

    asyncio.run(talk())
    for event in said:
        assert event.data["code"] != "internal", words(data)
