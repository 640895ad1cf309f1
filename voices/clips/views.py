"""Pages of drafts and clips: listen, cut, transcribe and delete them."""

import math
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django_htmx.http import retarget

from voices.analysis.reference_audio import AudioRejected
from voices.audit import record_hearing
from voices.consent import pages as consent_pages
from voices.consent import service as consent
from voices.languages import LANGUAGES
from voices.models import Clip, ClipQuerySet, Recording, VoiceProfile
from voices.text.passages import PASSAGES
from voices.transcription import requests as transcription
from voicesite.people.requests import Request, as_uuid
from voicesite.web import undo
from voicesite.web.media import file_name, sound_response
from voicesite.web.polling import poll
from voicesite.web.rejection import Rejected

from . import discarding
from . import service as clips
from .forms import AnotherClipForm, ClipForm, RecordingForm, take_upload
from .names import suggested_name

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
    return mine.select_related("recording__search", "transcription", "voice", "owner")


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
    assert draft.owner  # only clips of the site itself have none
    name = partial(suggested_name, draft.owner, draft.recording.original_name)  # which some parts of a page don't show
    return context | {"candidates": candidates, "suggested_name": name}


def _act_on_draft(request: Request) -> dict:
    """Store an upload, or do the action of a button beside a draft; return the draft's context."""
    draft = own_clips(request).drafts().filter(pk=as_uuid(request.POST.get("clip"))).first()
    action, chosen, deleted = request.POST.get("act"), "chosen" in request.POST, ""
    try:
        if upload := request.FILES.get("recording"):
            draft, deleted = take_upload(request.user, upload, read=request.POST.get("read", ""))
        elif action is None:
            raise AudioRejected("required", _("Choose a recording first."))
        elif draft is None:
            raise AudioRejected("gone", _("This recording was deleted. Upload it again."))
        else:
            draft = _act(request, draft)
            chosen = action != "search" and (chosen or action in ("show", "next", *CUT_ACTIONS))
    except AudioRejected as error:
        return draft_context(draft, chosen=chosen, rejected=error)
    return draft_context(own_clips(request).get(pk=draft.pk), chosen=chosen) | {"deleted": deleted}


def _act(request: Request, clip: Clip) -> Clip:
    """Do the action of a button beside a clip; return that clip, or the one cut in its place. Raises AudioRejected."""
    action, language = request.POST.get("act", "").partition(":")[0], chosen_language(request)
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
        case "next":
            return clips.next_excerpt(clip)
        case "search":
            clips.search(clip.recording)
        case "stop" if hasattr(clip, "transcription"):
            clip.transcription.request_cancel()
        case "stop-search" if hasattr(clip.recording, "search"):
            clip.recording.search.request_cancel()
    return clip


def chosen_language(request: Request) -> str:
    """Return the language that is chosen on the page; a button that changes it, as “language:es”, counts more."""
    written = request.GET if request.method == "GET" else request.POST
    return written.get("act", "").partition(":")[2] or written.get("language", "")


def _seconds(request: Request, name: str) -> float:
    try:
        seconds = float(request.POST.get(name, "").replace(",", "."))
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise AudioRejected("bad_stretch", _("Enter the start and end in seconds, for example 12.5."))
    return seconds


def _part(request: Request, context: dict) -> HttpResponse:
    """Render the part of a page that htmx asked for; the whole draft if there is a rejection to show."""
    context |= {"language": chosen_language(request)}
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
    context = {"clip": clip, "language": chosen_language(request)}
    return poll(request, TEMPLATE_BY_TARGET["transcription"], context, going=clip.is_being_transcribed)


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
    context = draft_context(draft, chosen=chosen) | {"language": chosen_language(request)}
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
        messages.success(request, _("Saved."))
        return redirect("voices:detail", clip.voice_id)
    context = {"clip": clip, "voice": clip.voice, "form": form, "language": form["language"].value()}
    if not acts:
        return render(request, "voices/clips/clip.html", context, status=422 if form.is_bound else 200)
    try:
        new = _act(request, clip)
    except AudioRejected as error:
        return render(request, "voices/clips/clip.html", context | {"rejected": error}, status=error.page_status)
    if new != clip:
        clips.replace(clip, new)
        messages.success(request, _("Clip saved."))
    elif request.htmx:
        return _part(request, {"clip": own_clips(request).get(pk=pk)})
    return redirect("voices:clip", new.pk)


