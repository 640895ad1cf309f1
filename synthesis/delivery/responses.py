"""Responses with finished speech in the requested format. The caller has checked permissions."""

from collections.abc import Sequence
from contextlib import ExitStack

import soundfile
from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from synthesis.models import Generation
from voicesite.people.requests import Request
from voicesite.web.admission import Places, Stream
from voicesite.web.audio_metadata import tags
from voicesite.web.media import file_name, sound_response
from voicesite.web.rejection import Rejected

from . import renditions, subtitles
from .encoding import FORMATS, encode
from .selection import Selection
from .sentences import Sentences

# Subtitles of hours of speech take seconds, as each sentence is compared with what was heard in it.
writing = Places(Rejected, _("Your other subtitles are being written. Wait for them."), 4)


def speech_response(request: Request, generation: Generation, audio_format: str) -> HttpResponseBase:
    """Return the speech in one of FORMATS.

    Raises Http404 if there is none, and NotReady and Rejected as of `renditions.ready`.
    """
    if not generation.is_heard:
        raise Http404
    name = file_name(generation.voice_name, generation.title, extension=audio_format)
    if audio_format == "pcm":
        return _pcm(request, generation, name)
    file = generation.audio
    if audio_format != "wav":
        if not file.storage.exists(str(file.name)):
            raise Http404(_("The file is gone."))
        file = renditions.ready(request.user, generation, audio_format).file
    # Each attempt writes a file of its own name, so the name identifies the bytes.
    etag = str(file.name).rsplit("/")[-1]
    response = sound_response(request, file, etag=etag, name=name, content_type=FORMATS[audio_format].content_type)
    if not request.GET.get("version"):  # else the address changes with the sound
        response["Cache-Control"] = "private, no-cache"
    return response


def subtitle_response(request: Request, generation: Generation, file_format: str, level: str) -> HttpResponseBase:
    """Return subtitles in one of `subtitles.FORMATS`, written while they are sent. Raises Rejected as of these."""
    with ExitStack() as held:
        held.enter_context(writing.place(request.user.pk))
        content = (part.encode() for part in subtitles.subtitles(generation, file_format, level))
        return _streamed(
            request,
            Stream(content, held.pop_all()),
            f"{subtitles.CONTENT_TYPES[file_format]}; charset=utf-8",
            file_name(generation.voice_name, generation.title, extension=file_format),
        )


def sentences_response(request: Request, generation: Generation, audio_format: str) -> HttpResponseBase:
    """Return an archive of the sentences in one of `sentences.FORMATS`. Raises Rejected as of `Sentences`."""
    archive = Sentences(request.user, generation, audio_format)
    name = file_name(generation.voice_name, generation.title, extension="zip")
    response = _streamed(request, archive, "application/zip", name, as_attachment=True)
    response["Content-Length"] = str(archive.length)
    return response


def selection_response(request: Request, generations: Sequence[Generation], audio_format: str) -> HttpResponseBase:
    """Return an archive of generations in one of `selection.FORMATS`. Raises NotReady and Rejected as of `Selection`."""
    archive = Selection(request.user, generations, audio_format)
    response = _streamed(request, archive, "application/zip", f"voicesite-{audio_format}.zip", as_attachment=True)
    response["Content-Length"] = str(archive.length)
    return response


def _streamed(
    request: Request, content: Stream, content_type: str, name: str, as_attachment: bool = False
) -> StreamingHttpResponse:
    if request.method == "HEAD":
        content.close()
    headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    headers["Content-Disposition"] = content_disposition_header(as_attachment or "download" in request.GET, name) or ""
    return StreamingHttpResponse(
        () if request.method == "HEAD" else content, content_type=content_type, headers=headers
    )


def _pcm(request: Request, generation: Generation, name: str) -> StreamingHttpResponse:
    """Return the samples alone, as they are read."""
    with ExitStack() as held:
        try:
            file = held.enter_context(generation.audio.open("rb"))
        except FileNotFoundError:
            raise Http404(_("The file is gone.")) from None
        sound = held.enter_context(soundfile.SoundFile(file))
        metadata = tags(generation.title, generation.voice_name, generation.created_at)
        blocks = sound.blocks(renditions.BLOCK_SAMPLES, dtype="float32")
        content = Stream(encode(blocks, sound.samplerate, "pcm", metadata), held.pop_all())
    return _streamed(request, content, FORMATS["pcm"].content_type, name)
