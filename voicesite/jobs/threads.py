"""Threads in which what the event loop waits for asks the database."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import close_old_connections


class Threads(ThreadPoolExecutor):
    """A pool whose calls find the database as a request of Django's does: no connection that broke or is old.

    Each thread keeps its connection. Django would close old ones by signals of each request, for which it hops into a thread
    and back, twice: that takes longer than most of what is asked.
    """

    def submit(self, act: Callable, /, *args: Any, **kwargs: Any) -> Future:
        return super().submit(_connected, act, *args, **kwargs)


def _connected(act: Callable, *args: Any, **kwargs: Any) -> Any:
    close_old_connections()
    try:
        return act(*args, **kwargs)
    finally:
        close_old_connections()
