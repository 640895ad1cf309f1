"""The REST API of voices."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from ninja import File, Form, Query, UploadedFile
from ninja.pagination import paginate

from voices.clips import service as clips
from voices.clips.api import own_clip
from voices.consent.service import asker_of
from voices.curation import service as curation
from voices.curation.forms import ReportForm
from voices.lookups import editable, shown, visible
from voices.models import Clip, VoiceProfile
from voicesite.models import User
from voicesite.people.requests import Request
from voicesite.web.media import file_name, sound_response
from voicesite.web.rejection import Rejected
from voicesite.web.rest import Pages, Router, authentication, rejection, save_form

from .filters import VoiceFilters
from .forms import DetailsForm, VoiceForm
from .schemas import ReportIn, ReportOut, VoiceChanges, VoiceFilterParams, VoiceIn, VoiceOut

router = Router(tags=["Voices"])


# Who may speak needs to know in which voice.
@router.get("/voices", response=list[VoiceOut], summary="List voices", auth=authentication("voices", "speak"))
@paginate(Pages)
def list_voices(request: Request, wanted: Query[VoiceFilterParams]):
    """Your own voices and those shared with everyone, by name."""
    asked = request.GET.copy()
    asked["grade"] = str(Clip.Grade[wanted.grade.upper()].value) if wanted.grade else ""
    filters = VoiceFilters(request.user, asked)
    return shown(filters.matching()).order_by("name", "pk")


@router.post(
    "/voices",
    response={201: VoiceOut},
    summary="Create a voice",
    errors=[409, 429],
    required=["name", "language", "consent"],
    takes_long=True,
)
def create_voice(
    request: Request, response: HttpResponse, voice: Form[VoiceIn], audio: File[UploadedFile | None] = None
):
    """The recording is a few seconds of speech, as an audio file of any common format, or a draft."""
    form = VoiceForm(voice.dict(), {"recording": audio} if audio else {}, user=request.user, asker=asker_of(request))
    made = save_form(form, recording="audio")
    response["Location"] = reverse("api:get_voice", args=[made.pk])
    return visible(request, made.pk)


@router.get("/voices/{uuid:voice_id}", response=VoiceOut, summary="Show a voice")
def get_voice(request: Request, voice_id: UUID):
    """One of yours, or a shared one."""
    return visible(request, voice_id)


@router.patch("/voices/{uuid:voice_id}", response=VoiceOut, summary="Change a voice")
def change_voice(request: Request, voice_id: UUID, changes: VoiceChanges):
    """Change its name, language, description or tags. Its recordings are changed by the operations on clips."""
    voice = editable(request, voice_id)
    before = DetailsForm(instance=voice).initial
    save_form(DetailsForm({**before, **changes.dict(exclude_none=True)}, instance=voice))
    return visible(request, voice_id)


@router.delete("/voices/{uuid:voice_id}", summary="Delete a voice")
def delete_voice(request: Request, voice_id: UUID):
    """Its clips and their recordings are deleted too. Speech made in it stays; what is being spoken in it is cancelled. You
    can bring it back for a minute, on the page of voices."""
    curation.discard(request.user, editable(request, voice_id))


@router.get("/voices/{uuid:voice_id}/audio", summary="Hear a voice's clip", file_types=["audio/wav"])
def voice_audio(request: Request, voice_id: UUID) -> HttpResponseBase:
    """The reference audio of its main clip: 24 kHz mono 16-bit WAV. `?download` saves it under the voice's name."""
    voice = visible(request, voice_id)
    name = file_name(voice.name, extension="wav")
    return sound_response(request, voice.clip.audio, etag=voice.clip.sha256, name=name)


@router.post(
    "/clips/{uuid:clip_id}/main", tags=["Clips"], response=VoiceOut, summary="Show a voice with this clip", errors=[409]
)
def choose_clip(request: Request, clip_id: UUID):
    """Make it the main clip, which the voice's page and audio show."""
    clip = own_clip(request, clip_id)
    if clip.voice_id is None:
        raise Rejected("conflict", "This clip is a draft: give it to a voice first.")
    clips.choose_main(clip)
    return visible(request, clip.voice_id)


# ---------------------------------------------------------------------------------------------------------------------
# Sharing, retiring, reporting


@router.post("/voices/{uuid:voice_id}/share", response=VoiceOut, summary="Ask to share a voice", errors=[409])
def ask_to_share(request: Request, voice_id: UUID):
    """Staff listen to it, then share it with everyone or refuse with a reason. Staff share their own at once."""
    return _act(curation.request_sharing, request, voice_id)


@router.delete("/voices/{uuid:voice_id}/share", response=VoiceOut, summary="Share a voice no longer", errors=[409])
def end_sharing(request: Request, voice_id: UUID):
    """Withdraw a request to share it, or make a shared voice private again."""
    shared = editable(request, voice_id).is_shared
    return _act(curation.unshare if shared else curation.withdraw_request, request, voice_id)


@router.post("/voices/{uuid:voice_id}/retire", response=VoiceOut, summary="Retire a voice", errors=[409])
def retire_voice(request: Request, voice_id: UUID):
    """Speech made in it stays; no new speech can be made."""
    return _act(curation.retire, request, voice_id)


@router.delete("/voices/{uuid:voice_id}/retire", response=VoiceOut, summary="Bring a voice back", errors=[409])
def bring_voice_back(request: Request, voice_id: UUID):
    """Let a retired voice speak again."""
    return _act(curation.bring_back, request, voice_id)


def _act(act: Callable[[User, VoiceProfile], bool], request: Request, voice_id: UUID) -> VoiceProfile:
    if not act(request.user, editable(request, voice_id)):
        raise Rejected("conflict", "Nothing to do: the voice is so already, or may not be.")
    return editable(request, voice_id)


@router.post("/voices/{uuid:voice_id}/report", response={201: ReportOut}, summary="Report a voice", errors=[409, 429])
def report_voice(request: Request, voice_id: UUID, reason: ReportIn):
    """Tell staff what is wrong with a voice that somebody else shares."""
    voice = visible(request, voice_id)
    if voice.owner_id == request.user.pk:
        raise Rejected("conflict", "It is yours: change it, retire it or delete it.")
    form = ReportForm(reason.dict())
    if not form.is_valid():
        raise rejection(form)
    if not curation.report(request.user, voice, form.cleaned_data["reason"]):
        raise Rejected("conflict", "You have already reported it. Staff will look into it.")
    return voice.reports.filter(reporter=request.user).first()


@router.get("/voices/{uuid:voice_id}/report", response=ReportOut, summary="Show your report of a voice")
def get_report(request: Request, voice_id: UUID):
    """The last report that you sent, with the answer of staff once there is one."""
    report = visible(request, voice_id).reports.filter(reporter=request.user).first()
    if report is None:
        raise Http404
    return report
