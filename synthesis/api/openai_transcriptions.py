"""POST /v1/audio/transcriptions: transcribe a recording."""

import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Any, NamedTuple

from asgiref.sync import sync_to_async
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from synthesis.delivery import cues
from voices.analysis.reference_audio import AudioRejected
from voices.clips.service import limits, uploads
from voices.intake import process as intake
from voices.intake.decoding import check_size
from voices.models import TranscriptionRequest
from voices.transcription import requests as transcription
from voices.written_languages import language_of
from voicesite.jobs import watching
from voicesite.jobs.job import State
from voicesite.people.requests import Request, key_of
from voicesite.resources import DISK_FULL, has_room
from voicesite.web import events
from voicesite.web.admission import Places
from voicesite.web.media import as_path
from voicesite.web.rejection import Rejected

from . import openai_transcript, wait
from .openai_errors import choice_of, endpoint, error_body

MAX_WAIT_SECONDS = 900.0
RESPONSE_FORMATS = ("json", "text", "srt", "vtt", "verbose_json")
STREAMED_FORMATS = ("json", "text", "verbose_json")
SILENT_SECONDS = 0.1  # with less speech in it, a recording says nothing: Whisper would make something up

# Each holds its recording on the disk until its turn to be decoded.
waiting = Places(Rejected, "You are having other recordings transcribed. Wait for one of them.", 32)


class Asked(NamedTuple):
    upload: Any
    language: str
    response_format: str
    granularities: list[str]
    is_streamed: bool


@endpoint("speak", "POST")
async def transcriptions(request: Request) -> HttpResponseBase:
    """Transcribe `file`. Neither the recording nor its text is kept. Who hangs up ends it; who waits holds no thread."""
    with waiting.place(request.user.pk):  # before the recording is taken in
        asked = await sync_to_async(_asked)(request)
    content = _heard(request, asked)
    if asked.is_streamed:
        first = await anext(content)  # a failure before the first words is an error response
        return StreamingHttpResponse(_events(first, content), content_type=events.CONTENT_TYPE, headers=events.HEADERS)
    async with aclosing(content):
        async for job in content:
            if job and job.state == State.COMPLETED:
                return await sync_to_async(_response)(job, asked)
    raise AssertionError("it ends with what was heard, or by an exception")


def _asked(request: Request) -> Asked:
    """Read the form. Raises Rejected."""
    response_format = choice_of(request.POST, "response_format", RESPONSE_FORMATS, "json")
    upload = request.FILES.get("file")
    if upload is None:
        raise Rejected("bad_request", "Send the recording as `file`, in a multipart form.").about("file")
    language = language_of(request.POST.get("language"))
    if why := transcription.why_not(language):
        raise Rejected("language_not_supported", why).about("language")
    check_size(upload.size or 0, limits())
    granularities = request.POST.getlist("timestamp_granularities[]") or request.POST.getlist("timestamp_granularities")
    is_streamed = request.POST.get("stream", "").lower() in ("true", "1") and response_format in STREAMED_FORMATS
    return Asked(upload, language, response_format, granularities, is_streamed)


async def _heard(request: Request, asked: Asked) -> AsyncGenerator[TranscriptionRequest | None, None]:
    """Yield the job whenever more was heard, None where nothing was for a while, and at last the completed job.

    It is decoded in the sandboxed intake process. What says nothing is not listened to: its job is never stored.
    Raises Rejected. Closing it early ends the job.
    """
    with waiting.place(request.user.pk):
        decoded = await uploads.in_turn(request.user.pk, partial(_decoded, asked.upload))
        job = TranscriptionRequest(
            owner=request.user, api_key=key_of(request), seconds=decoded.seconds, language=asked.language
        )
        if decoded.speech_seconds < SILENT_SECONDS:
            job.state = State.COMPLETED
            yield job
            return
        async with wait.transcribing(job, decoded.flac):
            async for news in _news(job, asked.is_streamed):
                yield news


def _decoded(upload) -> intake.Decoded:
    if not has_room(upload.size):
        raise AudioRejected("disk_full", DISK_FULL)
    with as_path(upload) as sent:
        return intake.take_down(sent, limits())


async def _news(job: TranscriptionRequest, is_streamed: bool) -> AsyncGenerator[TranscriptionRequest | None, None]:
    """Yield what `_heard` does of an enqueued job."""
    begun = told_at = time.monotonic()
    told = ""
    seen: TranscriptionRequest | None = job
    while seen and seen.is_active and time.monotonic() < begun + MAX_WAIT_SECONDS:
        if seen.text != told:
            told, told_at = seen.text, time.monotonic()
            yield seen
        elif time.monotonic() >= told_at + events.COMMENT_SECONDS:
            told_at = time.monotonic()
            yield None
        known = watching.seen(seen)
        now = time.monotonic()
        seconds = min(told_at + events.COMMENT_SECONDS, begun + MAX_WAIT_SECONDS) - now
        await watching.changed(job, known if is_streamed else known[:1], max(seconds, 0.0))
        seen = await watching.in_thread(TranscriptionRequest.objects.filter(pk=job.pk).first)
    if seen and seen.knows_no_language:
        raise Rejected("language_not_supported", seen.error).about("language")
    if seen is None or seen.state != State.COMPLETED:
        words = "This took too long." if seen and seen.is_active else "It was cancelled."
        raise Rejected("transcription_failed", seen.error if seen and seen.error else words)
    yield seen


def _response(job: TranscriptionRequest, asked: Asked) -> HttpResponse:
    match asked.response_format:
        case "text":
            return HttpResponse(f"{job.text}\n", content_type="text/plain; charset=utf-8")
        case "srt" | "vtt" as file_format:
            written = "".join(cues.written(cues.of_transcript(job.words), file_format))
            return HttpResponse(written, content_type=f"{cues.CONTENT_TYPES[file_format]}; charset=utf-8")
        case "json":
            return JsonResponse({"text": job.text})
    return JsonResponse(openai_transcript.verbose(job.text, job.words, job.language, job.seconds, asked.granularities))


async def _events(
    job: TranscriptionRequest | None, later: AsyncGenerator[TranscriptionRequest | None, None]
) -> AsyncGenerator[bytes, None]:
    """Yield the text as OpenAI's events: a delta whenever more of it is there, and at last all of it."""
    told = ""
    try:
        async with aclosing(later):
            while True:
                if job is None:
                    yield b": keep-alive\n\n"
                else:
                    if job.text.startswith(told) and job.text != told:
                        yield _event({"type": "transcript.text.delta", "delta": job.text[len(told) :]})
                        told = job.text
                    if job.state == State.COMPLETED:
                        yield _event(openai_transcript.done(job.text, job.seconds))
                        return
                job = await anext(later)
    except Rejected as rejected:
        yield _event({"type": "error", **error_body(rejected)})


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


@endpoint("speak", "POST")
def translations(request: Request) -> HttpResponse:
    words = "This site does not translate. /v1/audio/transcriptions writes down what is said, in its own language."
    raise Rejected("unknown_url", words)
