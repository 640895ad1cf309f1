"""The state of a voice's fitting, as pages of voices show it, and the buttons that cancel and retry it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from synthesis.models import Fitting
from voices.extensions import is_being_fitted
from voices.models import VoiceProfile
from voicesite.people.requests import Request
from voicesite.web.polling import poll

from .library import watched_ids


@require_GET
def fitting(request: Request, pk) -> HttpResponse:
    """Answer the poll for the progress of a voice's fitting."""
    voices = VoiceProfile.objects.visible_to(request.user).select_related("fitting")
    voice = get_object_or_404(voices, pk=pk)
    context = {"voice": voice, "mine": voice.owner_id == request.user.pk}
    return poll(request, "synthesis/fittings/_fitting.html", context, going=is_being_fitted(voice))


@require_GET
def live_fittings(request: Request) -> HttpResponse:
    """Answer the poll for the voices of a list that were being fitted when the page last saw them."""
    watched = VoiceProfile.objects.visible_to(request.user).filter(pk__in=watched_ids(request))
    context = {"voices": list(watched.select_related("fitting"))}
    going = any(map(is_being_fitted, context["voices"]))
    return poll(request, "synthesis/fittings/_live_fittings.html", context, going=going)


@require_POST
def cancel_fitting(request: Request, pk) -> HttpResponse:
    job = get_object_or_404(Fitting.objects.filter(voice__owner=request.user), voice=pk)
    if not job.request_cancel():
        messages.info(request, "It had already ended.")
    return redirect("voices:detail", pk)


@require_POST
def retry_fitting(request: Request, pk) -> HttpResponse:
    get_object_or_404(Fitting.objects.filter(voice__owner=request.user), voice=pk).retry()
    return redirect("voices:detail", pk)
