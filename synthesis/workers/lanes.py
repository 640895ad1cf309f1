"""The lanes of the background cluster: which jobs it runs, in which order, and how many at once.

Each kind of job belongs to a lane with a bound on its concurrent jobs. A worker claims from the first lane that has
room and a pending job, so a download of an hour delays no transcription, nor does the fitting of a voice.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from synthesis.delivery import renditions
from synthesis.models import Download, Evaluation, Fitting, Rendition
from synthesis.queue import downloads
from synthesis.speech import conditioning, evaluation
from voices import mails
from voices.archives import importing
from voices.clips import jobs as clip_jobs
from voices.consent import jobs as consent_jobs
from voices.models import ExcerptSearch, Mail, SpokenConsent, Transcription, TranscriptionRequest, VoiceImport
from voicesite.hooks import deliveries
from voicesite.hooks.models import Delivery
from voicesite.jobs.attempts import Heartbeat
from voicesite.jobs.job import Job, JobQuerySet
from voicesite.models import Takeout
from voicesite.privacy import takeouts
from voicesite.resources import lacking


@dataclass(frozen=True)
class JobKind:
    """A kind of background job and the function that does it."""

    jobs: type[Job]
    work: Callable[[Any, Heartbeat], None]
    related: tuple[str, ...] = ()  # relations that `work` reads, fetched with the claim
    ended: Callable[[Any], None] | None = None  # called with the job after each attempt, whatever its outcome

    def waiting(self) -> JobQuerySet:
        """Return what may be claimed, the next first: nothing while the machine lacks what these jobs need."""
        if lacking(*self.jobs.needs):
            return self.jobs.objects.none()
        return self.jobs.objects.claimable().order_by("-priority", "created_at").select_related(*self.related)


@dataclass(frozen=True)
class Lane:
    """Kinds of jobs, by descending precedence, that share a bound on concurrent jobs."""

    kinds: tuple[JobKind, ...]
    places: Callable[[], int]  # the bound, for this machine
    everywhere: bool = False  # … or for all machines of the site together

    def has_room(self) -> bool:
        host = "" if self.everywhere else socket.gethostname()
        return sum(kind.jobs.objects.alive(host).count() for kind in self.kinds) < self.places()

    def claim_next(self) -> tuple[JobKind, Job] | None:
        """Claim the lane's next job; return None when none is pending or there is no room."""
        if not self.has_room():
            return None
        waiting = ((kind, job) for kind in self.kinds for job in kind.waiting()[:5])
        return next(((kind, job) for kind, job in waiting if job.claim()), None)


# settings.Q_CLUSTER gives the cluster a worker for each place.
LANES = (
    # One download at a time gets the whole bandwidth.
    Lane((JobKind(Download, downloads.fetch, ended=downloads.inform),), lambda: 1, everywhere=True),
    Lane(
        (
            JobKind(TranscriptionRequest, clip_jobs.transcribe_request),  # somebody waits for it
            JobKind(SpokenConsent, consent_jobs.listen, ("recording",)),
            JobKind(Transcription, clip_jobs.transcribe, ("clip__recording",)),
            JobKind(ExcerptSearch, clip_jobs.search, ("recording",)),
            JobKind(Evaluation, evaluation.evaluate, ("generation__voice",)),
        ),
        lambda: settings.BACKGROUND_WORKERS,
    ),
    Lane((JobKind(Rendition, renditions.encode),), lambda: 1),  # somebody waits for it, too
    Lane((JobKind(VoiceImport, importing.take_in, ("owner",)),), lambda: 1),
    Lane((JobKind(Takeout, takeouts.pack, ("owner",)),), lambda: 1),
    Lane((JobKind(Mail, mails.send, ("recipient",)),), lambda: 1, everywhere=True),
    Lane(
        (JobKind(Delivery, deliveries.deliver, ("webhook__owner",)),), lambda: 2
    ),  # one of a person's: see `claimable`
    Lane((JobKind(Fitting, conditioning.fit, ("voice", "clip")),), lambda: settings.BACKGROUND_WORKERS),
)


def claim_next() -> tuple[JobKind, Job] | None:
    """Claim the next background job; return None when none is pending in a lane with room."""
    return next(filter(None, (lane.claim_next() for lane in LANES)), None)


def is_waiting() -> bool:
    """Return whether `claim_next` would find a job."""
    return any(lane.has_room() and any(kind.waiting().exists() for kind in lane.kinds) for lane in LANES)
