"""Change a text sentence by sentence: the panel of one, speaking the marked ones again, undo.

With htmx these are parts of the page of a generation; without it, each sentence has a page of its own.
"""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from synthesis.models import Generation, Segment
from synthesis.segments import editing, edits
from synthesis.segments.forms import SentenceForm
from synthesis.segments.listing import place_of
from voices.models import VoiceProfile
from voicesite.jobs.job import State
from voicesite.people.requests import Request
from voicesite.texts import N_
from voicesite.web.rejection import Rejected

from .changes import changes_context, in_line, marked_context, told
from .library import rows_context, takes_of_text

GONE = N_("This sentence has since been split, joined or deleted. What you wrote is kept here; check where it belongs.")
UNSAVED = N_("You have unsaved changes here. Save them first, or close without saving.")
NOTHING_NEW = N_("Nothing was changed.")


@require_http_methods(["GET", "POST"])
def sentence(request: Request, pk, index: int) -> HttpResponse:
    """Show a sentence with what can be changed of it; do what is posted.

    What is posted says which segment it means: others may have been put before it since the page was made.
    """
    generation = _mine(request, pk)
    in_text = _in_text(generation)
    if request.method == "GET":
        return _panel(request, generation, get_object_or_404(in_text, index=index))
    key = _number(request.POST.get("segment"))
    segment = in_text.filter(pk=key).first() if key else in_text.filter(index=index).first()
    if segment is None:
        nearest = in_text.filter(index__lte=index).last()
        if nearest is None:
            raise Http404
        # As it was posted: what the page was filled in with says nothing of this sentence.
        posted = request.POST.copy()
        for name in [name for name in posted if name.startswith("was_")]:
            del posted[name]
        return _panel(request, generation, nearest, _form(request, generation, nearest, posted), error=GONE)
    form, before = _form(request, generation, segment, request.POST), generation.revision
    error = ""
    if form.is_valid():
        try:
            _do(generation, segment, form, request.POST)
            return _changed(request, segment, since=before)
        except Rejected as rejected:
            if "text" in rejected.fields:
                form.add_error("text", rejected.message)
            else:
                error = rejected.message
    return _panel(request, generation, segment, form, error)


def _do(generation: Generation, segment: Segment, form: SentenceForm, posted: QueryDict) -> None:
    """Do what the button says that somebody pressed. Raises Rejected."""
    index, do = segment.number - 1, posted.get("do", "")
    if do == "delete":
        editing.remove(generation, index)
    elif do == "save":
        form.change(generation, index)
    elif form.has_changed():
        raise Rejected("conflict", UNSAVED)
    elif take := _number(posted.get("take")):
        editing.pick(generation, index, take)
    elif do == "again":
        editing.speak_again(generation, index)
    elif do == "split":
        editing.split(generation, index, _number(posted.get("at")) or 0)
    elif do == "join":
        editing.join(generation, index)
    else:
        raise Rejected("invalid", _("That didn’t work. Nothing was changed."))


def _changed(request: Request, segment: Segment, since: int) -> HttpResponse:
    """Answer a change: with the sentence as it is now, or that which replaced it; with none where it was deleted."""
    generation = _mine(request, segment.generation_id)
    context = changes_context(generation)
    edit, is_new = context["edit"], generation.revision != since
    now = _in_text(generation).filter(pk=segment.pk).first()
    if now is None and not (edit and edit.what.endswith(": deleted")):
        now = _in_text(generation).filter(index=segment.index).first()
    context["said"] = told(edit) if edit and is_new else NOTHING_NEW
    if not request.htmx:
        messages.success(request, context["said"])
        pk = generation.pk
        return redirect("synthesis:sentence", pk, now.index) if now else redirect("synthesis:sentences", pk)
    return _anew(request, context | {"panel": True} | (_panel_context(request, generation, now) if now else {}))


@require_GET
def sentence_takes(request: Request, pk, index: int) -> HttpResponse:
    """Show the takes of a sentence: the part of its panel that is shown anew once there is another.

    Until then there is nothing to show: somebody may be listening to one of those that are there.
    """
    generation = _mine(request, pk)
    context = _takes_context(request, generation, get_object_or_404(_in_text(generation), index=index))
    if context["awaits_take"] and request.htmx:
        return HttpResponse(status=204)
    return render(request, "synthesis/library/_sentence.html#takes", context)


@require_GET
def made(request: Request, pk) -> HttpResponse:
    """Answer the poll for a change, `?waited=` by its key: when all is made, that it is ready."""
    generation = _mine(request, pk)
    context = changes_context(generation)
    if context["waited"]:
        return render(request, "synthesis/library/_changes.html#waiting", context)
    edit = context["edit"]
    if edit and edit.pk == _number(request.GET.get("waited")) and generation.state == State.COMPLETED:
        context["said"] = told(edit, is_ready=True)
    response = render(request, "synthesis/library/_changed.html", context)
    return trigger_client_event(response, "sentences-made")


