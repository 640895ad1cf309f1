"""Run one attempt at a job: heartbeat, patience with the database, and the attempt rule."""

import errno
import logging
import time
from collections.abc import Callable
from multiprocessing import RawValue

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from voicesite.jobs.job import Job, Lost, State
from voicesite.modelhost.protocol import Cancelled, ModelError, Progress

logger = logging.getLogger(__name__)

# Set by `manage.py work` when the cluster must stop, and seen by its workers: shared memory from before they fork.
stopping = RawValue("b", 0)

WRITE_SECONDS = 0.25  # between two writes of a job's progress
RENEW_SECONDS = 0.5  # between two renewals of a lease, of settings.LEASE_SECONDS, while there is no progress to write
DATABASE_PATIENCE_SECONDS = 60  # how long an attempt outlives its database; the fencing token prevents harm
UNEXPECTED_ERROR = "Something went wrong here that is not your fault. The log says more."


class ShuttingDown(Exception):
    """The cluster is stopping: the row waits for the next one."""


class NotYet(Exception):
    """What the job needs is not ready yet: the row waits, with these words as its stage."""


class Heartbeat:
    """Renew the lease of a running job, and raise when its work must stop. Called about four times a second."""

    def __init__(self, job: Job):
        self.job = job
        self.written_at = time.monotonic()
        self.tried_at = 0.0
        self.pending: dict = {}

    def __call__(self, **changes) -> None:
        """Collect `changes` and write them every WRITE_SECONDS at most; renew the lease every RENEW_SECONDS in any case.

        Raises Lost when the row was cancelled, deleted or taken by another, ShuttingDown when the cluster stops.
        """
        if stopping.value:
            raise ShuttingDown
        self.pending |= changes
        age = time.monotonic() - self.tried_at
        if age > (WRITE_SECONDS if self.pending else RENEW_SECONDS):
            self.flush()

    def on_progress(self, begin: int, end: int, **changes) -> Callable[[Progress], None]:
        """Return a callback that notes a model's progress as `begin` to `end` % of the job, its stage, and `changes`."""

        def on_progress(progress: Progress) -> None:
            stage = {"stage": progress.stage[:200]} if progress.stage else {}
            self(progress=begin + round((end - begin) * progress.share), **stage | changes)

        return on_progress

    def flush(self, **changes) -> None:
        """Write now. A database error is retried at the next call, for DATABASE_PATIENCE_SECONDS."""
        self.pending |= changes
        self.tried_at = time.monotonic()
        try:
            self.job.advance(**self.pending)
        except (OperationalError, InterfaceError):
            if time.monotonic() - self.written_at > DATABASE_PATIENCE_SECONDS:
                raise
            _reconnect()
            return
        self.pending = {}
        self.written_at = time.monotonic()


def _reconnect() -> None:
    """Close a broken connection: Django would keep it, and every later query would fail."""
    if not connection.in_atomic_block:
        connection.close()


def retry_on_database_error(act: Callable[[], None]) -> None:
    """Run a transaction, and again on database errors, for DATABASE_PATIENCE_SECONDS."""
    begun = time.monotonic()
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError):
            if stopping.value or time.monotonic() - begun > DATABASE_PATIENCE_SECONDS:
                raise
            _reconnect()
            time.sleep(0.5)


def run(job: Job, work) -> None:
    """Run `work(job, heartbeat)` under the attempt rule: see `settle`."""
    heartbeat = Heartbeat(job)
    try:
        work(job, heartbeat)
    except Exception as error:
        settle(job, error)


def settle(job: Job, error: Exception) -> None:
    """Settle an attempt that `error` ended: retry what may pass, fail what can't, with the reason. Idempotent."""
    match error:
        case Lost() | Cancelled():
            # Cancelled, deleted or overtaken by another attempt; only the first leaves a row to close.
            close_cancelled(type(job).objects.filter(pk=job.pk, claim_token=job.claim_token))
        case ShuttingDown():
            job.give_back(failed=False, **job.on_restart())
        case NotYet():
            job.give_back(failed=False, stage=str(error), **job.on_restart())
        case ModelError():
            _fail(job, error.message, permanent=error.permanent)
        case OSError():
            logger.error("%s %s failed", type(job).__name__, job.pk, exc_info=error)
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            _fail(job, "The disk of this site is full." if full else UNEXPECTED_ERROR, permanent=full)
        case _:
            logger.error("%s %s failed", type(job).__name__, job.pk, exc_info=error)
            _reconnect()
            _fail(job, UNEXPECTED_ERROR, permanent=False)


def close_cancelled(jobs) -> int:
    """Close running rows whose cancellation was requested. Returns how many."""
    running = jobs.running().filter(cancel_requested=True)
    return running.update(
        state=State.CANCELLED, finished_at=timezone.now(), stage="", claim_token=None, lease_expires_at=None
    )


def _fail(job: Job, reason: str, *, permanent: bool) -> None:
    if permanent or job.failures + 1 >= settings.MAX_FAILURES:
        try:
            job.finish(State.FAILED, error=reason[:500], stage="", failures=job.failures + 1)
        except Lost:
            return
    else:
        job.give_back(failed=True, stage=f"{reason} Trying again."[:200], **job.on_restart())
