"""Pages to export voices as an archive, and to import one."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from voices.models import VoiceImport, VoiceProfile
from voicesite.jobs.job import State
from voicesite.people.requests import Request, as_uuid
from voicesite.web.media import file_name
from voicesite.web.rejection import Rejected
from voicesite.wording import translated

from . import importing
from .exporting import Export, exportable_by
from .format import MAX_VOICES
from .forms import ImportForm


@require_http_methods(["GET", "POST"])
def export(request: Request) -> HttpResponseBase:
    """Show the voices to choose from, or send the chosen ones: by GET a few, by POST more than a URL can name."""
    data = request.POST if request.method == "POST" else request.GET
    voices = exportable_by(request.user).filter(pk__in=filter(None, map(as_uuid, data.getlist("voice"))))
    if voices.exists():
        return archive_response(request, voices)
    own = VoiceProfile.objects.editable_by(request.user).order_by("name", "pk")
    context = {
        "voices": own.filter(suspended_at=None),
        "suspended": own.exclude(suspended_at=None),
        "most": MAX_VOICES,
        "rejected": _("Choose the voices to export.") if data else "",
    }
    return render(request, "voices/archives/export.html", context, status=422 if data else 200)


def archive_response(request: Request, voices) -> HttpResponseBase:
    """Return the archive of `voices`, or a page that says why there is none. The caller authorises."""
    try:
        export = Export(request.user, voices, request.get_host())
    except Rejected as rejected:
        context = {"rejected": translated(rejected.message)}
        return render(request, "voices/archives/export_refused.html", context, status=rejected.page_status)
    return send(export)


def send(export: Export) -> StreamingHttpResponse:
    """Return the archive as a download, named after its voices."""
    names = [voice["name"] for voice in export.archive.voices]
    name = file_name(
        names[0] if len(names) == 1 else _("{count} voices").format(count=len(names)),
        f"{timezone.localdate()}",
        extension="zip",
    )
    return StreamingHttpResponse(
        export,
        content_type="application/zip",
        headers={
            "Content-Length": str(export.length),
            "Content-Disposition": content_disposition_header(True, name) or "",
            "Cache-Control": "private, no-store",
            "X-Accel-Buffering": "no",  # it may be larger than a proxy's memory
        },
    )


@require_http_methods(["GET", "POST"])
def upload(request: Request) -> HttpResponse:
    """Upload an archive; `detail` shows what is in it."""
    context = {"max_bytes": settings.IMPORT_MAX_BYTES, "max_megabytes": settings.IMPORT_MAX_BYTES // 2**20}
    status = 200
    if request.method == "POST":
        try:
            if not (sent := request.FILES.get("archive")):
                raise Rejected("none", _("Choose an archive first."))
            page = reverse("voices:import_detail", args=[importing.receive_upload(request.user, sent).pk])
            return HttpResponseClientRedirect(page) if request.htmx else redirect(page)
        except Rejected as rejected:
            context["rejected"], status = translated(rejected.message), rejected.page_status
        if request.htmx:
            return render(request, "voices/archives/import.html#rejected", context, status=status)
    context["unfinished"] = VoiceImport.objects.visible_to(request.user).exclude(state=State.COMPLETED)
    return render(request, "voices/archives/import.html", context, status=status)


@require_http_methods(["GET", "POST"])
def detail(request: Request, pk) -> HttpResponse:
    """Show an archive with the form to choose what to import, then the progress, then the imported voices."""
    voice_import = own_import(request, pk)
    context: dict = {"voice_import": voice_import}
    if not voice_import.is_answerable:
        if request.method == "POST":
            messages.info(request, _("This import is already running."))
            return redirect("voices:import_detail", pk)
        keys = [voice["pk"] for voice in voice_import.result]
        context["voices"] = request.user.voices.filter(pk__in=keys).select_related("clip")
        return render(request, "voices/archives/import_detail.html", context)
    form = context["form"] = ImportForm(request.POST or None, voice_import)
    if request.method == "POST" and form.is_valid():
        try:
            importing.confirm(voice_import, form.choices())
            return redirect("voices:import_detail", pk)
        except Rejected as rejected:
            form.add_error(None, translated(rejected.message))
    return render(request, "voices/archives/import_detail.html", context, status=422 if form.is_bound else 200)


@require_GET
def progress(request: Request, pk) -> HttpResponse:
    """Return the progress of an import for htmx; reload the page when it has ended."""
    voice_import = own_import(request, pk)
    if not voice_import.is_under_way:
        return HttpResponseClientRefresh()
    return render(request, "voices/archives/import_detail.html#progress", {"voice_import": voice_import})


@require_POST
def cancel(request: Request, pk) -> HttpResponse:
    if not own_import(request, pk).request_cancel():
        messages.info(request, _("It had already finished."))
    return redirect("voices:import_detail", pk)


@require_POST
def discard(request: Request, pk) -> HttpResponse:
    importing.discard(own_import(request, pk))
    messages.success(request, _("The archive is deleted. Nothing more will be imported."))
    return redirect("voices:import")


def own_import(request: Request, pk: UUID) -> VoiceImport:
    return get_object_or_404(VoiceImport.objects.visible_to(request.user), pk=pk)
