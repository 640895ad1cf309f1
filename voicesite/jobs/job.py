"""A job: a row that a worker claims, advances and finishes.

The row is the truth; a message of the queue only wakes a worker. An app decides which row goes next; this module makes
it safe for any worker to try at any time:

1. A **claim** is one conditional UPDATE, of which the database lets one worker's through. It sets a fresh fencing token
   and a lease, and counts an attempt.
2. The holder writes through `advance`, one UPDATE that names its token: progress, heartbeat, cancel check and fencing at
   once. If it has lost the row (its lease expired and another worker claimed it, or the row was deleted or cancelled),
   the UPDATE changes nothing and `Lost` is raised.
3. So exactly one attempt completes a row, whichever processes die, and however often a message is repeated or lost.

An attempt that failed (its engine crashed) may fail again: after MAX_FAILURES the row fails with the reason. An attempt
that was interrupted (its worker was killed) says little about the row: MAX_ATTEMPTS are allowed in all.
"""

import logging
import os
import socket
import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from voicesite import logs, resources
from voicesite.wording import translated

from .doorbell import ring

logger = logging.getLogger(__name__)


class Lost(Exception):
    """This attempt no longer holds the row: it must stop, and delete what it wrote."""


def worker_name() -> str:
    """Return host:pid of this process, for `Job.worker`."""
    return f"{socket.gethostname()}:{os.getpid()}"


class State(models.TextChoices):
    """The states of a job, with their names for people."""

    PENDING = "pending", _("Waiting")
    INITIALIZING = "initializing", _("Preparing")
    GENERATING = "generating", _("Generating")
    PROCESSING = "processing", _("Finishing")
    COMPLETED = "completed", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


RUNNING = (State.INITIALIZING, State.GENERATING, State.PROCESSING)
ACTIVE = (State.PENDING, *RUNNING)
ENDED = (State.COMPLETED, State.FAILED, State.CANCELLED)


class JobQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(state__in=ACTIVE)

    def running(self) -> Self:
        return self.filter(state__in=RUNNING)

    def alive(self, host: str = "") -> Self:
        """Return running rows whose lease has not expired; of workers on `host` only, if given."""
        alive = self.running().filter(lease_expires_at__gte=timezone.now())
        return alive.filter(worker__startswith=f"{host}:") if host else alive

    def unheld(self) -> Self:
        """Return active rows that no live worker holds: pending, or running with an expired lease."""
        return self.filter(Q(state=State.PENDING) | Q(state__in=RUNNING, lease_expires_at__lt=timezone.now()))

    def claimable(self) -> Self:
        """Return rows that a worker may claim: those without one, unless cancelled or out of attempts."""
        return self.unheld().filter(cancel_requested=False, attempts__lt=settings.MAX_ATTEMPTS)

    def close(self, state: State, **changes) -> int:
        """End rows in `state`, whoever holds them; return how many. Their holder calls `Job.finish` instead."""
        rows: list[Any] = list(self)
        return sum(row.end(self.filter(pk=row.pk), state, stage="", **changes) for row in rows)