@require_GET
def marked(request: Request, pk) -> HttpResponse:
    """Show which sentences are marked: the part of a page that is shown anew when somebody has listened."""
    return render(request, "synthesis/library/_marked.html", marked_context(_mine(request, pk)))


@require_POST
def marked_again(request: Request, pk) -> HttpResponse:
    """Speak another take of each marked sentence."""

    def speak(generation: Generation) -> str:
        editing.speak_marked_again(generation)
        return ""

    return _act(request, pk, speak)


@require_POST
def undo(request: Request, pk) -> HttpResponse:
    """Undo the last change."""
    return _act(request, pk, lambda generation: _("Undone: {what}.").format(what=in_line(edits.undo(generation))))


def _act(request: Request, pk, act: Callable[[Generation], str]) -> HttpResponse:
    """Do something with a whole text, and say what `act` returns, or what was changed last.

    The panel of a sentence, if one is open, shows what it is after that, but is left alone if it is the same: somebody may
    be writing there.
    """
    generation = _mine(request, pk)
    open_one = _number(request.POST.get("segment"))
    before = _in_text(generation).filter(pk=open_one).first() if open_one else None
    try:
        said = act(generation)
    except Rejected as rejected:
        if not request.htmx:
            messages.error(request, rejected.message)
            return redirect("synthesis:sentences", pk)
        context = changes_context(generation) | {"error": rejected.message}
        return render(request, "synthesis/library/_changed.html", context, status=rejected.page_status)
    generation = _mine(request, pk)
    context = changes_context(generation)
    context |= {"said": said, "waited": None} if said else {"said": told(context["edit"])}
    if not request.htmx:
        messages.success(request, context["said"])
        return redirect("synthesis:sentences", pk)
    if open_one:
        now = _in_text(generation).filter(pk=open_one).first()
        if now is None or before is None or now.revision != before.revision or now.pause != before.pause:
            context |= {"panel": True} | (_panel_context(request, generation, now) if now else {})
    return _anew(request, context)


def _anew(request: Request, context: dict) -> HttpResponse:
    """Answer a change for htmx: all that looks different now; the text and the progress then ask by themselves."""
    of_text = takes_of_text(context["generation"])
    if len(of_text) > 1:
        context |= rows_context([take for take in of_text if take.pk == context["generation"].pk])
    return trigger_client_event(render(request, "synthesis/library/_changed.html", context), "segments-changed")


def _panel(
    request: Request, generation: Generation, segment: Segment, form: SentenceForm | None = None, error: str = ""
) -> HttpResponse:
    """Show a sentence, with what was rejected if a form is given: in a page of its own, where htmx does not ask."""
    context = _panel_context(request, generation, segment, form) | {"error": error}
    status = 422 if form else 200
    if request.htmx:
        return render(request, "synthesis/library/_sentence.html", context | {"oob": bool(form)}, status=status)
    return render(request, "synthesis/library/sentence.html", context | changes_context(generation), status=status)


def _panel_context(
    request: Request, generation: Generation, segment: Segment, form: SentenceForm | None = None
) -> dict:
    around = generation.segments.in_text().filter(index__in=(segment.number - 2, segment.number))
    indices = set(around.values_list("index", flat=True))
    return _takes_context(request, generation, segment) | {
        "form": form or _form(request, generation, segment),
        "places": [(at, _words_after(segment.text, at)) for at in editing.split_places(segment.text)],
        "has_next": segment.number in indices,
        "is_only": not indices,
    }


def _form(request: Request, generation: Generation, segment: Segment, posted: QueryDict | None = None) -> SentenceForm:
    """Return the form of a sentence, with its words as they are written, marks and all."""
    place = place_of(generation, segment.number - 1)
    written = " ".join(generation.text[place.start : place.end].split()) if place else segment.text
    return SentenceForm(posted, user=request.user, segment=segment, written=written)


def _takes_context(request: Request, generation: Generation, segment: Segment) -> dict:
    seen = VoiceProfile.objects.visible_to(request.user)
    named = Subquery(seen.filter(pk=OuterRef("voice")).values("name")[:1])
    found = segment.takes.annotate(voice_name=named).order_by("-number")
    awaits_take = generation.is_active and segment.state != Segment.State.COMPLETED
    return {"generation": generation, "segment": segment, "takes": found, "awaits_take": awaits_take}


def _words_after(text: str, at: int) -> str:
    """Return the beginning of what follows a place in a text, to tell it by."""
    rest = text[at:]
    return rest if len(rest) <= 24 else rest[:24].rsplit(" ", 1)[0] + "…"


def _in_text(generation: Generation) -> QuerySet[Segment]:
    return generation.segments.in_text().select_related("take")


def _mine(request: Request, pk) -> Generation:
    return get_object_or_404(Generation.objects.visible_to(request.user).defer("peaks", "recognized_text"), pk=pk)


def _number(written: str | None) -> int:
    """Return a whole number from a request; 0 where it has none, or none that a database knows."""
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 16 else 0
