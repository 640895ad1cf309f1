"""Wait until a job changes, without a thread for each that waits.

All that wait in a process share one loop. A few times a second, it asks the database for all rows that are watched, by one
query for each kind of job, and wakes those whose row is another than they have seen. With nobody waiting it asks nothing.

1. Who waits names what it has seen of the row, so that nothing is missed that happened since it looked.
2. A row that is gone has changed. If the database does not answer, the next look asks again.
3. An event loop has its own `_Watch`: a server has one, and each request of a test another.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError

from .job import Job
from .threads import Threads

LOOK_SECONDS = 0.25
THREADS = 8  # each has a database connection of its own

Seen = tuple[str, ...]  # what is known of a row: its state and stage, and its progress


async def in_thread(act: Callable, *args: Any, **kwargs: Any) -> Any:
    """Call `act`, which may ask the database, in one of few threads, for a moment only. Returns what it returns."""
    return await _call(act, *args, **kwargs)


_call = sync_to_async(
    lambda act, *args, **kwargs: act(*args, **kwargs),
    thread_sensitive=False,
    executor=Threads(THREADS, thread_name_prefix="live"),
)


def seen(job: Job) -> Seen:
    """Return what `changed` compares: the state, the stage, then the progress."""
    return job.state, job.stage, str(job.progress)


async def changed(job: Job, known: Seen, seconds: float, until: asyncio.Future[None] | None = None) -> None:
    """Return when the row is another than `known`, which may be the beginning of what `seen` gives; or after `seconds`.

    until: a future that ends all waiting when it is done.
    """
    loop = asyncio.get_running_loop()
    watch = _watches.setdefault(loop, _Watch())
    waiter = _Waiter(type(job), job.pk, known, loop.create_future())
    watch.waiters.add(waiter)
    watch.start()
    try:
        awaited = [waiter.change, until] if until else [waiter.change]
        await asyncio.wait(awaited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watch.waiters.discard(waiter)


@dataclass(eq=False)
class _Waiter:
    kind: type[Job]
    pk: Any
    known: Seen
    change: asyncio.Future[None]

    def wake(self) -> None:
        if not self.change.done():
            self.change.set_result(None)


class _Watch:
    """Those who wait in one event loop, and the task that looks for them."""

    def __init__(self) -> None:
        self.waiters: set[_Waiter] = set()
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while self.waiters:
            await asyncio.sleep(LOOK_SECONDS)
            watched = defaultdict(set)
            for waiter in self.waiters:
                watched[waiter.kind].add(waiter.pk)
            try:
                rows = await in_thread(_rows, watched)
            except (DatabaseError, InterfaceError):
                continue
            for waiter in self.waiters:
                row = rows.get((waiter.kind, waiter.pk), ())
                # One that came while the database was asked is looked at, too late: it waits for the next time.
                if row[: len(waiter.known)] != waiter.known and waiter.pk in watched[waiter.kind]:
                    waiter.wake()


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, _Watch] = WeakKeyDictionary()


def _rows(watched: dict[type[Job], set]) -> dict[tuple[type[Job], Any], Seen]:
    """Return what there is to see of the rows, by their kinds and keys. One query for each kind."""
    found: dict[tuple[type[Job], Any], Seen] = {}
    for kind, keys in watched.items():
        rows = kind.objects.filter(pk__in=keys).order_by()
        for pk, state, stage, progress in rows.values_list("pk", "state", "stage", "progress"):
            found[kind, pk] = (state, stage, str(progress))
    return found
