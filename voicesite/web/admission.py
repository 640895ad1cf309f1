"""Long requests, so many at once that the pages go on for everybody."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from django.conf import settings

from .rejection import Rejected

_changed = threading.Condition()
_held: Counter[int] = Counter()  # slots of any kind, by the thread of this process that holds them


class Admission:
    """Admit long requests of one kind: decoding an upload, sending an archive, waiting for a job.

    Each holds a thread of the web process for seconds or minutes. All kinds together hold three quarters of
    WEB_THREADS at most (of 16, 12): the others answer short requests. Of that, a kind has its own limit, and so has each
    person. A request that holds slots of two kinds holds one thread, and counts once.
    """

    def __init__(
        self,
        rejection: type[Rejected],
        busy: str,
        *,
        share: int,
        per_person: int | None = None,
        workers: int | None = None,
        patience: float = 0.0,
    ):
        """rejection, busy: what `slot` raises, and its message, when there is no room. share: the kind has one of so
        many threads, and two at least. per_person: slots of one person; half of the kind's by default. workers: how many
        of those that were admitted work at once, one a person; the others wait `patience` seconds for their turn."""
        self.rejection, self.busy, self.share, self.per_person = rejection, busy, share, per_person
        self.workers, self.patience = workers, patience
        self._admitted: list[int] = []  # people, each as often as they have a slot
        self._working: list[int] = []

    @contextmanager
    def slot(self, person: int, busy: str = "") -> Iterator[None]:
        """Hold a slot of the person with this key. Raises `rejection` where there is none, or no turn within `patience`.

        busy: another message than the usual one.
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
    """Content that a response streams while it holds something, such as a slot.

    `held` is closed when the content ends, or when Django closes the response, however that comes about: also where the
    client went away and nothing was sent.
    """

    def __init__(self, content: Iterable[bytes], held: ExitStack):
        self.content, self.close = content, held.close

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self.content
        finally:
            self.close()
