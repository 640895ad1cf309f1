"""A row that a worker works on: who may, until when, how far it is.

The row is the truth and the queue is a doorbell. `synthesis.queue.order` decides which row goes next; here is what makes it
safe that anyone may try at any time:

1. A **claim** is one conditional UPDATE. Of several workers that want a row, the database lets one through. It sets a
   fresh token, a lease, and counts an attempt.
2. While it works, the holder writes through `advance`, one UPDATE that names its token. It is progress, heartbeat,
   cancel check and fence at once. A holder that lost the row (its lease ran out and another took it, the row was
   deleted or cancelled) changes nothing, and learns so by an exception.
3. So a row is completed by one attempt only, whatever dies and however often a message is repeated or lost.

An attempt that failed, as one whose engine crashed, may fail again: after MAX_FAILURES of them the row fails with the
reason. One that was interrupted, because its worker was killed, says little about the row: it takes MAX_ATTEMPTS.
"""

import os
import socket
import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone


class Lost(Exception):
    """The row is no longer this attempt's: stop, and delete what the attempt wrote."""


def worker_name() -> str:
    """host:pid of this process, as rows name who works on them."""
    return f"{socket.gethostname()}:{os.getpid()}"


class State(models.TextChoices):
    """The states of a job, in these words everywhere, and the share of the work each begins at."""

    PENDING = "pending", "Waiting"
    INITIALIZING = "initializing", "Preparing"
    GENERATING = "generating", "Generating"
    PROCESSING = "processing", "Finishing"
    COMPLETED = "completed", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


RUNNING = (State.INITIALIZING, State.GENERATING, State.PROCESSING)
ACTIVE = (State.PENDING, *RUNNING)
ENDED = (State.COMPLETED, State.FAILED, State.CANCELLED)


class JobQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(state__in=ACTIVE)

    def running(self) -> Self:
        return self.filter(state__in=RUNNING)

    def claimable(self) -> Self:
        """Rows that a worker may take now: waiting, or left behind by an attempt whose lease ran out."""
        expired = Q(state__in=RUNNING, lease_expires_at__lt=timezone.now())
        return self.filter(Q(state=State.PENDING) | expired, cancel_requested=False, attempts__lt=settings.MAX_ATTEMPTS)


class Job(models.Model):
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    progress = models.PositiveSmallIntegerField(default=0, help_text="0 to 100")
    stage = models.CharField(max_length=200, blank=True, help_text="What is being done, in words")
    error = models.CharField(max_length=500, blank=True, help_text="Why it failed, in words for its owner")
    attempts = models.PositiveSmallIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Attempts that failed, and were not interrupted")
    priority = models.SmallIntegerField(default=0, help_text="Higher goes first")
    claim_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    worker = models.CharField(max_length=200, blank=True, editable=False, help_text="host:pid of the attempt")
    cancel_requested = models.BooleanField(default=False)

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = JobQuerySet.as_manager()

    may_retry: ClassVar[tuple[State, ...]] = (State.FAILED, State.CANCELLED)

    class Meta:
        abstract = True

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def is_interrupted(self) -> bool:
        """Whether nobody has been working on it for longer than a live worker is ever silent."""
        return self.is_running and self.lease_expires_at is not None and self.lease_expires_at < timezone.now()

    def claim(self) -> bool:
        """Take this row for a new attempt, or learn that another did. One conditional UPDATE."""
        token, now = uuid.uuid4(), timezone.now()
        fresh = {
            "state": State.INITIALIZING,
            "progress": 10,
            "stage": "",
            "error": "",
            "claim_token": token,
            "lease_expires_at": now + timedelta(seconds=settings.LEASE_SECONDS),
            "worker": worker_name(),
            "started_at": now,
        }
        claimed = (
            type(self)
            .objects.claimable()
            .filter(pk=self.pk, attempts=self.attempts)
            .update(attempts=F("attempts") + 1, **fresh)
        )
        if claimed:
            self._set(attempts=self.attempts + 1, **fresh)
        return bool(claimed)

    def advance(self, **changes) -> None:
        """Write `changes` and renew the lease, if this attempt still holds the row and nobody asked to cancel.

        Raises Lost otherwise; nothing was written then.
        """
        changes["lease_expires_at"] = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
        if not self._held().filter(cancel_requested=False).update(**changes):
            raise Lost
        self._set(**changes)

    def finish(self, state: State, **changes) -> None:
        """End the attempt in `state`. Raises Lost as `advance` does; a failure may be written over a cancel request."""
        changes |= {"state": state, "finished_at": timezone.now(), "lease_expires_at": None, "claim_token": None}
        held = self._held()
        if state == State.COMPLETED:
            held = held.filter(cancel_requested=False)
            changes |= {"progress": 100, "stage": ""}
        if not held.update(**changes):
            raise Lost
        self._set(**changes)

    def give_back(self, *, failed: bool, stage: str = "", **changes) -> None:
        """Let the row wait for another attempt. One that was only interrupted by a shutdown does not count."""
        changes |= {
            "state": State.PENDING,
            "progress": 0,
            "stage": stage,
            "claim_token": None,
            "lease_expires_at": None,
            "attempts": self.attempts if failed else self.attempts - 1,
            "failures": self.failures + failed,
        }
        if self._held().update(**changes):
            self._set(**changes)

    def on_restart(self) -> dict:
        """Return the fields to reset when an attempt ends and another will follow: what is not known of the next."""
        return {}

    def request_cancel(self) -> bool:
        """Ask that it stops. What waits is cancelled at once; what runs, by its worker. False when it has ended."""
        waits = Q(state=State.PENDING)
        asked = (
            type(self)
            .objects.active()
            .filter(pk=self.pk)
            .update(
                # One UPDATE: between two, a worker could take the row, or give it back, unseen by both.
                cancel_requested=True,
                state=Case(When(waits, then=Value(State.CANCELLED)), default=F("state")),
                finished_at=Case(When(waits, then=Value(timezone.now())), default=F("finished_at")),
                stage=Case(When(waits, then=Value("")), default=F("stage")),
            )
        )
        return bool(asked)

    def retry(self) -> bool:
        """Let a row that ended in a state of `may_retry` start anew, with all its attempts. False when it did not."""
        return bool(
            type(self)
            .objects.filter(pk=self.pk, state__in=self.may_retry)
            .update(
                state=State.PENDING,
                progress=0,
                stage="",
                error="",
                attempts=0,
                failures=0,
                cancel_requested=False,
                started_at=None,
                finished_at=None,
            )
        )

    def _held(self) -> models.QuerySet:
        return type(self).objects.filter(pk=self.pk, claim_token=self.claim_token, state__in=RUNNING)

    def _set(self, **changes) -> None:
        for name, value in changes.items():
            setattr(self, name, value)
