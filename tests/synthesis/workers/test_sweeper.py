import os
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, OperationalError
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from synthesis.management.commands import sweep
from synthesis.models import Cluster, Generation
from synthesis.workers import sweeper
from tests.factories import ClipFactory, GenerationFactory, SegmentFactory, VoiceFactory
from tests.outages import let_change
from voicesite.jobs import doorbell, os_processes
from voicesite.jobs.job import State
from voicesite.resources import Unreachable

pytestmark = pytest.mark.django_db
HOST_NAME = socket.gethostname()
DEAD_WORKER = f"{HOST_NAME}:{2**22 + 1}"  # above Linux's highest process number


def reload(generation) -> Generation:
    return Generation.objects.get(pk=generation.pk)


def lease(seconds: float):
    return timezone.now() + timedelta(seconds=seconds)


def test_a_dead_workers_lease_ends_at_once_and_a_live_ones_does_not():
    dead = GenerationFactory(running=True, worker=DEAD_WORKER, lease_expires_at=lease(7))
    fresh = GenerationFactory(running=True, worker=DEAD_WORKER, lease_expires_at=lease(10))
    alive = GenerationFactory(running=True, worker=f"{HOST_NAME}:{os.getpid()}", lease_expires_at=lease(7))
    elsewhere = GenerationFactory(running=True, worker="elsewhere:1", lease_expires_at=lease(7))
    sweeper.expire_dead_workers(Generation)
    assert reload(dead).is_interrupted
    assert not any(reload(row).is_interrupted for row in (fresh, alive, elsewhere))


def test_a_worker_that_nobody_has_buried_is_dead():
    corpse = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, corpse.pid, os.WEXITED | os.WNOWAIT)
    row = GenerationFactory(running=True, worker=f"{HOST_NAME}:{corpse.pid}", lease_expires_at=lease(7))
    sweeper.expire_dead_workers(Generation)
    corpse.wait()
    assert reload(row).is_interrupted


def test_what_nobody_holds_any_more_is_closed():
    cancelled = GenerationFactory(abandoned=True, cancel_requested=True)
    given_back = GenerationFactory(cancel_requested=True)
    exhausted = GenerationFactory(abandoned=True, attempts=10)
    exhausted_waiting = GenerationFactory(attempts=10)
    again = GenerationFactory(abandoned=True, attempts=9)
    held = GenerationFactory(running=True, cancel_requested=True)
    sweeper.close_ended(Generation)
    assert reload(cancelled).state == reload(given_back).state == State.CANCELLED
    assert reload(exhausted).state == State.FAILED and "interrupted 10 times" in reload(exhausted).error
    assert reload(exhausted_waiting).state == State.FAILED, "which no worker may claim any more"
    assert reload(again).is_interrupted and reload(held).state == State.GENERATING


def test_it_rings_for_what_waits_once_until_someone_hears():
    GenerationFactory()
    watch = sweeper.Sweeper()
    watch._ring("synthesis")
    watch.rung_at.clear()
    watch._ring("synthesis")
    assert doorbell.rings_unheard("synthesis") == 1 == OrmQ.objects.filter(key="synthesis").count()


def test_a_clock_that_jumped_ends_nobodys_lease(monkeypatch):
    """A laptop that slept for an hour: every lease looks expired, and its workers are about to go on."""
    last = GenerationFactory(running=True, attempts=10)
    watch = sweeper.Sweeper()
    watch.turn()
    Generation.objects.update(lease_expires_at=lease(-3600))
    watch.clocks = (watch.clocks[0] - 3600, watch.clocks[1])
    watch.turn()
    assert reload(last).state == State.GENERATING and not reload(last).is_interrupted
    Generation.objects.update(lease_expires_at=lease(-1))
    watch.turn()
    assert reload(last).state == State.FAILED, "only once: who does not go on is dead"


def test_a_jump_is_seen_until_the_database_answers(monkeypatch):
    watch = sweeper.Sweeper()
    watch.turn()
    watch.clocks = (watch.clocks[0] - 3600, watch.clocks[1])
    last = GenerationFactory(abandoned=True, attempts=10)
    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr(sweeper, "new_lease", Mock(side_effect=OperationalError))
        watch.turn()
    watch.turn()
    assert reload(last).state == State.GENERATING and not reload(last).is_interrupted


def test_a_clock_that_was_put_back_while_nobody_swept_leaves_no_lease_for_hours():
    """The sweeper was killed when the clock was two hours ahead, and the one that follows saw no jump."""
    ahead = lease(7200)
    Cluster.objects.create(name="default", host=HOST_NAME, process_group=1, started_at=ahead, seen_at=ahead)
    dead = GenerationFactory(running=True, worker=DEAD_WORKER, lease_expires_at=ahead)
    elsewhere = GenerationFactory(running=True, worker="elsewhere:1", lease_expires_at=lease(12))
    before = reload(elsewhere).lease_expires_at
    watch = sweeper.Sweeper()
    watch.turn()
    assert reload(dead).lease_expires_at <= lease(10) and Cluster.objects.get().seen_at <= timezone.now()
    assert reload(elsewhere).lease_expires_at == before, "its machine's clock is a little ahead"


def test_a_turn_has_time_and_costs_little_while_there_is_no_job(django_assert_max_num_queries):
    watch = sweeper.Sweeper()
    watch.turn()  # which rings
    with django_assert_max_num_queries(31):
        assert watch.turn() == sweeper.IDLE_TURN_SECONDS
    GenerationFactory()
    assert watch.turn() == sweeper.TURN_SECONDS


