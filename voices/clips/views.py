"""Pages of clips: what a recording becomes, is listened to, cut, and written down."""

import math

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django_htmx.http import retarget

from voices.analysis.reference_audio import AudioRejected
from voices.languages import LANGUAGES
from voices.models import Clip, ClipQuerySet, Recording, VoiceProfile
from voices.transcription import requests as transcription
from voicesite.people.requests import Request
from voicesite.web.media import file_name, sound_response
from voicesite.web.polling import poll

from . import service as clips
from .forms import AnotherClipForm, ClipForm, RecordingForm, take_upload

CUT_ACTIONS = ("cut", "clean", "plain")  # what makes another clip

# The parts of a page that htmx replaces, by their id.
TEMPLATE_BY_TARGET = {
    "clip": "voices/clips/_draft.html",
    "chosen": "voices/clips/_draft.html#chosen",
    "hearing": "voices/clips/_transcription.html",
}


def own_clips(request: Request) -> ClipQuerySet:
    """The clips that the one who asks may change, with all that their pages show."""
    mine = Clip.objects.filter(owner=request.user)
    return mine.select_related("recording__search", "transcription", "voice")


def draft_of(request: Request) -> Clip | None:
    """The draft that a form names."""
    try:
        return own_clips(request).drafts().filter(pk=request.POST.get("clip") or None).first()
    except ValidationError:  # no UUID
        return None


def draft_context(draft: Clip | None, *, chosen: bool = False, rejected: str = "") -> dict:
    """What the part of a form needs that shows a draft, and the others of its recording. One query.

    chosen: whether a person chose the draft, and it was not only proposed.
    """
    context = {"draft": draft, "clip": draft, "chosen": chosen, "rejected": rejected}
    if draft is None:
        return context
    stretches = draft.recording.clips.drafts().order_by(F("rank").asc(nulls_last=True), "created_at")
    candidates = list(stretches)
    if any(clip.rank for clip in candidates):  # what was taken at first is among them, or worse
        first = min(candidates, key=lambda clip: clip.created_at)
        candidates = [clip for clip in candidates if clip.rank or clip == draft or clip != first]
    return context | {"candidates": candidates}


def act_on_draft(request: Request) -> tuple[dict, int]:
    """Do what a button beside a draft says: the context of the part that shows it, and the status of the answer."""
    draft, chosen, rejected, status = draft_of(request), "chosen" in request.POST, "", 200
    try:
        if upload := request.FILES.get("recording"):
            draft = own_clips(request).get(pk=take_upload(request.user, upload).pk)
        elif draft is None:
            raise AudioRejected("gone", "This recording is no longer here. Send it again.")
        else:
            draft = own_clips(request).get(pk=_act(request, draft).pk)
            chosen = chosen or request.POST["act"] in ("show", *CUT_ACTIONS)
    except AudioRejected as error:
        rejected, status = error.message, error.page_status
    return draft_context(draft, chosen=chosen, rejected=rejected), status


def _act(request: Request, clip: Clip) -> Clip:
    """Do what the button that was pressed says, and give the clip to go on with. Raises AudioRejected."""
    wanted = request.POST.get("act")
    if wanted == "cut":
        return clips.recut(
            clip, _seconds(request, "start"), _seconds(request, "end"), cleanup=bool(clip.original_audio)
        )
    if wanted in CUT_ACTIONS:
        return clips.recut(clip, clip.start, clip.end, cleanup=wanted == "clean")
    language = request.POST.get("language", "")
    if wanted == "again" and language in LANGUAGES:
        transcription.enqueue(clip, language)
    if wanted == "language" and language in LANGUAGES:
        clips.set_language(clip, language)
    if wanted == "show" and not clip.transcript and not hasattr(clip, "transcription"):
        transcription.enqueue(clip)
    if wanted == "stop" and (job := getattr(clip, "transcription", None)):
        job.request_cancel()
    if wanted == "stop-search" and (search := getattr(clip.recording, "search", None)):
        search.request_cancel()
    return clip


def _seconds(request: Request, name: str) -> float:
    try:
        seconds = float(request.POST.get(name, "").replace(",", "."))
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise AudioRejected("bad_stretch", "Write the start and the end of the stretch in seconds, as in 12.5.")
    return seconds


def part(request: Request, context: dict, status: int = 200) -> HttpResponse:
    """The part of the page that htmx asked for."""
    name = TEMPLATE_BY_TARGET.get(request.htmx.target or "", TEMPLATE_BY_TARGET["clip"])
    response = render(request, TEMPLATE_BY_TARGET["clip"] if context.get("rejected") else name, context, status=status)
    return retarget(response, "#clip") if context.get("rejected") else response


@require_POST
def take_clip(request: Request) -> HttpResponse:
    """Take a recording in while the form around it is still being filled: the part that shows what it is like."""
    if "recording" not in request.FILES:
        return part(request, draft_context(draft_of(request), rejected="Choose a recording first."), 422)
    return part(request, *act_on_draft(request))


@require_GET
def transcription_status(request: Request, pk) -> HttpResponse:
    """Answer the poll for how far the transcription of a clip is, and what it recognized."""
    clip = get_object_or_404(own_clips(request), pk=pk)
    return poll(request, TEMPLATE_BY_TARGET["hearing"], {"clip": clip}, going=clip.is_being_transcribed)


@require_GET
def search(request: Request, pk) -> HttpResponse:
    """Answer the poll for the search of a recording for its best excerpts; once it has ended, show them to choose from.

    The best one is chosen already, unless a person has chosen another.
    """
    draft = get_object_or_404(own_clips(request).drafts(), pk=pk)
    job = getattr(draft.recording, "search", None)
    if job and job.is_active:
        return poll(request, "voices/clips/_search.html", {"draft": draft, "clip": draft}, going=True)
    chosen = "chosen" in request.GET
    if not chosen:
        best = own_clips(request).drafts().filter(recording=draft.recording_id, rank=1).first()
        draft = best or draft
    return retarget(
        poll(request, TEMPLATE_BY_TARGET["clip"], draft_context(draft, chosen=chosen), going=False), "#clip"
    )


