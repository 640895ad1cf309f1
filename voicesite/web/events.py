"""Tell programs how far a job is: when to ask again, an answer that waits for news, and server-sent events.

An operation of the API names the job that its answer is about (`about`). Then the answer says `Retry-After` while the job
moves. One that reads the job may also wait for its next stage (`waits`), and has a stream of its answers beside it (`streams`).
An event is the answer itself, as it would be now: each asks anew who may see it, so a stream ends with its key, its person
or its job. Neither holds a thread while nothing changes (voicesite/jobs/watching.py).

The id of an event tells the progress that was shown, and what else was: so a program that comes back, to another process
too, is told nothing twice, and no progress that goes back when an attempt begins anew.
"""

import asyncio
import functools
import re
import time
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from voicesite.address.listening import ENDING
from voicesite.jobs import watching
from voicesite.jobs.job import Job

RETRY_SECONDS = 1  # after which to ask again for what moves
MOST_SECONDS = 60  # that an answer waits
GATHER_SECONDS = 2.6  # in which stages pass before an answer tells of them: short ones follow each other
CHECK_SECONDS = 3.0  # after which a stream asks anew who listens, and for what is no part of the job's row
COMMENT_SECONDS = 15.0  # after which a stream says that it is there: proxies end silent connections
CONTENT_TYPE = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx would gather events


@dataclass(frozen=True)
class Watched:
    """The job that an answer is about, as it was then."""

    job: Job
    known: watching.Seen
    progress: int  # that the answer tells
    wait: int  # seconds that it may wait for the next stage


def itself(job: Job) -> Job:
    """Return the job of an answer that is about nothing else."""
    return job


def about(request: HttpRequest, job: Job | None, wait: int = 0) -> None:
    """Note which job the answer to a request is about; within a stream, its progress is at least what was told before."""
    if job is None:
        return
    known = watching.seen(job)
    job.progress = max(job.progress, getattr(request, "furthest", 0))
    request.watched = Watched(job, known, job.progress, wait)  # type: ignore[attr-defined]


def _watched(request: HttpRequest) -> Watched | None:
    """Return what the last answer is about, if that is under way."""
    watched: Watched | None = getattr(request, "watched", None)
    return watched if watched and watched.job.is_under_way else None


def say_when_to_ask_again(request: HttpRequest, response: HttpResponseBase) -> None:
    """Add `Retry-After` to an answer about something that moves."""
    if response.status_code < 300 and _watched(request):
        response.headers.setdefault("Retry-After", str(RETRY_SECONDS))


def waits(view: Callable[..., HttpResponse]) -> Callable:
    """Make a view an async one, whose answer waits as long as it notes, until the state or the stage of its job changes.

    The end is told at once, another change once GATHER_SECONDS have passed: else a program that waits would be told of each
    of the short stages in which a text begins.
    """

    @functools.wraps(view)
    async def waiting(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = await watching.in_thread(view, request, **kwargs)
        begun, is_news = time.monotonic(), False
        while response.status_code == 200 and (watched := _watched(request)):
            most = min(watched.wait, GATHER_SECONDS) if is_news else watched.wait
            left = begun + most - time.monotonic()
            if left <= 0 or _is_over(request):
                break
            await watching.changed(watched.job, watched.known[:2], left, _end(request))
            response, is_news = await watching.in_thread(_again, view, request, kwargs), True
        return response

    return waiting


def streams(view: Callable[..., HttpResponse]) -> Callable:
    """Make of a view an async one that streams its answers as they change, until its job has ended."""

    @functools.wraps(view)
    async def stream(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        last_id = request.headers.get("Last-Event-ID", "")
        told = re.fullmatch(r"(\d{1,2}|100)\.[0-9a-f]{8}", last_id)
        request.furthest = int(told[1]) if told else 0  # type: ignore[attr-defined]
        response = await watching.in_thread(view, request, **kwargs)
        if response.status_code != 200:
            return response
        if not _watched(request) and last_id == _event_id(request, response):
            return HttpResponse(status=204, headers=HEADERS)  # which keeps a browser from asking again
        if request.method == "HEAD":
            return HttpResponse(content_type=CONTENT_TYPE, headers=HEADERS)
        events = _events(view, request, kwargs, response, last_id)
        return StreamingHttpResponse(events, content_type=CONTENT_TYPE, headers=HEADERS)

    return stream


async def _events(
    view: Callable[..., HttpResponse], request: HttpRequest, kwargs: dict, response: HttpResponse, last_id: str
) -> AsyncIterator[bytes]:
    """Yield an event for each answer that differs from the one before, and a comment now and then."""
    next_comment = time.monotonic() + COMMENT_SECONDS
    while response.status_code == 200 and not _is_over(request):
        if (event_id := _event_id(request, response)) != last_id:
            yield b"id: %b\ndata: %b\n\n" % (event_id.encode(), response.content)
            last_id = event_id
        watched = _watched(request)
        if watched is None:
            return
        request.furthest = watched.progress  # type: ignore[attr-defined]
        seconds = min(CHECK_SECONDS, next_comment - time.monotonic())
        await watching.changed(watched.job, watched.known, max(seconds, 0.0), _end(request))
        if time.monotonic() >= next_comment:
            next_comment += COMMENT_SECONDS
            yield b": still here\n\n"
        response = await watching.in_thread(_again, view, request, kwargs)


def _end(request: HttpRequest) -> asyncio.Future[None] | None:
    """Return what is done when the server ends: who listens then comes back to the next, and is told nothing twice."""
    return getattr(request, "scope", {}).get("state", {}).get(ENDING)


def _is_over(request: HttpRequest) -> bool:
    end = _end(request)
    return end is not None and end.done()


def _event_id(request: HttpRequest, response: HttpResponse) -> str:
    """Return what identifies an answer. That of a job which has ended tells no progress: it may begin again, from 0."""
    watched = _watched(request)
    return f"{watched.progress if watched else 'end'}.{zlib.crc32(response.content):08x}"


def _again(view: Callable[..., HttpResponse], request: HttpRequest, kwargs: dict) -> HttpResponse:
    """Ask the view again, which finds out anew who asks: the key may be revoked and the session ended meanwhile."""
    request.watched = None  # type: ignore[attr-defined]
    if hasattr(request, "session"):
        request.session = type(request.session)(request.session.session_key)
        request.__dict__.pop("_cached_user", None)
        request.user = SimpleLazyObject(functools.partial(get_user, request))  # type: ignore[assignment]
    return view(request, **kwargs)
