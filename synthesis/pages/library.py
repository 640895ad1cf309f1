"""Pages of what is spoken: the studio, the library, and one generation. All show one's own only."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseStopPolling

from synthesis.delivery.encoding import FORMATS
from synthesis.delivery.responses import speech_response
from synthesis.engines import choice as engine_choice
from synthesis.generations import takes
from synthesis.generations.filters import as_uuid, narrow
from synthesis.generations.forms import GenerationForm
from synthesis.models import Fitting, Generation
from synthesis.queue import order as queue
from synthesis.workers import tasks
from voices.models import VoiceProfile
from voicesite.people.requests import Request

RECENT = 5
PAGE = 20
LIVE = 50  # rows of one page that are watched at once


def _rows(generations) -> dict:
    """What templates need of a list of generations: `rows`, each with its `position` in the queue. Two queries."""
    rows = list(generations)
    places = queue.positions(rows)
    for row in rows:
        row.position = places.get(row.pk)
    return {"rows": rows, "watched": any(row.is_moving for row in rows)}


@require_http_methods(["GET", "POST"])
def studio(request: Request) -> HttpResponse:
    """Write, choose a voice, and hear it. Under it what is being made and was made last."""
    if request.method == "POST":
        form = GenerationForm(request.POST, user=request.user)
        if form.is_valid():
            generation = form.generation()
            tasks.submit(generation)
            if not request.htmx:
                return redirect("synthesis:detail", generation.pk)
            return render(request, "synthesis/studio/studio.html#spoken", _studio(form) | _rows([generation]))
        template = "synthesis/studio/studio.html#form" if request.htmx else "synthesis/studio/studio.html"
        return render(request, template, _studio(form) | _recent(request), status=422)
    initial: dict = {"voice": as_uuid(request.GET.get("voice")), "speed": 1.0}
    key = as_uuid(request.GET.get("again"))
    if key and (again := Generation.objects.visible_to(request.user).filter(pk=key).first()):
        initial = {"voice": again.voice_id, "text": again.text, "language": again.language, "speed": again.speed}
        initial["model"] = engine_choice.key(again.engine, again.model)
    form = GenerationForm(initial=initial, user=request.user)
    return render(request, "synthesis/studio/studio.html", _studio(form) | _recent(request))


def _studio(form: GenerationForm) -> dict:
    return {
        "form": form,
        "has_voices": form.is_bound or bool(form.voices),
        "limit": settings.TEXT_LIMIT,
    }


def _recent(request: Request) -> dict:
    recent = Generation.objects.visible_to(request.user).picked().order_by("-created_at")[:RECENT]
    return _rows(recent)


@require_GET
def generation_list(request: Request) -> HttpResponse:
    mine, chosen = narrow(Generation.objects.visible_to(request.user).picked(), request.GET)
    page = Paginator(mine.defer("text", "heard"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        **_rows(page),
        **chosen,
        "voices": VoiceProfile.objects.visible_to(request.user).only("pk", "name"),
        "filtered": any(chosen.values()),
    }
    return render(request, "synthesis/library/list.html", context)


@require_GET
def live(request: Request) -> HttpResponse:
    """The rows of a list that were moving when the page last saw them, as they are now; 286 when none moves still."""
    moving = _watched(request)
    # In no order: each row finds its own place, and SQLite would walk through all of the owner's to put five in order.
    mine = Generation.objects.visible_to(request.user).filter(pk__in=moving).picked()
    context = _rows(mine.order_by().defer("text", "heard"))
    context["gone"] = moving - {row.pk for row in context["rows"]}
    response = render(request, "synthesis/library/_live.html", context)
    return response if context["watched"] else HttpResponseStopPolling(response.content)


def _watched(request: Request) -> set[uuid.UUID]:
    return {pk for pk in map(as_uuid, request.GET.getlist("moving")[:LIVE]) if pk}


@require_GET
def detail(request: Request, pk) -> HttpResponse:
    """A text as one take of it, beside its other takes."""
    generation = _mine(request, pk)
    rows = _takes(request, generation)
    context = {
        "generation": generation,
        "voice": takes.voice(request.user, generation),
        "fidelity": engine_choice.fidelity(generation.engine),
        "has_room": len(rows) < takes.MOST,
        **_rows(rows if len(rows) > 1 else []),
    }
    return render(request, "synthesis/library/detail.html", context)


@require_GET
def progress(request: Request, pk) -> HttpResponse:
    """The part of the page that moves; with 286 when it has ended."""
    generation = _mine(request, pk)
    response = render(request, "synthesis/library/detail.html#progress", {"generation": generation})
    return response if generation.is_moving else HttpResponseStopPolling(response.content)


@require_GET
def live_takes(request: Request, pk) -> HttpResponse:
    """The takes that were moving when the page last saw them, as they are now; 286 when none moves still."""
    moving = _watched(request)
    of_text = _takes(request, _mine(request, pk))
    context = _rows([take for take in of_text if take.pk in moving])
    context["gone"] = moving - {take.pk for take in of_text}
    response = render(request, "synthesis/library/_live_takes.html", context)
    return response if context["watched"] else HttpResponseStopPolling(response.content)


@require_GET
def check(request: Request, pk) -> HttpResponse:
    """What was heard in a take; with 286 when the listening has ended."""
    generation = _mine(request, pk)
    response = render(request, "synthesis/library/_check.html", {"take": generation})
    return response if generation.is_being_checked else HttpResponseStopPolling(response.content)


@require_POST
def another(request: Request, pk) -> HttpResponse:
    """Speak the same text once more, with another seed."""
    generation = _mine(request, pk)
    if why := takes.why_no_other(request.user, generation):
        messages.error(request, why)
    else:
        tasks.submit(takes.another(generation))
    return redirect("synthesis:detail", generation.pk)


@require_POST
def pick(request: Request, pk) -> HttpResponse:
    """Let this take be the one that the library shows."""
    generation = _mine(request, pk)
    if takes.pick(generation):
        messages.success(request, "The library shows this take now.")
    else:
        messages.error(request, "Only a take that is ready can be used.")
    return redirect("synthesis:detail", generation.pk)


@require_POST
def cancel(request: Request, pk) -> HttpResponse:
    generation = _mine(request, pk)
    if not generation.request_cancel() and not request.htmx:
        messages.info(request, "It had already ended.")
    return _back(request, generation)


@require_POST
def retry(request: Request, pk) -> HttpResponse:
    generation = _mine(request, pk)
    if why := takes.why_not(request.user, generation):
        messages.error(request, why)
        return _to_page(request, generation)
    with transaction.atomic():
        if generation.retry():
            tasks.ring("synthesis")
    return _back(request, generation)


@require_http_methods(["GET", "POST"])
def delete(request: Request, pk) -> HttpResponse:
    """Ask; then delete this take, or all takes of its text."""
    generation = _mine(request, pk)
    others = Generation.objects.visible_to(request.user).filter(takes=generation.takes).exclude(pk=pk)
    if request.method == "POST":
        if request.POST.get("what") == "all":
            takes.delete_all(generation)
            messages.success(request, f"“{generation.title}” is deleted, with all its takes.")
            return redirect("synthesis:list")
        takes.delete(generation)
        if left := others.order_by("-is_picked").first():
            messages.success(request, f"This take of “{generation.title}” is deleted.")
            return redirect("synthesis:detail", left.pk)
        messages.success(request, f"“{generation.title}” is deleted.")
        return redirect("synthesis:list")
    return render(request, "synthesis/library/delete.html", {"generation": generation, "others": others.count()})


@require_safe
def audio(request: Request, pk) -> HttpResponseBase:
    """The speech, as WAV or in another format that `?format=` names."""
    generation = get_object_or_404(Generation.objects.audible_by(request.user), pk=pk)
    form = request.GET.get("format", "wav")
    if form not in FORMATS:
        raise Http404
    return speech_response(request, generation, form)


def _mine(request: Request, pk) -> Generation:
    generation = get_object_or_404(Generation.objects.visible_to(request.user).select_related("check_job"), pk=pk)
    generation.position = queue.position(generation)
    return generation


def _takes(request: Request, generation: Generation) -> list[Generation]:
    """All takes of its text that there are, the oldest first, each with its `number`. One query."""
    of_text = Generation.objects.visible_to(request.user).filter(takes=generation.takes).select_related("check_job")
    found = sorted(of_text.order_by(), key=lambda take: (take.created_at, take.pk))
    for number, take in enumerate(found, 1):
        take.number = number
        if take.pk == generation.pk and len(found) > 1:
            generation.number = number
    return found


def _to_page(request: Request, generation: Generation) -> HttpResponse:
    page = reverse("synthesis:detail", args=[generation.pk])
    return HttpResponseClientRedirect(page) if request.htmx else redirect(page)


def _back(request: Request, generation: Generation) -> HttpResponse:
    """To the page where the button was; where htmx pressed it, only what changed: the rest of the page stays as it is."""
    if request.htmx:
        generation = _mine(request, generation.pk)
        if request.htmx.target == "progress":
            return render(request, "synthesis/library/detail.html#progress", {"generation": generation})
        return render(request, "synthesis/library/_live.html", {"rows": [generation], "watched": True, "begin": True})
    target = request.POST.get("next", "")
    return redirect(target) if target in ("studio", "synthesis:list") else redirect("synthesis:detail", generation.pk)


# ---------------------------------------------------------------------------------------------------------------------
# The fitting of a voice


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
        VoiceProfile.objects.visible_to(request.user).filter(pk__in=_watched(request)).select_related("fitting")
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
            tasks.ring("default")
    return redirect("voices:detail", pk)
