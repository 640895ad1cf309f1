import threading
import time

import pytest
from django.db import connection, transaction

from synthesis.models import Generation


@pytest.fixture
def as_soon_as():
    """`as_soon_as(when, act)`: act in a thread, once, when `when()` holds, while a worker works in this one."""
    threads = []

    def start(when, act):
        def watch():
            end = time.monotonic() + 60
            while time.monotonic() < end:
                if when():
                    act()
                    break
                time.sleep(0.02)
            connection.close()

        threads.append(threading.Thread(target=watch))
        threads[-1].start()

    yield start
    [thread.join() for thread in threads]


@pytest.fixture
def during(as_soon_as):
    """`during(generation, when, act)`: act on its row as soon as `when(row)` holds."""

    def start(generation, when, act):
        row = Generation.objects.filter(pk=generation.pk)
        as_soon_as(lambda: when(row.get()), lambda: act(row.get()))

    return start


def overtake(row: Generation) -> None:
    """Let another worker claim a row whose lease is over. At once, as the attempt at it would renew that lease."""
    with transaction.atomic():
        Generation.objects.filter(pk=row.pk).update(lease_expires_at=row.created_at)
        assert Generation.objects.get(pk=row.pk).claim()
