"""Pages of drafts and clips: listen, cut, transcribe and delete them."""

import math

from django.conf import settings
from django.contrib import messages
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
from voicesite.people.requests import Request, as_uuid
from voicesite.web.media import file_name, sound_response
from voicesite.web.polling import poll

from . import service as clips
from .forms import AnotherClipForm, ClipForm, RecordingForm, take_upload

CUT_ACTIONS = ("cut", "clean", "plain")  # each makes another clip

# The parts of a page that htmx replaces, by their id.
TEMPLATE_BY_TARGET = {
    "clip": "voices/clips/_draft.html",
    "chosen": "voices/clips/_draft.html#chosen",
    "transcription": "voices/clips/_transcription.html",
}


def own_clips(request: Request) -> ClipQuerySet:
    """Return the user's clips, joined with what their pages show."""
    mine = Clip.objects.filter(owner=request.user)
    return mine.select_related("recording__search", "transcription", "voice")


def draft_context(draft: Clip | None, *, chosen: bool, rejected: AudioRejected | None = None) -> dict:
    """Return the context of the part of a form that shows a draft, and the others of its recording. One query.

    chosen: whether a person chose the draft; otherwise the search for excerpts may still choose a better one.
    """
    context = {"draft": draft, "clip": draft, "chosen": chosen, "rejected": rejected}
    if draft is None:
        return context
    candidates = list(draft.recording.clips.drafts().order_by(F("rank").asc(nulls_last=True), "created_at"))
    if any(clip.rank for clip in candidates):  # the search replaces the first clip, which was cut before it
        first = min(candidates, key=lambda clip: clip.created_at)
        candidates = [clip for clip in candidates if clip.rank or clip == draft or clip != first]
    return context | {"candidates": candidates}


def _act_on_draft(request: Request) -> dict:
    """Store an upload, or do the action of a button beside a draft; return the draft's context."""
    draft = own_clips(request).drafts().filter(pk=as_uuid(request.POST.get("clip"))).first()
    action, chosen = request.POST.get("act"), "chosen" in request.POST
    try:
        if upload := request.FILES.get("recording"):
            draft = take_upload(request.user, upload)
        elif action is None:
            raise AudioRejected("required", "Choose a recording first.")
        elif draft is None:
            raise AudioRejected("gone", "This recording is no longer here. Send it again.")
        else:
            draft = _act(request, draft)
            chosen = chosen or action in ("show", *CUT_ACTIONS)
    except AudioRejected as error:
        return draft_context(draft, chosen=chosen, rejected=error)
    return draft_context(own_clips(request).get(pk=draft.pk), chosen=chosen)


def _act(request: Request, clip: Clip) -> Clip:
    """Do the action of a button beside a clip; return that clip, or the one cut in its place. Raises AudioRejected."""
    action, language = request.POST.get("act"), request.POST.get("language", "")
    match action:
        case "cut":
            start, end = _seconds(request, "start"), _seconds(request, "end")
            return clips.recut(clip, start, end, cleanup=bool(clip.original_audio))
        case "clean" | "plain":
            return clips.recut(clip, clip.start, clip.end, cleanup=action == "clean")
        case "again" if language in LANGUAGES:
            transcription.enqueue(clip, language)
        case "language" if language in LANGUAGES:
            clips.set_language(clip, language)
        case "show" if not clip.transcript and not hasattr(clip, "transcription"):
            transcription.enqueue(clip)
        case "stop" if hasattr(clip, "transcription"):
            clip.transcription.request_cancel()
        case "stop-search" if hasattr(clip.recording, "search"):
            clip.recording.search.request_cancel()
    return clip


def _seconds(request: Request, name: str) -> float:
    try:
        seconds = float(request.POST.get(name, "").replace(",", "."))
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise AudioRejected("bad_stretch", "Write the start and the end of the stretch in seconds, as in 12.5.")
    return seconds


def _part(request: Request, context: dict) -> HttpResponse:
    """Render the part of a page that htmx asked for; the whole draft if there is a rejection to show."""
    if rejected := context.get("rejected"):
        return retarget(render(request, TEMPLATE_BY_TARGET["clip"], context, status=rejected.page_status), "#clip")
    return render(request, TEMPLATE_BY_TARGET.get(request.htmx.target or "", TEMPLATE_BY_TARGET["clip"]), context)


@require_POST
def take_clip(request: Request) -> HttpResponse:
    """Store a recording while the form around it is still being filled in, and show its draft."""
    return _part(request, _act_on_draft(request))


