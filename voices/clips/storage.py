"""What people take of the site with recordings, for their limits."""

from django.db.models import Sum

from voices.models import Clip, Recording, SpokenConsent, TranscriptionRequest, VoiceImport
from voicesite.limits.quotas import Source
from voicesite.models import User


def stored(person: User) -> int:
    """Return the bytes of a person's recordings and clips, and of archives that are not taken in. Four queries."""
    consents = SpokenConsent.objects.filter(voice__deleted_at=None)
    kept = (Recording.objects.kept(), Clip.objects.all(), VoiceImport.objects.all(), consents)
    of_person = (rows.filter(owner=person) for rows in kept)
    return sum(rows.aggregate(sum=Sum("bytes"))["sum"] or 0 for rows in of_person)


def _active() -> list:
    return [TranscriptionRequest.objects.active(), VoiceImport.objects.active().filter(choices__isnull=False)]


source = Source(what="recordings", active=_active, stored=stored)
