"""Progress and remaining time of a generation, estimated from this attempt and from finished ones."""

import time

from django.db.models import F, Sum
from django.db.models.functions import Length
from django.utils import timezone

from synthesis.models import Generation, Segment
from voicesite.jobs.job import State

RECENT_GENERATIONS = 10  # finished generations that an estimate averages


class GenerationProgress:
    """Measure progress in characters spoken. Segments may be spoken side by side."""

    PRIOR_CHARACTERS = 100  # weight of earlier generations against what this attempt measures

    def __init__(self, generation: Generation, segments: list[Segment]):
        self.begun = time.monotonic()
        self.compute_before = generation.compute_seconds or 0.0
        self.created_at = generation.created_at
        self.first_audio = generation.first_audio_seconds
        # Of recent generations; None when there are none.
        self.earlier_rate = _seconds_per_character(
            "compute_seconds", engine=generation.engine, model=generation.model, compute_seconds__gt=0
        )
        self.total = sum(len(segment.text) for segment in segments)
        self.spoken = {
            segment.index: len(segment.text) if segment.state == Segment.State.COMPLETED else 0.0
            for segment in segments
        }
        self.spoken_before = self.done
        self.furthest = 0.0  # characters: a progress bar must not go back
        self.moved_at = self.begun

    @property
    def done(self) -> float:
        """Characters spoken."""
        return sum(self.spoken.values())

    def advance(self, segment: Segment, share: float) -> None:
        self.spoken[segment.index] = min(share, 1.0) * len(segment.text)
        self.moved_at = time.monotonic()

    def receive(self) -> None:
        if self.first_audio is None:
            self.first_audio = (timezone.now() - self.created_at).total_seconds()

    def percent(self) -> int:
        self.furthest = max(self.furthest, self.done)
        return 30 + round(40 * self.furthest / self.total)

    def measures(self) -> dict[str, float | None]:
        """Return the fields of a generation that an attempt measures."""
        compute_seconds = round(self.compute_before + time.monotonic() - self.begun, 3)
        return {"compute_seconds": compute_seconds, "first_audio_seconds": self.first_audio}

    def eta(self) -> float | None:
        """Return the seconds left, counting down between two signs of progress; None while nothing was measured."""
        measured, characters = self.moved_at - self.begun, max(self.done - self.spoken_before, 0.0)
        if self.earlier_rate is not None:
            measured += self.earlier_rate * self.PRIOR_CHARACTERS
            characters += self.PRIOR_CHARACTERS
        if not characters:
            return None
        ahead = (self.total - self.done) * measured / characters
        return round(max(ahead - (time.monotonic() - self.moved_at), 0.0), 1)


def speech_seconds_per_character(generation: Generation) -> float:
    """Return how long this voice speaks, in seconds per character at speed 1 in this language; 0 when unknown.

    The engine's expected duration follows from it, and so does the limit at which it counts as runaway.
    """
    alike = {name: getattr(generation, name) for name in ("voice_id", "language", "engine", "model")}
    return _seconds_per_character(F("seconds") * F("speed"), **alike) or 0.0


def _seconds_per_character(measure, **which) -> float | None:
    last = Generation.objects.filter(state=State.COMPLETED, **which).order_by("-created_at")[:RECENT_GENERATIONS]
    return last.aggregate(mean=Sum(measure) / Sum(Length("text")))["mean"]


def real_time_factors() -> dict[tuple[str, str], float]:
    """Return the real-time factor (seconds of compute per second of audio) by (engine, model), over the last 200
    generations. One query."""
    measured = Generation.objects.filter(state=State.COMPLETED, compute_seconds__gt=0, seconds__gt=0)
    last = Generation.objects.filter(pk__in=measured.order_by("-created_at").values("pk")[:200]).order_by()
    factors = last.values("engine", "model").annotate(factor=Sum("compute_seconds") / Sum("seconds"))
    return {(row["engine"], row["model"]): row["factor"] for row in factors}
