"""The REST API of recordings, clips and transcriptions."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F, Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import File, Form, UploadedFile
from ninja.pagination import paginate

from voices.analysis.reference_audio import AudioRejected
from voices.audit import record_hearing
from voices.consent.service import asker_of
from voices.lookups import editable, visible
from voices.models import Clip, ExcerptSearch, Recording, Transcription
from voices.transcription import requests as transcription
from voicesite.people.requests import Request
from voicesite.web.events import itself
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Pages, Router, authentication, save_form

from . import discarding, views
from . import service as clips
from .forms import AnotherClipForm, ClipForm, take_upload
from .schemas import (
    ClipChanges,
    ClipIn,
    ClipOut,
    ClipWithWords,
    ExcerptIn,
    RecordingIn,
    RecordingOut,
    TranscriptionIn,
    TranscriptionOut,
)

recordings = Router(tags=["Recordings"])
router = Router(tags=["Clips"])


# The jobs of which an answer tells the progress.
def transcribing(clip: Clip) -> Transcription | None:
    return getattr(clip, "transcription", None)


def searching(recording: Recording) -> ExcerptSearch | None:
    return getattr(recording, "search", None)


def shown(clips_: QuerySet[Clip]) -> QuerySet[Clip]:
    """Return `clips_` joined with what ClipOut reads."""
    return clips_.select_related("recording", "transcription", "voice")


def own_clip(request: Request, clip_id: UUID) -> Clip:
    return get_object_or_404(shown(Clip.objects.filter(owner=request.user)), pk=clip_id)


def own_recording(request: Request, recording_id: UUID) -> Recording:
    drafts = shown(Clip.objects.drafts()).order_by(F("rank").asc(nulls_last=True), "created_at")
    mine = Recording.objects.kept().filter(owner=request.user).select_related("search")
    return get_object_or_404(mine.prefetch_related(Prefetch("clips", drafts, to_attr="drafts")), pk=recording_id)


def own_transcription(request: Request, clip_id: UUID) -> Transcription:
    mine = Transcription.objects.filter(clip__in=Clip.objects.filter(owner=request.user))
    return get_object_or_404(mine.select_related("clip__recording", "clip__voice"), clip=clip_id)


# ---------------------------------------------------------------------------------------------------------------------
# Recordings


@recordings.post(
    "/recordings",
    response={201: RecordingOut},
    summary="Upload a recording",
    errors=[413, 429],
    job=searching,
    takes_long=True,
)
def take_recording(request: Request, response: HttpResponse, said: Form[RecordingIn], audio: File[UploadedFile]):
    """Send seconds of speech, or minutes, of which the best excerpts are searched for and become drafts.

    A draft becomes the clip of a voice when its id is sent as `clip`; otherwise it is deleted after a day, or
    when you have sent ten newer ones.
    """
    try:
        clip, _ = take_upload(request.user, audio, said.language)
    except AudioRejected as error:
        raise error.about("audio") from None
    response["Location"] = reverse("api:get_recording", args=[clip.recording_id])
    return own_recording(request, clip.recording_id)


@recordings.get(
    "/recordings/{uuid:recording_id}",
    response=RecordingOut,
    summary="Show a recording",
    auth=authentication("voices", is_poll=True),
    job=searching,
)
def get_recording(request: Request, recording_id: UUID):
    """One of yours, with its drafts and the progress of the search for its best excerpts."""
    return own_recording(request, recording_id)


@recordings.get("/recordings/{uuid:recording_id}/audio", summary="Download a recording", file_types=["audio/flac"])
def recording_audio(request: Request, recording_id: UUID) -> HttpResponseBase:
    """24 kHz mono 16-bit FLAC."""
    return views.recording_response(request, own_recording(request, recording_id))


@recordings.delete("/recordings/{uuid:recording_id}/search", summary="Cancel the search for excerpts")
def cancel_search(request: Request, recording_id: UUID):
    """Drafts that it has found stay."""
    get_object_or_404(ExcerptSearch, recording=own_recording(request, recording_id)).request_cancel()


# ---------------------------------------------------------------------------------------------------------------------
# Clips


@router.get("/voices/{uuid:voice_id}/clips", response=list[ClipOut], summary="List a voice's clips")
@paginate(Pages)
def list_clips(request: Request, voice_id: UUID):
    """The oldest first. Each engine copies the one that suits it best."""
    return shown(Clip.objects.filter(voice=visible(request, voice_id))).order_by("created_at", "pk")


@router.post(
    "/voices/{uuid:voice_id}/clips",
    response={201: ClipWithWords},
    summary="Add a clip to a voice",
    errors=[409, 429],
    required=["consent"],
    job=transcribing,
    takes_long=True,
)
def add_clip(
    request: Request,
    response: HttpResponse,
    voice_id: UUID,
    clip: Form[ClipIn],
    audio: File[UploadedFile | None] = None,
):
    """Of another recording of the same speaker, or of a draft."""
    voice = editable(request, voice_id)
    written = clip.dict() | {"language": clip.language or voice.language}
    files = {"recording": audio} if audio else {}
    made = save_form(AnotherClipForm(written, files, voice=voice, asker=asker_of(request)), recording="audio")
    response["Location"] = reverse("api:get_clip", args=[made.pk])
    return own_clip(request, made.pk)


@router.get("/clips/{uuid:clip_id}", response=ClipWithWords, summary="Show a clip", job=transcribing, streams=False)
def get_clip(request: Request, clip_id: UUID):
    """A draft of yours, or a clip of a voice that you may hear."""
    clip = get_object_or_404(shown(Clip.objects.visible_to(request.user)), pk=clip_id)
    record_hearing(request.user, clip, "looked")
    return clip


@router.get("/clips/{uuid:clip_id}/audio", summary="Download a clip", file_types=["audio/wav"])
def clip_audio(request: Request, clip_id: UUID) -> HttpResponseBase:
    """The reference audio: 24 kHz mono 16-bit WAV."""
    return views.clip_audio(request, clip_id)


@router.get(
    "/clips/{uuid:clip_id}/plain", summary="Download a clip as it was before noise removal", file_types=["audio/wav"]
)
def plain_audio(request: Request, clip_id: UUID) -> HttpResponseBase:
    """To compare. A clip that was not cleaned has none."""
    return views.original_audio(request, clip_id)


@router.patch("/clips/{uuid:clip_id}", response=ClipWithWords, summary="Correct a clip's transcript")
def change_clip(request: Request, clip_id: UUID, changes: ClipChanges):
    """Change what is said in it, or its language. What engines derived from the former transcript is made again."""
    clip = own_clip(request, clip_id)
    before = ClipForm(instance=clip).initial
    save_form(ClipForm({**before, **changes.dict(exclude_none=True)}, instance=clip))
    return own_clip(request, clip_id)


@router.post(
    "/clips/{uuid:clip_id}/cut",
    response={201: ClipWithWords},
    summary="Recut a clip",
    errors=[429],
    job=transcribing,
    takes_long=True,
)
def cut_clip(request: Request, response: HttpResponse, clip_id: UUID, excerpt: ExcerptIn):
    """Make another clip of another excerpt of its recording, or of the same with or without clean-up.

    Of a draft it is another draft; in a voice it replaces the former clip.
    """
    clip = own_clip(request, clip_id)
    before: dict[str, Any] = {"start": clip.start, "end": clip.end, "cleanup": bool(clip.original_audio)}
    try:
        made = clips.recut(clip, **before | excerpt.dict(exclude_none=True))
    except AudioRejected as error:
        raise error.about("start") from None
    if clip.voice:
        clips.replace(clip, made)
    response["Location"] = reverse("api:get_clip", args=[made.pk])
    return own_clip(request, made.pk)


@router.delete("/clips/{uuid:clip_id}", summary="Delete a clip", errors=[409])
def delete_clip(request: Request, clip_id: UUID):
    """A draft, or one of several clips of a voice. Its recording is deleted with its last clip. You can bring a clip of a
    voice back for a minute, on the page of that voice."""
    clip = own_clip(request, clip_id)
    try:
        if clip.voice_id is None:
            clips.delete_clip(clip)
        else:
            discarding.discard_clip(clip)
    except IntegrityError:
        raise Rejected("conflict", "This clip has just been added to a voice.") from None


# ---------------------------------------------------------------------------------------------------------------------
# Transcription


@router.post(
    "/clips/{uuid:clip_id}/transcribe", response={202: TranscriptionOut}, summary="Transcribe a clip", job=itself
)
def transcribe_clip(request: Request, response: HttpResponse, clip_id: UUID, spoken: TranscriptionIn | None = None):
    """Transcribe it in the background, also if that was done before. The result replaces the transcript that it has now,
    but not what you write meanwhile."""
    clip, language = own_clip(request, clip_id), spoken.language if spoken else ""
    if why_not := transcription.why_not(language or clip.language):
        raise Rejected("invalid", why_not).about("language")
    made = transcription.enqueue(clip, language)
    if made is None:
        raise Http404
    response["Location"] = reverse("api:get_transcription", args=[clip.pk])
    return made


@router.get(
    "/clips/{uuid:clip_id}/transcription",
    response=TranscriptionOut,
    summary="Show a transcription",
    auth=authentication("voices", is_poll=True),
    job=itself,
)
def get_transcription(request: Request, clip_id: UUID):
    """Its progress, and the clip with what was recognized."""
    return own_transcription(request, clip_id)


@router.delete("/clips/{uuid:clip_id}/transcription", summary="Cancel a transcription")
def cancel_transcription(request: Request, clip_id: UUID):
    """The transcript stays as it is."""
    own_transcription(request, clip_id).request_cancel()
