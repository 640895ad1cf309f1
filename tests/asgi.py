"""A client of ASGI applications, without a server: what a server would tell them, and what they answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpResponse
from django.test import AsyncClient, Client


@dataclass
class Exchange:
    """One request and its answer."""

    arriving: asyncio.Queue[dict] = field(default_factory=asyncio.Queue)
    sent: list[dict] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    takes: asyncio.Event = field(default_factory=asyncio.Event)  # until it is set, sending ends after the first part
    scope: dict = field(default_factory=dict)
    read: int = 0  # pieces of the body that the application has asked for

    def send_body(self, data: bytes, more: bool = False) -> None:
        self.arriving.put_nowait({"type": "http.request", "body": data, "more_body": more})

    def hang_up(self) -> None:
        self.arriving.put_nowait({"type": "http.disconnect"})

    async def receive(self) -> dict:
        message = await self.arriving.get()
        self.read += message["type"] == "http.request"
        return message

    async def send(self, message: dict) -> None:
        async with self.changed:
            self.sent.append(message)
            self.changed.notify_all()
        if len(self.sent) > 1:
            await self.takes.wait()

    async def wait_for(self, condition: Callable[[], Any]) -> None:
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(condition), 5)

    @property
    def status(self) -> int:
        return self.sent[0]["status"] if self.sent else 0

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode().lower(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent if "body" in message)


@asynccontextmanager
async def exchange(app: Any, method: str, path: str, **headers: str) -> AsyncIterator[Exchange]:
    """Begin a request; the body is for the test to send. On leaving, the application has to end within 5 s."""
    made = Exchange()
    made.takes.set()
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
        "headers": [(b"host", b"localhost")]
        + [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    made.scope = scope
    task = asyncio.create_task(app(scope, made.receive, made.send))
    task.add_done_callback(lambda _: asyncio.ensure_future(_wake(made)))
    try:
        yield made
    finally:
        await asyncio.wait_for(task, 5)


async def _wake(made: Exchange) -> None:
    async with made.changed:
        made.changed.notify_all()


async def ask(app: Any, method: str, path: str, body: bytes = b"", **headers: str) -> Exchange:
    """Send a whole request, and return it with its answer."""
    if body:
        headers = {"content_length": str(len(body)), **headers}
    async with exchange(app, method, path, **headers) as made:
        made.send_body(body)
    return made


def post(program: Client, address: str, body: dict, headers: dict[str, str] | None = None) -> HttpResponse:
    """Ask an address that streams as `program` would, and return the answer once all of it is there."""
    return _post(program, address, body, headers or {}, content_type="application/json")


def post_form(program: Client, address: str, form: dict) -> HttpResponse:
    """As `post`, but send a form, with files."""
    return _post(program, address, form, {})


@async_to_sync
async def _post(program: Client, address: str, body: dict, headers: dict[str, str], **kind: str) -> HttpResponse:
    own = {name.removeprefix("HTTP_").replace("_", "-"): value for name, value in program.defaults.items()}
    response = await AsyncClient().post(address, body, headers=own | headers, **kind)
    if not response.streaming:
        return response
    return HttpResponse(b"".join([part async for part in response]), headers=dict(response.headers))
