"""The audio of a generation while it is made, segment by segment."""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator

import numpy as np
import soundfile
from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from synthesis.models import Generation, Segment
from synthesis.segments.timeline import RATE, samples_in
from synthesis.speech.files import parts
from voicesite.jobs.job import State
from voicesite.provenance import made
from voicesite.web.audio_metadata import tags
from voicesite.web.rejection import Rejected

from .encoding import encode

POLL_SECONDS = 0.1
WAITING_POLL_SECONDS, SOON_SECONDS = 0.3, 2.0  # for what has not begun this long after it was asked for
NOTHING = np.zeros(0, np.float32)
SEGMENTS_AT_ONCE = 16  # read of a text, which may have thousands


def follow(generation: Generation) -> Generator[np.ndarray, None, None]:
    """Yield parts of its audio, float32 (samples,) at `timeline.RATE`, as soon as each is there, within a sentence too.

    They are levelled already, so that all together are the finished file. Raises Rejected where it failed, or was
    cancelled or deleted. Closing the generator early cancels the generation.
    """
    try:
        for samples in looks(generation):
            if len(samples):
                yield samples
            else:
                time.sleep(POLL_SECONDS)
    except GeneratorExit:
        generation.request_cancel()
        raise


async def encoded(generation: Generation, audio_format: str, submit: Callable[[], None]) -> AsyncGenerator[bytes, None]:
    """Submit the generation by `submit`, if it is not there yet, and yield its audio in one of STREAMED_FORMATS, part by part.

    Each part is looked for and encoded in a thread; none is held while there is nothing new. Raises Rejected as `follow`.
    Whoever closes it early, or is cancelled while waiting for a part, cancels the generation.
    """
    begun_at, sound = timezone.now(), hashlib.sha256()
    encoding = encode(
        looks(generation), RATE, audio_format, tags(generation.title, generation.voice_name, begun_at), sound
    )
    step = sync_to_async(lambda: next(encoding, None))
    try:
        if generation._state.adding:
            await sync_to_async(submit)()
        begun = time.monotonic()
        while (data := await step()) is not None:
            if data:
                yield data
            else:
                is_waiting = generation.state == State.PENDING and time.monotonic() > begun + SOON_SECONDS
                await asyncio.sleep(WAITING_POLL_SECONDS if is_waiting else POLL_SECONDS)
        # A stream has no room for a manifest, so that this is all by which it is known again.
        await sync_to_async(made.remember)(
            sound.hexdigest(), generation.model, begun_at, generation.owner_id, generation.pk
        )
    except (GeneratorExit, asyncio.CancelledError):
        # In the thread of the calls before, so after the one that may still run there.
        await sync_to_async(generation.request_cancel)()
        raise
    finally:
        await sync_to_async(encoding.close)()


def looks(generation: Generation) -> Iterator[np.ndarray]:
    """Yield what `follow` does, and an empty part where there is nothing new: whoever reads it has to wait then."""
    sent = heard = 0  # segments, and samples of the next one
    while True:
        # Before the segments are read: what completes in between is seen as complete next time.
        now = Generation.objects.filter(pk=generation.pk).values_list("state", "error").first()
        if now is None:
            raise Rejected("generation_failed", _("It was deleted."))
        state, error = now
        generation.state = state
        if state in (State.FAILED, State.CANCELLED):
            raise Rejected("generation_failed", error or _("It was cancelled."))
        following = generation.segments.in_text().filter(index__gte=sent).select_related("take")
        segments = list(following[:SEGMENTS_AT_ONCE])
        for segment in segments:
            if segment.state != Segment.State.COMPLETED or segment.take is None:
                heard = heard if segment.parts else 0  # it was rejected, and is spoken anew
                for samples in _beginning(segment, heard):
                    if not heard and segment.pause_before:
                        yield np.zeros(samples_in(segment.pause_before), np.float32)
                    heard += len(samples)
                    yield samples
                break
            try:
                before, take, after = parts(segment)
            except (OSError, soundfile.SoundFileError):
                raise Rejected("generation_failed", _("A part of it was deleted.")) from None
            yield from filter(len, (take[heard:], after) if heard else (before, take, after))
            sent, heard = sent + 1, 0
        else:
            if len(segments) == SEGMENTS_AT_ONCE:
                continue
            if state == State.COMPLETED:
                return
        yield NOTHING


def _beginning(segment: Segment, heard: int) -> Iterator[np.ndarray]:
    """Yield what there is of a segment that is being spoken, beyond the first `heard` samples of it."""
    begin = 0
    for name, length in segment.parts:
        if begin >= heard:
            try:
                with default_storage.open(name) as file:
                    samples = soundfile.read(file, dtype="float32")[0]
            except (OSError, soundfile.SoundFileError):  # its take is there by now, or it is spoken again
                return
            yield samples
        begin += length
