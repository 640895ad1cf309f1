"""Recovery from dead workers and clusters: a loop outside the clusters (`manage.py sweep`).

A turn is a few queries and idempotent: it ends the leases of dead workers, closes rows that no attempt can finish, rings
for rows that no worker claimed, and ends a cluster that is alive but answers no ring.
"""

import logging
import os
import signal
import socket
import time
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain

import psutil
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import FileField
from django.utils import timezone

from synthesis.delivery import renditions
from synthesis.generations import samples
from synthesis.models import Cluster, Download, Generation
from voices.archives import importing
from voices.clips.service import delete_clip
from voices.models import Clip, TranscriptionRequest
from voicesite.jobs import os_processes
from voicesite.jobs.doorbell import ring, rings_unheard
from voicesite.jobs.job import ENDED, Job, State, new_lease

from . import lanes
from .fittings import voices_to_fit

logger = logging.getLogger(__name__)

JOBS_BY_CLUSTER: dict[str, tuple[type[Job], ...]] = {
    "synthesis": (Generation,),
    "default": tuple(kind.jobs for lane in lanes.LANES for kind in lane.kinds),
}
MEDIA_FOLDERS = ("generations", "clips", "recordings", "imports", "transcription_requests")
IDLE_RING_INTERVAL = timedelta(seconds=15)  # how often an idle cluster is probed
CLOCK_JUMP_SECONDS = 5  # difference between wall clock and monotonic clock in a turn that counts as a jump
LEASE_RENEWAL_LIMIT = timedelta(seconds=2.5)  # a live worker renews its lease at least once a second


class Sweeper:
    def __init__(self) -> None:
        self.rung_at: dict[str, float] = {}
        self.clocks = (time.time(), time.monotonic())

    def turn(self) -> None:
        """Recover from what died since the last turn."""
        if self._clock_jumped():
            renew_all_leases()
        for cluster, kinds in JOBS_BY_CLUSTER.items():
            for jobs in kinds:
                expire_dead_workers(jobs)
                close_ended(jobs)
            self._ring(cluster)
            end_if_deaf(cluster)

    def _clock_jumped(self) -> bool:
        """Return whether the wall clock was set, or the machine slept, since the last turn."""
        before, self.clocks = self.clocks, (time.time(), time.monotonic())
        wall, passed = (now - then for now, then in zip(self.clocks, before, strict=True))
        return abs(wall - passed) > CLOCK_JUMP_SECONDS

    def _ring(self, cluster: str) -> None:
        """Ring when a row has waited for 2 s, and every IDLE_RING_INTERVAL to probe an idle cluster."""
        patience = 2 if has_waiting_jobs(cluster) else IDLE_RING_INTERVAL.total_seconds()
        now = time.monotonic()
        if now - self.rung_at.get(cluster, -patience) >= patience and not rings_unheard(cluster):
            self.rung_at[cluster] = now
            ring(cluster)


def has_waiting_jobs(cluster: str) -> bool:
    if cluster == "synthesis":
        return Generation.objects.claimable().exists()
    return lanes.is_waiting() or any(
        things.exists() for things in (voices_to_fit(), samples.voices_without_sample(), samples.orphaned_samples())
    )


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
            logger.warning("%s %s lost its worker %s", jobs.__name__, pk, worker)
            jobs.objects.filter(pk=pk, claim_token=token).update(lease_expires_at=timezone.now())


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
        error=f"It was interrupted {settings.MAX_ATTEMPTS} times. Try again; if it happens again, ask your administrator.",
    )
    for download in Download.objects.filter(pk__in=awaited, state__in=ENDED):
        download.inform()


def end_if_deaf(name: str) -> None:
    """End the process group of a cluster of this machine that answers no ring while none of its jobs is alive.

    A process that was stopped or killed can leave django-q2's queue lock taken; the cluster then looks healthy but is
    dead. Its supervisor restarts it. A download does not count: the other workers of its cluster answer meanwhile.
    """
    host, silent = socket.gethostname(), timezone.now() - timedelta(seconds=settings.DEAF_SECONDS)
    if any(jobs.objects.alive(host).exists() for jobs in JOBS_BY_CLUSTER[name] if jobs is not Download):
        return
    for cluster in Cluster.objects.filter(name=name, host=host, seen_at__lt=silent):
        if end_cluster(cluster.process_group):
            logger.error("The %s cluster answered no ring: it was ended, so that it is started anew", name)


def end_cluster(process_group: int) -> bool:
    """Kill the group if it holds workers of this site, and return whether it did: its number may have been reused."""
    for process in os_processes.ours():
        with suppress(psutil.Error, OSError):
            if os.getpgid(process.pid) == process_group != os.getpgid(0) and "work" in process.cmdline():
                os.killpg(process_group, signal.SIGKILL)
                return True
    return False


def delete_leftovers(older_than: timedelta = timedelta(days=1)) -> int:
    """Delete abandoned rows with their files, and files that no row names; return the number of these.

    Abandoned are drafts of clips, unanswered imports and transcriptions, and renditions that nobody asks for. Younger ones
    than `older_than` stay: a file is written before a row names it.
    """
    before = timezone.now() - older_than
    for clip in Clip.objects.drafts().filter(created_at__lt=before):
        delete_clip(clip)
    importing.discard_old(before)
    TranscriptionRequest.objects.filter(created_at__lt=before).delete()  # their files are deleted below
    renditions.delete_old()
    # Names are read before files are listed: a file that is named in between is younger than `before`.
    columns = [field for model in apps.get_models() for field in model._meta.fields if isinstance(field, FileField)]
    rows = (column.model._base_manager.values_list(column.name, flat=True).iterator() for column in columns)
    named = set(chain.from_iterable(rows))
    unnamed = [path for folder in MEDIA_FOLDERS for path in _files(folder) if path not in named]
    old = [path for path in unnamed if _is_older(path, before)]
    for path in old:
        default_storage.delete(path)
    return len(old)


def _is_older(path: str, moment: datetime) -> bool:
    with suppress(FileNotFoundError):  # a worker deleted it meanwhile
        return default_storage.get_modified_time(path) < moment
    return False


def _files(path: str) -> list[str]:
    if not default_storage.exists(path):
        return []
    folders, files = default_storage.listdir(path)
    return [f"{path}/{file}" for file in files] + [name for folder in folders for name in _files(f"{path}/{folder}")]
