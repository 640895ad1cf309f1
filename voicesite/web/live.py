"""Views that wait or stream. They run in the event loop, so that any number of them may wait without holding a thread."""

import asyncio
import functools
from collections.abc import Callable
from itertools import cycle
from typing import Any, TypeVar

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core import signals
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.urls import Resolver404, ResolverMatch, resolve, set_script_prefix

from voicesite.jobs.threads import Threads

from . import cors
from .bodies import SMALL_BYTES, BodyWanted, Incoming, Sender, Unread

View = TypeVar("View", bound=Callable)
THREADS = 8  # of a process, which run for a moment what blocks in live views: queries, and the encoding of a piece
REMEMBERED, LONGEST_REMEMBERED = 2000, 200  # addresses, and the characters of one


def live(view: View) -> View:
    """Mark an async view as one that LiveHandler runs, with a short chain of middleware.

    It authenticates by itself, by a key, or by a session whose token against forged requests it checks: no middleware
    does that for it. What blocks in it goes through `sync_to_async`, for a moment only.
    """
    assert asyncio.iscoroutinefunction(view), view
    view.is_live, view.csrf_exempt, view.login_required = True, True, False  # type: ignore[attr-defined]
    return view


def find(path: str) -> ResolverMatch | None:
    """Return where this path of the site leads; None where that is nowhere."""
    # Programs ask the same addresses again each second, and Django tries every pattern before it.
    return (_find if len(path) <= LONGEST_REMEMBERED else _find.__wrapped__)(path, settings.ROOT_URLCONF)


@functools.lru_cache(REMEMBERED)
def _find(path: str, patterns: str) -> ResolverMatch | None:
    try:
        return resolve(path, patterns)
    except Resolver404:
        return None


def is_live(view: Callable) -> bool:
    return getattr(view, "is_live", False)


class LiveHandler(ASGIHandler):
    """Run live views in the event loop; what blocks in one of them runs in a thread that it shares with others.

    When the client hangs up, its view is cancelled, or the content that it returned is closed, at once.

    `scope["live"]` is what `find` returned for it. Of Django's own handler this one leaves out what hops into threads: it is most of
    what a short answer costs.
    """

    def __init__(self) -> None:
        super().__init__()
        # Pools of one thread: asgiref wants what one request does to stay on one.
        self._threads = cycle([Threads(1, "live") for _ in range(THREADS)])

    def load_middleware(self, is_async: bool = True) -> None:
        """Take the middleware that answers to programs need. It is called directly: none of it blocks."""

        def unused(request: HttpRequest) -> HttpResponseBase:
            raise NotImplementedError  # middleware wants to be told what comes after it

        none: list[Callable] = []
        self._view_middleware = self._template_response_middleware = self._exception_middleware = none
        self._security, self._session = SecurityMiddleware(unused), SessionMiddleware(unused)
        self._authentication = AuthenticationMiddleware(unused)
        self._view: Any = convert_exception_to_response(self._get_response_async)  # type: ignore[attr-defined]
        self._middleware_chain = convert_exception_to_response(self._answer)

    async def _answer(self, request: Any) -> HttpResponseBase:
        request.get_host()  # raises DisallowedHost
        response: Any = cors.preflight(request) or self._security.process_request(request)
        if response is None:
            self._session.process_request(request)
            self._authentication.process_request(request)
            response = self._session.process_response(request, await self._view(request))
            if not response.streaming:
                response.headers.setdefault("Content-Length", str(len(response.content)))
        return cors.share(request, self._security.process_response(request, response))

    def resolve_request(self, request: Any) -> ResolverMatch:
        request.resolver_match = request.scope["live"]
        return request.resolver_match

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        incoming = scope["incoming"] = Incoming(scope, receive)
        try:
            body = incoming.file if await incoming.gather(SMALL_BYTES) else Unread()
            async with ThreadSensitiveContext(executor=next(self._threads)):
                await self._serve_unless_left(scope, incoming, body, send)
        finally:
            del scope["incoming"]
            incoming.file.close()  # the disk is free again now, and not when Python looks for garbage

    async def _serve_unless_left(self, scope: Any, incoming: Incoming, body: Any, send: Any) -> None:
        answer = asyncio.ensure_future(self._serve(scope, body, send))
        leaving = asyncio.ensure_future(_leaving(incoming))
        leaving.add_done_callback(lambda _: answer.cancel())
        try:
            await answer
        except asyncio.CancelledError:
            if not leaving.done():
                raise
        finally:
            leaving.cancel()

    async def _serve(self, scope: Any, body: Any, send: Any) -> None:
        set_script_prefix(get_script_prefix(scope))
        # The signals are sent here: `Threads` do for their connections what Django does by them.
        signals.request_started.send(sender=self.__class__, scope=scope)
        request: Any
        response: Any
        request, response = self.create_request(scope, body)
        try:
            if request is not None:
                response = await self.run_get_response(request)
            await self.send_response(response, send)
        finally:
            if response is not None:
                response.close()
            else:
                signals.request_finished.send(sender=self.__class__)

    async def run_get_response(self, request: Any) -> HttpResponseBase:
        """Run the view; where it reads a large body, which it does once it knows who sends it, run it again with that."""
        incoming = request.scope["incoming"]
        try:
            return await super().run_get_response(request)
        except BodyWanted:
            body = await incoming.gather_for(await sync_to_async(Sender)(request))
            again: Any = self.create_request(request.scope, body)[0]  # as it was made before
            return await super().run_get_response(again)
        finally:
            incoming.is_settled.set()  # who answers without the body drops the rest of it


async def _leaving(incoming: Incoming) -> None:
    await incoming.is_settled.wait()
    await incoming.hung_up()
