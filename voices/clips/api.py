"""Recordings and clips, for programs: taken in, cut, written down, given to voices."""

from uuid import UUID

from django.db import IntegrityError
from django.db.models import F, Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import File, Form, Status, UploadedFile
from ninja.pagination import paginate

from voices.analysis.reference_audio import AudioRejected
from voices.lookups import editable, visible
from voices.models import Clip, Recording, Transcription
from voices.transcription import requests as transcription
from voicesite.people.requests import Request
from voicesite.web.media import file_name, sound_response
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Pages, Router, audio_response, error_responses, problems, rejection, required_fields

from . import service as clips
from . import views
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


def shown(clips_: QuerySet[Clip]) -> QuerySet[Clip]:
    """With all that an answer tells."""
    return clips_.select_related("recording", "transcription", "voice")


def audible(request: Request, clip_id: UUID) -> Clip:
    return get_object_or_404(shown(Clip.objects.visible_to(request.user)), pk=clip_id)


def own(request: Request, clip_id: UUID) -> Clip:
    return get_object_or_404(shown(Clip.objects.filter(owner=request.user)), pk=clip_id)


def own_recording(request: Request, recording_id: UUID) -> Recording:
    drafts = shown(Clip.objects.drafts()).order_by(F("rank").asc(nulls_last=True), "created_at")
    mine = Recording.objects.filter(owner=request.user).select_related("search")
    return get_object_or_404(mine.prefetch_related(Prefetch("clips", drafts, to_attr="drafts")), pk=recording_id)


# ---------------------------------------------------------------------------------------------------------------------
# Recordings


@recordings.post(
    "/recordings", response={201: RecordingOut}, summary="Send a recording", openapi_extra=error_responses(413, 429)
)
def take_recording(request: Request, response: HttpResponse, said: Form[RecordingIn], audio: File[UploadedFile]):
    """Some seconds of speech, or many minutes: the best stretches of it are looked for, and become drafts.

    A draft becomes a voice, or a clip of one, when its id is sent as `clip`; one that does not within a day is deleted.
    """
    try:
        clip = take_upload(request.user, audio, said.language)
    except AudioRejected as error:
        raise error.about("audio") from None
    response["Location"] = reverse("api:get_recording", args=[clip.recording_id])
    return Status(201, own_recording(request, clip.recording_id))


@recordings.get("/recordings/{uuid:recording_id}", response=RecordingOut, summary="Show a recording")
def get_recording(request: Request, recording_id: UUID):
    """One of yours, how far the search for its best stretches is, and its drafts."""
    return own_recording(request, recording_id)


@recordings.get(
    "/recordings/{uuid:recording_id}/audio",
    response={200: None},
    summary="Hear all of a recording",
    openapi_extra=audio_response("audio/flac"),
)
def recording_audio(request: Request, recording_id: UUID) -> HttpResponseBase:
    """24 kHz mono 16-bit FLAC."""
    recording = own_recording(request, recording_id)
    name = file_name(recording.original_name.rsplit(".", 1)[0], extension="flac")
    return sound_response(request, recording.audio, etag=str(recording.pk), name=name, content_type="audio/flac")


@recordings.delete(
    "/recordings/{uuid:recording_id}/search", response={204: None}, summary="End the search of a recording"
)
def cancel_search(request: Request, recording_id: UUID):
    """The drafts that are there stay."""
    search = getattr(own_recording(request, recording_id), "search", None)
    if search is None:
        raise Http404
    search.request_cancel()
    return Status(204, None)


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
    summary="Give a voice another clip",
    openapi_extra=error_responses(409, 429) | required_fields("consent"),
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
    said = clip.dict() | {"language": clip.language or voice.language}
    form = AnotherClipForm(said, {"recording": audio} if audio else {}, voice=voice)
    if not form.is_valid():
        raise rejection(form, recording="audio")
    made = form.save()
    if made is None:  # another request took it
        raise Rejected("conflict", fields=problems(form, recording="audio"))
    response["Location"] = reverse("api:get_clip", args=[made.pk])
    return Status(201, own(request, made.pk))


@router.get("/clips/{uuid:clip_id}", response=ClipWithWords, summary="Show a clip")
def get_clip(request: Request, clip_id: UUID):
    """A draft of yours, or a clip of a voice that you may hear."""
    return audible(request, clip_id)


