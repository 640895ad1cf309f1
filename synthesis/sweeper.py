"""What puts right whatever died: a loop outside the clusters (`manage.py sweep`).

Each turn is a handful of queries and may be repeated, overlapped or skipped at will: it only shortens leases of dead
workers, closes rows that nobody can work on any more, rings for rows that nobody took, and ends a cluster that is
alive but deaf.
"""

import logging
import os
import signal
import socket
from datetime import timedelta

import psutil
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from voices.models import Clip, VoiceProfile
from voicesite.jobs import State

from .models import Cluster, Fitting, Generation, Segment
from .tasks import ring
from .worker import close_cancelled

logger = logging.getLogger(__name__)

JOBS = {"synthesis": Generation, "default": Fitting}
IDLE_RING = timedelta(seconds=15)  # an idle cluster is asked this often whether it still hears


class Sweeper:
    def __init__(self) -> None:
        self.rung_at: dict[str, object] = {}

    def turn(self) -> None:
        """Put right what died since the last turn."""
        for cluster, jobs in JOBS.items():
            expire_dead_workers(jobs)
            close(jobs)
            self._ring(cluster, jobs)
            end_if_deaf(cluster, jobs)

    def _ring(self, cluster: str, jobs) -> None:
        """Ring when a row has waited a while, and now and then on an idle site, to learn whether anyone hears."""
        now = timezone.now()
        waits = waiting(cluster, jobs)
        patience = timedelta(seconds=2) if waits else IDLE_RING
        if now - self.rung_at.get(cluster, now - IDLE_RING) >= patience:
            self.rung_at[cluster] = now
            ring(cluster)


def waiting(cluster: str, jobs) -> bool:
    if jobs.objects.claimable().exists():
        return True
    return cluster == "default" and VoiceProfile.objects.filter(fitting=None).exists()


def expire_dead_workers(jobs) -> None:
    """End the lease of rows whose worker was a process of this machine and is gone: no need to wait it out."""
    host = socket.gethostname()
    running = jobs.objects.running().filter(worker__startswith=f"{host}:", lease_expires_at__gt=timezone.now())
    for pk, token, worker in running.values_list("pk", "claim_token", "worker"):
        if not psutil.pid_exists(int(worker.rpartition(":")[2])):
            logger.warning("%s %s lost its worker %s", jobs.__name__, pk, worker)
            jobs.objects.filter(pk=pk, claim_token=token).update(lease_expires_at=timezone.now())


def close(jobs) -> None:
    """Close cancelled rows and those out of attempts that no worker holds any more."""
    now = timezone.now()
    expired = jobs.objects.filter(lease_expires_at__lt=now)
    close_cancelled(expired)
    jobs.objects.filter(state=State.PENDING, cancel_requested=True).update(state=State.CANCELLED, finished_at=now)
    expired.running().filter(attempts__gte=settings.MAX_ATTEMPTS).update(
        state=State.FAILED,
        error=f"It was interrupted {settings.MAX_ATTEMPTS} times. Try again; if it happens again, ask your administrator.",
        stage="",
        finished_at=now,
        claim_token=None,
        lease_expires_at=None,
    )


def end_if_deaf(name: str, jobs) -> None:
    """End the process group of a cluster of this machine that answers no ring while none of its jobs is alive.

    A killed worker can leave django-q2's queue lock taken; the cluster then looks well and never works again. Its
    supervisor starts it anew.
    """
    now = timezone.now()
    silent = now - timedelta(seconds=settings.DEAF_SECONDS)
    if jobs.objects.running().filter(lease_expires_at__gt=now).exists():
        return
    for cluster in Cluster.objects.filter(name=name, host=socket.gethostname(), seen_at__lt=silent):
        if is_cluster(cluster.process_group):
            logger.error("The %s cluster answers no ring: ending it, so that it is started anew", name)
            end_group(cluster.process_group)
        cluster.seen_at = now
        cluster.save(update_fields=["seen_at"])


def is_cluster(process_group: int) -> bool:
    """Whether the group still holds processes of `manage.py work`: a number may have been given to others since."""
    for process in psutil.process_iter(["cmdline"]):
        try:
            if os.getpgid(process.pid) == process_group and "work" in (process.info["cmdline"] or []):
                return process_group != os.getpgid(0)
        except (ProcessLookupError, PermissionError):
            continue
    return False


def end_group(process_group: int) -> None:
    try:
        os.killpg(process_group, signal.SIGKILL)
    except ProcessLookupError:
        return


def delete_leftovers(older_than: timedelta = timedelta(days=1)) -> int:
    """Delete uploads that no voice took, and files that no row names, when they are old enough to be nobody's."""
    before = timezone.now() - older_than
    deleted = 0
    for clip in Clip.objects.drafts().filter(created_at__lt=before):
        clip.delete()
    for folder, named in (("generations", _generation_files), ("clips", _clip_files)):
        for owner in _folders(folder):
            known = named(owner)
            for path in _files(f"{folder}/{owner}"):
                if path not in known and default_storage.get_modified_time(path) < before:
                    default_storage.delete(path)
                    deleted += 1
    return deleted


def _generation_files(pk: str) -> set[str]:
    names = set(Generation.objects.filter(pk=pk).values_list("audio", flat=True))
    return names | set(Segment.objects.filter(generation=pk).values_list("audio", flat=True))


def _clip_files(pk: str) -> set[str]:
    return {name for pair in Clip.objects.filter(pk=pk).values_list("original", "audio") for name in pair}


def _folders(path: str) -> list[str]:
    return default_storage.listdir(path)[0] if default_storage.exists(path) else []


def _files(path: str) -> list[str]:
    folders, files = default_storage.listdir(path)
    return [f"{path}/{file}" for file in files] + [name for folder in folders for name in _files(f"{path}/{folder}")]
