"""Run one attempt at a job: send its heartbeat, outlast an outage of the database, and settle how it ended."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import RawValue
from typing import IO

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.base import File
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from voicesite import logs, resources
from voicesite.jobs.job import Job, Lost, State
from voicesite.modelhost.protocol import Cancelled, ModelError, Progress
from voicesite.texts import N_

logger = logging.getLogger(__name__)

# Set by `manage.py work` when the cluster must stop. Shared memory, made before the workers fork, so that they see it.
stopping = RawValue("b", 0)

WRITE_SECONDS = 0.25  # between two writes of a job's progress
RENEW_SECONDS = 0.5  # between two renewals of a lease, of settings.LEASE_SECONDS, while there is no progress to write
DATABASE_PATIENCE_SECONDS = 60  # that an attempt outlasts an outage of the database; its fencing token prevents harm
UNEXPECTED_ERROR = N_("Something went wrong. It’s not your fault, and it has been logged.")


class ShuttingDown(Exception):
    """The cluster is stopping: the row becomes pending again."""


class NotYet(Exception):
    """A requirement of the job is not ready: the row becomes pending again, with the message as its stage."""


class Lacking(NotYet):
    """The machine has too little of a resource for now."""

    def __init__(self, resource: resources.Resource):
        super().__init__(resources.WORDS[resource])


def require(*needed: resources.Resource) -> None:
    """Raise Lacking where the machine has too little of one of these."""
    if resource := resources.lacking(*needed):
        raise Lacking(resource)


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
        """Write now. After a database error the next call tries again, as long as `_is_outlasted` says."""
        self.pending |= changes
        self.tried_at = time.monotonic()
        try:
            self.job.advance(**self.pending)
        except (DatabaseError, InterfaceError) as error:
            if not _is_outlasted(error, self.written_at):
                raise
            _reconnect()
            return
        self.pending = {}
        self.written_at = time.monotonic()


class BeatingFile(File):
    """A file that keeps its job alive while it is read: copying gigabytes may take longer than a lease."""

    def __init__(self, file: IO[bytes], heartbeat: Heartbeat):
        super().__init__(file)
        self.heartbeat = heartbeat

    def read(self, size: int = -1) -> bytes:
        self.heartbeat()
        assert self.file
        return self.file.read(size)


def _reconnect() -> None:
    """Close a broken connection: Django would keep it, and every later query would fail."""
    if not connection.in_atomic_block:
        connection.close()


def _is_outlasted(error: DatabaseError | InterfaceError, since: float) -> bool:
    """Return whether an error that has come since then, by the monotonic clock, may pass by itself.

    A database that is gone is given DATABASE_PATIENCE_SECONDS. One that takes no changes, as its disk is full, is waited
    for: there is nothing else that a worker could do, and nobody who could take its row.
    """
    if resources.refusal(error):
        return True
    return (
        isinstance(error, OperationalError | InterfaceError) and time.monotonic() - since <= DATABASE_PATIENCE_SECONDS
    )


def retry_on_database_error(act: Callable[[], None]) -> None:
    """Run `act` in a transaction, and repeat it on database errors, as long as `_is_outlasted` says."""
    begun = time.monotonic()
    while True:
        try:
            with transaction.atomic():
                return act()
        except (DatabaseError, InterfaceError) as error:
            if stopping.value or not _is_outlasted(error, begun):
                raise
            _reconnect()
            time.sleep(RENEW_SECONDS)


def run(job: Job, work) -> None:
    """Run `work(job, heartbeat)`, and `settle` the attempt if that raises."""
    with logs.bound(**job.log_ids):
        logger.info("%s is begun", job.kind)
        try:
            work(job, Heartbeat(job))
        except Exception as error:
            settle(job, error)


def settle(job: Job, error: Exception) -> None:
    """Settle an attempt that `error` ended: make the row pending again, or fail it with the reason. Idempotent."""
    if not isinstance(error, Lost | Cancelled | ShuttingDown | NotYet):
        _reconnect()
        error = _lacking(job, error) or error
    retry_on_database_error(lambda: _settle(job, error))


def _lacking(job: Job, error: Exception) -> NotYet | None:
    """Return what the attempt lacked, if disk, database or storage refused it: that is no fault of the job."""
    refused = resources.refusal(error)
    is_final = isinstance(error, ModelError) and error.permanent
    if refused is None and not is_final and resources.lacking("disk"):
        refused = "disk_full"  # a library, or another process, may say nothing of why it could not write
    if refused is None:
        return None
    logger.warning("%s waits: %s", job.kind, refused)
    resources.note(refused)
    return NotYet(resources.WORDS[refused])


def _settle(job: Job, error: Exception) -> None:
    match error:
        case Lost() | Cancelled():
            # Cancelled, deleted or claimed by another worker; only a cancelled row is left to close.
            held = type(job).objects.running().filter(pk=job.pk, claim_token=job.claim_token)
            held.filter(cancel_requested=True).close(State.CANCELLED)
        case ShuttingDown() | NotYet():
            job.give_back(failed=False, stage=str(error))
        case ModelError():
            _fail(job, error.message, permanent=error.permanent)
        case OperationalError() | InterfaceError():
            logger.error("%s was interrupted by the database", job.kind, exc_info=error)
            _reconnect()
            # It counts as an attempt, so that an error which is there each time has an end, and as no failure of the job.
            job.give_back(failed=False, attempts=job.attempts, stage=_("The database did not answer. Trying again."))
        case ObjectDoesNotExist() | IntegrityError() | FileNotFoundError() if _is_deleted(job):
            logger.info("%s was deleted meanwhile", job.kind)
        case _:
            logger.error("%s failed", job.kind, exc_info=error)
            _fail(job, UNEXPECTED_ERROR)


def _is_deleted(job: Job) -> bool:
    """Return whether the row is gone: then what belonged to it is, too, which no attempt can know beforehand."""
    return not type(job).objects.filter(pk=job.pk).exists()


def _fail(job: Job, reason: str, *, permanent: bool = False) -> None:
    if permanent or job.failures + 1 >= settings.MAX_FAILURES:
        with suppress(Lost):
            job.finish(State.FAILED, error=reason[:500], stage="", failures=job.failures + 1)
    else:
        job.give_back(failed=True, stage=_("{reason} Trying again.").format(reason=reason)[:200])
