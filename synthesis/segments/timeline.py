"""Where each segment is in the sound of its text, exact to the sample. Pure."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from synthesis.models import Segment

RATE = 24_000  # Hz, of every take and every whole


class Place(NamedTuple):
    """The place of a segment, in samples."""

    begin: int  # of the silence before it
    start: int  # of its take
    end: int  # of its take
    next: int  # end of the silence after it

    @property
    def start_seconds(self) -> float:
        return self.start / RATE


def samples_in(seconds: float) -> int:
    return round(seconds * RATE)


def places(segments: Iterable[Segment]) -> Iterator[Place | None]:
    """Yield the place of each segment of a text, given in order with its take; None from the first without a take on."""
    at: int | None = 0
    for segment in segments:
        if at is None or segment.take is None:
            at = None
            yield None
            continue
        start = at + samples_in(segment.pause_before)
        end = start + samples_in(segment.take.seconds)
        place = Place(at, start, end, end + samples_in(segment.pause))
        at = place.next
        yield place


def length(segments: Iterable[Segment]) -> int:
    """Return the samples of the whole, as far as it is spoken."""
    return max((place.next for place in places(segments) if place), default=0)
