"""Put the transcription of a clip in the queue. `voices.clips.jobs` does it."""

from django.db import IntegrityError, transaction

from voices.models import Clip, Transcription
from voicesite.jobs.doorbell import ring
from voicesite.modelhost.protocol import ModelError

from .choice import transcriber_for


def why_not(language: str) -> str:
    """Return why a clip in `language` can't be transcribed here, in words for who has to type then; empty where it can.

    language: a code of voices.languages; empty where it is not known yet.
    """
    try:
        transcriber_for(language)
    except ModelError as error:
        return error.message
    return ""


def enqueue(clip: Clip, language: str = "") -> Transcription | None:
    """Queue a transcription of `clip`, again if it had one, and ring; return None where there can be none: see `why_not`.

    language: what is spoken; empty where the clip says so, or it shall be detected. The transcript that the clip has at
    this moment will be replaced; what a person writes meanwhile will not.
    """
    language = language or clip.language
    if why_not(language):
        return None
    moving = Transcription.objects.active().filter(clip=clip, language=language, cancel_requested=False).first()
    if moving:
        return moving
    try:
        with transaction.atomic():
            Transcription.objects.filter(clip=clip).delete()  # one that runs loses its row, and stops
            made = Transcription.objects.create(
                clip=clip,
                language=language,
                transcriber=transcriber_for(language).engine,
                replaces=clip.transcript,
            )
            ring("default")
    except IntegrityError:  # somebody else asked at this moment, or the clip was deleted
        return Transcription.objects.filter(clip=clip).first()
    return made
