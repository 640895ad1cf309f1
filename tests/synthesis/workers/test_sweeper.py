import os
import signal
import socket
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django_q.models import OrmQ

from synthesis.models import Cluster, Generation
from synthesis.workers import sweeper
from tests.factories import ClipFactory, GenerationFactory, SegmentFactory, VoiceFactory
from voicesite.jobs import doorbell, os_processes
from voicesite.jobs.job import State

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
    Generation.objects.update(lease_expires_at=lease(-3600))
    watch.clocks = (watch.clocks[0] - 3600, watch.clocks[1])
    watch.turn()
    assert reload(last).state == State.GENERATING and not reload(last).is_interrupted
    Generation.objects.update(lease_expires_at=lease(-1))
    watch.turn()
    assert reload(last).state == State.FAILED, "only once: who does not go on is dead"


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


def test_a_file_that_a_worker_deletes_meanwhile_does_not_end_the_sweeper(monkeypatch):
    monkeypatch.setattr(sweeper, "_files", lambda folder: [f"{folder}/gone.flac"])
    assert sweeper.delete_leftovers() == 0
