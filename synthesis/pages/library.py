"""Pages of generations: the library, and one generation with its takes. Everyone sees their own only."""

import uuid

from django.contrib import messages
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Greatest, Lower, StrIndex, Substr
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from synthesis.delivery import selection
from synthesis.delivery.encoding import FORMATS
from synthesis.delivery.renditions import NotReady
from synthesis.delivery.responses import speech_response
from synthesis.engines import choice as engine_choice
from synthesis.generations import older, takes
from synthesis.generations.arranging import tags_of
from synthesis.generations.filters import ORDER_FIELDS, filter_generations
from synthesis.generations.folders import PlaceForm
from synthesis.generations.hearing import record_hearing
from synthesis.generations.older import Key
from synthesis.generations.preview import preview
from synthesis.models import MAX_TITLE, Folder, Generation, GenerationQuerySet
from synthesis.queue.estimates import set_waits
from voices.languages import LANGUAGES
from voices.models import VoiceProfile
from voices.text.lengths import MAX_NAME
from voicesite.people.requests import Request, as_uuid
from voicesite.web import undo
from voicesite.web.filtering import followed
from voicesite.web.polling import poll
from voicesite.web.rejection import Rejected
from voicesite.wording import lazily

from .changes import changes_context
from .chips import chips, query
from .listening import set_first_is_spoken, text_context
from .reading import reading_of

PAGE_SIZE = 20
EXCERPT_BEFORE, EXCERPT_AFTER = 60, 100  # characters of a text that are shown around what was looked for
MAX_WATCHED_ROWS = 50  # of one page


def rows_context(generations) -> dict:
    """Return the context of a list of generations: `rows`, each with its wait; whether to poll."""
    rows = list(generations)
    set_waits(*rows)
    set_first_is_spoken(*rows)
    return {"rows": rows, "watched": any(row.is_active for row in rows)}


@require_GET
def generation_list(request: Request) -> HttpResponse:
    """Show a person's texts, a page by key; to htmx what a filter finds, or the rows that come after those on the page."""
    found, chosen = filter_generations(Generation.objects.visible_to(request.user).picked(), request.GET)
    measure = ORDER_FIELDS.get(chosen["order"], "")
    key = Key.read(request.GET.get("after", ""), measure)
    rows = list(older.after(with_excerpts(found, chosen["q"]), measure, key)[: PAGE_SIZE + 1])
    for row in rows if chosen["q"] else ():
        row.excerpt = cut_excerpt(row.excerpt, row.place, chosen["q"])
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    context = {
        **rows_context(rows[:PAGE_SIZE]),
        **chosen,
        "by_day": not measure,
        "is_first": key is None,
        "newest": query(chosen),
        "older": f"{query(chosen)}&after={Key.of(last, measure)}" if last else "",
        "selected": set(request.GET.getlist("selected")[: selection.MAX_SELECTED]),
    }
    if request.headers.get("HX-Target") == "older":
        context |= {"is_part": True, "shown_day": timezone.localdate(key.created_at) if key else None}
        return render(request, "synthesis/library/list.html#older_rows", context)
    voices = list(VoiceProfile.objects.visible_to(request.user).only("pk", "name"))
    folders = list(Folder.objects.visible_to(request.user).counted())
    filters = {name: value for name, value in chosen.items() if name != "order"}
    context |= {
        "count": found.count(),
        "voices": voices,
        "languages": lazily(LANGUAGES).items(),
        "folders": folders,
        "in_folder": next((one for one in folders if str(one.pk) == chosen["folder"]), None),
        "tags": tags_of(request.user),
        "chips": chips(chosen, voices, folders),
        "filtered": any(filters.values()),
        "formats": [(name, FORMATS[name].title) for name in selection.FORMATS],
        "max_name": MAX_NAME,
    }
    return followed(request, "synthesis/library/list.html", context, chosen)


def with_excerpts(rows: GenerationQuerySet, words: str) -> GenerationQuerySet:
    """Return rows without their texts, which may be long; annotated with `excerpt`, where in one what is looked for is."""
    rows = rows.defer("text", "recognized_text")
    if not words:
        return rows
    place = StrIndex(Lower("text"), Lower(Value(words)))
    begin = Greatest(place - EXCERPT_BEFORE, 1)
    excerpt = Substr("text", begin, EXCERPT_BEFORE + len(words) + EXCERPT_AFTER)
    is_there = ~Q(title__icontains=words) & Q(place__gt=0)  # the title says enough where it has them
    return rows.annotate(place=place, excerpt=Case(When(is_there, then=excerpt), default=Value("")))


