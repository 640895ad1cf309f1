"""Rings for work on voices. The bell's address is a string: `voices` does not import what answers it."""

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task

BELL = "synthesis.workers.tasks.run_background"


def ring_background() -> None:
    """Wake a worker that listens, and fits engines to voices; part of the caller's transaction where the broker can."""
    if settings.REDIS_URL:
        transaction.on_commit(lambda: async_task(BELL, cluster="default"), robust=True)
    else:
        async_task(BELL, cluster="default")
