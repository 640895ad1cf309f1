"""Pages that list, make, show, edit and delete voices."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from voices.clips.views import draft_response, form_page
from voices.curation import service as curation
from voices.extensions import prepared
from voices.models import Clip, VoiceProfile
from voicesite.people.requests import Request

from .filters import VoiceFilters
from .forms import DetailsForm, VoiceForm

PAGE_SIZE = 24


@require_GET
def voice_list(request: Request) -> HttpResponse:
    filters = VoiceFilters(request.user, request.GET)
    voices = prepared(filters.matching().select_related("clip", "owner").prefetch_related("tags"))
    page = Paginator(voices.order_by("name", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "voices/profiles/list.html", {"page": page, "filters": filters})


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    if "act" in request.POST:
        return draft_response(request, VoiceForm(user=request.user, written=request.POST), {})
    form = VoiceForm(request.POST or None, request.FILES or None, user=request.user, initial={"language": "en-us"})
    if form.is_valid() and (voice := form.save()):
        messages.success(request, f"{voice.name} can speak now.")
        return redirect("voices:detail", voice.pk)
    return form_page(request, form, {})


@require_http_methods(["GET", "POST"])
def edit(request: Request, pk) -> HttpResponse:
    voice = get_object_or_404(VoiceProfile.objects.editable_by(request.user), pk=pk)
    form = DetailsForm(request.POST or None, instance=voice)
    if form.is_valid() and form.save():
        messages.success(request, "Saved.")
        return redirect("voices:detail", voice.pk)
    context = {"form": form, "voice": voice}
    return render(request, "voices/profiles/edit.html", context, status=422 if form.is_bound else 200)


@require_GET
def detail(request: Request, pk) -> HttpResponse:
    voices = prepared(VoiceProfile.objects.visible_to(request.user).select_related("clip", "owner"))
    clips = Clip.objects.select_related("recording", "transcription").order_by("created_at")
    voice = get_object_or_404(voices.prefetch_related(Prefetch("clips", clips), "tags"), pk=pk)
    mine = voice.owner_id == request.user.pk
    context = {
        "voice": voice,
        "mine": mine,
        "report": None if mine else voice.reports.filter(reporter=request.user).first(),
        "clips": sorted(voice.clips.all(), key=lambda clip: clip.pk != voice.clip_id),
    }
    return render(request, "voices/profiles/detail.html", context)


@require_http_methods(["GET", "POST"])
def delete(request: Request, pk) -> HttpResponse:
    """Ask for confirmation; then delete the voice with its recordings."""
    voice = get_object_or_404(VoiceProfile.objects.editable_by(request.user), pk=pk)
    if request.method == "POST":
        curation.delete(request.user, voice)
        messages.success(request, f"{voice.name} is deleted, and its recording too.")
        return redirect("voices:list")
    return render(request, "voices/profiles/delete.html", {"voice": voice})
