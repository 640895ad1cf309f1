"""Pages of voices: one's own, and those shared with the site."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from voicesite.http import Request
from voicesite.media import file_name, sound_response

from .audio import AudioRejected
from .clips import delete_voice
from .forms import VoiceForm, take_upload
from .models import Clip, VoiceProfile

PAGE = 24
BUSY = 429  # not 503: that may be a proxy’s page, which must not be shown as a part of ours


@require_GET
def voice_list(request: Request) -> HttpResponse:
    words = request.GET.get("q", "").strip()
    voices = VoiceProfile.objects.visible_to(request.user).select_related("clip", "owner", "fitting")
    if words:
        voices = voices.filter(Q(name__icontains=words) | Q(description__icontains=words))
    page = Paginator(voices.order_by("name", "pk"), PAGE).get_page(request.GET.get("page"))
    watched = any(voice.is_being_fitted for voice in page)
    return render(request, "voices/list.html", {"page": page, "q": words, "watched": watched})


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    form = VoiceForm(request.POST or None, request.FILES or None, user=request.user, initial={"language": "en-us"})
    if request.method == "POST" and form.is_valid() and (voice := form.save()):
        messages.success(request, f"{voice.name} can speak now.")
        return redirect("voices:detail", voice.pk)
    return _form(request, form)


@require_http_methods(["GET", "POST"])
def edit(request: Request, pk) -> HttpResponse:
    voice = get_object_or_404(VoiceProfile.objects.editable_by(request.user).select_related("clip"), pk=pk)
    form = VoiceForm(request.POST or None, request.FILES or None, user=request.user, instance=voice)
    try:
        if request.method == "POST" and form.is_valid() and form.save():
            messages.success(request, "Saved.")
            return redirect("voices:detail", voice.pk)
    except VoiceProfile.DoesNotExist:
        raise Http404("It was deleted meanwhile.") from None
    return _form(request, form, voice=voice, misfit="" if form.is_bound else voice.clip.misfit)


def _form(request: Request, form: VoiceForm, **context) -> HttpResponse:
    context |= {
        "form": form,
        "draft": form.draft,
        "max_bytes": settings.CLIP_MAX_BYTES,
        "max_megabytes": settings.CLIP_MAX_BYTES // 2**20,
        "max_seconds": settings.CLIP_MAX_SECONDS,
    }
    status = 200 if not form.is_bound else BUSY if form.has_error("recording", "busy") else 422
    return render(request, "voices/form.html", context, status=status)


@require_POST
def take_clip(request: Request) -> HttpResponse:
    """Take a recording in while the form around it is still being filled: the fragment that shows what it is like."""
    upload = request.FILES.get("recording")
    if upload is None:
        return render(request, "voices/form.html#clip", {"rejected": "Choose a recording first."}, status=422)
    try:
        draft = take_upload(request.user, upload)
    except AudioRejected as rejected:
        status = BUSY if rejected.code == "busy" else 422
        return render(request, "voices/form.html#clip", {"rejected": rejected.message}, status=status)
    return render(request, "voices/form.html#clip", {"draft": draft})


@require_GET
def detail(request: Request, pk) -> HttpResponse:
    voices = VoiceProfile.objects.visible_to(request.user).select_related("clip", "owner", "fitting")
    voice = get_object_or_404(voices, pk=pk)
    return render(request, "voices/detail.html", {"voice": voice, "mine": voice.owner_id == request.user.pk})


@require_http_methods(["GET", "POST"])
def delete(request: Request, pk) -> HttpResponse:
    """Ask, saying what happens to what it spoke; then delete the voice with its recording."""
    voice = get_object_or_404(VoiceProfile.objects.editable_by(request.user), pk=pk)
    if request.method == "POST":
        delete_voice(voice)
        messages.success(request, f"{voice.name} is deleted, and its recording too.")
        return redirect("voices:list")
    spoken = voice.generations.filter(owner=request.user).count()
    return render(request, "voices/delete.html", {"voice": voice, "spoken": spoken})


@require_safe
def clip_audio(request: Request, pk) -> HttpResponseBase:
    clip = get_object_or_404(Clip.objects.visible_to(request.user).select_related("recording"), pk=pk)
    name = file_name(clip.recording.original_name.rsplit(".", 1)[0], extension="wav")
    return sound_response(request, clip.audio, etag=clip.sha256, name=name)
