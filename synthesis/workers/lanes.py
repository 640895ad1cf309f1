"""What the background cluster does, and in which order.

Each kind of job has a lane, and a lane may do so many jobs at once on a machine. A worker takes from the first lane
that has room and something to do; so a download of an hour holds up no transcription, and the refinement of a voice
nobody who waits for words.
"""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from synthesis.models import Download, Evaluation, Fitting
from synthesis.queue import downloads
from synthesis.speech import conditioning, evaluation
from voices.archives import importing
from voices.clips import jobs as clip_jobs
from voices.models import ExcerptSearch, Transcription, TranscriptionRequest, VoiceImport
from voicesite.jobs.attempts import Heartbeat
from voicesite.jobs.job import Job, JobQuerySet


@dataclass(frozen=True)
class JobKind:
    """A kind of background job, and how it is done."""

    jobs: type[Job]
    work: Callable[[Any, Heartbeat], None]
    related: tuple[str, ...] = ()  # what `work` reads of it, fetched with the claim
    ended: Callable[[Any], None] | None = None  # called with the job when an attempt has ended, however

    def waiting(self) -> JobQuerySet:
        return self.jobs.objects.claimable().order_by("-priority", "created_at").select_related(*self.related)


@dataclass(frozen=True)
class Lane:
    """Kinds that share their places, the first of them going first."""

    kinds: tuple[JobKind, ...]
    places: Callable[[], int]  # jobs of the lane that are done at once, by this machine
    everywhere: bool = False  # … or by all machines of the site together

    def has_room(self) -> bool:
        return sum(self._running(kind.jobs) for kind in self.kinds) < self.places()

    def claim_next(self) -> tuple[JobKind, Job] | None:
        """Claim the job that goes next, where there is one and room for it."""
        if not self.has_room():
            return None
        waiting = ((kind, job) for kind in self.kinds for job in kind.waiting()[:5])
        return next(((kind, job) for kind, job in waiting if job.claim()), None)

    def _running(self, jobs: type[Job]) -> int:
        alive = jobs.objects.running().filter(lease_expires_at__gte=timezone.now())
        if not self.everywhere:
            alive = alive.filter(worker__startswith=f"{socket.gethostname()}:")
        return alive.count()


# settings.Q_CLUSTER gives the cluster a worker for each place.
LANES = (
    # A download has the line to itself.
    Lane((JobKind(Download, downloads.fetch, ended=downloads.inform),), lambda: 1, everywhere=True),
    Lane(
        (
            JobKind(TranscriptionRequest, clip_jobs.transcribe_request),  # somebody waits for it
            JobKind(Transcription, clip_jobs.transcribe, ("clip__recording",)),
            JobKind(ExcerptSearch, clip_jobs.search, ("recording",)),
            JobKind(Evaluation, evaluation.evaluate, ("generation__voice",)),
        ),
        lambda: settings.BACKGROUND_WORKERS,
    ),
    Lane((JobKind(VoiceImport, importing.take_in, ("owner",)),), lambda: 1),
    Lane((JobKind(Fitting, conditioning.fit, ("voice", "clip")),), lambda: settings.BACKGROUND_WORKERS),
)


def kinds() -> Iterator[JobKind]:
    for lane in LANES:
        yield from lane.kinds


def claim_next() -> tuple[JobKind, Job] | None:
    """Claim the background job that goes next; None when nothing waits, or what waits has no room."""
    return next(filter(None, (lane.claim_next() for lane in LANES)), None)


def is_waiting() -> bool:
    """Whether there is a background job to begin or to go on with."""
    return any(lane.has_room() and any(kind.waiting().exists() for kind in lane.kinds) for lane in LANES)
