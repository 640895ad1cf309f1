"""Enqueue transcriptions, of clips and of recordings that are not kept, which `voices.clips.jobs` runs."""

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from voices.models import Clip, Transcription, TranscriptionRequest
from voicesite.modelhost.protocol import ModelError
from voicesite.models import ApiKey, User
from voicesite.web.rejection import Rejected

from .choice import can_transcribe, transcriber_for


def why_not(language: str) -> str:
    """Return why `language` can't be transcribed here, for the user who must type instead; empty if it can.

    language: a code of voices.languages; empty if unknown.
    """
    try:
        if not can_transcribe(language):
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


def ask(
    owner: User, flac: bytes, seconds: float, language: str = "", key: ApiKey | None = None
) -> TranscriptionRequest:
    """Enqueue the transcription of a recording for a program that waits for it, and then calls `forget`. As `submit`.

    seconds: how long it is. key: with which it is asked for.
    """
    request = TranscriptionRequest(owner=owner, api_key=key, seconds=seconds, language=language)
    submit(request, flac)
    return request


def submit(request: TranscriptionRequest, flac: bytes) -> None:
    """Enqueue a request that is unsaved. Raises Rejected beyond a limit of its owner.

    flac: all of the recording, 24 kHz mono 16-bit. Its language is a code of voices.languages for which `why_not` gives no
    reason.
    """
    request.audio.save("recording.flac", ContentFile(flac), save=False)
    try:
        request.submit()
    except Rejected:
        request.audio.delete(save=False)
        raise


def forget(request: TranscriptionRequest) -> None:
    """Delete a request with its recording and what was heard; stop it if it is running."""
    request.audio.delete(save=False)
    TranscriptionRequest.objects.filter(pk=request.pk).delete()
