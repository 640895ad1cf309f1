"""The audio of a generation while it is made, segment by segment."""

import time
from collections.abc import Generator, Iterator

import numpy as np
import soundfile

from synthesis.models import Generation, Segment
from synthesis.speech.files import parts
from voicesite.jobs.job import State
from voicesite.web.rejection import Rejected

POLL_SECONDS = 0.1


def follow(generation: Generation) -> Generator[np.ndarray, None, None]:
    """Yield parts of its audio, float32 (samples,) at `timeline.RATE`, as soon as each is there.

    They are levelled already, so that all together are the finished file. Raises Rejected where it failed, or was
    cancelled or deleted. Closing the generator early cancels the generation.
    """
    try:
        yield from _parts(generation)
    except GeneratorExit:
        generation.request_cancel()
        raise


def _parts(generation: Generation) -> Iterator[np.ndarray]:
    sent = 0  # segments
    while True:
        # Before the segments are read: what completes in between is seen as complete next time.
        now = Generation.objects.filter(pk=generation.pk).values_list("state", "error").first()
        if now is None:
            raise Rejected("generation_failed", "It was deleted.")
        state, error = now
        if state in (State.FAILED, State.CANCELLED):
            raise Rejected("generation_failed", error or "It was cancelled.")
        for segment in generation.segments.in_text().filter(index__gte=sent).select_related("take"):
            if segment.state != Segment.State.COMPLETED or segment.take is None:
                break
            try:
                yield from filter(len, parts([segment]))
            except (OSError, soundfile.SoundFileError):
                raise Rejected("generation_failed", "A part of it was deleted.") from None
            sent += 1
        else:
            if state == State.COMPLETED:
                return
        time.sleep(POLL_SECONDS)