# ---------------------------------------------------------------------------------------------------------------------
# The clips of a voice


def _clip_of_voice(request: Request, pk) -> Clip:
    return get_object_or_404(own_clips(request).filter(voice__isnull=False), pk=pk)


@require_http_methods(["GET", "POST"])
def clip(request: Request, pk) -> HttpResponse:
    """One clip of a voice: listen, correct the transcript, choose another stretch, compare the clean-up."""
    clip = _clip_of_voice(request, pk)
    acts = "act" in request.POST
    form = ClipForm(None if acts else request.POST or None, instance=clip)
    rejected, status = "", 200
    try:
        if acts:
            new = _act(request, clip)
            if new != clip:
                clips.replace(clip, new)
                messages.success(request, "The clip is changed.")
                return redirect("voices:clip", new.pk)
            if request.htmx:
                return part(request, {"clip": own_clips(request).get(pk=pk)})
            return redirect("voices:clip", pk)
        if form.is_bound and form.is_valid():
            form.save()
            messages.success(request, "Saved.")
            return redirect("voices:detail", clip.voice_id)
    except AudioRejected as error:
        rejected, status = error.message, error.page_status
    if form.errors:
        status = 422
    context = {"clip": clip, "voice": clip.voice, "form": form, "rejected": rejected}
    return render(request, "voices/clips/clip.html", context, status=status)


@require_http_methods(["GET", "POST"])
def add(request: Request, pk) -> HttpResponse:
    """Another recording for a voice, or another stretch of one that it has."""
    voice = get_object_or_404(VoiceProfile.objects.editable_by(request.user), pk=pk)
    if "act" in request.POST:
        context, status = act_on_draft(request)
        if request.htmx:
            return part(request, context, status)
        form = AnotherClipForm(voice=voice, written=request.POST)
        return form_page(request, form, context | {"voice": voice}, status)
    form = AnotherClipForm(request.POST or None, request.FILES or None, voice=voice)
    if form.is_bound and form.is_valid() and form.save():
        messages.success(request, f"{voice.name} has another clip.")
        return redirect("voices:detail", voice.pk)
    return form_page(request, form, {"voice": voice})


def form_page(request: Request, form: RecordingForm, context: dict, status: int = 0) -> HttpResponse:
    """The page that takes a recording in, with what the form, or the button that was pressed in it, says."""
    if "draft" not in context:
        draft = form.draft and own_clips(request).filter(pk=form.draft.pk).first()
        context |= draft_context(draft, chosen="chosen" in request.POST)
    form.draft = context["draft"]
    context |= {
        "form": form,
        "max_bytes": settings.CLIP_MAX_BYTES,
        "max_megabytes": settings.CLIP_MAX_BYTES // 2**20,
        "max_minutes": settings.CLIP_MAX_SECONDS // 60,
        "max_seconds": settings.CLIP_MAX_SECONDS,
    }
    status = status or (200 if not form.is_bound else 429 if form.has_error("recording", "busy") else 422)
    return render(request, "voices/profiles/form.html", context, status=status)


@require_POST
def choose_main(request: Request, pk) -> HttpResponse:
    clip = _clip_of_voice(request, pk)
    clips.choose_main(clip)
    messages.success(request, "The voice is shown with that clip now.")
    return redirect("voices:detail", clip.voice_id)


@require_http_methods(["GET", "POST"])
def delete(request: Request, pk) -> HttpResponse:
    """Ask; then delete a clip of a voice that has others."""
    clip = _clip_of_voice(request, pk)
    if request.method == "GET":
        return render(request, "voices/clips/delete.html", {"clip": clip, "voice": clip.voice})
    if clips.remove(clip):
        messages.success(request, "The clip is deleted.")
    else:
        messages.error(request, "A voice keeps its last clip: add another one first, or delete the voice.")
    return redirect("voices:detail", clip.voice_id)


# ---------------------------------------------------------------------------------------------------------------------
# Sound


@require_safe
def clip_audio(request: Request, pk) -> HttpResponseBase:
    clip = get_object_or_404(Clip.objects.visible_to(request.user).select_related("recording"), pk=pk)
    return sound_response(request, clip.audio, etag=clip.sha256, name=_name(clip.recording, "wav"))


@require_safe
def original_audio(request: Request, pk) -> HttpResponseBase:
    """A clip before its clean-up."""
    clips_ = Clip.objects.visible_to(request.user).exclude(original_audio="").select_related("recording")
    clip = get_object_or_404(clips_, pk=pk)
    return sound_response(request, clip.original_audio, etag=f"{clip.sha256}-plain", name=_name(clip.recording, "wav"))


@require_safe
def recording_audio(request: Request, pk) -> HttpResponseBase:
    """All of a recording, for whoever sent it; for staff, where a voice uses it."""
    heard = Q(owner=request.user)
    if request.user.is_staff:
        heard |= Q(clips__voice__isnull=False)
    return recording_response(request, get_object_or_404(Recording.objects.filter(heard).distinct(), pk=pk))


def recording_response(request: Request, recording: Recording) -> HttpResponseBase:
    name = _name(recording, "flac")
    return sound_response(request, recording.audio, etag=str(recording.pk), name=name, content_type="audio/flac")


def _name(recording: Recording, extension: str) -> str:
    return file_name(recording.original_name.rsplit(".", 1)[0], extension=extension)
