"""Pages of generations: the library, and one generation with its takes. Everyone sees their own only."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from synthesis.delivery.encoding import FORMATS
from synthesis.delivery.renditions import NotReady
from synthesis.delivery.responses import speech_response
from synthesis.engines import choice as engine_choice
from synthesis.generations import takes
from synthesis.generations.filters import filter_generations
from synthesis.generations.preview import preview
from synthesis.models import Generation
from synthesis.queue import order as queue
from voices.models import VoiceProfile
from voicesite.people.requests import Request, as_uuid
from voicesite.web.polling import poll
from voicesite.web.rejection import Rejected

from .changes import changes_context
from .listening import set_first_is_spoken, text_context
from .reading import reading_of

PAGE_SIZE = 20
MAX_WATCHED_ROWS = 50  # of one page


def rows_context(generations) -> dict:
    """Return the context of a list of generations: `rows`, each with its `position`; whether to poll. At most three queries."""
    rows = list(generations)
    queue.set_positions(*rows)
    set_first_is_spoken(*rows)
    return {"rows": rows, "watched": any(row.is_active for row in rows)}


@require_GET
def generation_list(request: Request) -> HttpResponse:
    mine, chosen = filter_generations(Generation.objects.visible_to(request.user).picked(), request.GET)
    page = Paginator(mine.defer("text", "recognized_text"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        **rows_context(page),
        **chosen,
        "voices": VoiceProfile.objects.visible_to(request.user).only("pk", "name"),
        "filtered": any(chosen.values()),
    }
    return render(request, "synthesis/library/list.html", context)


@require_GET
def live(request: Request) -> HttpResponse:
    """Answer a list's poll: the rows that were active when the page last saw them, as they are now."""
    watched_pks = watched_ids(request)
    # Unordered: htmx swaps each row into its own place, and SQLite would scan all of the owner's to sort five.
    mine = Generation.objects.visible_to(request.user).filter(pk__in=watched_pks).picked()
    context = rows_context(mine.order_by().defer("text", "recognized_text"))
    context["gone"] = watched_pks - {row.pk for row in context["rows"]}
    return poll(request, "synthesis/library/_live.html", context, going=context["watched"])


def watched_ids(request: Request) -> set[uuid.UUID]:
    return {pk for pk in map(as_uuid, request.GET.getlist("watched")[:MAX_WATCHED_ROWS]) if pk}


@require_GET
def detail(request: Request, pk) -> HttpResponse:
    """Show a generation beside the other takes of its text."""
    generation = _mine(request, pk)
    rows = takes_of_text(generation)
    context = {
        "generation": generation,
        "voice": takes.voice(request.user, generation),
        "fidelity": engine_choice.fidelity(generation.engine),
        "has_room": len(rows) < takes.MAX_TAKES,
        **text_context(generation),
        **changes_context(generation),
        **rows_context(rows if len(rows) > 1 else []),
    }
    return render(request, "synthesis/library/detail.html", context)


@require_GET
def reading(request: Request, pk) -> HttpResponse:
    """Show how the text of a generation is read."""
    generation = _mine(request, pk)
    option = engine_choice.option(engine_choice.key(generation.engine, generation.model)) or engine_choice.current()
    speakers = generation.cast.values_list("name", flat=True)
    found = preview(request.user, generation.text, generation.language, option, speakers=list(speakers))
    return render(request, "synthesis/_reading.html", {"reading": reading_of(found)})


@require_GET
def progress(request: Request, pk) -> HttpResponse:
    """Answer the poll of a generation's page."""
    generation = _mine(request, pk)
    context = {"generation": generation}
    return poll(request, "synthesis/library/detail.html#progress", context, going=generation.is_active)


