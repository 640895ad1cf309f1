import threading
import time

import pytest
from django.db import connection

from synthesis.models import Generation


@pytest.fixture
def during():
    """Do something while a worker works, as soon as `when(row)` holds."""
    threads = []

    def start(generation, when, act):
        def watch():
            end = time.monotonic() + 20
            while time.monotonic() < end:
                row = Generation.objects.get(pk=generation.pk)
                if when(row):
                    act(row)
                    break
                time.sleep(0.02)
            connection.close()

        threads.append(threading.Thread(target=watch))
        threads[-1].start()

    yield start
    [thread.join() for thread in threads]
