"""The studio: choose a voice, write a text, see how it will be read, hear it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from synthesis.engines import choice as engine_choice
from synthesis.generations.forms import GenerationForm, PreviewForm
from synthesis.models import Generation
from voicesite.people.requests import Request, as_uuid

from .library import rows_context
from .reading import reading_of

RECENT_ROWS = 5


@require_http_methods(["GET", "POST"])
def studio(request: Request) -> HttpResponse:
    """Show the form, with the latest generations under it; submit what is posted."""
    if request.method == "POST":
        form = GenerationForm(request.POST, user=request.user)
        if form.is_valid():
            generation = form.generation()
            generation.submit()
            if not request.htmx:
                return redirect("synthesis:detail", generation.pk)
            return render(request, "synthesis/studio/studio.html#spoken", {"form": form, **rows_context([generation])})
        template = "synthesis/studio/studio.html#form" if request.htmx else "synthesis/studio/studio.html"
        return render(request, template, _context(request, form), status=422)
    initial: dict = {"voice": as_uuid(request.GET.get("voice"))}
    key = as_uuid(request.GET.get("again"))
    if key and (again := Generation.objects.visible_to(request.user).filter(pk=key).first()):
        initial = {"voice": again.voice_id, "text": again.text, "language": again.language, "speed": again.speed}
        initial["model"] = engine_choice.key(again.engine, again.model)
    form = GenerationForm(initial=initial, user=request.user)
    return render(request, "synthesis/studio/studio.html", _context(request, form))


@require_POST
def preview(request: Request) -> HttpResponse:
    """Show how what is written in the form will be read: under it, where htmx asks; else on the page."""
    asked = PreviewForm(request.POST.dict(), user=request.user)
    reading = reading_of(asked.preview()) if asked.is_valid() else None
    if request.htmx:
        return render(request, "synthesis/_reading.html", {"reading": reading, "editable": True})
    form = GenerationForm(request.POST, user=request.user)
    status = 200 if reading else 422
    return render(
        request, "synthesis/studio/studio.html", _context(request, form) | {"reading": reading}, status=status
    )


def _context(request: Request, form: GenerationForm) -> dict:
    recent = Generation.objects.visible_to(request.user).picked()[:RECENT_ROWS]
    return {"form": form, **rows_context(recent)}