def new_lease() -> datetime:
    """Return when a lease that is taken or renewed now expires."""
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


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
    cluster: ClassVar[str] = "default"  # whose workers do it
    needs: ClassVar[tuple[resources.Resource, ...]] = ("disk",)  # without which no worker takes it

    class Meta:
        abstract = True

    @property
    def kind(self) -> str:
        """What it is, in the log."""
        return str(self._meta.verbose_name).capitalize()

    @property
    def log_ids(self) -> dict[str, Any]:
        """What lines of the log about it name."""
        return {"job": f"{self._meta.model_name}:{self.pk}", "person": getattr(self, "owner_id", None)}

    @property
    def bar(self) -> float:
        """How far it is, for the bar of a page, 0 to 100."""
        return self.progress

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_under_way(self) -> bool:
        """Whether it moves by itself, now or in its turn, and waits for nobody's decision."""
        return self.is_active

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def lacks(self) -> resources.Resource | None:
        """What the machine has too little of, for which it waits."""
        return resources.lacking(*self.needs) if self.state == State.PENDING else None

    @property
    def shown_stage(self) -> str:
        """What is being done or waited for, in words; empty where there is nothing more to say than its state."""
        return translated(resources.WORDS[lacks] if (lacks := self.lacks) else self.stage)

    @property
    def shown_error(self) -> str:
        """Why it failed, in the language of the page."""
        return translated(self.error)

    @property
    def is_interrupted(self) -> bool:
        """Whether its lease has expired, which a live worker renews in time."""
        return self.is_running and self.lease_expires_at is not None and self.lease_expires_at < timezone.now()

    def submit(self) -> None:
        """Save a new row and ring for its cluster, in one transaction."""
        with transaction.atomic():
            self.save(force_insert=True)
            ring(self.cluster)
        with logs.bound(**self.log_ids):  # beside the id of the request that asked for it
            logger.info("%s is to be done", self.kind)

    def claim(self) -> bool:
        """Claim this row for a new attempt, by one conditional UPDATE. Returns False if another worker claimed it first."""
        return self._update(
            type(self).objects.claimable().filter(pk=self.pk, attempts=self.attempts),
            state=State.INITIALIZING,
            progress=10,
            stage="",
            error="",
            attempts=self.attempts + 1,
            claim_token=uuid.uuid4(),
            lease_expires_at=new_lease(),
            worker=worker_name(),
            started_at=timezone.now(),
        )

    def advance(self, **changes) -> None:
        """Write `changes` and renew the lease. Raises Lost, writing nothing, if the row is lost or to be cancelled."""
        held = self._held().filter(cancel_requested=False)
        if not self._update(held, lease_expires_at=new_lease(), **changes):
            raise Lost

    def finish(self, state: State, **changes) -> None:
        """Finish the row in `state`. Raises Lost as `advance` does, but a failure may overwrite a cancel request."""
        held = self._held()
        if state == State.COMPLETED:
            held = held.filter(cancel_requested=False)
            changes |= {"progress": 100, "stage": ""}
        if not self.end(held, state, **changes):
            raise Lost

    def end(self, rows: models.QuerySet, state: State, **changes) -> bool:
        """End this row in `state` if it is among `rows`, with `on_end` in the same transaction. Returns whether it was."""
        changes = {"finished_at": timezone.now()} | changes | {"state": state, "lease_expires_at": None}
        with transaction.atomic():
            if not rows.update(**changes, claim_token=None):
                return False
            self.on_end(state)
        with logs.bound(**self.log_ids):
            logger.info("%s is %s", self.kind, state)
        # This object keeps its token: where the transaction around this is undone, the row has it still, and the attempt
        # must be able to end it once more.
        self._set(changes)
        return True

    def on_end(self, state: State) -> None:
        """Do what belongs to the end of the row, in the transaction that ends it: that is seen if this is, and undone with it."""

    def give_back(self, *, failed: bool, stage: str = "", **changes) -> None:
        """Make the row pending again, with `changes`. An attempt that did not fail, but was interrupted, is not counted.

        `started_at` becomes now: its owner has just had a turn, by which a queue may go.
        """
        pending: dict = {
            "state": State.PENDING,
            "progress": 0,
            "stage": stage,
            "claim_token": None,
            "lease_expires_at": None,
            "started_at": timezone.now(),
            "attempts": self.attempts if failed else self.attempts - 1,
            "failures": self.failures + failed,
        }
        self._update(self._held(), **pending | self.on_pending() | changes)

    def on_pending(self) -> dict:
        """Return more fields to reset when an attempt gives the row back."""
        return {}

    def on_restart(self) -> dict:
        """Return more fields to reset when the row begins anew."""
        return {}

    def request_cancel(self) -> bool:
        """Cancel a pending row at once, and a running one through its worker. Returns False if it has ended."""

        def if_pending(field: str, value: object) -> Case:
            return Case(When(state=State.PENDING, then=Value(value)), default=F(field))

        # One UPDATE: between two, a worker could claim the row or give it back, unseen by both.
        active = type(self).objects.active().filter(pk=self.pk)
        with transaction.atomic():
            requested = active.update(
                cancel_requested=True,
                state=if_pending("state", State.CANCELLED),
                finished_at=if_pending("finished_at", timezone.now()),
                stage=if_pending("stage", ""),
            )
            # The UPDATE locks the row: that it has ended by now is this one's doing.
            if requested and type(self).objects.filter(pk=self.pk, state=State.CANCELLED).exists():
                self.on_end(State.CANCELLED)
        return bool(requested)

    def retry(self) -> bool:
        """Make a row in a state of `may_retry` pending again. Returns False in other states."""
        return self.restart(self.may_retry)

    def restart(self, states: tuple[State, ...]) -> bool:
        """Make a row in one of `states` pending again, with all attempts, and ring. Returns False in other states."""
        with transaction.atomic():
            again = self._update(
                type(self).objects.filter(pk=self.pk, state__in=states),
                state=State.PENDING,
                progress=0,
                stage="",
                error="",
                attempts=0,
                failures=0,
                cancel_requested=False,
                started_at=None,
                finished_at=None,
                **self.on_restart(),
            )
            if again:
                ring(self.cluster)
        return again

    def _held(self) -> models.QuerySet:
        return type(self).objects.filter(pk=self.pk, claim_token=self.claim_token, state__in=RUNNING)

    def _update(self, rows: models.QuerySet, **changes) -> bool:
        """Write `changes` to this row if it is among `rows`, and then to this object. Returns whether it was."""
        if not rows.update(**changes):
            return False
        self._set(changes)
        return True

    def _set(self, changes: dict) -> None:
        for name, value in changes.items():
            setattr(self, name, value)
