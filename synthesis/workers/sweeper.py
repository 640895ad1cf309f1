"""Recovery from dead workers and clusters: a loop outside the clusters (`manage.py sweep`).

A turn is a few queries and idempotent: it ends the leases of dead workers, closes rows that no attempt can finish, rings
for rows that no worker claimed, and ends a cluster that is alive but answers no ring. Where there is no job, that is one
query of each kind, and it has time.
"""

import logging
import math
import os
import signal
import socket
import time
from contextlib import suppress
from datetime import timedelta
from itertools import chain

import psutil
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.db.models import FileField
from django.utils import timezone
from django.utils.translation import gettext as _

from synthesis.delivery import renditions
from synthesis.generations import samples
from synthesis.models import Cluster, Download, Generation
from synthesis.sharing import service as sharing
from voices.archives import importing
from voices.clips.service import delete_clip
from voices.faces.missing import clips_without_face
from voices.models import Clip, Mail, SpokenConsent, TranscriptionRequest
from voicesite import temporary
from voicesite.hooks import deliveries
from voicesite.jobs import os_processes
from voicesite.jobs.doorbell import probe, ring, rings_unheard
from voicesite.jobs.job import ENDED, Job, State, new_lease
from voicesite.limits import idempotency, rates
from voicesite.privacy import takeouts
from voicesite.resources import refusal
from voicesite.signin import guesses
from voicesite.storage import stored_files

from . import lanes
from .fittings import voices_to_fit

logger = logging.getLogger(__name__)

JOBS_BY_CLUSTER: dict[str, tuple[type[Job], ...]] = {
    "synthesis": (Generation,),
    "default": tuple(kind.jobs for lane in lanes.LANES for kind in lane.kinds),
}
MEDIA_FOLDERS = ("generations", "clips", "recordings", "imports", "transcription_requests", "takeouts", "consents")
TURN_SECONDS, IDLE_TURN_SECONDS = 1.0, 5.0  # from one turn to the next, while there are jobs and while there are none
PROBE_INTERVAL = timedelta(seconds=15)  # of a cluster that has nothing to do
CLOCK_JUMP_SECONDS = 5  # difference between wall clock and monotonic clock in a turn that counts as a jump
LEASE_RENEWAL_LIMIT = timedelta(seconds=2.5)  # a live worker renews its lease at least once a second


class Sweeper:
    def __init__(self) -> None:
        self.rung_at: dict[str, float] = {}
        self.clocks: tuple[float, float] | None = None  # wall clock and monotonic clock at the last turn
        self.refused_at = -math.inf  # when the database last took no changes: clusters can't note their answers then

    def turn(self) -> float:
        """Recover from what died since the last turn. Return in how many seconds the next is due. Raises DatabaseError."""
        try:
            return self._recover()
        except DatabaseError as error:
            if refusal(error):
                self.refused_at = time.monotonic()
            raise

    def _recover(self) -> float:
        clocks = (time.time(), time.monotonic())
        if self.clocks is None:
            shorten_leases()
        elif _jumped(self.clocks, clocks):
            renew_all_leases()
        self.clocks = clocks  # only now: where the database failed, the next turn sees the jump still
        active = [jobs for jobs in chain.from_iterable(JOBS_BY_CLUSTER.values()) if jobs.objects.active().exists()]
        for jobs in active:
            expire_dead_workers(jobs)
            close_ended(jobs)
        for cluster, kinds in JOBS_BY_CLUSTER.items():
            self._ring(cluster, has_jobs=any(jobs in active for jobs in kinds))
            if time.monotonic() - self.refused_at > settings.DEAF_SECONDS:
                end_if_deaf(cluster)
        return TURN_SECONDS if active else IDLE_TURN_SECONDS

    def _ring(self, cluster: str, has_jobs: bool = True) -> None:
        """Ring when a row has waited for 2 s, and every PROBE_INTERVAL probe an idle cluster."""
        is_waiting = has_jobs and has_waiting_jobs(cluster) or cluster == "default" and is_job_missing()
        patience = 2 if is_waiting else PROBE_INTERVAL.total_seconds()
        now = time.monotonic()
        if now - self.rung_at.get(cluster, -patience) >= patience and not rings_unheard(cluster):
            self.rung_at[cluster] = now
            (ring if is_waiting else probe)(cluster)


def has_waiting_jobs(cluster: str) -> bool:
    if cluster == "synthesis":
        return Generation.objects.claimable().exists()
    return lanes.is_waiting()


def is_job_missing() -> bool:
    """Return whether a background worker that hears a ring finds what to do without one: what voices lack."""
    things = voices_to_fit(), samples.voices_without_sample(), samples.orphaned_samples(), clips_without_face()
    return any(some.exists() for some in things)


def _jumped(before: tuple[float, float], now: tuple[float, float]) -> bool:
    """Return whether the wall clock was set, or the machine slept, between two looks at both clocks."""
    wall, passed = (later - earlier for later, earlier in zip(now, before, strict=True))
    return abs(wall - passed) > CLOCK_JUMP_SECONDS


