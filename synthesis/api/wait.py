"""Let a program wait for a job, without a thread."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from asgiref.sync import sync_to_async

from voices.models import TranscriptionRequest
from voices.transcription import requests as transcription
from voicesite.jobs import watching
from voicesite.jobs.job import Job


async def until_ended(job: Job, seconds: float) -> None:
    """Return when the job has ended or was deleted, or after `seconds`; at once where it waits for room on the disk."""
    end, seen = time.monotonic() + seconds, job
    while seen and seen.is_active and not seen.lacks and (left := end - time.monotonic()) > 0:
        await watching.changed(job, watching.seen(seen)[:1], left)
        seen = await watching.in_thread(type(job).objects.filter(pk=job.pk).first)


@asynccontextmanager
async def transcribing(request: TranscriptionRequest, flac: bytes) -> AsyncIterator[None]:
    """Enqueue a request that is unsaved, and delete it at the end, however that comes. Raises as `transcription.submit`."""
    try:
        await sync_to_async(transcription.submit)(request, flac)
        yield
    finally:
        # After what may still run in the thread of this request. A task that is cancelled lets nothing else be awaited.
        with anyio.CancelScope(shield=True):
            await sync_to_async(transcription.forget)(request)
