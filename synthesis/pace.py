"""How far an attempt is, and how long the rest will take."""

import time
from collections import defaultdict

from django.db.models.functions import Length
from django.utils import timezone

from voicesite.jobs import State

from .models import Generation, Segment


class Pace:
    """Counts in characters of the text, and in seconds since the engine began."""

    TRUST = 100  # characters' worth of what was measured before, against what this attempt measures

    def __init__(self, generation: Generation, segments: list[Segment]):
        self.begun = time.monotonic()
        self.compute_before = generation.compute_seconds or 0.0
        self.created_at = generation.created_at
        self.first_audio = generation.first_audio_seconds
        self.known = seconds_a_character(generation.engine, generation.model)
        self.all = sum(len(segment.text) for segment in segments)
        self.kept = self.done = sum(len(segment.text) for segment in segments if segment.audio)
        self.share = 0.0  # of the segment that is being spoken, in characters
        self.moved_at = self.begun

    def advance(self, segment: Segment, share: float) -> None:
        self.share = min(share, 1.0) * len(segment.text)
        self.moved_at = time.monotonic()

    def finish(self, segment: Segment) -> None:
        self.done += len(segment.text)
        self.share = 0.0
        self.moved_at = time.monotonic()

    def heard(self) -> None:
        if self.first_audio is None:
            self.first_audio = (timezone.now() - self.created_at).total_seconds()

    def progress(self) -> int:
        return 30 + round(40 * (self.done + self.share) / self.all)

    def compute_seconds(self) -> float:
        return round(self.compute_before + time.monotonic() - self.begun, 3)

    def eta(self) -> float | None:
        """Seconds left, None while nothing was ever measured. It runs down between two signs of progress."""
        spoken = self.done + self.share - self.kept
        measured, characters = self.moved_at - self.begun, spoken
        if self.known is not None:
            measured, characters = measured + self.known * self.TRUST, characters + self.TRUST
        if not characters:
            return None
        ahead = (self.all - self.done - self.share) * measured / characters
        return round(max(ahead - (time.monotonic() - self.moved_at), 0.0), 1)


def seconds_a_character(engine: str, model: str) -> float | None:
    """What the last texts cost here in compute, for each character; None when there are none."""
    last = (
        Generation.objects.filter(state=State.COMPLETED, engine=engine, model=model, compute_seconds__gt=0)
        .order_by("-created_at")
        .values_list("compute_seconds", Length("text"))[:10]
    )
    seconds, characters = (sum(column) for column in zip(*last, strict=True)) if last else (0, 0)
    return seconds / characters if characters else None


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
