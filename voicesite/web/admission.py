"""Limit how many long requests run at once, so that threads remain for the pages."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import KW_ONLY, dataclass, field

from django.conf import settings

from .rejection import Rejected

_changed = threading.Condition()
_held: Counter[int] = Counter()  # slots of any kind, by the thread that holds them


@dataclass(eq=False)
class Admission:
    """Limits on long requests of one kind: decoding an upload, sending an archive, waiting for a job.

    Each holds a thread of the web process for seconds or minutes. All kinds together hold at most three quarters of
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


class Stream:
    """Content of a streaming response that holds something meanwhile, such as a slot.

    `held` is closed when the content ends or Django closes the response, even if the client left before the first byte.
    """

    def __init__(self, content: Iterable[bytes], held: ExitStack):
        self.content, self.close = content, held.close

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self.content
        finally:
            self.close()
