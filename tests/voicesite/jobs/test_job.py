import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from synthesis.models import Generation
from tests.factories import GenerationFactory
from voicesite.jobs import doorbell
from voicesite.jobs.attempts import settle
from voicesite.jobs.job import Lost, State

pytestmark = [pytest.mark.django_db, pytest.mark.backends]


def reload(generation) -> Generation:
    return Generation.objects.get(pk=generation.pk)


def test_a_claim_sets_token_lease_and_attempt():
    generation = GenerationFactory()
    assert generation.claim()
    row = reload(generation)
    assert (row.state, row.progress, row.attempts) == (State.INITIALIZING, 10, 1)
    assert row.claim_token == generation.claim_token and row.worker
    assert timedelta(seconds=8) < row.lease_expires_at - timezone.now() <= timedelta(seconds=10)


def test_two_who_read_the_same_row_cannot_both_claim_it():
    generation = GenerationFactory()
    first, second = reload(generation), reload(generation)
    assert first.claim() and not second.claim()


@pytest.mark.parametrize("way", ["failed", "expired"])
def test_who_read_the_row_before_another_attempt_does_not_claim_it_by_what_it_knew(way):
    """It would count attempts and failures from outdated values, and lose some."""
    generation = GenerationFactory()
    late, first = reload(generation), reload(generation)
    assert first.claim()
    if way == "failed":
        first.give_back(failed=True)
    else:
        Generation.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert not late.claim()
    row = reload(generation)
    assert row.claim() and row.attempts == 2
    row.give_back(failed=True)
    assert (reload(row).attempts, reload(row).failures) == (2, 2 if way == "failed" else 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_claims():
    generations = GenerationFactory.create_batch(5)
    gate, won = threading.Barrier(6), []

    def grab():
        rows = [reload(generation) for generation in generations]
        gate.wait()
        won.extend(row.pk for row in rows if row.claim())
        connection.close()

    threads = [threading.Thread(target=grab) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(won) == sorted(generation.pk for generation in generations)
    assert set(Generation.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.parametrize(
    ("row", "claimable"),
    [
        ({}, True),
        ({"running": True}, False),
        ({"abandoned": True, "attempts": 9}, True),
        ({"abandoned": True, "attempts": 10}, False),
        ({"abandoned": True, "cancel_requested": True}, False),
        ({"completed": True}, False),
        ({"failed": True}, False),
        ({"cancelled": True}, False),
    ],
)
def test_what_may_be_claimed(row, claimable):
    assert GenerationFactory(**row).claim() is claimable


def test_an_overtaken_attempt_writes_nothing_more():
    slow = GenerationFactory()
    slow.claim()
    Generation.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert reload(slow).is_interrupted
    fast = reload(slow)
    assert fast.claim()
    with pytest.raises(Lost):
        slow.advance(progress=70)
    with pytest.raises(Lost):
        slow.finish(State.COMPLETED)
    slow.give_back(failed=True)
    row = reload(slow)
    assert (row.state, row.progress, row.attempts) == (State.INITIALIZING, 10, 2)
    fast.finish(State.COMPLETED, audio="speech.wav", seconds=1.0)
    assert reload(slow).progress == 100


def test_a_deleted_row_is_lost_to_its_attempt():
    generation = GenerationFactory()
    generation.claim()
    Generation.objects.all().delete()
    with pytest.raises(Lost):
        generation.advance(progress=30)


def test_advance_renews_the_lease():
    generation = GenerationFactory()
    generation.claim()
    Generation.objects.update(lease_expires_at=timezone.now() + timedelta(seconds=1))
    generation.advance(state=State.GENERATING, progress=42)
    row = reload(generation)
    assert row.progress == 42 and row.lease_expires_at > timezone.now() + timedelta(seconds=8)


def test_cancel_of_what_waits_is_at_once_and_of_what_runs_reaches_its_attempt():
    waiting, running = GenerationFactory(), GenerationFactory()
    assert waiting.request_cancel() and reload(waiting).state == State.CANCELLED
    assert not waiting.claim()
    running.claim()
    assert running.request_cancel() and reload(running).state == State.INITIALIZING
    with pytest.raises(Lost):
        running.advance(progress=50)
    with pytest.raises(Lost):
        running.finish(State.COMPLETED)
    running.finish(State.CANCELLED)
    assert reload(running).finished_at


@pytest.mark.parametrize("ended", ["completed", "failed", "cancelled"])
def test_what_has_ended_cannot_be_cancelled(ended):
    generation = GenerationFactory(**{ended: True})
    assert not generation.request_cancel()
    assert reload(generation).state == generation.state


def test_a_shutdown_costs_no_attempt_and_a_failure_does():
    generation = GenerationFactory()
    generation.claim()
    generation.give_back(failed=False)
    assert (reload(generation).state, reload(generation).attempts) == (State.PENDING, 0)
    generation = reload(generation)
    generation.claim()
    generation.give_back(failed=True, stage="Once more")
    row = reload(generation)
    assert (row.attempts, row.stage, row.claim_token) == (1, "Once more", None)


def test_retry_starts_anew_with_all_attempts(django_capture_on_commit_callbacks):
    failed = GenerationFactory(failed=True)
    with django_capture_on_commit_callbacks(execute=True):  # Redis gets a ring after the commit
        assert failed.retry()
    assert doorbell.rings_unheard("synthesis") == 1
    row = reload(failed)
    assert (row.state, row.attempts, row.error, row.finished_at) == (State.PENDING, 0, "", None)
    assert row.claim()
    cancelled = GenerationFactory(cancelled=True)
    assert cancelled.retry() and reload(cancelled).claim()
    assert not GenerationFactory(completed=True).retry()
    assert not GenerationFactory(running=True).retry()


@pytest.fixture
def ends(monkeypatch):
    """What `on_end` was told, of which rows and states."""
    told = []
    monkeypatch.setattr(Generation, "on_end", lambda self, state: told.append((self.pk, state)))
    return told


def test_each_way_to_end_says_so_once(ends):
    done, waiting, running, stuck = GenerationFactory.create_batch(4)
    assert done.claim() and running.claim() and stuck.claim()
    done.finish(State.FAILED, error="The engine failed.")
    assert waiting.request_cancel()
    assert running.request_cancel() and (running.pk, State.CANCELLED) not in ends, "its worker ends it"
    settle(running, Lost())
    Generation.objects.running().filter(pk=stuck.pk).close(State.FAILED, error="It was interrupted.")
    expected = [(done.pk, State.FAILED), (waiting.pk, State.CANCELLED), (running.pk, State.CANCELLED)]
    assert ends == [*expected, (stuck.pk, State.FAILED)]
    assert not waiting.request_cancel() and not done.request_cancel()
    with pytest.raises(Lost):
        done.finish(State.FAILED)
    assert len(ends) == 4


def test_what_belongs_to_an_end_is_undone_with_it_and_an_end_with_it(monkeypatch):
    generation = GenerationFactory()
    assert generation.claim()

    def fail(self, state):
        raise RuntimeError

    monkeypatch.setattr(Generation, "on_end", fail)
    with pytest.raises(RuntimeError):
        generation.finish(State.FAILED)
    assert reload(generation).is_running and generation.claim_token, "another try still holds the row"


def test_an_end_that_is_undone_may_be_repeated():
    generation = GenerationFactory()
    assert generation.claim()
    with pytest.raises(OperationalError), transaction.atomic():
        generation.finish(State.FAILED)
        raise OperationalError("the connection is closed")
    assert reload(generation).is_running
    generation.finish(State.FAILED)
    assert reload(generation).state == State.FAILED and reload(generation).claim_token is None
    with pytest.raises(Lost):
        generation.finish(State.FAILED)


@pytest.mark.parametrize("error", [OperationalError("terminating connection"), InterfaceError("connection is closed")])
def test_a_database_that_goes_away_is_no_failure_of_what_was_worked_on(error):
    """Else three cuts in a row fail a text for good, with nothing wrong with it."""
    for attempt in range(1, settings.MAX_FAILURES + 2):
        generation = Generation.objects.first() or GenerationFactory()
        assert generation.claim()
        settle(generation, error)
        row = reload(generation)
        assert (row.state, row.attempts, row.failures) == (State.PENDING, attempt, 0), "but not for ever"
        assert row.stage == "The database did not answer. Trying again."
