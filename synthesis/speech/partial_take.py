"""The beginning of a segment that is still being spoken: people hear it before the engine reaches its end."""

import numpy as np
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone

from synthesis.models import Segment
from synthesis.segments.timeline import RATE

from .files import store_take
from .loudness import Leveller

MIN_PART_SECONDS = 0.4  # in a file of its own: below it, requests cost more than they bring forward


class PartialTake:
    """Level a segment while it is spoken, and store what there is of it in parts.

    The take that is kept in the end begins with exactly these samples, so whoever listens goes on in it.
    """

    def __init__(self, segment: Segment, token, voice_lufs: float | None):
        """token: of the claim. voice_lufs: how loud the voice is, as for `Leveller`."""
        self.segment = segment
        # Of each attempt another: browsers keep what has a name for ever.
        self.name = f"{segment.pk}-{token}-{segment.revision}-{segment.tries}"
        self.leveller = Leveller(RATE, voice_lufs)
        self.levelled: list[np.ndarray] = []
        self.waiting: list[np.ndarray] = []  # of these, what is in no file yet
        self.parts: list[tuple[str, int]] = []  # names and samples of the files

    def push(self, samples: np.ndarray) -> bool:
        """Take what was spoken next, float32 (samples,); return whether there is a part to store."""
        self._take(self.leveller.push(samples, last=False))
        return sum(map(len, self.waiting)) >= MIN_PART_SECONDS * RATE

    def store(self) -> None:
        """Write what waits to a file, and name it in the row, unless the segment was changed meanwhile."""
        samples = np.concatenate(self.waiting)
        folder = f"generations/{self.segment.generation_id}/segments"
        name, _ = store_take(f"{folder}/{self.name}-{len(self.parts)}.flac", samples)
        self.parts.append((name, len(samples)))
        self.waiting = []
        unchanged = Segment.objects.filter(pk=self.segment.pk, revision=self.segment.revision)
        unchanged.update(parts=self.parts, changed_at=timezone.now())

    def finish(self, samples: np.ndarray) -> np.ndarray:
        """Return all of the segment, levelled; `samples` is what was spoken last."""
        self._take(self.leveller.push(samples, last=True))
        return np.concatenate(self.levelled)

    def delete(self) -> None:
        """Delete the files: the take is there, or nothing will come of these."""
        for name, _ in self.parts:
            default_storage.delete(name)

    def abandon(self) -> None:
        """Delete the files, and let the row name them no more, unless it names those of another attempt by now."""
        begun = Segment.objects.filter(pk=self.segment.pk, parts=self.parts)
        begun.update(parts=[], changed_at=timezone.now())
        self.delete()

    def _take(self, levelled: np.ndarray) -> None:
        self.levelled.append(levelled)
        self.waiting.append(levelled)


def delete_parts(segments: QuerySet[Segment]) -> None:
    """Delete the files with the beginnings of segments that nobody is speaking any more."""
    for parts in segments.exclude(parts=[]).values_list("parts", flat=True):
        for name, _ in parts:
            default_storage.delete(name)
