"""The audio of a generation while it is made, segment by segment."""

import time
from collections.abc import Generator, Iterator

import numpy as np
import soundfile
from django.core.files.storage import default_storage

from synthesis.models import Generation, Segment
from synthesis.segments.timeline import samples_in
from synthesis.speech.files import parts
from voicesite.jobs.job import State
from voicesite.web.rejection import Rejected

POLL_SECONDS = 0.1
SEGMENTS_AT_ONCE = 16  # read of a text, which may have thousands


def follow(generation: Generation) -> Generator[np.ndarray, None, None]:
    """Yield parts of its audio, float32 (samples,) at `timeline.RATE`, as soon as each is there, within a sentence too.

    They are levelled already, so that all together are the finished file. Raises Rejected where it failed, or was
    cancelled or deleted. Closing the generator early cancels the generation.
    """
    try:
        yield from _parts(generation)
    except GeneratorExit:
        generation.request_cancel()
        raise


def _parts(generation: Generation) -> Iterator[np.ndarray]:
    sent = heard = 0  # segments, and samples of the next one
    while True:
        # Before the segments are read: what completes in between is seen as complete next time.
        now = Generation.objects.filter(pk=generation.pk).values_list("state", "error").first()
        if now is None:
            raise Rejected("generation_failed", "It was deleted.")
        state, error = now
        if state in (State.FAILED, State.CANCELLED):
            raise Rejected("generation_failed", error or "It was cancelled.")
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
                raise Rejected("generation_failed", "A part of it was deleted.") from None
            yield from filter(len, (take[heard:], after) if heard else (before, take, after))
            sent, heard = sent + 1, 0
        else:
            if len(segments) == SEGMENTS_AT_ONCE:
                continue
            if state == State.COMPLETED:
                return
        time.sleep(POLL_SECONDS)


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
