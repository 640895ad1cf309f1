"""Responses with finished speech in the requested format. The caller has checked permissions."""

import soundfile
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from synthesis.models import Generation
from voicesite.web.audio_metadata import tags
from voicesite.web.media import file_name, sound_response

from .encoding import FORMATS, encode

BLOCK_SAMPLES = 2**16  # encoded at once


def speech_response(request: HttpRequest, generation: Generation, audio_format: str) -> HttpResponseBase:
    """Return the speech in one of FORMATS. Raises Http404 if there is none."""
    if not generation.is_heard:
        raise Http404
    name = file_name(generation.voice_name, generation.title, extension=audio_format)
    if audio_format == "wav":
        # Each attempt writes a file of its own name, so the name identifies the bytes.
        etag = str(generation.audio.name).rsplit("/")[-1]
        return sound_response(request, generation.audio, etag=etag, name=name)
    try:
        file = generation.audio.open("rb")
    except FileNotFoundError:
        raise Http404("The file is gone.") from None

    def content():
        with file, soundfile.SoundFile(file) as sound:
            metadata = tags(generation.title, generation.voice_name, generation.finished_at or generation.created_at)
            yield from encode(sound.blocks(BLOCK_SAMPLES, dtype="float32"), sound.samplerate, audio_format, metadata)

    headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    headers["Content-Disposition"] = content_disposition_header("download" in request.GET, name) or ""
    return StreamingHttpResponse(
        content() if request.method == "GET" else (), content_type=FORMATS[audio_format].content_type, headers=headers
    )
