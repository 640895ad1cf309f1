"""Progress and remaining time of a generation, estimated from this attempt and from finished ones."""

import math
import time

from django.db.models import F, Sum
from django.db.models.functions import Length
from django.utils import timezone

from synthesis.models import Generation, Segment
from voicesite.jobs.job import State

RECENT_GENERATIONS = 10  # finished generations that an estimate averages


class GenerationProgress:
    """Measure an attempt in characters spoken. Segments may be spoken side by side.

    An attempt may have little of a text to speak: a sentence that was changed. It is measured by that, unless the whole
    text is spoken for the first time, of which earlier attempts have done their share.
    """

    PRIOR_CHARACTERS = 100  # weight of earlier generations against what this attempt measures
    MEMORY_SECONDS = 120.0  # after which what was measured counts for 1/e: an engine may slow down, or share its time

    def __init__(self, generation: Generation, segments: list[Segment]):
        self.begun = time.monotonic()
        self.created_at = generation.created_at
        self.first_audio = generation.first_audio_seconds
        # Of recent generations; None when there are none.
        self.earlier_rate = _seconds_per_character(
            "compute_seconds", engine=generation.engine, model=generation.model, compute_seconds__gt=0
        )
        total = sum(len(segment.text) for segment in segments)
        self.to_speak = sum(len(segment.text) for segment in segments if segment.state != Segment.State.COMPLETED)
        self.compute_before = generation.compute_seconds or 0.0
        self.spoken_before = total - self.to_speak
        if generation.is_heard:
            # It stays the time of the whole: what is spoken again takes the place of what it took before.
            self.compute_before *= self.spoken_before / max(total, 1)
            self.spoken_before = 0
        self.spoken: dict[int, float] = {}  # characters by the key of a segment, in this attempt
        self.done = 0.0  # their sum
        self.furthest = 0.0  # a progress bar must not go back
        self.moved_at = self.begun
        self.measured_seconds = self.measured_characters = 0.0

    def advance(self, segment: Segment, share: float) -> None:
        """Note that a share of a segment, 0 to 1, has been spoken; less than before where it begins again."""
        characters = min(share, 1.0) * len(segment.text)
        more = characters - self.spoken.get(segment.pk, 0.0)
        if not more:
            return
        self.spoken[segment.pk] = characters
        self.done += more
        now = time.monotonic()
        kept = math.exp((self.moved_at - now) / self.MEMORY_SECONDS)
        self.measured_seconds = self.measured_seconds * kept + now - self.moved_at
        self.measured_characters = max(self.measured_characters * kept + more, 0.0)
        self.moved_at = now
        self.furthest = max(self.furthest, self.done)

    def receive(self) -> None:
        """Note that there is sound."""
        if self.first_audio is None:
            self.first_audio = (timezone.now() - self.created_at).total_seconds()

    def percent(self) -> int:
        """Return the progress of the generation, 30 to 70 while it is spoken. It never goes back."""
        of = self.spoken_before + self.to_speak
        return 30 + round(40 * min((self.spoken_before + self.furthest) / of, 1.0)) if of else 70

    def measures(self) -> dict[str, float | None]:
        """Return the fields of a generation that an attempt measures."""
        compute_seconds = round(self.compute_before + time.monotonic() - self.begun, 3)
        return {"compute_seconds": compute_seconds, "first_audio_seconds": self.first_audio}

    def eta(self) -> float | None:
        """Return the seconds left, counting down between two signs of progress; None while nothing was measured."""
        seconds, characters = self.measured_seconds, self.measured_characters
        if self.earlier_rate is not None:
            seconds += self.earlier_rate * self.PRIOR_CHARACTERS
            characters += self.PRIOR_CHARACTERS
        if not characters:
            return None
        ahead = max(self.to_speak - self.done, 0.0) * seconds / characters
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
