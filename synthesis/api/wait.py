"""Requests that wait for work: so many at once that the pages go on for everybody."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from voicesite.jobs.job import ENDED, Job

POLL_SECONDS = 0.2  # seconds between two looks
_lock = threading.Lock()
_waiting: Counter[int] = Counter()  # requests of this process, by person


@contextmanager
def place(person: int) -> Iterator[bool]:
    """Whether there is a place to wait: half of the threads of a web process have one, half of these for one person."""
    places = max(settings.WEB_THREADS // 2, 1)
    with _lock:
        has_place = _waiting.total() < places and _waiting[person] < max(places // 2, 1)
        _waiting[person] += has_place
    try:
        yield has_place
    finally:
        with _lock:
            _waiting[person] -= has_place


def wait_until_ended(job: Job, seconds: float) -> None:
    """Return when the job has ended, or is gone, or `seconds` are over."""
    end, moving = time.monotonic() + seconds, type(job).objects.filter(pk=job.pk).exclude(state__in=ENDED)
    while time.monotonic() < end and moving.exists():
        time.sleep(min(POLL_SECONDS, max(end - time.monotonic(), 0)))
