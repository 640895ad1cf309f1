"""The order of the queue, for workers and pages: priority, then fair between owners, then age."""

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from synthesis.engines.base import Engine
from synthesis.models import Generation
from synthesis.scripts.cutting import estimate_utterances
from voicesite.jobs.job import RUNNING, State


def in_order() -> QuerySet[Generation]:
    """Return claimable generations, the next one first.

    Round-robin between owners: an owner's n-th waiting text is in round n, plus one for each of theirs that is running;
    within a round, the owner served longest ago goes first. So no first text of an owner waits for the second of another.
    Samples of voices go last, by priority, and do not count.
    """
    mine = Generation.objects.filter(owner=OuterRef("owner"), is_sample=False)
    theirs = mine.order_by().values("owner")
    live = Q(state__in=RUNNING, lease_expires_at__gte=timezone.now())
    running = Subquery(theirs.filter(live).annotate(n=Count("pk")).values("n"))
    started = mine.filter(started_at__isnull=False).order_by("-started_at")
    served = Subquery(started.values("started_at")[:1])  # the head of an index; Max() would scan
    place = Window(RowNumber(), partition_by=["owner", "priority"], order_by=["created_at", "pk"])
    return (
        Generation.objects.claimable()
        .annotate(round=place + Coalesce(running, Value(0)), served_at=served)
        .order_by("-priority", "round", F("served_at").asc(nulls_first=True), "created_at", "pk")
    )


def claim_next() -> Generation | None:
    """Claim the generation that should go next; None when nothing waits."""
    while candidates := list(in_order()[:5]):
        for generation in candidates:
            if generation.claim():
                return generation
    return None


def claim_companion(engine: str, model: str, places: int) -> Generation | None:
    """Claim the next generation of this model, to fill the `places` utterances that a running batch leaves free.

    If it overtakes a generation of another model, it must fit into the free places as a whole, so that the other does
    not wait longer for it. One that failed before is tried alone.
    """
    overtakes = False
    for generation in in_order()[:50]:
        if generation.is_sample:  # a fuller batch is slower for those who wait
            return None
        if (generation.engine, generation.model) != (engine, model):
            overtakes = True
        elif generation.failures == 0:
            # As much as would fill the places tells: a text may be a book.
            fits = not overtakes or estimate_utterances(generation.text[: places * Engine.max_characters]) <= places
            if fits and generation.claim():
                return generation
    return None


def anyone_waits() -> bool:
    """Return whether a generation, other than a sample, is pending."""
    return Generation.objects.claimable().filter(is_sample=False).exists()


def set_positions(*generations: Generation) -> None:
    """Set the `position` of each: how many go before it, up to a thousand; None where it does not wait. At most one query."""
    waiting = {generation.pk: generation for generation in generations if generation.state == State.PENDING}
    order = in_order().values_list("pk", flat=True)[:1000] if waiting else ()
    places = {pk: place for place, pk in enumerate(order) if pk in waiting}
    for generation in generations:
        generation.position = places.get(generation.pk)
