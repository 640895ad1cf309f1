"""The audio of a generation while it is made, segment by segment."""

import time
from collections.abc import Generator, Iterator

import numpy as np
import soundfile
from django.core.files.storage import default_storage

from synthesis.models import Generation, Segment
from synthesis.speech import loudness
from synthesis.speech.files import read_segment
from voicesite.jobs.job import State
from voicesite.web.rejection import Rejected

POLL_SECONDS = 0.1


def follow(generation: Generation) -> Generator[tuple[np.ndarray, int], None, None]:
    """Yield parts of its audio, float32 (samples,), and their rate in Hz, as soon as each is there.

    The finished file has one gain throughout, unknown before its end: here, the first part determines the gain. Raises
    Rejected where it failed, or was cancelled or deleted. Closing the generator early cancels the generation.
    """
    try:
        yield from _parts(generation)
    except GeneratorExit:
        generation.request_cancel()
        raise


def _parts(generation: Generation) -> Iterator[tuple[np.ndarray, int]]:
    segments_sent = samples_sent = 0
    energy, gain = 0.0, 1.0  # the sum of the squares of the samples before the gain, and that gain
    while True:
        # Before the segments are read: one that completes in between loses them, and is seen as complete next time.
        now = Generation.objects.filter(pk=generation.pk).values_list("state", "error", "audio").first()
        if now is None:
            raise Rejected("generation_failed", "It was deleted.")
        state, error, name = now
        if state == State.COMPLETED:
            yield _remainder(name, samples_sent, energy, gain)
            return
        if state in (State.FAILED, State.CANCELLED):
            raise Rejected("generation_failed", error or "It was cancelled.")
        for segment in Segment.objects.filter(generation=generation.pk, index__gte=segments_sent).order_by("index"):
            part = _read(segment) if segment.index == segments_sent else None
            if part is None:
                break
            samples, rate = part
            gain = gain if segments_sent else loudness.gain(samples, rate)
            segments_sent, samples_sent = segments_sent + 1, samples_sent + len(samples)
            energy += _energy(samples)
            yield samples * gain, rate
        time.sleep(POLL_SECONDS)


def _read(segment: Segment) -> tuple[np.ndarray, int] | None:
    """Return a segment's audio with the pause after it; None if it has none yet, or no longer."""
    try:
        return read_segment(segment)
    except (FileNotFoundError, ValueError, soundfile.SoundFileError):  # ValueError: no file is named
        return None


def _remainder(name: str, samples_sent: int, energy: float, gain: float) -> tuple[np.ndarray, int]:
    """Return what follows the first `samples_sent` samples in the finished file, as loud as these were sent."""
    try:
        with default_storage.open(name) as file:
            samples, rate = soundfile.read(file, dtype="float32")
    except FileNotFoundError:
        raise Rejected("generation_failed", "It was deleted.") from None
    if not samples_sent:
        return samples, rate
    levelled = _energy(samples[:samples_sent])
    return samples[samples_sent:] * np.float32(gain * np.sqrt(energy / max(levelled, 1e-12))), rate


def _energy(samples: np.ndarray) -> float:
    return float((samples.astype(np.float64) ** 2).sum())
