"""Views that answer at once, each in a thread: pages, and most of the API."""

import asyncio
import contextvars
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import cycle
from typing import Any

from django.core import signals
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from .bodies import SMALL_BYTES, BodyWanted, Incoming, Sender, Unread

FILE_BYTES = 256 * 1024  # of a file, read and sent at once
CONTENT_THREADS = 8  # which make the parts of content, each for a moment


class PageHandler(ASGIHandler):
    """Run views in threads, with all middleware, once what they read of their request is here; send what they return.

    A client that sends slowly, or is slow to take an answer, holds no thread. Content that is made while it is sent is
    made in threads of its own, a part at a time, and closed after the part being made when the client hangs up.
    """

    def __init__(self, threads: int):
        self._threads = ThreadPoolExecutor(threads, "page")
        # Pools of one thread: what makes content, such as a query that is read on, stays on one.
        self._content_threads = cycle([ThreadPoolExecutor(1, "content") for _ in range(CONTENT_THREADS)])
        super().__init__()

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        incoming = Incoming(scope, receive)
        if await incoming.gather(SMALL_BYTES):
            return await self._answer(incoming, incoming.file, send)
        # A larger body is gathered only for a view that reads it: a refusal comes at once, and strangers fill no disk.
        try:
            await self._answer(incoming, Unread(), send)
        except _Wanted as wanted:
            await self._answer(incoming, await incoming.gather_for(wanted.sender), send)

    async def _answer(self, incoming: Incoming, body: Any, send: Any) -> None:
        """Run the view in a thread, and send its response. Raises _Wanted."""
        client = _Client(send)
        work = self._threads.submit(contextvars.copy_context().run, self._respond, incoming.scope, body)
        watch = None
        if incoming.is_whole:  # else the rest of the body comes first
            watch = asyncio.ensure_future(incoming.hung_up())
            watch.add_done_callback(lambda _: client.leave(work))
        try:
            await self._send(await asyncio.wrap_future(work), client, incoming.scope["method"])
        except asyncio.CancelledError:
            if not work.cancelled():  # by `watch`, before a thread was free
                client.leave(work)
                raise
        finally:
            if watch:
                watch.cancel()

    def _respond(self, scope: Any, body: Any) -> HttpResponseBase:
        """Run the view. Return its response for the event loop to send."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request: Any
        response: Any
        request, response = self.create_request(scope, body)
        if request is not None:
            try:
                response = self.get_response(request)
            except BodyWanted:
                sender = Sender(request)
                signals.request_finished.send(sender=self.__class__)
                raise _Wanted(sender) from None
            response._handler_class = self.__class__
        if response.streaming:
            close_old_connections()  # what it is still to make has the connection of another thread
        else:
            response.close()  # which closes them too
        return response

    async def _send(self, response: Any, client: "_Client", method: str) -> None:
        if not response.streaming:
            await client.send(_start(response))
            return await client.send(_part(response.content, more=False))
        file, parts = getattr(response, "file_to_stream", None), iter(response)
        if file is not None:
            parts = iter(partial(file.read, FILE_BYTES), b"")
        elif method == "HEAD":
            parts = iter(())
        thread = next(self._content_threads) if file is None else None  # any: to read takes no time
        loop = asyncio.get_running_loop()
        try:
            await client.send(_start(response))
            while not client.is_gone and (data := await loop.run_in_executor(thread, next, parts, None)) is not None:
                await client.send(_part(data))
            if not client.is_gone:
                await client.send(_END)
        finally:
            # Its turn there comes after the part that is being made.
            await asyncio.shield(loop.run_in_executor(thread, response.close))


class _Wanted(Exception):
    """The view reads the body, which is large."""

    def __init__(self, sender: Sender):
        self.sender = sender


class _Client:
    """Takes a response, until it hangs up."""

    def __init__(self, send: Any):
        self.send, self.is_gone = send, False

    def leave(self, work: Future) -> None:
        """Let `work` end: before it begins, or else with the part that it is making."""
        self.is_gone = True
        work.cancel()


def _start(response: HttpResponseBase) -> dict:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    cookies = [(b"Set-Cookie", cookie.OutputString().encode("ascii")) for cookie in response.cookies.values()]
    return {"type": "http.response.start", "status": response.status_code, "headers": headers + cookies}


def _part(data: bytes, more: bool = True) -> dict:
    return {"type": "http.response.body", "body": data, "more_body": more}


_END = _part(b"", more=False)
