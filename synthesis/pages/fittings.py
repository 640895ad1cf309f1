"""How far an engine is with a voice, as pages of voices show it."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseStopPolling

from synthesis.models import Fitting
from voices.models import VoiceProfile
from voicesite.jobs import doorbell
from voicesite.people.requests import Request

from .library import watched_ids


@require_GET
def fitting(request: Request, pk) -> HttpResponse:
    """How far the engine is with a voice; with 286 when it has ended."""
    voices = VoiceProfile.objects.visible_to(request.user).select_related("fitting")
    voice = get_object_or_404(voices, pk=pk)
    mine = voice.owner_id == request.user.pk
    response = render(request, "synthesis/fittings/_fitting.html", {"voice": voice, "mine": mine})
    return response if voice.is_being_fitted else HttpResponseStopPolling(response.content)


@require_GET
def live_fittings(request: Request) -> HttpResponse:
    """How far the engine is with the voices of a list that were being fitted; 286 when none is still."""
    voices = list(
        VoiceProfile.objects.visible_to(request.user).filter(pk__in=watched_ids(request)).select_related("fitting")
    )
    response = render(request, "synthesis/fittings/_live_fittings.html", {"voices": voices})
    watched = any(voice.is_being_fitted for voice in voices)
    return response if watched else HttpResponseStopPolling(response.content)


@require_POST
def cancel_fitting(request: Request, pk) -> HttpResponse:
    job = get_object_or_404(Fitting.objects.filter(voice__owner=request.user), voice=pk)
    if not job.request_cancel():
        messages.info(request, "It had already ended.")
    return redirect("voices:detail", pk)


@require_POST
def retry_fitting(request: Request, pk) -> HttpResponse:
    job = get_object_or_404(Fitting.objects.filter(voice__owner=request.user), voice=pk)
    with transaction.atomic():
        if job.retry():
            doorbell.ring("default")
    return redirect("voices:detail", pk)
