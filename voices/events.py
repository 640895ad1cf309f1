"""What webhooks are told of voices and clips: what the API's GET says of them."""

from types import SimpleNamespace

from voices.clips.schemas import TranscriptionOut
from voices.lookups import shown
from voices.models import Clip, Transcription, VoiceProfile
from voices.profiles.schemas import VoiceOut
from voicesite.models import User


def voice(owner: User, key: str) -> dict | None:
    found = shown(VoiceProfile.objects.visible_to(owner)).filter(pk=key).first()
    context = {"request": SimpleNamespace(user=owner)}
    return VoiceOut.model_validate(found, context=context).model_dump() if found else None


def transcription(owner: User, key: str) -> dict | None:
    """Return the transcription of the clip `key`."""
    mine = Transcription.objects.filter(clip__in=Clip.objects.filter(owner=owner)).select_related(
        "clip__recording", "clip__voice"
    )
    found = mine.filter(clip__pk=key).first()
    return TranscriptionOut.model_validate(found).model_dump() if found else None
