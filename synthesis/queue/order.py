"""The order of the queue, for workers and pages: priority, then fair between owners, then age.

A turn is a batch, not a text: after each, whoever is next joins the texts that are being spoken, or takes their place.
"""

from collections.abc import Collection

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from synthesis.engines.base import Engine
from synthesis.models import Generation
from synthesis.scripts.cutting import estimate_utterances
from voicesite.jobs.job import RUNNING

TURN_SECONDS = 15.0  # that a model speaks, at least, before it makes way for another: loading one takes long


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


def claim_companion(
    engine: str, model: str, places: int, owners: Collection[int], priority: int = 0
) -> Generation | None:
    """Claim the next generation of this model that may join a running batch, in which `owners` have texts.

    Another owner's first text has a turn, however full the batch is, if its `priority` is as high. Others only fill the `places` utterances that are
    free. One that overtakes a generation of another model must fit into these as a whole, so that the other does not wait
    longer for it. One that failed before is tried alone.
    """
    overtakes = False
    for generation in in_order()[:50]:
        if generation.is_sample:  # a fuller batch is slower for those who wait
            return None
        if (generation.engine, generation.model) != (engine, model):
            overtakes = True
        elif generation.failures == 0:
            if overtakes:
                # As much as would fill the places tells: a text may be a book.
                joins = estimate_utterances(generation.text[: places * Engine.max_characters]) <= places
            else:
                is_next = generation.owner_id not in owners and _is_first(generation)
                joins = places > 0 or (is_next and generation.priority >= priority)
            if joins and generation.claim():
                return generation
    return None


def next_of_others(owners: Collection[int], priority: int) -> Generation | None:
    """Return what goes next of anyone but `owners` of whom nothing is being spoken, if its priority is as high."""
    others = in_order().exclude(owner__in=owners).filter(is_sample=False, priority__gte=priority)
    return next(filter(_is_first, others.defer("text")[:1]), None)


def _is_first(generation: Generation) -> bool:
    """Return whether nothing of its owner is being spoken, or goes before it. `generation`: of `in_order`."""
    return generation.round == 1  # type: ignore[attr-defined]


def anyone_waits() -> bool:
    """Return whether a generation, other than a sample, is pending."""
    return Generation.objects.claimable().filter(is_sample=False).exists()