@require_GET
def transcription_status(request: Request, pk) -> HttpResponse:
    """Answer the poll for the progress and the result of a clip's transcription."""
    clip = get_object_or_404(own_clips(request), pk=pk)
    return poll(request, TEMPLATE_BY_TARGET["transcription"], {"clip": clip}, going=clip.is_being_transcribed)


@require_GET
def search(request: Request, pk) -> HttpResponse:
    """Answer the poll for the search for the best excerpts of a recording; once it has ended, show them as candidates.

    The best one is selected, unless a person has chosen another.
    """
    draft = get_object_or_404(own_clips(request).drafts(), pk=pk)
    job = getattr(draft.recording, "search", None)
    if job and job.is_active:
        return poll(request, "voices/clips/_search.html", {"draft": draft, "clip": draft}, going=True)
    chosen = "chosen" in request.GET
    if not chosen:
        draft = own_clips(request).drafts().filter(recording=draft.recording_id, rank=1).first() or draft
    context = draft_context(draft, chosen=chosen)
    return retarget(poll(request, TEMPLATE_BY_TARGET["clip"], context, going=False), "#clip")


# ---------------------------------------------------------------------------------------------------------------------
# The clips of a voice


def _clip_of_voice(request: Request, pk) -> Clip:
    return get_object_or_404(own_clips(request).filter(voice__isnull=False), pk=pk)


@require_http_methods(["GET", "POST"])
def clip(request: Request, pk) -> HttpResponse:
    """Show a clip of a voice, save its transcript, or do the action of a button beside it."""
    clip = _clip_of_voice(request, pk)
    acts = "act" in request.POST
    form = ClipForm(None if acts else request.POST or None, instance=clip)
    if form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("voices:detail", clip.voice_id)
    context = {"clip": clip, "voice": clip.voice, "form": form}
    if not acts:
        return render(request, "voices/clips/clip.html", context, status=422 if form.is_bound else 200)
    try:
        new = _act(request, clip)
    except AudioRejected as error:
        return render(request, "voices/clips/clip.html", context | {"rejected": error}, status=error.page_status)
    if new != clip:
        clips.replace(clip, new)
        messages.success(request, "The clip is changed.")
    elif request.htmx:
        return _part(request, {"clip": own_clips(request).get(pk=pk)})
    return redirect("voices:clip", new.pk)


@require_http_methods(["GET", "POST"])
def add(request: Request, pk) -> HttpResponse:
    """Add a clip to a voice: of another recording, or another excerpt of one that it has."""
    voice = get_object_or_404(VoiceProfile.objects.editable_by(request.user), pk=pk)
    if "act" in request.POST:
        return draft_response(request, AnotherClipForm(voice=voice, written=request.POST), {"voice": voice})
    form = AnotherClipForm(request.POST or None, request.FILES or None, voice=voice)
    if form.is_valid() and form.save():
        messages.success(request, f"{voice.name} has another clip.")
        return redirect("voices:detail", voice.pk)
    return form_page(request, form, {"voice": voice})


def draft_response(request: Request, form: RecordingForm, context: dict) -> HttpResponse:
    """Do the action of a button beside the draft in `form`; return the part that htmx asked for, or the whole page."""
    draft = _act_on_draft(request)
    return _part(request, draft) if request.htmx else form_page(request, form, context | draft)


def form_page(request: Request, form: RecordingForm, context: dict) -> HttpResponse:
    """Render the page that takes a recording."""
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
    if rejected := context["rejected"]:
        status = rejected.page_status
    else:
        status = 200 if not form.is_bound else 429 if form.has_error("recording", "busy") else 422
    return render(request, "voices/profiles/form.html", context, status=status)


@require_POST
def choose_main(request: Request, pk) -> HttpResponse:
    clip = _clip_of_voice(request, pk)
    clips.choose_main(clip)
    messages.success(request, "The voice is shown with that clip now.")
    return redirect("voices:detail", clip.voice_id)


@require_http_methods(["GET", "POST"])
def delete(request: Request, pk) -> HttpResponse:
    """Ask for confirmation; then delete a clip of a voice that has others."""
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
    """Return the whole of a recording to its owner, and of one that a voice uses to staff."""
    audible = Q(owner=request.user)
    if request.user.is_staff:
        audible |= Q(clips__voice__isnull=False)
    return recording_response(request, get_object_or_404(Recording.objects.filter(audible).distinct(), pk=pk))


def recording_response(request: Request, recording: Recording) -> HttpResponseBase:
    name = _name(recording, "flac")
    return sound_response(request, recording.audio, etag=str(recording.pk), name=name, content_type="audio/flac")


def _name(recording: Recording, extension: str) -> str:
    return file_name(recording.original_name.rsplit(".", 1)[0], extension=extension)
