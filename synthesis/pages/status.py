"""The status page: what speaks here and why, its models, its workers, its queue. Everyone reads it; staff act on it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseStopPolling

from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.engines.choice import Offer
from synthesis.models import Download, Generation, LoadedModel
from synthesis.queue import downloads
from synthesis.queue.report import queue_report
from synthesis.speech import progress
from synthesis.workers import tasks
from voices.transcription import choice as transcriber_choice
from voices.transcription.choice import TranscriberChoice
from voicesite.modelhost import weights
from voicesite.modelhost.protocol import ModelError
from voicesite.people.requests import Request


@dataclass
class ModelRow:
    """A model as the page shows it: one that speaks, or one that writes down."""

    offer: Offer | TranscriberChoice
    download: Download | None = None

    @property
    def engine(self) -> str:
        return self.offer.name if isinstance(self.offer, TranscriberChoice) else self.offer.engine

    @property
    def is_active(self) -> bool:
        return self.download is not None and self.download.is_active

    @property
    def is_downloaded(self) -> bool:
        """Whether its files come from the hub."""
        if isinstance(self.offer, TranscriberChoice):
            return self.offer.is_fetched
        return downloads.is_downloaded(self.offer.engine, self.offer.model)

    @property
    def disk(self) -> int:
        """Bytes of its files on this machine; 0 where it comes with its engine."""
        return weights.size(self.offer.model) if self.is_downloaded else 0

    @property
    def is_removable(self) -> bool:
        """Whether its files are Voicesite's own to delete, and there."""
        return self.is_downloaded and weights.folder(self.offer.model).is_dir()


def staff_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: Request, *args, **kwargs) -> HttpResponse:
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_GET
def status(request: Request) -> HttpResponse:
    return render(request, "synthesis/status/status.html", _status(request))


@require_GET
def live(request: Request) -> HttpResponse:
    """The parts that move; with 286 when nothing does any more."""
    context = _status(request)
    response = render(request, "synthesis/status/status.html#live", context)
    return response if context["watched"] else HttpResponseStopPolling(response.content)


@require_POST
@staff_only
def download(request: Request) -> HttpResponse:
    """Fetch a model, or go on with what an earlier download left of it."""
    row = ModelRow(_offer(request.POST.get("model", "")))
    if not row.offer.is_here and row.is_downloaded:
        tasks.request_download(row.engine, row.offer.model, request.user)
    return _back(request)


@require_POST
@staff_only
def cancel_download(request: Request, pk: int) -> HttpResponse:
    get_object_or_404(Download, pk=pk).request_cancel()
    return _back(request)


@require_http_methods(["GET", "POST"])
@staff_only
def remove(request: Request) -> HttpResponse:
    """Ask, saying what follows; then delete the model's files."""
    offer = _offer(request.POST.get("model") or request.GET.get("model", ""))
    row = ModelRow(offer)
    if not row.is_removable:
        messages.error(request, f"{offer.title} has no files here that Voicesite could delete.")
        return redirect("synthesis:status")
    if request.method == "POST":
        try:
            freed = weights.remove(offer.model)
        except (ModelError, OSError) as error:
            messages.error(request, f"{offer.title} was not removed. {getattr(error, 'message', error)}")
        else:
            Download.objects.filter(model=offer.model).exclude(pk__in=Download.objects.active()).delete()
            messages.success(request, f"{offer.title} is removed: {weights.in_words(freed)} are free again.")
        return redirect("synthesis:status")
    waiting = Generation.objects.active().filter(engine=row.engine, model=offer.model).count()
    return render(request, "synthesis/status/remove_model.html", {"row": row, "waiting": waiting})


@require_POST
@staff_only
def unload(request: Request, pk: int) -> HttpResponse:
    """Ask a worker to give its model's memory back."""
    tasks.request_unload(get_object_or_404(LoadedModel, pk=pk))
    return _back(request)


def _status(request: Request) -> dict:
    """Everything that the page shows, in six queries at most."""
    problems: list[str] = []
    context: dict = {"problems": problems, **queue_report(problems)}
    devices = list(LoadedModel.objects.order_by("worker"))
    fetched = {row.model: row for row in Download.objects.order_by("created_at")}
    rows: list[ModelRow] = []
    try:
        context["choice"] = engine_choice.current()
        offers = engine_choice.offers(progress.real_time_factors())
        rows = [ModelRow(offer) for offer in offers]
    except EngineError as error:
        problems.append(error.message)
    transcribers = [ModelRow(choice) for choice in transcriber_choice.choices()]
    for row in [*rows, *transcribers]:
        if row.is_downloaded:
            row.download = fetched.pop(row.offer.model, None)
    titles = {(row.engine, row.offer.model): row.offer.title for row in rows}
    others = [row for row in fetched.values() if row.is_active]  # asked for by name, on the command line
    return context | {
        "rows": rows,
        "transcriber": transcriber_choice.current(),
        "transcriber_reason": transcriber_choice.reason(),
        "transcribers": transcribers,
        "others": others,
        "devices": [(device, titles.get((device.engine, device.model), device.model)) for device in devices],
        "watched": any(row.is_active for row in [*rows, *transcribers])
        or bool(others)
        or any(row.unload_requested for row in devices),
        "unavailable": engine_choice.unavailable() if request.user.is_staff and rows else {},
    }


def _offer(key: str) -> Offer | TranscriberChoice:
    """The model of a form's value. Raises Http404 when it is none that is offered."""
    if choice := next((choice for choice in transcriber_choice.choices() if choice.key == key), None):
        return choice
    with suppress(EngineError):
        if offer := engine_choice.offer(key):
            return offer
    raise Http404("There is no such model here.")


def _back(request: Request) -> HttpResponse:
    """To the page; where htmx pressed the button, only what moves in it."""
    if request.htmx:
        return render(request, "synthesis/status/status.html#live", _status(request))
    return redirect("synthesis:status")
