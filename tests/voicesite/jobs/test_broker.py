"""The bell beside the messages. Where a poll would end a wait, it is so seldom that the test would not end in time."""

import os
import threading
from unittest.mock import Mock

import pytest
from django.db import connection, transaction
from django_q.conf import Conf

from voicesite.jobs.broker import LOOK_SECONDS, DatabaseBroker


@pytest.fixture
def broker(db, settings, tmp_path, monkeypatch) -> DatabaseBroker:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(Conf, "POLL", 600)
    broker = DatabaseBroker(list_key="synthesis")
    yield broker
    if broker._bell is not None:
        os.close(broker._bell)


def test_a_message_wakes_who_waits_for_one(broker, django_capture_on_commit_callbacks):
    listener = threading.Thread(target=broker._wait, daemon=True)
    assert broker._bell is not None
    listener.start()
    with django_capture_on_commit_callbacks(execute=True):
        DatabaseBroker(list_key="synthesis").enqueue("spoken soon")
    listener.join(10)
    assert not listener.is_alive()
    assert [payload for _, payload in broker.dequeue()] == ["spoken soon"]


def test_what_came_while_nobody_waited_is_heard_once(broker, monkeypatch, django_capture_on_commit_callbacks):
    assert broker._bell is not None
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            broker.enqueue("")
    for _ in range(3):
        assert broker.dequeue()
    assert broker.dequeue() is None, "it looks again, at once"
    monkeypatch.setattr(Conf, "POLL", 0)
    broker._wait()
    with pytest.raises(BlockingIOError):
        os.read(broker._bell, 1)


def test_the_bell_is_rung_after_the_commit(broker, django_capture_on_commit_callbacks):
    assert broker._bell is not None
    with django_capture_on_commit_callbacks() as rings, transaction.atomic():
        broker.enqueue("not to be seen yet")
    with pytest.raises(BlockingIOError):
        os.read(broker._bell, 1)
    for ring in rings:
        ring()
    assert os.read(broker._bell, 10) == b"\0"


def test_without_a_listener_or_a_pipe_a_message_is_polled_for(broker, monkeypatch, django_capture_on_commit_callbacks):
    def refuse(*arguments):
        raise PermissionError("no pipes on this disk")

    monkeypatch.setattr(os, "mkfifo", refuse)
    monkeypatch.setattr(Conf, "POLL", 0)
    with django_capture_on_commit_callbacks(execute=True):
        broker.enqueue("found all the same")
    assert broker._bell is None and broker._wait() is None
    assert [payload for _, payload in broker.dequeue()] == ["found all the same"]


def test_between_two_looks_an_idle_worker_asks_the_database_nothing(broker, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(Conf, "POLL", 0)
    broker.dequeue()
    if connection.vendor == "sqlite":
        with django_assert_num_queries(0):
            broker.dequeue()
        broker.looked_at -= LOOK_SECONDS
    with django_assert_num_queries(1):
        broker.dequeue()


def test_a_message_whose_bell_was_not_heard_is_found_by_looking(broker, monkeypatch):
    monkeypatch.setattr(Conf, "POLL", 0)
    broker.dequeue()
    broker.enqueue("quietly")  # in the test's transaction, which never commits
    broker.looked_at -= LOOK_SECONDS
    assert [payload for _, payload in broker.dequeue()] == ["quietly"]


def test_a_process_that_asks_nothing_does_not_open_the_database(db, monkeypatch):
    """As the guard of a cluster, which has a broker all the same."""
    opened = Mock()
    monkeypatch.setattr(connection, "ensure_connection", opened)
    broker = DatabaseBroker(list_key="synthesis")
    assert opened.call_count == 0
    broker.queue_size()
    assert opened.call_count


def test_the_statistics_of_django_q2_are_not_written_down(broker, django_assert_num_queries):
    with django_assert_num_queries(0):
        broker.set_stat("a cluster", "idle", 3)
