"""Look up the voices that a user may see or change, joined with what the API returns of them."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from voices.extensions import prepared
from voices.models import VoiceProfile
from voicesite.people.requests import Request


def shown(voices: QuerySet[VoiceProfile]) -> QuerySet[VoiceProfile]:
    """Return `voices` joined with what VoiceOut reads, so that the number of queries is constant."""
    return prepared(voices.select_related("clip__transcription", "owner", "consent_by").prefetch_related("tags"))


def visible(request: Request, voice_id: UUID) -> VoiceProfile:
    return get_object_or_404(shown(VoiceProfile.objects.visible_to(request.user)), pk=voice_id)


def editable(request: Request, voice_id: UUID) -> VoiceProfile:
    return get_object_or_404(shown(VoiceProfile.objects.editable_by(request.user)), pk=voice_id)
