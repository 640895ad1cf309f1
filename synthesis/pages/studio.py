"""The studio: choose a voice, write a text, see how it will be read, hear it."""

import json

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from synthesis.drafts import saving as drafts
from synthesis.engines import choice as engine_choice
from synthesis.generations import cast as casting
from synthesis.generations import examples
from synthesis.generations.forms import GenerationForm, StudioPreviewForm
from synthesis.models import Draft, Generation
from synthesis.pronunciations.forms import LANGUAGE_CHOICES, EntryForm
from synthesis.pronunciations.models import PronunciationEntry
from voices.languages import language_or_accent
from voices.written_languages import LanguageField
from voicesite.limits import quotas
from voicesite.people.requests import Request, as_uuid
from voicesite.web.rejection import Rejected

from .library import rows_context
from .listening import player_id
from .reading import places_of, reading_of

RECENT_ROWS = 5
MOST_PREVIEWED = 10_000  # characters that are read of a text while it is written: they take the whole pipeline 0.2 s


class SayForm(EntryForm):
    """How a word is said, in the dialog of the studio, which is filled in when it opens: less needs to be explained."""

    language = LanguageField(required=False, choices=LANGUAGE_CHOICES, read=language_or_accent)

    class Meta(EntryForm.Meta):
        help_texts = {"said": EntryForm.Meta.help_texts["said"]}


@require_http_methods(["GET", "POST"])
def studio(request: Request) -> HttpResponse:
    """Show the form, with the latest generations under it; submit what is posted."""
    if request.method == "POST":
        written: QueryDict = request.POST
        if is_example := "example" in written and not written.get("text", "").strip():
            written = _with_example(written)
        form = GenerationForm(written, user=request.user)
        if form.is_valid() and (generation := _submit(form)):
            if not request.htmx:
                drafts.keep_spoken(request.user, written.dict())
                return redirect("synthesis:detail", generation.pk)
            spoken = {
                "form": form,
                "of_spoken": "?spoken",
                "cast": _cast(request, form),
                **rows_context([generation]),
            }
            spoken["warnings"] = quotas.warnings(request.user)
            response = render(request, "synthesis/studio/studio.html#spoken", spoken)
            if is_example:  # which is asked for in order to be heard
                trigger_client_event(response, "begin", {"player": player_id(generation)})
            return response
        template = "synthesis/studio/studio.html#form" if request.htmx else "synthesis/studio/studio.html"
        return render(request, template, _context(request, form, drafts.draft_of(request.user)), status=422)
    draft = drafts.draft_of(request.user)
    initial = drafts.initial_of(draft) if draft else {}
    initial["cast"] = casting.fields_in(initial)
    if voice := as_uuid(request.GET.get("voice")):
        initial |= {"voice": voice, "language": ""}  # what is written stays, for another voice
    key = as_uuid(request.GET.get("again"))
    aside: dict = {}  # a draft that gives way to a text that is to be spoken again
    if key and (again := Generation.objects.visible_to(request.user).filter(pk=key).first()):
        if draft and draft.text.strip() and draft.text != again.text:
            aside = drafts.as_sent(draft)
        initial = {"voice": again.voice_id, "text": again.text, "language": again.language, "speed": again.speed}
        initial["model"] = engine_choice.key(again.engine, again.model)
        initial["cast"] = casting.chosen_in(again)
    form = GenerationForm(initial=initial, user=request.user)
    form.choose_voice([code for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))])
    context = _context(request, form, draft) | {"aside": json.dumps(aside) if aside else ""}
    return render(request, "synthesis/studio/studio.html", context)


@require_POST
def preview(request: Request) -> HttpResponse:
    """Show how what is written in the form will be read: under it, where htmx asks; else on the page."""
    asked = StudioPreviewForm(request.POST.dict(), user=request.user, most_previewed=MOST_PREVIEWED)
    context: dict = {"reading": None}
    if asked.is_valid():
        read, text = asked.preview(), asked.cleaned_data["text"]
        context = {"reading": reading_of(read), "places": places_of(read, text, asked.named_speakers())}
        if "spoken" not in request.GET:  # an estimate of the text that has just been sent would count it twice
            context["estimate"] = asked.estimate()
        if asked.characters > MOST_PREVIEWED:
            context["read_characters"] = len(text)
    if request.htmx:
        context |= {"editable": True, "form": asked, "cast": _cast(request, asked)}
        return render(request, "synthesis/_reading.html", context)
    form = GenerationForm(request.POST, user=request.user)
    context |= _context(request, form, drafts.draft_of(request.user))
    return render(request, "synthesis/studio/studio.html", context, status=200 if context["reading"] else 422)


@require_POST
def pronounce(request: Request) -> HttpResponse:
    """Say a word like this from now on: in the entry that it has in the person's dictionary, or in a new one."""
    word, language = (request.POST.get(name, "").replace("\x00", "").strip() for name in ("word", "language"))
    key = PronunciationEntry.key_of(word, match_case=False)
    mine = PronunciationEntry.objects.filter(owner=request.user, language=language, key=key)
    entry = mine.first() or PronunciationEntry(owner=request.user)
    form = SayForm(request.POST, instance=entry, auto_id="say_%s")
    if form.is_valid() and form.save():
        response = render(request, "synthesis/studio/_say.html", {"form": SayForm(auto_id="say_%s")})
        return trigger_client_event(response, "pronounced")
    return render(request, "synthesis/studio/_say.html", {"form": form}, status=422)


def _submit(form: GenerationForm) -> Generation | None:
    """Return the generation that a valid form asks for; None if its person is beyond a limit, which the form then says."""
    generation = form.generation()
    try:
        generation.submit()
    except Rejected as rejected:
        form.add_error(None, rejected.message)
        return None
    return generation


def _with_example(written: QueryDict) -> QueryDict:
    """Return what was written in the form with an example as its text, in the language that is chosen."""
    filled = written.copy()
    texts = examples.TEXT_BY_LANGUAGE
    filled["text"] = texts.get(written.get("language", ""), next(iter(texts.values())))
    return filled


def _context(request: Request, form: GenerationForm, draft: Draft | None) -> dict:
    recent = Generation.objects.visible_to(request.user).picked().defer("text", "recognized_text")[:RECENT_ROWS]
    shown = {"form": form, "draft": draft, "cast": _cast(request, form), "say": SayForm(auto_id="say_%s")}
    return {**shown, "warnings": quotas.warnings(request.user), **rows_context(recent)}


def _cast(request: Request, form: GenerationForm) -> casting.Panel:
    """Return the panel for the text in the form. What was written of a cast stays, also where the form is wrong."""
    written = casting.fields_in(request.POST) if form.is_bound else form.initial.get("cast", {})
    voices = [str(voice) for voice, _ in form.voices]
    return casting.panel(request.user, str(form["text"].value() or ""), written, voices)
