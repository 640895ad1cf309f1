"""The doorbell: a message through django-q2 that wakes a worker; the rows of jobs say what to do."""

from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError, transaction
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.tasks import async_task
from redis.exceptions import RedisError


def ring(cluster: str) -> None:
    """Wake a worker of `cluster`. The message has no content, so losing or repeating it does no harm.

    In the database it is part of the caller's transaction. Redis gets it after the commit; the sweeper replaces lost ones.
    """
    _send(cluster, settings.DOORBELLS[cluster])


def probe(cluster: str) -> None:
    """Ask a worker of `cluster` whether it hears, when there is nothing to do. Whoever looks for work in vain touches memory
    that it shares with others until then."""
    _send(cluster, settings.PROBES[cluster])


def _send(cluster: str, task: str) -> None:
    if settings.REDIS_URL:
        transaction.on_commit(lambda: async_task(task, broker=_broker(cluster)), robust=True)
    else:
        async_task(task, broker=_broker(cluster))


def rings_unheard(cluster: str) -> int:
    """Return how many messages wait in the broker; 0 if it does not answer."""
    try:
        return _broker(cluster).queue_size()
    except (DatabaseError, RedisError):
        return 0


def answer(cluster: str) -> None:
    """Make the processes that this one forks the workers of `cluster`. django-q2 takes that from the environment else,
    when it is imported, which is long before."""
    Conf.CLUSTER_NAME, Conf.WORKERS = cluster, settings.Q_CLUSTER["ALT_CLUSTERS"][cluster]["workers"]


@lru_cache
def _broker(cluster: str):
    return get_broker(cluster)
