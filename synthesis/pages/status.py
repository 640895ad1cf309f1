"""The status page: whether it works, in one line for everyone; for staff the models, workers and queue, and acts on them."""

from contextlib import suppress

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import user_passes_test
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.generations.storage import storage
from synthesis.models import Download, Generation, LoadedModel
from synthesis.queue import downloads
from synthesis.queue.report import in_one_line, queue_report
from synthesis.speech import progress
from synthesis.workers import tasks
from voices.transcription import choice as transcriber_choice
from voicesite.backups import schedule
from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import ModelOption
from voicesite.modelhost.protocol import ModelError
from voicesite.people.requests import Request
from voicesite.resources import disk
from voicesite.web.polling import poll


@user_passes_test
def staff_only(user) -> bool:
    if not user.is_staff:
        raise PermissionDenied
    return True


@require_GET
def status(request: Request) -> HttpResponse:
    context = _status(request)
    if request.user.is_staff:
        context |= {"storage": storage(), "backup_folder": settings.BACKUP, "last_backup": schedule.latest()}
    return render(request, "synthesis/status/status.html", context)


@require_GET
def live(request: Request) -> HttpResponse:
    """Answer the page's poll: the parts that change."""
    context = _status(request)
    return poll(request, "synthesis/status/status.html#live", context, going=context["watched"])


@require_POST
@staff_only
def download(request: Request) -> HttpResponse:
    """Download a model, or resume what an earlier download left of it."""
    option = _option(request.POST.get("model", ""))
    if option.is_fetched and not option.is_here:
        downloads.enqueue(option.engine, option.model, request.user)
    return _back(request)


@require_POST
@staff_only
def cancel_download(request: Request, pk: int) -> HttpResponse:
    get_object_or_404(Download, pk=pk).request_cancel()
    return _back(request)


@require_http_methods(["GET", "POST"])
@staff_only
def remove(request: Request) -> HttpResponse:
    """Confirm, then delete the model's files."""
    option = _option(request.POST.get("model") or request.GET.get("model", ""))
    if not option.is_removable:
        messages.error(request, _("{title} has no files here that Voicesite could delete.").format(title=option.title))
        return redirect("synthesis:status")
    if request.method == "POST":
        try:
            freed = weights.remove(option.model)
        except (ModelError, OSError) as error:
            messages.error(
                request,
                _("{title} was not removed. {getattr}").format(
                    title=option.title, getattr=getattr(error, "message", error)
                ),
            )
        else:
            Download.objects.filter(model=option.model).exclude(pk__in=Download.objects.active()).delete()
            messages.success(
                request,
                _("{title} was removed, freeing {size}.").format(title=option.title, size=weights.in_words(freed)),
            )
        return redirect("synthesis:status")
    waiting = Generation.objects.active().filter(engine=option.engine, model=option.model).count()
    return render(request, "synthesis/status/remove_model.html", {"option": option, "waiting": waiting})


@require_POST
@staff_only
def unload(request: Request, pk: int) -> HttpResponse:
    """Ask a worker to unload its model."""
    tasks.request_unload(get_object_or_404(LoadedModel, pk=pk))
    return _back(request)


def _status(request: Request) -> dict:
    """Return all that the page shows: to people one line. Six queries at most."""
    problems: list[str] = []
    report = queue_report(problems)
    with suppress(EngineError):
        report["choice"] = engine_choice.current()
    context: dict = {"problems": problems, "one_line": in_one_line(report, can_speak="choice" in report), **report}
    if not request.user.is_staff:
        return context | {"watched": False}
    context["disk"] = disk()
    devices = list(LoadedModel.objects.order_by("worker"))
    by_model = {download.model: download for download in Download.objects.order_by("created_at")}
    is_downloading = any(download.is_active for download in by_model.values())

    def with_downloads(options: list[ModelOption]) -> list[tuple[ModelOption, Download | None]]:
        return [(option, by_model.pop(option.model, None) if option.is_fetched else None) for option in options]

    rows = []
    try:
        context["reason"] = engine_choice.reason()
        rows = with_downloads(engine_choice.options(progress.real_time_factors()))
    except EngineError as error:
        problems.append(error.message)
    titles = {(option.engine, option.model): option.title for option, _ in rows}
    return context | {
        "rows": rows,
        "transcriber": transcriber_choice.current(),
        "transcriber_reason": transcriber_choice.reason(),
        "transcribers": with_downloads(transcriber_choice.options()),
        # What is left was asked for by name, on the command line.
        "others": [download for download in by_model.values() if download.is_active],
        "devices": [(device, titles.get((device.engine, device.model), device.model)) for device in devices],
        "watched": is_downloading or any(device.unload_requested for device in devices),
        "unavailable": engine_choice.unavailable() if rows else {},
    }


def _option(key: str) -> ModelOption:
    """Return the model of a form's value. Raises Http404 when it can't be chosen here."""
    options = transcriber_choice.options()
    with suppress(EngineError):
        options += engine_choice.options()
    for option in options:
        if option.key == key:
            return option
    raise Http404(_("There is no such model here."))


def _back(request: Request) -> HttpResponse:
    """Return to the page; where htmx pressed the button, only the parts of it that change."""
    if request.htmx:
        return render(request, "synthesis/status/status.html#live", _status(request))
    return redirect("synthesis:status")
