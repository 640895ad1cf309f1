"""Progress and remaining time of a generation, estimated from this attempt and from finished ones."""

import math
import time

from django.db.models import F, Sum
from django.db.models.functions import Length
from django.utils import timezone

from synthesis.models import Generation, Segment
from synthesis.queue.rates import Rates, expect
from voicesite.jobs.job import State

RECENT_GENERATIONS = 10  # finished generations that an estimate averages
LATE_SHARE = 0.1  # what is late may take that much longer than it has been waited for
MOST_SHARE = 0.99  # of its time, while there is work left


class GenerationProgress:
    """Measure an attempt in characters spoken. Segments may be spoken side by side.

    An attempt may have little of a text to speak: a sentence that was changed. It is measured by that, unless the whole
    text is spoken for the first time, of which earlier attempts have done their share.
    """

    PRIOR_CHARACTERS = 100  # weight of earlier generations against what this attempt measures
    MEMORY_SECONDS = 120.0  # after which what was measured counts for 1/e: an engine may slow down, or share its time

    def __init__(self, generation: Generation, segments: list[Segment], rates: Rates):
        """rates: what earlier generations took."""
        self.begun = time.monotonic()
        self.created_at = generation.created_at
        self.first_audio = generation.first_audio_seconds
        total = sum(len(segment.text) for segment in segments)
        self.to_speak = sum(len(segment.text) for segment in segments if segment.state != Segment.State.COMPLETED)
        self.seconds_to_finish = rates.seconds_to_finish
        self.earlier_rate = rates.seconds_of_speaking(self.to_speak) / max(self.to_speak, 1)
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

    def eta(self) -> float:
        """Return the seconds left, counting down between two signs of progress."""
        seconds = self.measured_seconds + self.earlier_rate * self.PRIOR_CHARACTERS
        characters = self.measured_characters + self.PRIOR_CHARACTERS
        ahead = max(self.to_speak - self.done, 0.0) * seconds / characters
        return _left(ahead, since=self.moved_at) + self.seconds_to_finish


class WorkTime:
    """How long the work at a generation still takes, in each of its stages, and which share of its time it has had.

    That share is what the bar of a page shows. It begins with the work, not with the wait, goes on where an earlier attempt
    or turn has left it, and only grows.
    """

    def __init__(self, generation: Generation):
        self.rates = expect((generation.engine, generation.model))
        self.share = generation.time_share
        self.before: float | None = None  # seconds, in earlier attempts
        self.begun_at = time.monotonic()
        self.characters = 0
        self.to_begin = 0.0  # seconds
        self.speaking: GenerationProgress | None = None
        self.spoken_at: float | None = None

    def prepare(self, characters: int, is_loaded: bool) -> None:
        """Note how much there is to speak, and whether the model must be loaded first."""
        self.characters = characters
        self.to_begin = self.rates.seconds_to_begin + (0.0 if is_loaded else self.rates.seconds_to_load)

    def speak(self, progress: GenerationProgress) -> None:
        """Note that the engine speaks, also once more after the end."""
        self.speaking, self.spoken_at = progress, None

    def end(self) -> None:
        """Note that all is spoken."""
        self.spoken_at = time.monotonic()

    def left(self) -> float:
        """Return the seconds that are left."""
        if self.spoken_at is not None:
            return _left(self.rates.seconds_to_finish, since=self.spoken_at)
        if self.speaking:
            return self.speaking.eta()
        return _left(self.to_begin, since=self.begun_at) + self.rates.work_of_engine(self.characters)

    def fields(self) -> dict[str, float]:
        """Return the fields of a generation that say all this."""
        left = self.left()
        if self.before is None:
            self.before = self.share / (1 - self.share) * left
        had = self.before + time.monotonic() - self.begun_at
        self.share = max(self.share, min(had / max(had + left, 1e-3), MOST_SHARE))
        return {"eta_seconds": round(left, 1), "time_share": round(self.share, 4)}


def _left(expected: float, since: float) -> float:
    """Return the seconds left of what is expected to take so many: never 0, as it is not there yet."""
    waited = time.monotonic() - since
    return max(expected - waited, LATE_SHARE * waited)


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