def test_an_idle_cluster_only_shows_that_it_hears(django_assert_max_num_queries):
    Cluster.objects.create(name="default", host=HOST_NAME, process_group=1, started_at=lease(-60), seen_at=lease(-60))
    sweeper.Sweeper().turn()
    (message,) = OrmQ.objects.filter(key="default")
    with django_assert_max_num_queries(1):
        import_string(message.task["func"])()
    assert Cluster.objects.get().seen_at > lease(-5)
    message.delete()
    VoiceFactory()
    sweeper.Sweeper().turn()
    assert OrmQ.objects.get(key="default").task["func"] == settings.DOORBELLS["default"]


def test_an_idle_cluster_is_rung_for_a_voice_that_nothing_was_fitted_to(settings):
    watch = sweeper.Sweeper()
    watch.turn()
    OrmQ.objects.all().delete()
    watch.rung_at["default"] -= 3  # seconds: longer than what waits has to, and less than an idle cluster
    watch.turn()
    assert not OrmQ.objects.exists()
    VoiceFactory()
    assert sweeper.is_job_missing()
    watch.turn()
    assert OrmQ.objects.filter(key="default").exists()


@pytest.fixture
def group():
    """A process group that looks like a cluster of this copy."""
    started = []

    def start(**environment):
        command = [sys.executable, "-c", "import time; time.sleep(60)", "work", "synthesis"]
        process = subprocess.Popen(command, env={**os.environ, **environment}, process_group=0)
        started.append(process)
        past = timezone.now() - timedelta(minutes=5)
        Cluster.objects.create(
            name="synthesis", host=HOST_NAME, process_group=process.pid, started_at=past, seen_at=past
        )
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_deaf_cluster_is_ended_and_stays_silent_until_another_answers(group):
    process = group(**os_processes.mark())
    sweeper.end_if_deaf("synthesis")
    assert process.wait(5) == -signal.SIGKILL
    assert Cluster.objects.get().seen_at < timezone.now() - timedelta(minutes=4)


@pytest.mark.parametrize("reason", ["busy", "heard", "another's"])
def test_what_is_not_deaf_is_left_alone(group, reason):
    process = group(**({} if reason == "another's" else os_processes.mark()))
    if reason == "busy":
        GenerationFactory(running=True, worker=f"{HOST_NAME}:7")
    if reason == "heard":
        Cluster.objects.update(seen_at=timezone.now())
    sweeper.end_if_deaf("synthesis")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.2)


@pytest.mark.django_db(transaction=True)
def test_a_cluster_is_not_deaf_that_could_not_write_that_it_answered(group):
    process, watch = group(**os_processes.mark()), sweeper.Sweeper()
    let_change(False)
    try:
        with pytest.raises(DatabaseError):
            watch.turn()
    finally:
        let_change(True)
    watch.turn()  # it is given its time
    assert process.poll() is None
    watch.refused_at -= 2 * settings.DEAF_SECONDS
    watch.turn()
    assert process.wait(5) == -signal.SIGKILL


def test_leftovers_are_deleted_when_they_are_old_enough(django_assert_num_queries):
    voice, draft = VoiceFactory(), ClipFactory()
    row = GenerationFactory(voice=voice, owner=voice.owner, completed=True)
    take = SegmentFactory(generation=row, take=True).take
    orphan = default_storage.save(f"generations/{row.pk}/loser.wav", ContentFile(b"loser"))
    assert sweeper.delete_leftovers() == 0 and default_storage.exists(orphan)
    now = timedelta(seconds=-1)
    sweeper.delete_leftovers(older_than=now)
    assert not default_storage.exists(orphan)
    assert default_storage.exists(row.audio.name) and default_storage.exists(take.audio.name)
    assert default_storage.exists(voice.clip.audio.name)
    assert not type(draft).objects.filter(pk=draft.pk).exists() and not default_storage.exists(draft.audio.name)


def test_a_storage_that_does_not_answer_does_not_end_the_sweeper(monkeypatch):
    """It would be started again, only to end again: nobody would bury dead workers."""
    command, tried = sweep.Command(), []

    def delete_leftovers():
        tried.append(1)
        raise Unreachable("The storage does not answer.")

    def turn(_):
        command.ended = bool(tried)
        return 0

    monkeypatch.setattr(sweeper, "delete_leftovers", delete_leftovers)
    monkeypatch.setattr(sweeper.Sweeper, "turn", turn)
    monkeypatch.setattr(sweep.signal, "signal", lambda *handler: None)
    monkeypatch.setattr(sweep, "close_old_connections", lambda: None)
    command.handle(once=False)
    assert len(tried) == 1, "the next time is in an hour"


def test_a_database_that_refuses_is_asked_once_a_second(monkeypatch):
    """Also where that begins in an idle time: each try writes to the log, on a disk that is full."""
    command, slept, turns = sweep.Command(), [], []

    def turn(_):
        turns.append(len(slept))
        command.ended = len(turns) == 5
        if len(turns) > 2:  # it has cleaned up by then
            raise OperationalError("database or disk is full")
        return sweeper.IDLE_TURN_SECONDS

    monkeypatch.setattr(sweeper.Sweeper, "turn", turn)
    monkeypatch.setattr(sweeper, "delete_leftovers", lambda: None)
    monkeypatch.setattr(sweep.retention, "turn", lambda: 0)
    monkeypatch.setattr(sweep.signal, "signal", lambda *handler: None)
    monkeypatch.setattr(sweep, "close_old_connections", lambda: None)
    monkeypatch.setattr(sweep.time, "sleep", slept.append)
    command.handle(once=False)
    pauses = [after - before for before, after in zip(turns, turns[1:], strict=False)]
    assert all(pauses), "it asks again and again, without a pause"
    assert set(slept) == {sweeper.TURN_SECONDS}
