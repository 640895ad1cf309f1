"""Pages of the dictionary: one's own entries, which one changes and hears, beside those of the site."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from voices.languages import LANGUAGES_AND_ACCENTS
from voicesite.people.requests import Request
from voicesite.web import undo
from voicesite.web.polling import poll
from voicesite.web.rejection import Rejected
from voicesite.wording import lazily, translated

from . import csv_files, importing, service
from .forms import EntryForm, ImportForm, NewEntryForm
from .models import PronunciationEntry

PAGE_SIZE = 50
FILTERS = ("q", "language", "whose")


@require_http_methods(["GET", "POST"])
def dictionary(request: Request) -> HttpResponse:
    """List the entries, below the form of a new one, which `word`, `said` and `language` of the address fill in."""
    if request.method == "POST":
        form = NewEntryForm(request.POST, instance=PronunciationEntry(), user=request.user)
        if form.is_valid() and (made := form.save()):
            messages.success(request, _("“{word}” will be said like this from now on.").format(word=made.word))
            return _to(made)
    else:
        filled = {name: request.GET[name] for name in ("word", "said", "language") if name in request.GET}
        form = NewEntryForm(initial=filled, instance=PronunciationEntry(), user=request.user)
    chosen = {name: request.GET.get(name, "")[:200] for name in FILTERS}
    if "word" in request.GET:  # its language is the new entry's
        chosen["language"] = ""
    found = service.matching(request.user, chosen["q"], chosen["language"], chosen["whose"]).select_related("owner")
    page = Paginator(service.with_trials(found, request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    service.set_trials(page.object_list)
    context = {
        "form": form,
        "page": page,
        "chosen": chosen,
        "filtered": any(chosen.values()),
        "languages": lazily(LANGUAGES_AND_ACCENTS),
        "voice": service.voice_of(request.user),
        "ipa_models": service.ipa_models(),
        "most": service.MAX_ENTRIES,
    }
    return render(request, "synthesis/pronunciations/list.html", context, status=422 if form.errors else 200)


@require_GET
def entry(request: Request, pk: UUID) -> HttpResponse:
    """Return the row of an entry, for htmx; else the list that has it."""
    shown = get_object_or_404(_with_trials(request), pk=pk)
    if not request.htmx:
        return _to(shown)
    return _row(request, pk)


@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: UUID) -> HttpResponse:
    """Change an entry: in its row, or on a page where there is no htmx."""
    edited = _editable(request, pk)
    form = EntryForm(request.POST if request.method == "POST" else None, instance=edited, auto_id=f"{pk}-%s")
    form.fields["word"].widget.attrs["autofocus"] = True
    if form.is_bound and form.is_valid() and form.save():
        if request.htmx:
            return _row(request, pk)
        messages.success(request, _("Saved."))
        return _to(edited)
    part = "#form" if request.htmx else ""
    context = {"form": form, "entry": edited}
    return render(request, f"synthesis/pronunciations/edit.html{part}", context, status=422 if form.errors else 200)


@require_POST
def delete(request: Request, pk: UUID) -> HttpResponse:
    """Delete an entry, so that it can be undone."""
    doomed = _editable(request, pk)
    words = _("Deleted “%(name)s”. It will be read as written again.") % {"name": doomed.word}
    undo.tell(request, words, "word", service.discard(doomed))
    return redirect("pronunciations:list")


# ---------------------------------------------------------------------------------------------------------------------
# Hearing an entry


@require_http_methods(["GET", "POST"])
def listen(request: Request, pk: UUID) -> HttpResponse:
    """Speak an entry, or answer the poll for how far that is."""
    heard = get_object_or_404(PronunciationEntry.objects.visible_to(request.user), pk=pk)
    refused = ""
    if request.method == "POST":
        try:
            service.listen(request.user, heard)
        except Rejected as rejected:
            refused = translated(rejected.message)
        if not request.htmx:
            if refused:
                messages.error(request, refused)
            return _to(heard)
    return _trial(request, pk, refused)


@require_POST
def cancel(request: Request, pk: UUID) -> HttpResponse:
    """Stop what is spoken to hear an entry."""
    heard = get_object_or_404(PronunciationEntry.objects.visible_to(request.user), pk=pk)
    for trial in heard.trials.filter(owner=request.user):
        trial.request_cancel()
    if request.htmx:
        return _trial(request, pk)
    return _to(heard)


def _trial(request: Request, pk: UUID, refused: str = "") -> HttpResponse:
    shown = get_object_or_404(_with_trials(request), pk=pk)
    service.set_trials([shown])
    trial = shown.trial
    context = {"entry": shown, "refused": refused, "voice": True, "may_listen": True, "begin": True}
    going = bool(trial and trial.is_active)
    if request.method == "GET":
        return poll(request, "synthesis/pronunciations/_listen.html", context, going=going)
    return render(request, "synthesis/pronunciations/_listen.html", context)


# ---------------------------------------------------------------------------------------------------------------------
# Files


@require_safe
def export(request: Request) -> HttpResponse:
    """Return one's own entries, or with `?whose=site` the site's, as a CSV file."""
    return csv_response(request, request.GET.get("whose", "mine"))


def csv_response(request: Request, whose: str) -> HttpResponse:
    owner = None if whose == "site" else request.user
    entries = PronunciationEntry.objects.filter(owner=owner)
    name = "pronunciations-of-the-site.csv" if whose == "site" else "pronunciations.csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(csv_files.write(entries), content_type="text/csv; charset=utf-8", headers=headers)


@require_http_methods(["GET", "POST"])
def import_file(request: Request) -> HttpResponse:
    """Show what a CSV file would change, then, when that is confirmed, import it.

    The preview carries the text of the file along, so that nothing is stored before.
    """
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ImportForm(*sent, user=request.user)
    context: dict = {"form": form, "columns": csv_files.COLUMNS, "max_kilobytes": csv_files.MAX_BYTES // 1000}
    text = request.POST.get("csv", "")
    if not text and form.is_valid():
        try:
            text = csv_files.decode(form.cleaned_data["file"])
        except Rejected as rejected:
            form.add_error("file", translated(rejected.message))
    if text:
        site = request.user.is_staff and "site" in request.POST
        try:
            plan = importing.plan(None if site else request.user, csv_files.read(text))
            if "confirm" in request.POST:
                plan.apply()
                messages.success(request, _done(plan))
                return redirect("pronunciations:list")
            context |= {"plan": plan, "csv": text, "site": site}
            return render(request, "synthesis/pronunciations/import_preview.html", context)
        except Rejected as rejected:
            form.errors.clear()
            form.add_error("file", translated(rejected.message))
    status = 422 if form.errors else 200
    return render(request, "synthesis/pronunciations/import.html", context, status=status)


def _done(plan: importing.Plan) -> str:
    parts = [
        (len(plan.new), _("{count} new")),
        (len(plan.changed), _("{count} changed")),
        (len(plan.refused), _("{count} refused")),
    ]
    words = ", ".join(said.format(count=count) for count, said in parts if count)
    return _("Imported: {words}.").format(words=words or _("nothing new"))


def _with_trials(request: Request):
    entries = PronunciationEntry.objects.visible_to(request.user).select_related("owner")
    return service.with_trials(entries, request.user)


def _to(shown: PronunciationEntry) -> HttpResponse:
    """Redirect to the list, where the entry may be on any page: to what has its word."""
    return redirect(f"{reverse('pronunciations:list')}?{urlencode({'q': shown.word})}")


def _editable(request: Request, pk: UUID) -> PronunciationEntry:
    return get_object_or_404(PronunciationEntry.objects.editable_by(request.user), pk=pk)


def _row(request: Request, pk: UUID) -> HttpResponse:
    shown = get_object_or_404(_with_trials(request), pk=pk)
    service.set_trials([shown])
    context = {
        "entry": shown,
        "focused": True,
        "voice": service.voice_of(request.user),
        "ipa_models": service.ipa_models(),
    }
    return render(request, "synthesis/pronunciations/_entry.html", context)
