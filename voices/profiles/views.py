"""Pages that list, make, show, edit and delete voices."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from voices.clips.views import draft_response, form_page
from voices.consent import service as consent
from voices.curation import service as curation
from voices.extensions import prepared
from voices.languages import first_known
from voices.models import Clip, Report, VoiceProfile
from voicesite.people.requests import Request
from voicesite.web import undo
from voicesite.web.filtering import followed

from .filters import VoiceFilters
from .forms import DetailsForm, VoiceForm

PAGE_SIZE = 24


@require_GET
def voice_list(request: Request) -> HttpResponse:
    filters = VoiceFilters(request.user, request.GET)
    voices = prepared(filters.matching().select_related("clip", "owner").prefetch_related("tags"))
    page = Paginator(voices.order_by("preset", "name", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    has_own = any(voice.owner_id == request.user.pk for voice in page) or request.user.voices.exists()
    answers = Report.objects.unseen_by(request.user)
    context = {"page": page, "filters": filters, "has_own": has_own, "answers": answers}
    return followed(request, "voices/profiles/list.html", context, filters.chosen)


@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    if "act" in request.POST:
        return draft_response(request, VoiceForm(user=request.user, written=request.POST), {})
    asker = consent.asker_of(request)
    initial = {"language": _likely_language(request)}
    form = VoiceForm(request.POST or None, request.FILES or None, user=request.user, asker=asker, initial=initial)
    if form.is_valid() and (voice := form.save()):
        messages.success(request, _("{name} can speak now.").format(name=voice.name))
        if form.deleted:
            messages.info(request, form.deleted)
        return redirect("voices:detail", voice.pk)
    return form_page(request, form, {})


def _likely_language(request: Request) -> str:
    """Return the language of the user's latest voice, or else the first of their browser's that the site knows."""
    latest = VoiceProfile.objects.filter(owner=request.user).order_by("-created_at").values_list("language", flat=True)
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    return latest.first() or first_known(code for code, _ in wanted)


@require_http_methods(["GET", "POST"])
def edit(request: Request, pk) -> HttpResponse:
    voice = get_object_or_404(VoiceProfile.objects.editable_by(request.user), pk=pk)
    form = DetailsForm(request.POST or None, instance=voice)
    if form.is_valid() and form.save():
        messages.success(request, _("Saved."))
        return redirect("voices:detail", voice.pk)
    context = {"form": form, "voice": voice}
    return render(request, "voices/profiles/edit.html", context, status=422 if form.is_bound else 200)


@require_GET
def detail(request: Request, pk) -> HttpResponse:
    voices = prepared(VoiceProfile.objects.visible_to(request.user).select_related("clip", "owner"))
    clips = Clip.objects.select_related("recording", "transcription").order_by("created_at")
    voice = get_object_or_404(voices.prefetch_related(Prefetch("clips", clips), "tags"), pk=pk)
    mine = voice.owner_id == request.user.pk
    report = None if mine else voice.reports.filter(reporter=request.user).first()
    if mine and voice.news:
        VoiceProfile.objects.filter(pk=pk, news=voice.news).update(news="")
    if report and report.is_news:
        voice.reports.unseen_by(request.user).update(is_news=False)
    context = {
        "voice": voice,
        "mine": mine,
        "is_favourite": voice.favoured_by.filter(pk=request.user.pk).exists(),
        "news": voice.news_in_words if mine else "",
        "report": report,
        "clips": sorted(voice.clips.all(), key=lambda clip: clip.pk != voice.clip_id),
    }
    return render(request, "voices/profiles/detail.html", context)


@require_POST
def delete(request: Request, pk) -> HttpResponse:
    """Delete the voice with its recordings; the list of voices offers to undo it."""
    voice = get_object_or_404(VoiceProfile.objects.editable_by(request.user), pk=pk)
    moment = curation.discard(request.user, voice)
    words = _("Deleted “%(name)s” and its recordings. What it spoke stays in the library.") % {"name": voice.name}
    undo.tell(request, words, "voice", moment)
    return redirect("voices:list")
