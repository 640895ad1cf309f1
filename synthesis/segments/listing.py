"""The segments of a text with what a list shows of them."""

from collections.abc import Sequence

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from synthesis.models import Generation, Segment, SegmentTake
from synthesis.scripts.sentences import Span

from . import timeline, written_text


def listed(generation: Generation) -> QuerySet[Segment]:
    """Return the segments of a text in order, with take and generation, annotated with `take_count`."""
    takes = SegmentTake.objects.filter(segment=OuterRef("pk")).order_by().values("segment")
    counted = Coalesce(Subquery(takes.annotate(n=Count("pk")).values("n")), 0)
    return generation.segments.in_text().select_related("take", "generation").annotate(take_count=counted)


def set_starts(segments: Sequence[Segment]) -> None:
    """Set `start` of neighbouring segments of a text: seconds from its beginning; None while one before is unspoken.

    One query, of what is before the last of them.
    """
    if not segments:
        return
    until = Segment.objects.in_text().filter(generation=segments[0].generation_id, index__lte=segments[-1].index)
    before = list(until.select_related("take").only("pause", "pause_before", "take__seconds"))
    places = {segment.pk: place for segment, place in zip(before, timeline.places(before), strict=True)}
    for segment in segments:
        place = places.get(segment.pk)
        segment.start = place and round(place.start_seconds, 4)


def place_of(generation: Generation, index: int) -> Span | None:
    """Return where a segment of a text stands in it as it is written; None where that can't be said. One query."""
    segments = generation.segments.in_text().filter(index__lte=index + 1).values_list("text", "speaker")
    texts, speakers = zip(*segments, strict=True)
    return written_text.find(generation.text, texts, set(speakers) - {""})[index]
