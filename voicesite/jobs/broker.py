"""django-q2's broker in the database, with a bell: on this machine a ring is heard at once, and not at the next poll."""

import os
import select
import time
from contextlib import suppress
from functools import cached_property

from django.conf import settings
from django.db import close_old_connections, connections, transaction
from django_q.brokers import orm
from django_q.conf import Conf
from django_q.models import OrmQ

LOOK_SECONDS = 5.0  # between two looks at a queue whose bell is silent


class DatabaseBroker(orm.ORM):
    """Messages as rows, and a byte in a named pipe of the data folder when there is a new one.

    The first sound of a text waits for this, and polling more often would keep a laptop awake. A byte may be lost, and
    none comes from other machines: their rows are found by polling, every `Conf.POLL` seconds. A file of SQLite has no
    other machines: there a look every LOOK_SECONDS is for lost bytes only.
    """

    looked_at = float("-inf")

    @staticmethod
    def get_connection(list_key: str | None = None):
        """Return the messages. django-q2's opens the database to see whether a transaction runs: in processes that ask it nothing."""
        if not connections[Conf.ORM].in_atomic_block:
            close_old_connections()
        return OrmQ.objects.using(Conf.ORM)

    def enqueue(self, task):
        key = super().enqueue(task)
        transaction.on_commit(self._wake, using=Conf.ORM)
        return key

    def dequeue(self):
        if self._is_time_to_look():
            self.looked_at = time.monotonic()
            if self.queue_size():
                self.looked_at = float("-inf")  # there may be more of them
                return super().dequeue()
        return self._wait()

    def set_stat(self, key, value, timeout):
        """Keep no statistics: django-q2 would write them to the cache, a table of the database, twice a second."""

    def _is_time_to_look(self) -> bool:
        is_alone = connections[Conf.ORM].vendor == "sqlite" and self._bell is not None
        return time.monotonic() - self.looked_at >= (LOOK_SECONDS if is_alone else 0)

    def _wake(self) -> None:
        with suppress(OSError):  # nobody listens, or has heard nothing for thousands of rings
            pipe = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(pipe, b"\0")
            finally:
                os.close(pipe)

    def _wait(self) -> None:
        if self._bell is None:
            return time.sleep(Conf.POLL)
        if select.select([self._bell], [], [], Conf.POLL)[0]:
            os.read(self._bell, 65_536)
            self.looked_at = float("-inf")

    @property
    def _path(self):
        return settings.DATA_DIR / "run" / f"{self.list_key}.bell"

    @cached_property
    def _bell(self) -> int | None:
        """The pipe, open for this process; None where the data folder is on a disk without pipes."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                os.mkfifo(self._path, 0o600)
            return os.open(self._path, os.O_RDWR | os.O_NONBLOCK)  # a writer of its own: the pipe has no end
        except OSError:
            return None