@require_GET
def live_takes(request: Request, pk) -> HttpResponse:
    """Answer the poll of a text's page: the takes that were active when it last saw them, as they are now."""
    watched_pks = watched_ids(request)
    of_text = takes_of_text(_mine(request, pk))
    context = rows_context([take for take in of_text if take.pk in watched_pks])
    context["gone"] = watched_pks - {take.pk for take in of_text}
    return poll(request, "synthesis/library/_live_takes.html", context, going=context["watched"])


@require_GET
def check(request: Request, pk) -> HttpResponse:
    """Answer the poll for the evaluation of a take."""
    take = _mine(request, pk)
    going = take.is_being_evaluated
    response = poll(request, "synthesis/library/_evaluation.html", {"take": take}, going=going)
    return response if going else trigger_client_event(response, "segments-heard")


@require_POST
def another(request: Request, pk) -> HttpResponse:
    """Speak the same text once more, with another seed."""
    generation = _mine(request, pk)
    if why := takes.why_no_other_take(request.user, generation):
        messages.error(request, why)
    else:
        takes.another(generation).submit()
    return redirect("synthesis:detail", generation.pk)


@require_POST
def pick(request: Request, pk) -> HttpResponse:
    """Make this take the one that the library shows."""
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
    if why := takes.why_not_speak(request.user, generation):
        messages.error(request, why)
        page = reverse("synthesis:detail", args=[pk])
        return HttpResponseClientRedirect(page) if request.htmx else redirect(page)
    generation.retry()
    return _back(request, generation)


@require_http_methods(["GET", "POST"])
def delete(request: Request, pk) -> HttpResponse:
    """Confirm, then delete this take, or all takes of its text."""
    generation = _mine(request, pk)
    others = takes.of_text(generation).exclude(pk=pk)
    if request.method == "GET":
        return render(request, "synthesis/library/delete.html", {"generation": generation, "others": others.count()})
    with_all = request.POST.get("what") == "all"
    delete_takes = takes.delete_all if with_all else takes.delete
    delete_takes(generation)
    if left := others.order_by("-is_picked").first():
        messages.success(request, f"This take of “{generation.title}” is deleted.")
        return redirect("synthesis:detail", left.pk)
    messages.success(request, f"“{generation.title}” is deleted{', with all its takes' if with_all else ''}.")
    return redirect("synthesis:list")


@require_safe
def audio(request: Request, pk) -> HttpResponseBase:
    """Return the speech, as WAV or in the format that `?format=` names."""
    generation = get_object_or_404(Generation.objects.audible_by(request.user), pk=pk)
    audio_format = request.GET.get("format", "wav")
    if audio_format not in FORMATS:
        raise Http404
    try:
        return speech_response(request, generation, audio_format)
    except Rejected as rejected:
        messages.error(request, rejected.message)
    except NotReady:
        messages.info(request, "The file is being made: this page says how far it is.")
    return redirect("synthesis:detail", pk)


def _mine(request: Request, pk) -> Generation:
    generation = get_object_or_404(Generation.objects.visible_to(request.user).select_related("evaluation"), pk=pk)
    queue.set_positions(generation)
    set_first_is_spoken(generation)
    return generation


def takes_of_text(generation: Generation) -> list[Generation]:
    """Return all takes of its text, oldest first, each with its `number`. One query."""
    found = list(takes.of_text(generation).select_related("evaluation").order_by("created_at", "pk"))
    for number, take in enumerate(found, 1):
        take.number = number
        if take.pk == generation.pk and len(found) > 1:
            generation.number = number
    return found


def _back(request: Request, generation: Generation) -> HttpResponse:
    """Return to the page with the button; for htmx, render only the part that changed."""
    if request.htmx:
        generation = _mine(request, generation.pk)
        if request.htmx.target == "progress":
            return render(request, "synthesis/library/detail.html#progress", {"generation": generation})
        return render(request, "synthesis/library/_live.html", {"rows": [generation], "watched": True, "begin": True})
    target = request.POST.get("next", "")
    return redirect(target) if target in ("studio", "synthesis:list") else redirect("synthesis:detail", generation.pk)
