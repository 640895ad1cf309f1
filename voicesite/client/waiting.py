"""Wait for a task: told by the server's events; where it has none, by requests that it holds; else by asking again."""

import json
from collections.abc import Callable
from time import monotonic
from typing import TypeAlias

import httpx

from .errors import GenerationCancelled, GenerationFailed, retry_after, stranger
from .retries import sent
from .steps import Answer, Flow, Read, Request, Sleep
from .things import Generation, Task

OnProgress: TypeAlias = Callable[[Task], object]

HELD_SECONDS = 20  # for which a request may be held: less than proxies wait for an answer
SILENT_SECONDS = 45.0  # of events: the server sends a comment every 15 s
POLL_SECONDS = 1.0  # between two requests, where the server doesn't say


def finished(id: str, retries: int, on_progress: OnProgress) -> Flow[Generation]:
    """Return what a task has made, once it is completed. on_progress hears of each change, and of the end.

    Raises GenerationFailed, GenerationCancelled, NotFound (once it is deleted) and VoicesiteError.
    """
    last: Task | None = None

    def hear(task: Task) -> None:
        nonlocal last
        if task != last:
            last = task
            on_progress(task)

    yield from _followed(id, hear)
    while last is None or not last.has_ended:
        began = monotonic()
        request = Request("GET", f"api/generations/tasks/{id}", {"wait": HELD_SECONDS}, read_seconds=HELD_SECONDS + 15)
        answer: Answer = yield from sent(request, retries)
        try:
            hear(task := Task.read(json.loads(answer.body)))
        except ValueError:
            raise stranger() from None
        if not task.has_ended:
            # A server that holds no requests answers at once: then this is what keeps us from asking all the time.
            yield Sleep(max((retry_after(answer.headers) or POLL_SECONDS) - (monotonic() - began), 0.0))
    return _outcome(last)


def _outcome(task: Task) -> Generation:
    if task.status == "cancelled":
        raise GenerationCancelled("It was cancelled.", code="generation_cancelled")
    if task.status == "failed" or task.result is None:
        raise GenerationFailed(task.error or task.message or "It failed.", code="generation_failed")
    return task.result


def _followed(id: str, hear: Callable[[Task], None]) -> Flow[None]:
    """Hear the server's events until the last. Return early where there are none, or they break off twice in silence."""
    path, last_id = f"api/generations/tasks/{id}/events", ""
    while True:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_id} if last_id else {})
        heard = False
        try:
            answer: Answer = yield Request("GET", path, headers=headers, read_seconds=SILENT_SECONDS, streamed=True)
            if answer.status != 200 or not answer.headers.get("content-type", "").startswith("text/event-stream"):
                return
            events = Events()
            while part := (yield Read()):
                for event_id, data in events.take(part):
                    task, heard, last_id = Task.read(json.loads(data)), True, event_id or last_id
                    hear(task)
                    if task.has_ended:
                        return
        except (httpx.RequestError, ValueError):
            pass
        if not heard:
            return


class Events:
    """Server-sent events out of bytes as they come: https://html.spec.whatwg.org/multipage/server-sent-events.html"""

    def __init__(self) -> None:
        self._rest = b""
        self._id, self._data = "", list[str]()

    def take(self, part: bytes) -> list[tuple[str, str]]:
        """Return the events that end in this part: the last id and the data of each."""
        # A CR at the end may be half of a CRLF.
        whole, self._rest = self._rest + part, b""
        if whole.endswith(b"\r"):
            whole, self._rest = whole[:-1], b"\r"
        *lines, unfinished = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = unfinished + self._rest
        found = []
        for line in lines:
            name, _, value = line.decode(errors="replace").partition(":")
            value = value.removeprefix(" ")
            if not line and self._data:
                found.append((self._id, "\n".join(self._data)))
                self._data = []
            elif name == "id":
                self._id = value
            elif name == "data":
                self._data.append(value)
        return found
