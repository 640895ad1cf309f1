"""Finished speech, sent in the format that was asked for. Whose it is, the caller has asked."""

import soundfile
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from synthesis.models import Generation
from voicesite.jobs.job import State
from voicesite.web.audio_metadata import tags
from voicesite.web.media import file_name, sound_response

from .encoding import FORMATS, encode

BLOCK = 2**16  # samples that are encoded at once


def speech_response(request: HttpRequest, generation: Generation, form: str) -> HttpResponseBase:
    """The speech in one of FORMATS. Raises Http404 where there is none."""
    if generation.state != State.COMPLETED:
        raise Http404
    name = file_name(generation.voice_name, generation.title, extension=form)
    if form == "wav":
        # Each attempt writes a file of its own name, so the name says which bytes these are.
        etag = str(generation.audio.name).rsplit("/")[-1]
        return sound_response(request, generation.audio, etag=etag, name=name)
    try:
        file = generation.audio.open("rb")
    except FileNotFoundError:
        raise Http404("The file is gone.") from None

    def content():
        with file, soundfile.SoundFile(file) as sound:
            told = tags(generation.title, generation.voice_name, generation.finished_at or generation.created_at)
            yield from encode(sound.blocks(BLOCK, dtype="float32"), sound.samplerate, form, told)

    headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    headers["Content-Disposition"] = content_disposition_header("download" in request.GET, name) or ""
    return StreamingHttpResponse(
        content() if request.method == "GET" else (), content_type=FORMATS[form].content_type, headers=headers
    )
