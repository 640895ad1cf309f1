"""Deletion of what is no longer needed, or was kept for as long as the site or its owner wants: a portion at a time.

Sentences go before their speech, where the site wants that after some days, and where a text was never spoken to its end.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from synthesis.generations import takes
from synthesis.models import Draft, Generation, ListeningLink, Segment
from synthesis.speech.files import drop_segments
from voices import audit
from voices.clips.retention import delete_old_uploads
from voicesite.jobs.job import ENDED, State
from voicesite.privacy import keeping, leaving

PORTION = 2  # texts at once, of maybe thousands of files each, while nothing else is swept
DRAFTS = 500
NEVER_READY_DAYS = 30  # that sentences of what failed or was cancelled wait for another try


def turn() -> int:
    """Delete a portion of everything that is due; return how many things, 0 once nothing is."""
    due = (
        delete_old_segments,
        delete_old_speech,
        delete_old_drafts,
        delete_old_uploads,
        audit.delete_old,
        leaving.delete_due,
    )
    return sum(delete() for delete in due)


def delete_old_speech() -> int:
    """Delete a few generations that their owners' rules no longer keep; return how many.

    What somebody marked as a favourite stays, and what is heard by a link until that ends. Samples go with their voices.
    """
    expired = keeping.expired(keeping.Kind.SPEECH, "finished_at")
    if expired is None:
        return 0
    heard = ListeningLink.objects.active().filter(generation=OuterRef("pk"))
    old = Generation.objects.filter(expired, state__in=ENDED, is_favourite=False, is_sample=False, pronounces=None)
    old = old.exclude(Exists(heard))
    deleted = 0
    for generation in old.order_by("finished_at").only("pk", "take_group", "audio", "state")[:PORTION]:
        with transaction.atomic():
            takes.lock(generation.take_group)
            if old.filter(pk=generation.pk).exists():  # and was not changed, shared or marked meanwhile
                takes.delete(generation)
                deleted += 1
    return deleted


def delete_old_drafts() -> int:
    """Delete drafts of the studio that nobody has changed for as long as they are kept; return how many."""
    expired = keeping.expired(keeping.Kind.DRAFTS, "updated_at")
    if expired is None:
        return 0
    some = Draft.objects.filter(expired).values_list("pk", flat=True)[:DRAFTS]
    return Draft.objects.filter(expired, pk__in=list(some)).delete()[0]


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
