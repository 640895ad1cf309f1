"""Enqueue transcriptions of clips, which `voices.clips.jobs` runs."""

from django.db import IntegrityError, transaction

from voices.models import Clip, Transcription
from voicesite.modelhost.protocol import ModelError

from .choice import transcriber_for


def why_not(language: str) -> str:
    """Return why `language` can't be transcribed here, for the user who must type instead; empty if it can.

    language: a code of voices.languages; empty if unknown.
    """
    try:
        transcriber_for(language)
    except ModelError as error:
        return error.message
    return ""


def enqueue(clip: Clip, language: str = "") -> Transcription | None:
    """Enqueue a transcription of `clip`, replacing an earlier one; return None if `why_not` gives a reason.

    language: what is spoken; empty for that of the clip, or to detect it. The present transcript will be replaced, but
    not one that a person writes meanwhile.
    """
    language = language or clip.language
    if why_not(language):
        return None
    same = Transcription.objects.active().filter(clip=clip, language=language, cancel_requested=False)
    if active := same.first():
        return active
    try:
        with transaction.atomic():
            Transcription.objects.filter(clip=clip).delete()  # which stops a running one
            made = Transcription(
                clip=clip, language=language, transcriber=transcriber_for(language).engine, replaces=clip.transcript
            )
            made.submit()
    except IntegrityError:  # another request was faster, or the clip was deleted
        return Transcription.objects.filter(clip=clip).first()
    return made
