"""Limit how many long requests run at once: those that hold a thread, so that threads remain for the pages, and others."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import KW_ONLY, dataclass, field
from typing import TypeVar

from django.conf import settings

from .rejection import Rejected

POLL_SECONDS = 0.1  # between two looks of who waits for a turn without a thread

Result = TypeVar("Result")

_changed = threading.Condition()
_held: Counter[int] = Counter()  # slots of any kind, by the thread that holds them
_places: Counter[tuple["Places", int]] = Counter()  # those that are taken, by kind and person


@dataclass(eq=False)
class Admission:
    """Limits on long requests of one kind that hold a thread of the web process: decoding an upload, encoding speech.

    All kinds together hold at most three quarters of
    WEB_THREADS (12 of 16); the rest answer short requests. Within that, each kind has its own limit, and so has each
    person. A request with slots of two kinds holds one thread, and counts once.
    """

    rejection: type[Rejected]  # what `slot` raises when there is no room
    busy: str  # its message
    _: KW_ONLY
    share: int  # the kind has one in `share` of WEB_THREADS, and at least two
    per_person: int | None = None  # slots of one person; by default half of the kind's
    workers: int | None = None  # how many work at once, each for another person; by default all
    patience: float = 0.0  # seconds that the others wait for their turn
    _admitted: list[int] = field(default_factory=list, init=False)  # people, each as often as they have a slot
    _working: list[int] = field(default_factory=list, init=False)
    _line: list[list[int]] = field(default_factory=list, init=False)  # who waits in the event loop: a person each
    _threads: ThreadPoolExecutor | None = field(default=None, init=False)  # in which they work

    @contextmanager
    def slot(self, person: int, busy: str = "") -> Iterator[None]:
        """Hold a slot for a person, by primary key. Raises `rejection` without a free one, or a turn within `patience`.

        busy: a message to use instead of the usual one.
        """
        thread, works = threading.get_ident(), False
        with _changed:
            if not self._has_room(person, thread):
                raise self.rejection("busy", busy or self.busy)
            self._admitted.append(person)
            _held[thread] += 1
        try:
            with _changed:
                works = _changed.wait_for(lambda: self._may_work(person), self.patience)
                if not works:
                    raise self.rejection("busy", busy or self.busy)
                self._working.append(person)
            yield
        finally:
            with _changed:
                self._admitted.remove(person)
                if works:
                    self._working.remove(person)
                _held[thread] -= 1
                if not _held[thread]:
                    del _held[thread]
                _changed.notify_all()

    async def in_turn(self, person: int, work: Callable[[], Result]) -> Result:
        """Do `work` in a thread when it is the person's turn, by primary key, and return its result.

        Waiting for that holds no thread, so that it needs no slot, and ends with its turn only. Those with a slot go first:
        they wait for a moment only. Who is cancelled gives the turn back when the work has ended.
        """
        assert self.workers, "any number may work at once"
        place = [person]
        self._line.append(place)
        try:
            while not self._takes_turn(place):
                await asyncio.sleep(POLL_SECONDS)
            self._threads = self._threads or ThreadPoolExecutor(self.workers, "turn")
            doing = self._threads.submit(work)
        finally:
            self._line.remove(place)
        doing.add_done_callback(lambda _: self._gives_turn_back(person))
        return await asyncio.wrap_future(doing)

    def _takes_turn(self, place: list[int]) -> bool:
        """Take the turn if it is this place's: the first in the line whose person may work."""
        with _changed:
            if next((one for one in self._line if self._may_work(one[0])), None) is not place:
                return False
            self._working.append(place[0])
            return True

    def _gives_turn_back(self, person: int) -> None:
        with _changed:
            self._working.remove(person)
            _changed.notify_all()

    def _has_room(self, person: int, thread: int) -> bool:
        places = max(settings.WEB_THREADS // self.share, 2)
        per_person = places // 2 if self.per_person is None else self.per_person
        return (
            len(self._admitted) < places
            and self._admitted.count(person) < per_person
            and (thread in _held or len(_held) < max(settings.WEB_THREADS * 3 // 4, 1))
        )

    def _may_work(self, person: int) -> bool:
        return self.workers is None or (len(self._working) < self.workers and person not in self._working)


class Places:
    """Limit how many long requests of one kind a person has open that hold no thread: a download, or a wait for a job.

    They don't take from others; but each holds files, or reads the disk.
    """

    def __init__(self, rejection: type[Rejected], busy: str, per_person: int):
        self.rejection, self.busy, self.per_person = rejection, busy, per_person

    @contextmanager
    def place(self, person: int) -> Iterator[None]:
        """Hold a place for a person, by primary key. Raises `rejection` without a free one."""
        mine = (self, person)
        with _changed:
            if _places[mine] >= self.per_person:
                raise self.rejection("busy", self.busy)
            _places[mine] += 1
        try:
            yield
        finally:
            with _changed:
                _places[mine] -= 1
                if not _places[mine]:
                    del _places[mine]
                _changed.notify_all()


class Stream:
    """Content of a streaming response that holds something meanwhile, such as a place.

    `held` is closed when the content ends or Django closes the response, even if the client left before the first byte.
    """

    def __init__(self, content: Iterable[bytes], held: ExitStack):
        self.content, self.close = content, held.close

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self.content
        finally:
            self.close()