def shorten_leases() -> None:
    """Let no lease last longer than one that is taken now, nor a cluster have been heard of in the future.

    A clock that was put back while no sweeper ran left them so, and what died then would be held for hours.
    """
    latest, now = new_lease(), timezone.now()
    difference = timedelta(seconds=CLOCK_JUMP_SECONDS)  # of two machines' clocks
    for jobs in chain.from_iterable(JOBS_BY_CLUSTER.values()):
        jobs.objects.running().filter(lease_expires_at__gt=latest + difference).update(lease_expires_at=latest)
    Cluster.objects.filter(seen_at__gt=now + difference).update(seen_at=now)


def renew_all_leases() -> None:
    """Renew every lease, since stored times mean nothing after a jump of the clock.

    Otherwise a laptop that wakes up would fail jobs that its workers are about to resume.
    """
    for jobs in chain.from_iterable(JOBS_BY_CLUSTER.values()):
        jobs.objects.running().update(lease_expires_at=new_lease())
    Cluster.objects.update(seen_at=timezone.now())


def expire_dead_workers(jobs) -> None:
    """Expire the leases of workers of this machine that are gone, instead of waiting them out.

    Only of those that also stopped renewing: a container with the same host name may have processes we can't see.
    """
    silent = new_lease() - LEASE_RENEWAL_LIMIT
    running = jobs.objects.alive(socket.gethostname()).filter(lease_expires_at__lt=silent)
    for pk, token, worker in running.values_list("pk", "claim_token", "worker"):
        if not _lives(int(worker.rpartition(":")[2])):
            jobs.objects.filter(pk=pk, claim_token=token).update(lease_expires_at=timezone.now())
            facts = {"job": f"{jobs._meta.model_name}:{pk}"}
            logger.warning("%s %s lost its worker %s", jobs.__name__, pk, worker, extra={"facts": facts})


def _lives(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return os_processes.is_alive(psutil.Process(pid))
    return False


def close_ended(jobs) -> None:
    """Close rows without a live worker that are cancelled or out of attempts, and inform the generations that wait for them."""
    awaited = list(Download.objects.active().values_list("pk", flat=True)) if jobs is Download else []
    jobs.objects.unheld().filter(cancel_requested=True).close(State.CANCELLED)
    jobs.objects.unheld().filter(attempts__gte=settings.MAX_ATTEMPTS).close(
        State.FAILED,
        error=_(
            "It was interrupted {max_attempts} times. Try again; if it happens again, ask your administrator."
        ).format(max_attempts=settings.MAX_ATTEMPTS),
    )
    for download in Download.objects.filter(pk__in=awaited, state__in=ENDED):
        download.inform()


def end_if_deaf(name: str) -> None:
    """End the process group of a cluster of this machine that answers no ring while none of its jobs is alive.

    A process that was stopped or killed can leave django-q2's queue lock taken; the cluster then looks healthy but is
    dead. Its supervisor restarts it. A download does not count: the other workers of its cluster answer meanwhile.
    """
    host, long_ago = socket.gethostname(), timezone.now() - timedelta(seconds=settings.DEAF_SECONDS)
    silent = list(Cluster.objects.filter(name=name, host=host, seen_at__lt=long_ago))  # first: commonly there is none
    if silent and any(jobs.objects.alive(host).exists() for jobs in JOBS_BY_CLUSTER[name] if jobs is not Download):
        return
    for cluster in silent:
        # Where this can't be written, the cluster may have been unable to write that it answered.
        Cluster.objects.filter(pk=cluster.pk).update(process_group=cluster.process_group)
        if end_cluster(cluster.process_group):
            logger.error("The %s cluster answered no ring: it was ended, to be restarted", name)


def end_cluster(process_group: int) -> bool:
    """Kill the group if it holds workers of this site, and return whether it did: its number may have been reused."""
    for process in os_processes.ours():
        with suppress(psutil.Error, OSError):
            if os.getpgid(process.pid) == process_group not in (os.getpgid(0), os.getsid(0)):
                os.killpg(process_group, signal.SIGKILL)
                return True
    return False


def delete_leftovers(older_than: timedelta = timedelta(days=1)) -> int:
    """Delete abandoned rows with their files, and files that no row names; return the number of these.

    Abandoned are drafts of clips, unanswered imports and transcriptions, renditions that nobody asks for, listening links
    that ended long ago, and answers to requests that nobody repeats any more. So go temporary files of killed processes.
    Younger ones than `older_than` stay: a file is written before a row names it.
    """
    before = timezone.now() - older_than
    for clip in Clip.objects.drafts().filter(created_at__lt=before):
        delete_clip(clip)
    importing.discard_old(before)
    TranscriptionRequest.objects.filter(created_at__lt=before).delete()  # their files are deleted below
    SpokenConsent.objects.filter(voice=None, created_at__lt=before).delete()
    Mail.objects.filter(state__in=ENDED, created_at__lt=before).delete()
    deliveries.delete_old()
    renditions.delete_old()
    sharing.delete_old()
    idempotency.forget_old()
    rates.forget_old()
    takeouts.delete_old()
    guesses.forget_old()
    temporary.delete_orphans()
    # Names are read before files are listed: a file that is named in between is younger than `before`.
    columns = [field for model in apps.get_models() for field in model._meta.fields if isinstance(field, FileField)]
    rows = (column.model._base_manager.values_list(column.name, flat=True).iterator() for column in columns)
    named = set(chain.from_iterable(rows))
    files = chain.from_iterable(map(stored_files, MEDIA_FOLDERS))
    old = [name for name, written_at in files if name not in named and written_at < before]
    for name in old:
        default_storage.delete(name)
    return len(old)
