"""How far an attempt is, how long the rest will take, and what was learnt of that from what is finished."""

import time
from collections import defaultdict

from django.db.models import F
from django.db.models.functions import Length
from django.utils import timezone

from synthesis.models import Generation, Segment
from voicesite.jobs.job import State

RECENT_GENERATIONS = 10  # finished generations that are asked


class GenerationProgress:
    """Counts in characters of the text, and in seconds since the engine began. Segments may be spoken side by side."""

    TRUST = 100  # characters' worth of what was measured before, against what this attempt measures

    def __init__(self, generation: Generation, segments: list[Segment]):
        self.begun = time.monotonic()
        self.compute_before = generation.compute_seconds or 0.0
        self.created_at = generation.created_at
        self.first_audio = generation.first_audio_seconds
        self.known = compute_seconds_per_character(generation.engine, generation.model)
        self.all = sum(len(segment.text) for segment in segments)
        self.spoken = {segment.index: len(segment.text) if segment.audio else 0.0 for segment in segments}
        self.kept = self.done
        self.shown = 0.0  # the furthest that it was: a bar that goes back is believed by nobody
        self.moved_at = self.begun

    @property
    def done(self) -> float:
        """Characters"""
        return sum(self.spoken.values())

    def advance(self, segment: Segment, share: float) -> None:
        self.spoken[segment.index] = min(share, 1.0) * len(segment.text)
        self.moved_at = time.monotonic()

    def finish(self, segment: Segment) -> None:
        self.advance(segment, 1.0)

    def receive(self) -> None:
        if self.first_audio is None:
            self.first_audio = (timezone.now() - self.created_at).total_seconds()

    def progress(self) -> int:
        self.shown = max(self.shown, self.done)
        return 30 + round(40 * self.shown / self.all)

    def compute_seconds(self) -> float:
        return round(self.compute_before + time.monotonic() - self.begun, 3)

    def eta(self) -> float | None:
        """Seconds left, None while nothing was ever measured. It runs down between two signs of progress."""
        spoken = max(self.done - self.kept, 0.0)
        measured, characters = self.moved_at - self.begun, spoken
        if self.known is not None:
            measured, characters = measured + self.known * self.TRUST, characters + self.TRUST
        if not characters:
            return None
        ahead = (self.all - self.done) * measured / characters
        return round(max(ahead - (time.monotonic() - self.moved_at), 0.0), 1)


def compute_seconds_per_character(engine: str, model: str) -> float | None:
    """Seconds of compute that a character of the last texts cost here; None when there are none."""
    return _seconds_per_character("compute_seconds", engine=engine, model=model, compute_seconds__gt=0)


def speech_seconds_per_character(generation: Generation) -> float:
    """Seconds of speech that a character took, at speed 1, when this voice last said something in this language; 0 when
    it never did. What the engine expects of the next text, and when it takes one for run away, follows from it.
    """
    return (
        _seconds_per_character(
            F("seconds") * F("speed"),
            voice=generation.voice_id,
            language=generation.language,
            engine=generation.engine,
            model=generation.model,
        )
        or 0.0
    )


def _seconds_per_character(measure, **which) -> float | None:
    last = (
        Generation.objects.filter(state=State.COMPLETED, **which)
        .order_by("-created_at")
        .values_list(measure, Length("text"))[:RECENT_GENERATIONS]
    )
    measured, characters = (sum(column) for column in zip(*last, strict=True)) if last else (0, 0)
    return measured / characters if characters else None


def real_time_factors() -> dict[tuple[str, str], float]:
    """Seconds of compute that a second of speech took here, by engine and model, in the last 200 texts. One query."""
    last = (
        Generation.objects.filter(state=State.COMPLETED, compute_seconds__gt=0, seconds__gt=0)
        .order_by("-created_at")
        .values_list("engine", "model", "compute_seconds", "seconds")[:200]
    )
    compute: dict = defaultdict(float)
    speech: dict = defaultdict(float)
    for engine, model, took, lasts in last:
        compute[engine, model] += took
        speech[engine, model] += lasts
    return {key: compute[key] / speech[key] for key in speech}
