"""Run one attempt at a job: send its heartbeat, outlast an outage of the database, and settle how it ended."""

import errno
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import RawValue

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from voicesite.jobs.job import Job, Lost, State
from voicesite.modelhost.protocol import Cancelled, ModelError, Progress

logger = logging.getLogger(__name__)

# Set by `manage.py work` when the cluster must stop. Shared memory, made before the workers fork, so that they see it.
stopping = RawValue("b", 0)

WRITE_SECONDS = 0.25  # between two writes of a job's progress
RENEW_SECONDS = 0.5  # between two renewals of a lease, of settings.LEASE_SECONDS, while there is no progress to write
DATABASE_PATIENCE_SECONDS = 60  # that an attempt outlasts an outage of the database; its fencing token prevents harm
UNEXPECTED_ERROR = "Something went wrong here that is not your fault. The log says more."


class ShuttingDown(Exception):
    """The cluster is stopping: the row becomes pending again."""


class NotYet(Exception):
    """A requirement of the job is not ready: the row becomes pending again, with the message as its stage."""


class Heartbeat:
    """Renew the lease of a running job, and raise if it must stop. Called about four times a second."""

    def __init__(self, job: Job):
        self.job = job
        self.written_at = time.monotonic()
        self.tried_at = 0.0
        self.pending: dict = {}

    def __call__(self, **changes) -> None:
        """Collect `changes` and write them every WRITE_SECONDS at most; renew the lease every RENEW_SECONDS in any case.

        Raises Lost as `Job.advance` does, and ShuttingDown if the cluster must stop.
        """
        if stopping.value:
            raise ShuttingDown
        self.pending |= changes
        age = time.monotonic() - self.tried_at
        if age > (WRITE_SECONDS if self.pending else RENEW_SECONDS):
            self.flush()

    def on_progress(self, begin: int, end: int, **changes) -> Callable[[Progress], None]:
        """Return a callback that writes a model's progress as `begin` to `end` % of the job, its stage, and `changes`."""

        def on_progress(progress: Progress) -> None:
            stage = {"stage": progress.stage[:200]} if progress.stage else {}
            self(progress=begin + round((end - begin) * progress.share), **stage | changes)

        return on_progress

    def flush(self, **changes) -> None:
        """Write now. After a database error the next call tries again, for DATABASE_PATIENCE_SECONDS."""
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
    """Run `act` in a transaction, and repeat it on database errors for DATABASE_PATIENCE_SECONDS."""
    begun = time.monotonic()
    while True:
        try:
            with transaction.atomic():
                return act()
        except (OperationalError, InterfaceError):
            if stopping.value or time.monotonic() - begun > DATABASE_PATIENCE_SECONDS:
                raise
            _reconnect()
            time.sleep(RENEW_SECONDS)


def run(job: Job, work) -> None:
    """Run `work(job, heartbeat)`, and `settle` the attempt if that raises."""
    try:
        work(job, Heartbeat(job))
    except Exception as error:
        settle(job, error)


def settle(job: Job, error: Exception) -> None:
    """Settle an attempt that `error` ended: make the row pending again, or fail it with the reason. Idempotent."""
    match error:
        case Lost() | Cancelled():
            # Cancelled, deleted or claimed by another worker; only a cancelled row is left to close.
            held = type(job).objects.running().filter(pk=job.pk, claim_token=job.claim_token)
            held.filter(cancel_requested=True).close(State.CANCELLED)
        case ShuttingDown() | NotYet():
            job.give_back(failed=False, stage=str(error))
        case ModelError():
            _fail(job, error.message, permanent=error.permanent)
        case _:
            logger.error("%s %s failed", type(job).__name__, job.pk, exc_info=error)
            _reconnect()
            is_disk_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
            _fail(job, "The disk of this site is full." if is_disk_full else UNEXPECTED_ERROR, permanent=is_disk_full)


def _fail(job: Job, reason: str, *, permanent: bool) -> None:
    if permanent or job.failures + 1 >= settings.MAX_FAILURES:
        with suppress(Lost):
            job.finish(State.FAILED, error=reason[:500], stage="", failures=job.failures + 1)
    else:
        job.give_back(failed=True, stage=f"{reason} Trying again."[:200])
