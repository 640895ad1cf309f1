"""Voices, for programs: what the pages do, by the same forms and functions."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from ninja import File, Form, Query, Status, UploadedFile
from ninja.pagination import paginate

from voices.clips import service as clips
from voices.clips.api import own
from voices.curation import service as curation
from voices.curation.forms import ReportForm
from voices.lookups import editable, shown, visible
from voices.models import Clip, Report, VoiceProfile
from voicesite.models import User
from voicesite.people.requests import Request
from voicesite.web.media import file_name, sound_response
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Pages, Router, audio_response, error_responses, problems, rejection, required_fields

from .filters import filter_voices
from .forms import DetailsForm, VoiceForm
from .schemas import ReportIn, ReportOut, VoiceChanges, VoiceFilterParams, VoiceIn, VoiceOut

router = Router(tags=["Voices"])


@router.get("/voices", response=list[VoiceOut], summary="List voices")
@paginate(Pages)
def list_voices(request: Request, wanted: Query[VoiceFilterParams]):
    """Your own voices and those shared with everyone, by name."""
    asked = request.GET.copy()
    asked["grade"] = str(Clip.Grade[wanted.grade.upper()].value) if wanted.grade else ""
    voices, _ = filter_voices(VoiceProfile.objects.visible_to(request.user), request.user, asked)
    return shown(voices).order_by("name", "pk")


@router.post(
    "/voices",
    response={201: VoiceOut},
    summary="Make a voice",
    openapi_extra=error_responses(409, 429) | required_fields("name", "language", "consent"),
)
def create_voice(
    request: Request, response: HttpResponse, voice: Form[VoiceIn], audio: File[UploadedFile | None] = None
):
    """Of a recording: a few seconds of speech, as an audio file of any usual kind."""
    form = VoiceForm(voice.dict(), {"recording": audio} if audio else {}, user=request.user)
    if not form.is_valid():
        raise rejection(form, recording="audio")
    made = form.save()
    if made is None:  # another request was faster
        raise Rejected("conflict", fields=problems(form, recording="audio"))
    response["Location"] = reverse("api:get_voice", args=[made.pk])
    return Status(201, visible(request, made.pk))


@router.get("/voices/{uuid:voice_id}", response=VoiceOut, summary="Show a voice")
def get_voice(request: Request, voice_id: UUID):
    """One of yours, or a shared one."""
    return visible(request, voice_id)


@router.patch("/voices/{uuid:voice_id}", response=VoiceOut, summary="Change a voice")
def change_voice(request: Request, voice_id: UUID, changes: VoiceChanges):
    """Its name, language, description or tags. The recording is another matter: see the clips."""
    voice = editable(request, voice_id)
    said = {"name": voice.name, "language": voice.language, "description": voice.description}
    said |= changes.dict(exclude_none=True)
    said["tags"] = ",".join(said["tags"] if "tags" in said else [tag.name for tag in voice.tags.all()])
    form = DetailsForm(said, instance=voice)
    if not form.is_valid():
        raise rejection(form)
    if form.save() is None:
        raise Rejected("conflict", fields=problems(form))
    return visible(request, voice_id)


@router.delete("/voices/{uuid:voice_id}", response={204: None}, summary="Delete a voice")
def delete_voice(request: Request, voice_id: UUID):
    """With its clips and their recordings. What it spoke stays."""
    curation.delete(request.user, editable(request, voice_id))
    return Status(204, None)


@router.get(
    "/voices/{uuid:voice_id}/audio",
    response={200: None},
    summary="Hear a voice's clip",
    openapi_extra=audio_response("audio/wav"),
)
def voice_audio(request: Request, voice_id: UUID) -> HttpResponseBase:
    """The reference audio that it is shown with: 24 kHz mono 16-bit WAV. `?download` names the file."""
    voice = visible(request, voice_id)
    name = file_name(voice.name, extension="wav")
    return sound_response(request, voice.clip.audio, etag=voice.clip.sha256, name=name)


@router.post(
    "/clips/{uuid:clip_id}/main",
    tags=["Clips"],
    response=VoiceOut,
    summary="Show a voice with this clip",
    openapi_extra=error_responses(409),
)
def choose_clip(request: Request, clip_id: UUID):
    """The voice's page and its audio are then those of this clip."""
    clip = own(request, clip_id)
    if clip.voice_id is None:
        raise Rejected("conflict", "This clip is a draft: give it to a voice first.")
    clips.choose_main(clip)
    return visible(request, clip.voice_id)


# ---------------------------------------------------------------------------------------------------------------------
# Sharing, retiring, reporting

NOTHING_TO_DO = "Nothing was to be done: the voice is so already, or may not be."


@router.post(
    "/voices/{uuid:voice_id}/share",
    response=VoiceOut,
    summary="Ask to share a voice",
    openapi_extra=error_responses(409),
)
def ask_to_share(request: Request, voice_id: UUID):
    """Staff listen to it, and share it with everyone or say why not. Their own they share at once."""
    return _act(curation.request_sharing, request, voice_id)


@router.delete(
    "/voices/{uuid:voice_id}/share",
    response=VoiceOut,
    summary="Share a voice no longer",
    openapi_extra=error_responses(409),
)
def end_sharing(request: Request, voice_id: UUID):
    """Withdraws what was asked; what is shared is yours alone again."""
    shared = editable(request, voice_id).is_shared
    return _act(curation.unshare if shared else curation.withdraw_request, request, voice_id)


@router.post(
    "/voices/{uuid:voice_id}/retire", response=VoiceOut, summary="Retire a voice", openapi_extra=error_responses(409)
)
def retire_voice(request: Request, voice_id: UUID):
    """What it spoke stays; it speaks nothing new."""
    return _act(curation.retire, request, voice_id)


@router.delete(
    "/voices/{uuid:voice_id}/retire",
    response=VoiceOut,
    summary="Bring a voice back",
    openapi_extra=error_responses(409),
)
def bring_voice_back(request: Request, voice_id: UUID):
    """It may speak again."""
    return _act(curation.bring_back, request, voice_id)


def _act(act: Callable[[User, VoiceProfile], bool], request: Request, voice_id: UUID) -> VoiceProfile:
    if not act(request.user, editable(request, voice_id)):
        raise Rejected("conflict", NOTHING_TO_DO)
    return editable(request, voice_id)


@router.post(
    "/voices/{uuid:voice_id}/report",
    response={201: ReportOut},
    summary="Report a voice",
    openapi_extra=error_responses(409, 429),
)
def report_voice(request: Request, voice_id: UUID, reason: ReportIn):
    """Tell staff what is wrong with a voice that somebody else shares."""
    voice = visible(request, voice_id)
    if voice.owner_id == request.user.pk:
        raise Rejected("conflict", "It is yours: change it, retire it or delete it.")
    form = ReportForm(reason.dict())
    if not form.is_valid():
        raise rejection(form)
    if not curation.report(request.user, voice, form.cleaned_data["reason"]):
        raise Rejected("conflict", "You have reported it already. Staff will look at it.")
    return Status(201, _report(request, voice))


@router.get("/voices/{uuid:voice_id}/report", response=ReportOut, summary="Show your report of a voice")
def get_report(request: Request, voice_id: UUID):
    """The last one that you sent, with the answer once there is one."""
    return _report(request, visible(request, voice_id))


def _report(request: Request, voice: VoiceProfile) -> Report:
    report = voice.reports.filter(reporter=request.user).first()
    if report is None:
        raise Http404
    return report
