"""Deletion of sentences that are no longer needed: their rows, takes and files. Finished speech itself stays.

They go where the site wants that after some days, and where a text was never spoken to its end.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from synthesis.models import Generation, Segment
from synthesis.speech.files import drop_segments
from voicesite.jobs.job import ENDED, State

PORTION = 2  # texts at once, of maybe thousands of files each, while nothing else is swept
NEVER_READY_DAYS = 30  # that sentences of what failed or was cancelled wait for another try


def delete_old_segments() -> int:
    """Delete the sentences of a few generations that ended long ago; return of how many."""
    old = _old()
    found = old.filter(Exists(Segment.objects.filter(generation=OuterRef("pk")))).values_list("pk", flat=True)
    for pk in (portion := list(found[:PORTION])):
        with transaction.atomic():
            # A change of a sentence locks the row too: it comes before, and the generation is active, or finds none.
            if generation := old.select_for_update().filter(pk=pk).first():
                drop_segments(generation)
    return len(portion)


def _old() -> QuerySet[Generation]:
    now = timezone.now()
    never_ready = Q(state__in=(State.FAILED, State.CANCELLED), audio="")
    old = never_ready & Q(finished_at__lt=now - timedelta(days=NEVER_READY_DAYS))
    if settings.SEGMENT_DAYS > 0:
        old |= Q(finished_at__lt=now - timedelta(days=settings.SEGMENT_DAYS))
    return Generation.objects.filter(old, state__in=ENDED)
