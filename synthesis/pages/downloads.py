"""What can be downloaded of a generation: its sound in several formats, subtitles, and its sentences."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from synthesis.delivery import menu, renditions, sentences, subtitles
from synthesis.delivery.encoding import FILE_FORMATS
from synthesis.delivery.responses import sentences_response, subtitle_response
from synthesis.models import Generation
from voicesite.people.requests import Request
from voicesite.web.polling import poll
from voicesite.web.rejection import Rejected

from .listening import mine


@require_GET
def downloads(request: Request, pk) -> HttpResponse:
    """Answer the poll of the menu while a file is being made."""
    context = menu.downloads(mine(request, pk)) | {"opened": True}
    return poll(request, "synthesis/library/_downloads.html", context, going=context["going"])


@require_POST
def prepare(request: Request, pk) -> HttpResponse:
    """Have the file made that `format` names."""
    generation = mine(request, pk)
    audio_format = request.POST.get("format", "")
    if audio_format not in FILE_FORMATS or not generation.is_heard:
        raise Http404
    renditions.begin(request.user, generation, audio_format, again=True)
    return _back(request, generation)


@require_POST
def cancel(request: Request, pk) -> HttpResponse:
    """Stop making the file that `format` names."""
    generation = mine(request, pk)
    for rendition in generation.renditions.filter(audio_format=request.POST.get("format", "")):
        rendition.request_cancel()
    return _back(request, generation)


@require_safe
def subtitle_file(request: Request, pk) -> HttpResponseBase:
    generation = mine(request, pk)
    file_format, level = request.GET.get("format", "srt"), request.GET.get("level", "sentence")
    if file_format not in subtitles.FORMATS or level not in subtitles.LEVELS:
        raise Http404
    try:
        return subtitle_response(request, generation, file_format, level)
    except Rejected as rejected:
        messages.error(request, rejected.message)
        return redirect("synthesis:detail", pk)


@require_safe
def sentence_files(request: Request, pk) -> HttpResponseBase:
    generation = mine(request, pk)
    audio_format = request.GET.get("format", "flac")
    if audio_format not in sentences.FORMATS:
        raise Http404
    try:
        return sentences_response(request, generation, audio_format)
    except Rejected as rejected:
        messages.error(request, rejected.message)
        return redirect("synthesis:detail", pk)


def _back(request: Request, generation: Generation) -> HttpResponse:
    if request.htmx:
        context = menu.downloads(generation) | {"opened": True}
        return render(request, "synthesis/library/_downloads.html", context)
    return redirect("synthesis:detail", generation.pk)