@require_http_methods(["GET", "POST"])
def add(request: Request, pk) -> HttpResponse:
    """Add a clip to a voice: of another recording, or another excerpt of one that it has."""
    voice = get_object_or_404(VoiceProfile.objects.editable_by(request.user), pk=pk)
    if "act" in request.POST:
        return draft_response(request, AnotherClipForm(voice=voice, written=request.POST), {"voice": voice})
    asker = consent.asker_of(request)
    form = AnotherClipForm(request.POST or None, request.FILES or None, voice=voice, asker=asker)
    if form.is_valid() and form.save():
        messages.success(request, _("{name} has a new clip.").format(name=voice.name))
        if form.deleted:
            messages.info(request, form.deleted)
        return redirect("voices:detail", voice.pk)
    return form_page(request, form, {"voice": voice})


def draft_response(request: Request, form: RecordingForm, context: dict) -> HttpResponse:
    """Do the action of a button beside the draft in `form`; return the part that htmx asked for, or the whole page."""
    if request.POST["act"] in consent_pages.ACTS and consent.is_asked():  # of the sentence beside it
        own = own_clips(request).drafts().filter(pk=as_uuid(request.POST.get("clip"))).first()
        if request.htmx:
            return consent_pages.part(request, own.recording if own else None, chosen_language(request))
        draft = draft_context(own, chosen="chosen" in request.POST)
    else:
        draft = _act_on_draft(request)
        if request.htmx:
            return _part(request, draft)
    form.initial["language"] = chosen_language(request)
    return form_page(request, form, context | draft)


def form_page(request: Request, form: RecordingForm, context: dict) -> HttpResponse:
    """Render the page that takes a recording."""
    if "draft" not in context:
        draft = form.draft and own_clips(request).filter(pk=form.draft.pk).first()
        context |= draft_context(draft, chosen="chosen" in request.POST) | {"deleted": form.deleted}
    form.draft = context["draft"]
    if form.draft and not form.is_bound and "name" in form.fields and not form.initial.get("name"):
        form.initial["name"] = context["suggested_name"]()
    if consent.is_asked():
        context |= consent_pages.act(request, form.draft.recording if form.draft else None, form["language"].value())
    context |= {
        "form": form,
        "language": form["language"].value(),
        "passages": PASSAGES,
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
    messages.success(request, _("This is the main clip now."))
    return redirect("voices:detail", clip.voice_id)


@require_POST
def delete(request: Request, pk) -> HttpResponse:
    """Delete a clip of a voice that has others; the page of that offers to undo it."""
    clip = _clip_of_voice(request, pk)
    try:
        undo.tell(request, _("Clip deleted."), "clip", discarding.discard_clip(clip))
    except Rejected as rejected:
        messages.error(request, rejected.message)
    return redirect("voices:detail", clip.voice_id)


# ---------------------------------------------------------------------------------------------------------------------
# Sound


@require_safe
def clip_audio(request: Request, pk) -> HttpResponseBase:
    clip = get_object_or_404(Clip.objects.visible_to(request.user).select_related("recording", "voice"), pk=pk)
    record_hearing(request.user, clip)
    return sound_response(request, clip.audio, etag=clip.sha256, name=_name(clip.recording, "wav"))


@require_safe
def original_audio(request: Request, pk) -> HttpResponseBase:
    """A clip before its clean-up."""
    clips_ = Clip.objects.visible_to(request.user).exclude(original_audio="").select_related("recording", "voice")
    clip = get_object_or_404(clips_, pk=pk)
    record_hearing(request.user, clip)
    return sound_response(request, clip.original_audio, etag=f"{clip.sha256}-plain", name=_name(clip.recording, "wav"))


@require_safe
def recording_audio(request: Request, pk) -> HttpResponseBase:
    """Return the whole of a recording to its owner, and of one whose voice awaits an answer to staff."""
    recording = get_object_or_404(Recording.objects.visible_to(request.user), pk=pk)
    if recording.owner_id != request.user.pk:
        for clip in recording.clips.exclude(voice=None).select_related("voice")[:1]:
            record_hearing(request.user, clip, what="the whole recording of clip")
    return recording_response(request, recording)


def recording_response(request: Request, recording: Recording) -> HttpResponseBase:
    name = _name(recording, "flac")
    etag = f"{recording.pk}-{'excerpts' if recording.trimmed_at else 'whole'}"
    return sound_response(request, recording.audio, etag=etag, name=name, content_type="audio/flac")


def _name(recording: Recording, extension: str) -> str:
    return file_name(recording.original_name.rsplit(".", 1)[0], extension=extension)
