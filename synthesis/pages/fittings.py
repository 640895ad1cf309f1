"""How a voice can be heard, and how its fitting goes, as pages of voices show it; the buttons that cancel and retry that."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from synthesis.generations.samples import audition, with_samples
from synthesis.models import Fitting
from voices.extensions import is_being_fitted
from voices.models import VoiceProfile
from voicesite.people.requests import Request
from voicesite.web.polling import poll

from .library import watched_ids


@require_GET
def fitting(request: Request, pk) -> HttpResponse:
    """Answer the poll for the progress of a voice's fitting."""
    context = _context(request, pk)
    return poll(request, "synthesis/fittings/_fitting.html", context, going=is_being_fitted(context["voice"]))


def _context(request: Request, pk) -> dict:
    voices = VoiceProfile.objects.visible_to(request.user).select_related("fitting")
    voice = get_object_or_404(voices, pk=pk)
    return {"voice": voice, "mine": voice.owner_id == request.user.pk}


@require_GET
def hear(request: Request, pk) -> HttpResponse:
    """Answer the poll of a voice's page for its sample."""
    voices = with_samples(VoiceProfile.objects.visible_to(request.user).select_related("clip"))
    voice = get_object_or_404(voices, pk=pk)
    return poll(request, "synthesis/voices/_hear.html", {"voice": voice}, going=audition(voice).is_preparing)


@require_GET
def live_auditions(request: Request) -> HttpResponse:
    """Answer the poll for the voices of a list that were being prepared when the page last saw them."""
    watched = VoiceProfile.objects.visible_to(request.user).filter(pk__in=watched_ids(request))
    voices = list(with_samples(watched.select_related("clip")))
    going = any(audition(voice).is_preparing for voice in voices)
    return poll(request, "synthesis/voices/_live_auditions.html", {"voices": voices}, going=going)


@require_POST
def cancel_fitting(request: Request, pk) -> HttpResponse:
    job = get_object_or_404(Fitting.objects.filter(voice__in=request.user.voices.all()), voice=pk)
    if not job.request_cancel() and not request.htmx:
        messages.info(request, _("It had already finished."))
    return _back(request, pk)


@require_POST
def retry_fitting(request: Request, pk) -> HttpResponse:
    get_object_or_404(Fitting.objects.filter(voice__in=request.user.voices.all()), voice=pk).retry()
    return _back(request, pk)


def _back(request: Request, pk) -> HttpResponse:
    """Return to the voice's page; for htmx, render only the part that changed."""
    if request.htmx:
        return render(request, "synthesis/fittings/_fitting.html", _context(request, pk))
    return redirect("voices:detail", pk)
