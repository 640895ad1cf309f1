"""Voices, for programs: what the pages do, by the same forms and functions."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Field, File, Form, Query, Schema, Status, UploadedFile
from ninja.pagination import paginate

from voicesite.http import Request
from voicesite.media import file_name, sound_response
from voicesite.rest import Pages, Refused, Router, fails, refusal, sound

from . import curation
from .forms import DetailsForm, VoiceForm
from .languages import LANGUAGES
from .models import Clip, VoiceProfile

router = Router(tags=["Voices"])

Grade = Literal["poor", "fair", "good", "excellent"]


class Advice(Schema):
    level: str = Field(description="good, hint or warning")
    text: str


class ClipOut(Schema):
    """A stretch of a recording, as reference audio, with the words that are said in it."""

    id: UUID
    start: float = Field(description="Where in its recording it begins, in seconds")
    end: float = Field(description="Where in its recording it ends, in seconds")
    seconds: float = Field(description="How long the reference audio is")
    speech_seconds: float
    snr_db: float = Field(description="Signal to noise, dB")
    clipping: float = Field(description="Share of clipped samples in the upload, 0 to 1")
    loudness: float = Field(description="RMS of the speech in the upload, dBFS")
    grade: Grade | None = Field(description="All measures in one; null where it was not judged")
    quality: dict[str, Any] = Field(description="What else was measured, by name")
    advice: list[Advice] = Field(description="What the measures say, and what to do")
    language: str
    transcript: str
    misfit: str = Field(description="Why the transcript can't be what is said in it; empty when it can")
    audio: str = Field(description="Where to hear it")
    created_at: datetime

    @staticmethod
    def resolve_grade(clip: Clip) -> str | None:
        return Clip.Grade(clip.grade).label.lower() if clip.grade else None

    @staticmethod
    def resolve_advice(clip: Clip) -> list[dict]:
        return [{"level": level, "text": text} for level, text in clip.advice]

    @staticmethod
    def resolve_audio(clip: Clip) -> str:
        return reverse("voices:clip_audio", args=[clip.pk])


class Consent(Schema):
    wording: str
    by: str = Field(description="Who confirmed it")
    at: datetime


class VoiceOut(Schema):
    """A voice that can be made to speak."""

    id: UUID
    name: str
    description: str
    language: str = Field(description="What is spoken in its recording")
    tags: list[str]
    owner: str
    is_mine: bool
    visibility: Literal["private", "shared"]
    is_usable: bool = Field(description="Whether it may speak: neither suspended nor retired")
    is_being_fitted: bool = Field(description="Whether an engine is at work on it, or soon")
    suspended_at: datetime | None
    suspension: str = Field(description="Why staff suspended it")
    retired_at: datetime | None
    share_requested_at: datetime | None = Field(description="When its owner asked to share it; null for others")
    share_refusal: str = Field(description="Why it was not shared; empty for others than its owner")
    consent: Consent | None = Field(description="Whose word there is for the speaker's consent; null for others")
    clip: ClipOut = Field(description="The clip that it is shown with")
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_tags(voice: VoiceProfile) -> list[str]:
        return [tag.name for tag in voice.tags.all()]

    @staticmethod
    def resolve_owner(voice: VoiceProfile) -> str:
        return voice.owner.username

    @staticmethod
    def resolve_is_mine(voice: VoiceProfile, context) -> bool:
        return voice.owner_id == context["request"].user.pk

    @staticmethod
    def resolve_share_requested_at(voice: VoiceProfile, context) -> datetime | None:
        return voice.share_requested_at if VoiceOut.resolve_is_mine(voice, context) else None

    @staticmethod
    def resolve_share_refusal(voice: VoiceProfile, context) -> str:
        return voice.share_refusal if VoiceOut.resolve_is_mine(voice, context) else ""

    @staticmethod
    def resolve_consent(voice: VoiceProfile, context) -> dict | None:
        if not VoiceOut.resolve_is_mine(voice, context):
            return None
        return {"wording": voice.consent_wording, "by": voice.consented, "at": voice.consent_at}


class VoiceIn(Schema):
    name: str = Field("", json_schema_extra={"maxLength": 80, "example": "Grandmother"})
    language: str = Field("", description="What is spoken in the recording", json_schema_extra={"enum": [*LANGUAGES]})
    description: str = Field("", json_schema_extra={"maxLength": 500})
    transcript: str = Field("", description="What is said in it, word for word", json_schema_extra={"maxLength": 2000})
    consent: bool = Field(False, description="That the speaker agrees to be cloned: without it there is no voice")
    clip: UUID | None = Field(None, description="A draft of yours that was sent before, in place of audio")


class VoiceChanges(Schema):
    """What is left out stays as it is."""

    model_config = {"extra": "forbid", "json_schema_extra": {"example": {"name": "Grandmother"}}}

    name: str | None = Field(None, json_schema_extra={"maxLength": 80})
    language: str | None = Field(None, json_schema_extra={"enum": [*LANGUAGES]})
    description: str | None = Field(None, json_schema_extra={"maxLength": 500})


class Wanted(Schema):
    q: str = Field("", max_length=200, description="Words of the name or the description")
    language: str = Field("", description="Only those that speak it", json_schema_extra={"enum": ["", *LANGUAGES]})
    whose: Literal["all", "mine", "shared"] = Field("all", description="Your own, or those shared with everyone")


def shown(voices: QuerySet[VoiceProfile]) -> QuerySet[VoiceProfile]:
    """With all that an answer tells, in a constant number of queries."""
    return voices.select_related("clip", "owner", "consent_by", "fitting").prefetch_related("tags")


def visible(request: Request, voice_id: UUID) -> VoiceProfile:
    return get_object_or_404(shown(VoiceProfile.objects.visible_to(request.user)), pk=voice_id)


def editable(request: Request, voice_id: UUID) -> VoiceProfile:
    return get_object_or_404(shown(VoiceProfile.objects.editable_by(request.user)), pk=voice_id)


@router.get("/voices", response=list[VoiceOut], summary="List voices", operation_id="list_voices")
@paginate(Pages)
def list_voices(request: Request, wanted: Query[Wanted]):
    """Your own voices and those shared with everyone, by name."""
    voices = VoiceProfile.objects.visible_to(request.user)
    if wanted.q.strip():
        voices = voices.filter(Q(name__icontains=wanted.q.strip()) | Q(description__icontains=wanted.q.strip()))
    if wanted.language:
        voices = voices.filter(language=wanted.language)
    if wanted.whose == "mine":
        voices = voices.filter(owner=request.user)
    elif wanted.whose == "shared":
        voices = voices.filter(visibility=VoiceProfile.Visibility.SHARED)
    return shown(voices).order_by("name", "pk")


@router.post(
    "/voices",
    response={201: VoiceOut},
    summary="Make a voice",
    operation_id="create_voice",
    openapi_extra=fails(409, 429),
)
def create_voice(
    request: Request, response: HttpResponse, voice: Form[VoiceIn], audio: File[UploadedFile | None] = None
):
    """Of a recording: a few seconds of speech, as an audio file of any usual kind."""
    form = VoiceForm(voice.dict(), {"recording": audio} if audio else {}, user=request.user)
    if not form.is_valid():
        raise refusal(form, recording="audio")
    made = form.save()
    if made is None:  # another request was faster
        raise Refused(409, fields=refusal(form, recording="audio").fields)
    response["Location"] = reverse("api:get_voice", args=[made.pk])
    return Status(201, visible(request, made.pk))


@router.get("/voices/{uuid:voice_id}", response=VoiceOut, summary="Show a voice", operation_id="get_voice")
def get_voice(request: Request, voice_id: UUID):
    """One of yours, or a shared one."""
    return visible(request, voice_id)


@router.patch("/voices/{uuid:voice_id}", response=VoiceOut, summary="Change a voice", operation_id="change_voice")
def change_voice(request: Request, voice_id: UUID, changes: VoiceChanges):
    """Its name, language or description. The recording is another matter: see the clips."""
    voice = editable(request, voice_id)
    before = {"name": voice.name, "language": voice.language, "description": voice.description}
    form = DetailsForm(before | changes.dict(exclude_none=True), instance=voice)
    if not form.is_valid():
        raise refusal(form)
    try:
        if form.save() is None:
            raise Refused(409, fields=refusal(form).fields)
    except VoiceProfile.DoesNotExist:
        raise Http404 from None
    return visible(request, voice_id)


@router.delete("/voices/{uuid:voice_id}", response={204: None}, summary="Delete a voice", operation_id="delete_voice")
def delete_voice_(request: Request, voice_id: UUID):
    """With its clips and their recordings. What it spoke stays."""
    curation.delete(request.user, editable(request, voice_id))
    return Status(204, None)


@router.get(
    "/voices/{uuid:voice_id}/audio",
    response={200: None},
    summary="Hear a voice's clip",
    operation_id="voice_audio",
    openapi_extra=sound("audio/wav"),
)
def voice_audio(request: Request, voice_id: UUID) -> HttpResponseBase:
    """The reference audio that it is shown with: 24 kHz mono 16-bit WAV. `?download` names the file."""
    voice = visible(request, voice_id)
    name = file_name(voice.name, extension="wav")
    return sound_response(request, voice.clip.audio, etag=voice.clip.sha256, name=name)
