"""Which generation goes next: priority, then fair between owners, then age. One rule, for workers and for the page."""

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from synthesis.models import Generation
from synthesis.utterances import split_text
from voicesite.jobs.job import RUNNING, State


def in_order() -> QuerySet[Generation]:
    """Claimable generations, the next one first.

    Owners take turns, as in round-robin scheduling: someone's n-th waiting text stands in round n, later by one for
    each text of theirs that is being spoken now; in a round, who was served longest ago goes first. So a text sent by
    one person never waits for the second text of another. Samples of voices go last, by their priority, and count
    for nobody.
    """
    mine = Generation.objects.filter(owner=OuterRef("owner"), is_sample=False)
    theirs = mine.order_by().values("owner")
    live = Q(state__in=RUNNING, lease_expires_at__gte=timezone.now())
    running = Subquery(theirs.filter(live).annotate(n=Count("pk")).values("n"))
    started = mine.filter(started_at__isnull=False)
    served = Subquery(started.order_by("-started_at").values("started_at")[:1])  # the top of an index, not a maximum
    place = Window(RowNumber(), partition_by=["owner", "priority"], order_by=["created_at", "pk"])
    return (
        Generation.objects.claimable()
        .annotate(round=place + Coalesce(running, Value(0)), served_at=served)
        .order_by("-priority", "round", F("served_at").asc(nulls_first=True), "created_at", "pk")
    )


def claim_next() -> Generation | None:
    """Claim the generation that should go next; None when nothing waits."""
    while True:
        candidates = list(in_order()[:5])
        for generation in candidates:
            if generation.claim():
                return generation
        if not candidates:
            return None


def claim_companion(engine: str, model: str, places: int) -> Generation | None:
    """Claim a generation to share the batches of one that is being spoken, which leave `places` utterances free.

    It is the next of the same model. Who stands before it in the order but needs another model must not wait longer
    for its sake: then it joins only if all of it fits into the free places. One that failed before is tried alone.
    """
    overtakes = False
    for generation in in_order()[:50]:
        if generation.is_sample:  # a fuller batch is a slower one
            return None
        if (generation.engine, generation.model) != (engine, model):
            overtakes = True
        elif (
            generation.failures == 0 and (not overtakes or utterance_count(generation) <= places) and generation.claim()
        ):
            return generation
    return None


def anyone_waits() -> bool:
    """Whether a text that somebody asked for waits."""
    return Generation.objects.claimable().filter(is_sample=False).exists()


def utterance_count(generation: Generation) -> int:
    """How many utterances its text has."""
    return len(split_text(generation.text))


def positions(generations: list[Generation]) -> dict:
    """How many go before each of `generations` that waits, by primary key. One query, none when nothing waits."""
    waiting = {generation.pk for generation in generations if generation.state == State.PENDING}
    if not waiting:
        return {}
    order = in_order().values_list("pk", flat=True)[:1000]
    return {pk: place for place, pk in enumerate(order) if pk in waiting}


def position(generation: Generation) -> int | None:
    """How many go before this one; None when it does not wait, or more than a thousand do."""
    return positions([generation]).get(generation.pk)