@router.get(
    "/clips/{uuid:clip_id}/audio",
    response={200: None},
    summary="Hear a clip",
    openapi_extra=audio_response("audio/wav"),
)
def clip_audio(request: Request, clip_id: UUID) -> HttpResponseBase:
    """The reference audio: 24 kHz mono 16-bit WAV."""
    return views.clip_audio(request, clip_id)


@router.get(
    "/clips/{uuid:clip_id}/plain",
    response={200: None},
    summary="Hear a clip as it was before its clean-up",
    openapi_extra=audio_response("audio/wav"),
)
def plain_audio(request: Request, clip_id: UUID) -> HttpResponseBase:
    """To compare. A clip that was not cleaned has none."""
    return views.original_audio(request, clip_id)


@router.patch("/clips/{uuid:clip_id}", response=ClipWithWords, summary="Correct a clip's transcript")
def change_clip(request: Request, clip_id: UUID, changes: ClipChanges):
    """What is said in it, and in which language. What was made of the former transcript is made anew."""
    clip = own(request, clip_id)
    before = {"transcript": clip.transcript, "language": clip.language or (clip.voice.language if clip.voice else "")}
    form = ClipForm(before | changes.dict(exclude_none=True), instance=clip)
    if not form.is_valid():
        raise rejection(form)
    form.save()
    return own(request, clip_id)


@router.post(
    "/clips/{uuid:clip_id}/cut",
    response={201: ClipWithWords},
    summary="Cut a clip anew",
    openapi_extra=error_responses(429),
)
def cut_clip(request: Request, response: HttpResponse, clip_id: UUID, stretch: ExcerptIn):
    """Another stretch of its recording, or the same with or without clean-up: another clip.

    Of a draft it is another draft; in a voice it takes the former one's place.
    """
    clip = own(request, clip_id)
    start = clip.start if stretch.start is None else stretch.start
    end = clip.end if stretch.end is None else stretch.end
    cleanup = bool(clip.original_audio) if stretch.cleanup is None else stretch.cleanup
    try:
        made = clips.recut(clip, start, end, cleanup=cleanup)
        if clip.voice:
            clips.replace(clip, made)
    except AudioRejected as error:
        raise error.about("start") from None
    response["Location"] = reverse("api:get_clip", args=[made.pk])
    return Status(201, own(request, made.pk))


@router.delete(
    "/clips/{uuid:clip_id}", response={204: None}, summary="Delete a clip", openapi_extra=error_responses(409)
)
def delete_clip(request: Request, clip_id: UUID):
    """A draft, or one of several clips of a voice. Its recording goes with its last clip."""
    clip = own(request, clip_id)
    try:
        if clip.voice_id is None:
            clips.delete_clip(clip)
        elif not clips.remove(clip):
            raise Rejected("conflict", "A voice keeps its last clip: add another one first, or delete the voice.")
    except IntegrityError:
        raise Rejected("conflict", "A voice took this clip at this moment.") from None
    return Status(204, None)


# ---------------------------------------------------------------------------------------------------------------------
# Transcription


@router.post(
    "/clips/{uuid:clip_id}/transcribe", response={202: TranscriptionOut}, summary="Write down what is said in a clip"
)
def transcribe_clip(request: Request, response: HttpResponse, clip_id: UUID, spoken: TranscriptionIn | None = None):
    """In the background, again if it was done before. What the clip says now is replaced, unless you write meanwhile."""
    clip, language = own(request, clip_id), spoken.language if spoken else ""
    if why_not := transcription.why_not(language or clip.language):
        raise Rejected("invalid", why_not).about("language")
    made = transcription.enqueue(clip, language)
    if made is None:
        raise Http404
    response["Location"] = reverse("api:get_transcription", args=[clip.pk])
    return Status(202, made)


@router.get("/clips/{uuid:clip_id}/transcription", response=TranscriptionOut, summary="Show a transcription")
def get_transcription(request: Request, clip_id: UUID):
    """How far it is, and what the clip says by now."""
    return _transcription(own(request, clip_id))


@router.delete("/clips/{uuid:clip_id}/transcription", response={204: None}, summary="End a transcription")
def cancel_transcription(request: Request, clip_id: UUID):
    """The transcript stays as it is."""
    _transcription(own(request, clip_id)).request_cancel()
    return Status(204, None)


def _transcription(clip: Clip) -> Transcription:
    made = getattr(clip, "transcription", None)
    if made is None:
        raise Http404
    return made
