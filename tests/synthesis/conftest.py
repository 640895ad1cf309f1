import threading
import time

import pytest
from django.db import connection

from synthesis.models import Generation


@pytest.fixture
def as_soon_as():
    """`as_soon_as(when, act)`: act in a thread, once, when `when()` holds, while a worker works in this one."""
    threads = []

    def start(when, act):
        def watch():
            end = time.monotonic() + 20
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
