"""A job: a row that a worker claims, renews, advances and finishes.

The row is the truth; the queue is a doorbell. An app decides which row goes next; this module makes it safe for any
worker to try at any time:

1. A **claim** is one conditional UPDATE: of several workers, the database lets one through. It sets a fresh fencing
   token and a lease, and counts an attempt.
2. The holder writes through `advance`, one UPDATE that names its token: progress, heartbeat, cancel check and fence at
   once. A holder that lost the row (its lease expired and another took it, or it was deleted or cancelled) changes
   nothing, and gets `Lost`.
3. So one attempt completes a row, whatever dies, and however often a message is repeated or lost.

An attempt that failed (its engine crashed) may fail again: after MAX_FAILURES the row fails with the reason. One that
was interrupted (its worker was killed) says little about the row: MAX_ATTEMPTS of them are allowed.
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
    """The row belongs to another attempt now: stop, and delete what this one wrote."""


def worker_name() -> str:
    """Return host:pid of this process, as rows name their worker."""
    return f"{socket.gethostname()}:{os.getpid()}"


class State(models.TextChoices):
    """The states of a job, in these words everywhere."""

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
        """Return rows that a worker may claim: pending, or running with an expired lease."""
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
        """Whether its lease has expired: a live worker is never silent for that long."""
        return self.is_running and self.lease_expires_at is not None and self.lease_expires_at < timezone.now()

    def claim(self) -> bool:
        """Claim this row for a new attempt, by one conditional UPDATE. Returns False if another worker claimed it first."""
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
        """Write `changes` and renew the lease.

        Raises Lost, having written nothing, when this attempt no longer holds the row or its cancellation was requested.
        """
        changes["lease_expires_at"] = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
        if not self._held().filter(cancel_requested=False).update(**changes):
            raise Lost
        self._set(**changes)

    def finish(self, state: State, **changes) -> None:
        """Finish the row in `state`. Raises Lost as `advance` does, but a failure may overwrite a cancel request."""
        changes |= {"state": state, "finished_at": timezone.now(), "lease_expires_at": None, "claim_token": None}
        held = self._held()
        if state == State.COMPLETED:
            held = held.filter(cancel_requested=False)
            changes |= {"progress": 100, "stage": ""}
        if not held.update(**changes):
            raise Lost
        self._set(**changes)

    def give_back(self, *, failed: bool, stage: str = "", **changes) -> None:
        """Make the row pending again. An attempt that a shutdown interrupted (not failed) is not counted."""
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
        """Cancel a pending row at once, and a running one through its worker. Returns False when it has ended."""
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
        """Make a row that ended in a state of `may_retry` pending again, with all attempts. Returns False when it did not."""
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
