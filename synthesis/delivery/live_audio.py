"""Speech while it is made: its sound, part by part, long before all of it is there."""

import time
from collections.abc import Generator, Iterator

import numpy as np
import soundfile
from django.core.files.storage import default_storage

from synthesis.models import Generation, Segment
from synthesis.speech import loudness
from voicesite.jobs.job import State

EVERY = 0.1  # seconds between two looks


class Ended(Exception):
    """It will not be finished; the message says why."""


def follow(generation: Generation) -> Generator[tuple[np.ndarray, int], None, None]:
    """Parts of its sound, float32 (samples,), and their rate in Hz, as soon as each is there. Raises Ended.

    The finished file has one gain for all of it, which nobody knows before its end: here, all is as loud as the first
    part makes it. Whoever stops listening before the end cancels what is being made.
    """
    try:
        yield from _parts(generation)
    except GeneratorExit:
        generation.request_cancel()
        raise


def _parts(generation: Generation) -> Iterator[tuple[np.ndarray, int]]:
    sent = heard = 0  # segments, and samples
    power, gain = 0.0, 1.0  # the sum of the samples' squares as the engine made them, and what they were sent with
    while True:
        # Before its segments: what was completed in between has none any more, and is found so the next time.
        now = Generation.objects.filter(pk=generation.pk).values_list("state", "error", "audio").first()
        if now is None:
            raise Ended("It was deleted.")
        state, error, name = now
        if state == State.COMPLETED:
            yield _rest(name, heard, power, gain)
            return
        if state in (State.FAILED, State.CANCELLED):
            raise Ended(error or "It was cancelled.")
        for segment in Segment.objects.filter(generation=generation.pk, index__gte=sent).order_by("index"):
            part = _read(segment) if segment.index == sent else None
            if part is None:
                break
            samples, rate = part
            gain = gain if sent else loudness.gain(samples, rate)
            sent, heard, power = sent + 1, heard + len(samples), power + float((samples.astype(np.float64) ** 2).sum())
            yield samples * gain, rate
        time.sleep(EVERY)


def _read(segment: Segment) -> tuple[np.ndarray, int] | None:
    """A segment's sound with the pause after it; None where it has none yet, or no longer."""
    if not segment.audio:
        return None
    try:
        with segment.audio.open() as file:
            return loudness.read_segment(file, segment.pause)
    except (FileNotFoundError, soundfile.SoundFileError):
        return None


def _rest(name: str, heard: int, power: float, gain: float) -> tuple[np.ndarray, int]:
    """What comes after the first `heard` samples in the finished file, as loud as these were."""
    try:
        with default_storage.open(name) as file:
            samples, rate = soundfile.read(file, dtype="float32")
    except FileNotFoundError:
        raise Ended("It was deleted.") from None
    if not heard:
        return samples, rate
    levelled = float((samples[:heard].astype(np.float64) ** 2).sum())
    return samples[heard:] * np.float32(gain * np.sqrt(power / max(levelled, 1e-12))), rate