def cut_excerpt(excerpt: str, place: int, words: str) -> str:
    """Return an excerpt in whole words, with dots where its text goes on. `place`: of the words in the text, from 1 on."""
    if place > EXCERPT_BEFORE + 1:
        excerpt = "…" + excerpt[excerpt.find(" ", 0, EXCERPT_BEFORE) + 1 :]
    if len(excerpt) >= EXCERPT_AFTER + len(words):
        behind = excerpt.rfind(" ", len(excerpt) - EXCERPT_AFTER // 2)
        excerpt = excerpt[: behind if behind > 0 else None] + "…"
    return excerpt


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
        "max_title": MAX_TITLE,
        "voice": takes.voice(request.user, generation),
        "link": generation.links.active().first(),
        "fidelity": engine_choice.fidelity(generation.engine),
        "place": PlaceForm.of(generation, request.user),
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
    context = {"generation": generation, "link": None if generation.is_active else generation.links.active().first()}
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


@require_GET
def measures(request: Request, pk) -> HttpResponse:
    """Answer the poll of a row for what its evaluation measured, which comes some time after the speech."""
    found = Generation.objects.visible_to(request.user).select_related("evaluation").defer("text", "peaks")
    take = get_object_or_404(found, pk=pk)
    return poll(request, "synthesis/library/_row_measures.html", {"take": take}, going=take.is_being_evaluated)


@require_POST
def another(request: Request, pk) -> HttpResponse:
    """Speak the same text once more, with another seed."""
    generation = _mine(request, pk)
    if why := takes.why_no_other_take(request.user, generation):
        messages.error(request, why)
    else:
        try:
            takes.another(generation).submit()
        except Rejected as rejected:
            messages.error(request, rejected.message)
    return redirect("synthesis:detail", generation.pk)


@require_POST
def pick(request: Request, pk) -> HttpResponse:
    """Make this take the one that the library shows."""
    generation = _mine(request, pk)
    if takes.pick(generation):
        messages.success(request, _("The library shows this take now."))
    else:
        messages.error(request, _("Only a finished take can be used."))
    return redirect("synthesis:detail", generation.pk)


@require_POST
def rename(request: Request, pk) -> HttpResponse:
    """Give a text another title; an empty one is its beginning again."""
    generation = _mine(request, pk)
    title = " ".join(request.POST.get("title", "").replace("\x00", "").split())
    if len(title) > MAX_TITLE:
        messages.error(
            request,
            _("A title has {max_title} characters at most; this one has {count}.").format(
                max_title=MAX_TITLE, count=len(title)
            ),
        )
    else:
        takes.rename(generation, title or takes.title_of(generation.text))
    return redirect("synthesis:detail", pk)


@require_POST
def favourite(request: Request, pk) -> HttpResponse:
    """Make a text a favourite, or none, as `on` says."""
    generation = _mine(request, pk)
    generation.is_favourite = request.POST.get("on") == "1"
    takes.set_favourite(generation, generation.is_favourite)
    if request.htmx:
        return render(request, "synthesis/library/_star.html", {"row": generation})
    target = request.POST.get("next", "")
    return redirect(target) if target in ("studio", "synthesis:list") else redirect("synthesis:detail", pk)


@require_POST
def cancel(request: Request, pk) -> HttpResponse:
    generation = _mine(request, pk)
    if not generation.request_cancel() and not request.htmx:
        messages.info(request, _("It had already finished."))
    return _back(request, generation)


@require_POST
def retry(request: Request, pk) -> HttpResponse:
    generation = _mine(request, pk)
    why = takes.why_not_speak(request.user, generation)
    if not why:
        try:
            generation.retry()
        except Rejected as rejected:
            why = rejected.message
    if why:
        messages.error(request, why)
        page = reverse("synthesis:detail", args=[pk])
        return HttpResponseClientRedirect(page) if request.htmx else redirect(page)
    return _back(request, generation)


@require_POST
def delete(request: Request, pk) -> HttpResponse:
    """Delete this take, or all takes of its text, so that it can be undone."""
    generation = _mine(request, pk)
    of_text = list(takes.of_text(generation).defer("text", "recognized_text"))
    with_all = request.POST.get("what") == "all"
    moment = takes.discard(*(take for take in of_text if with_all or take.pk == generation.pk))
    if left := takes.of_text(generation).order_by("-is_picked").first():
        undo.tell(request, _("Deleted this take of “%(name)s”.") % {"name": generation.title}, "texts", moment)
        return redirect("synthesis:detail", left.pk)
    undo.tell(request, _("Deleted “%(name)s”.") % {"name": generation.title}, "texts", moment)
    return redirect("synthesis:list")


@require_safe
def audio(request: Request, pk) -> HttpResponseBase:
    """Return the speech, as WAV or in the format that `?format=` names."""
    generation = get_object_or_404(Generation.objects.audible_by(request.user).select_related("voice"), pk=pk)
    record_hearing(request.user, generation)
    audio_format = request.GET.get("format", "wav")
    if audio_format not in FORMATS:
        raise Http404
    try:
        return speech_response(request, generation, audio_format)
    except Rejected as rejected:
        messages.error(request, rejected.message)
    except NotReady:
        messages.info(request, _("The file is being prepared; you can follow the progress here."))
    return redirect("synthesis:detail", pk)


def _mine(request: Request, pk) -> Generation:
    generation = get_object_or_404(Generation.objects.visible_to(request.user).select_related("evaluation"), pk=pk)
    set_waits(generation)
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
        if request.POST.get("next") == "takes":
            rows = rows_context(take for take in takes_of_text(generation) if take.pk == generation.pk)["rows"]
            context = {"rows": rows, "generation": generation, "begin": True}
            return render(request, "synthesis/library/_live_takes.html", context)
        return render(request, "synthesis/library/_live.html", {"rows": [generation], "watched": True, "begin": True})
    target = request.POST.get("next", "")
    return redirect(target) if target in ("studio", "synthesis:list") else redirect("synthesis:detail", generation.pk)
