"""Threads that ask the database."""

import pytest
from django.db import connection

from voicesite.jobs.threads import Threads


@pytest.mark.django_db(transaction=True)
def test_a_connection_is_kept_until_it_is_old():
    def ask(close_at=None):
        connection.ensure_connection()
        connection.close_at = close_at
        return connection.connection

    with Threads(1, "test") as threads:
        first = threads.submit(ask).result()
        assert threads.submit(ask).result() is first
        connection_of_thread = threads.submit(lambda: connection.connection)
        assert connection_of_thread.result() is first
        assert threads.submit(ask, close_at=0).result() is first
        assert threads.submit(lambda: connection.connection).result() is None, "it was closed behind the call"


def test_what_a_call_raises_is_raised():
    with Threads(1, "test") as threads, pytest.raises(ZeroDivisionError):
        threads.submit(lambda: 1 / 0).result()
