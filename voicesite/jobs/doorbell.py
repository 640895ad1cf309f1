"""The doorbell: wake a worker through django-q2, without saying what for."""

from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError, transaction
from django_q.brokers import get_broker
from django_q.tasks import async_task
from redis.exceptions import RedisError


def ring(cluster: str) -> None:
    """Wake a worker of `cluster`. The message says nothing: losing or repeating it harms nothing.

    With the database as broker the message is part of the caller's transaction; Redis hears of it after the commit,
    and when it does not answer, the sweeper rings again.
    """
    if settings.REDIS_URL:
        transaction.on_commit(lambda: async_task(settings.DOORBELLS[cluster], broker=_broker(cluster)), robust=True)
    else:
        async_task(settings.DOORBELLS[cluster], broker=_broker(cluster))


def rings_unheard(cluster: str) -> int:
    """How many rings nobody has taken yet; 0 where that can't be learnt. One is enough to wake a worker."""
    try:
        return _broker(cluster).queue_size()
    except (DatabaseError, RedisError):
        return 0


@lru_cache
def _broker(cluster: str):
    return get_broker(cluster)
