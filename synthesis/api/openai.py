"""What OpenAI's own client expects at /v1/, so that programs made for it work here by changing the address and the key.

Follows OpenAI's API reference of audio and models: https://platform.openai.com/docs/api-reference/audio. Each request
is one that the site knows already: speech is a generation in its owner's library, by the studio's form.
"""

import base64
import functools
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from synthesis.delivery.encoding import FORMATS, encode
from synthesis.delivery.live_audio import Ended, follow
from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.generations.forms import NamingForm
from synthesis.models import Generation
from synthesis.workers import tasks
from voices.analysis.reference_audio import AudioRejected
from voices.clips.service import limits, turn
from voices.intake import process as intake
from voices.intake.decoding import check_size
from voices.intake.upload_handler import as_path
from voices.languages import language_code
from voices.models import Dictation, VoiceProfile
from voices.tasks import ring_background
from voices.transcription.requests import why_not
from voicesite.jobs.job import State
from voicesite.people import keys
from voicesite.people.requests import Request
from voicesite.web.audio_metadata import tags

from . import wait

logger = logging.getLogger(__name__)

DEFAULT = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")  # models of OpenAI's: here, what speaks by itself
TRANSCRIBER = "whisper-1"
LONGEST_WAIT = 900.0  # seconds that a transcription is waited for
NAMES = {"text": "input"}  # of the form's fields, as they are called here
TEXTS = ("json", "text", "srt", "vtt", "verbose_json")


class Refused(Exception):
    """The answer is an error, in OpenAI's shape."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None):
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code

    def as_dict(self) -> dict[str, Any]:
        kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
        kind = kinds.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}


def endpoint(scope: str, *methods: str) -> Callable:
    """A view of /v1/, for keys that have the scope, or may read where the method is GET."""

    def wrap(view: Callable[..., HttpResponseBase]) -> Callable:
        @functools.wraps(view)
        def answer(request: Request, *args, **kwargs) -> HttpResponseBase:
            try:
                if request.method not in methods:
                    raise Refused(405, f"Send it as {' or '.join(methods)}.")
                key = keys.find(keys.sent_by(request) or "")
                if key is None:
                    raise Refused(
                        401, "This API key is not known here: make one on the account page.", code="invalid_api_key"
                    )
                if not key.allows(scope, request.method):
                    raise Refused(403, f"The API key “{key.name}” lacks the scope “{scope}”.", code="scope_missing")
                request.user = key.owner
                return view(request, *args, **kwargs)
            except Exception as error:
                refused = _refusal(error)
                if refused.status >= 500 and not isinstance(error, Refused):
                    logger.exception("Internal Server Error: %s", request.path)
                response = JsonResponse(refused.as_dict(), status=refused.status)
                if refused.status == 405:
                    response["Allow"] = ", ".join(methods)
                if refused.status == 429:
                    response["Retry-After"] = "5"
                return response

        return login_not_required(csrf_exempt(answer))

    return wrap


def _refusal(error: Exception) -> Refused:
    match error:
        case Refused():
            return error
        case RequestDataTooBig():
            return Refused(413, "That is more than may be sent at once.")
        case SuspiciousOperation() | MultiPartParserError():
            return Refused(400, "The request can't be read.")
    return Refused(500, "Something went wrong here. It is in the log of the site.")


# ---------------------------------------------------------------------------------------------------------------------
# Speech


@endpoint("speak", "POST")
def speech(request: Request) -> HttpResponseBase:
    """Speak `input`, and send it while it is made."""
    asked = _json(request)
    form = _choice(asked, "response_format", tuple(FORMATS), "mp3")
    stream = _choice(asked, "stream_format", ("audio", "sse"), "audio")
    generation = _generation(request, asked)
    with ExitStack() as held:
        if not held.enter_context(wait.place(request.user.pk)):
            raise Refused(429, "Too much is being spoken for you, or here, at this moment. Try again in a few seconds.")
        tasks.submit(generation)
        parts = _encoded(generation, form, held.pop_all())
        try:
            first = next(parts)
        except Ended as ended:
            raise Refused(500, str(ended), code="generation_failed") from None
    content = _together(first, parts)
    return StreamingHttpResponse(
        _events(content, generation) if stream == "sse" else content,
        content_type="text/event-stream" if stream == "sse" else FORMATS[form].content_type,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Generation-Id": str(generation.pk)},
    )


def _generation(request: Request, asked: dict) -> Generation:
    """What is asked for, not saved."""
    voice = asked.get("voice")
    model = str(asked.get("model") or "")
    form_data = {
        "voice": str(voice.get("id") if isinstance(voice, dict) else voice or ""),
        "text": asked.get("input") if isinstance(asked.get("input"), str) else "",
        "model": "" if model in DEFAULT else model,
        "language": _language(asked.get("language")),
        "speed": asked.get("speed", 1.0),
        "seed": asked.get("seed"),
    }
    try:
        form = NamingForm(form_data, user=request.user)
    except EngineError as error:
        raise Refused(500, error.message, code="no_engine") from error
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        if name == "model":
            raise Refused(
                404, f"There is no model “{model}” here: /v1/models lists them.", param="model", code="model_not_found"
            )
        if name == "voice":
            raise Refused(400, f"{errors[0]} /v1/audio/voices lists them.", param="voice", code="voice_not_found")
        raise Refused(400, str(errors[0]), param=NAMES.get(name, name))
    return form.generation()


def _encoded(generation: Generation, form: str, held: ExitStack) -> Iterator[bytes]:
    """The bytes of a file of it, as they come. Gives its place back at the end, however that comes."""
    parts = follow(generation)
    try:
        first, rate = next(parts)

        def chunks() -> Iterator[np.ndarray]:
            yield first
            for samples, _ in parts:
                yield samples

        told = tags(generation.title, generation.voice_name, timezone.now())
        yield from encode(chunks(), rate, form, told)
    finally:
        parts.close()
        held.close()


def _together(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield first
        yield from rest
    finally:
        rest.close()  # type: ignore[attr-defined]


def _events(content: Iterator[bytes], generation: Generation) -> Iterator[bytes]:
    """The bytes as events, of which the last says that it is the last."""
    try:
        for data in content:
            yield _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})
    except Ended as ended:
        yield _event({"type": "error", **Refused(500, str(ended), code="generation_failed").as_dict()})
        return
    finally:
        content.close()  # type: ignore[attr-defined]
    said = len(generation.text.split())
    usage = {"input_tokens": said, "output_tokens": 0, "total_tokens": said}  # words: nobody pays for them here
    yield _event({"type": "speech.audio.done", "usage": usage})


def _event(data: dict) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


@endpoint("speak", "GET")
def voices(request: Request) -> HttpResponse:
    """The voices that may speak for one. Not of OpenAI's API, but asked for by programs that offer a choice."""
    usable = VoiceProfile.objects.usable_by(request.user).select_related("owner").order_by("name", "pk")
    return JsonResponse(
        {
            "voices": [
                {
                    "id": str(voice.pk),
                    "name": voice.name,
                    "language": voice.language,
                    "description": voice.description,
                    "shared_by": voice.owner.username if voice.owner_id != request.user.pk else None,
                }
                for voice in usable.only("pk", "name", "language", "description", "owner__username")
            ]
        }
    )


@endpoint("speak", "GET")
def models(request: Request) -> HttpResponse:
    return JsonResponse({"object": "list", "data": _models()})


@endpoint("speak", "GET")
def model(request: Request, name: str) -> HttpResponse:
    found = next((one for one in _models() if one["id"] == name), None)
    if found is None:
        raise Refused(404, f"There is no model “{name}” here.", param="model", code="model_not_found")
    return JsonResponse(found)


def _models() -> list[dict[str, Any]]:
    """Of the site, and the names of OpenAI's that stand for its defaults."""
    try:
        here = [offer.key for offer in engine_choice.offers() if offer.is_here]
    except EngineError:
        here = []
    names = [*here, *(DEFAULT if here else ()), TRANSCRIBER]
    return [{"id": name, "object": "model", "created": 0, "owned_by": "voicesite"} for name in names]


# ---------------------------------------------------------------------------------------------------------------------
# Transcription


@endpoint("speak", "POST")
def transcriptions(request: Request) -> HttpResponse:
    """Write down what is said in `file`. It is not kept."""
    form = _choice(request.POST, "response_format", TEXTS, "json")
    upload = request.FILES.get("file")
    if upload is None:
        raise Refused(400, "Send the recording as `file`, in a multipart form.", param="file")
    language = _language(request.POST.get("language"))
    if why := why_not(language):
        raise Refused(400, why, param="language", code="language_not_supported")
    granularities = request.POST.getlist("timestamp_granularities[]")
    with wait.place(request.user.pk) as has_place:
        if not has_place:
            raise Refused(429, "Too much is going on for you, or here, at this moment. Try again in a few seconds.")
        dictation = _take_in(request, upload, language)
        try:
            wait.until_ended(dictation, LONGEST_WAIT)
            dictation.refresh_from_db()
            if dictation.state != State.COMPLETED:
                dictation.request_cancel()
                raise Refused(500, dictation.error or "It took too long.", code="transcription_failed")
            return _written(dictation, form, granularities)
        finally:
            dictation.audio.delete(save=False)
            Dictation.objects.filter(pk=dictation.pk).delete()


def _take_in(request: Request, upload, language: str) -> Dictation:
    """Decode an upload, in the process that decodes recordings, and ask that it is written down."""
    try:
        check_size(upload.size or 0, limits())
        with turn(request.user.pk), as_path(upload) as sent:
            received = intake.take_in(sent, limits())
    except AudioRejected as rejected:
        status = 429 if rejected.code == "busy" else 413 if rejected.code == "too_large" else 400
        raise Refused(status, rejected.message, param="file", code=rejected.code) from None
    dictation = Dictation(owner=request.user, seconds=received.seconds, language=language)
    dictation.audio.save("recording.flac", ContentFile(received.flac), save=False)
    with transaction.atomic():
        dictation.save(force_insert=True)
        ring_background()
    return dictation


def _written(dictation: Dictation, form: str, granularities: list[str]) -> HttpResponse:
    lines = _lines(dictation.words)
    match form:
        case "text":
            return HttpResponse(f"{dictation.text}\n", content_type="text/plain; charset=utf-8")
        case "srt" | "vtt":
            return _subtitles(lines, form)
        case "json":
            return JsonResponse({"text": dictation.text})
    told: dict[str, Any] = {
        "task": "transcribe",
        "language": dictation.language.split("-")[0],
        "duration": round(dictation.seconds, 3),
        "text": dictation.text,
    }
    if "word" in granularities:
        told["words"] = [{"word": text.strip(), "start": start, "end": end} for text, start, end, _ in dictation.words]
    if "segment" in granularities or not granularities:
        told["segments"] = [
            {"id": number, "start": start, "end": end, "text": text} for number, (start, end, text) in enumerate(lines)
        ]
    return JsonResponse(told)


def _subtitles(lines: list[tuple[float, float, str]], form: str) -> HttpResponse:
    mark = "," if form == "srt" else "."
    cues = [f"{_clock(start, mark)} --> {_clock(end, mark)}\n{text}\n" for start, end, text in lines]
    if form == "vtt":
        return HttpResponse("\n".join(["WEBVTT\n", *cues]), content_type="text/vtt; charset=utf-8")
    numbered = "\n".join(f"{number}\n{cue}" for number, cue in enumerate(cues, 1))
    return HttpResponse(numbered, content_type="application/x-subrip; charset=utf-8")


def _lines(words: list) -> list[tuple[float, float, str]]:
    """Subtitles: as many words as one reads at a glance, ended by a pause, a sentence, or 7 seconds."""
    lines: list[list] = []
    for text, start, end, _ in words:
        last = lines[-1] if lines else None
        full = last and (
            len(last[2]) + len(text) > 84 or end - last[0] > 7 or start - last[1] > 1 or last[2][-1:] in ".?!。？！"
        )
        if last is None or full:
            lines.append([start, end, text.strip()])
        else:
            last[1], last[2] = end, last[2] + text
    return [(start, end, text) for start, end, text in lines]


def _clock(seconds: float, mark: str) -> str:
    thousandths = round(seconds * 1000)
    hours, minutes, whole = thousandths // 3_600_000, thousandths // 60_000 % 60, thousandths // 1000 % 60
    return f"{hours:02}:{minutes:02}:{whole:02}{mark}{thousandths % 1000:03}"


# ---------------------------------------------------------------------------------------------------------------------


def _json(request: HttpRequest) -> dict:
    try:
        asked = json.loads(request.body)
    except ValueError:
        raise Refused(400, "The body is no JSON.") from None
    if not isinstance(asked, dict):
        raise Refused(400, "The body is no JSON object.")
    return asked


def _choice(asked, name: str, known: tuple[str, ...], default: str) -> str:
    wanted = asked.get(name) or default
    if wanted not in known:
        raise Refused(400, f"`{name}` is one of {', '.join(known)}.", param=name)
    return wanted


def _language(written: Any) -> str:
    """A code of voices.languages, of what programs call a language; empty where they say nothing."""
    if not written:
        return ""
    try:
        return language_code(str(written))
    except ValueError as error:
        raise Refused(400, str(error), param="language") from None


@endpoint("speak", "GET", "POST", "PUT", "PATCH", "DELETE")
def nowhere(request: Request, **_kwargs) -> HttpResponse:
    raise Refused(
        404, f"{request.method} {request.path} is not of what this site offers of OpenAI's API.", code="unknown_url"
    )


urlpatterns = [
    path("audio/speech", speech),
    path("audio/voices", voices),
    path("audio/models", models),
    path("audio/transcriptions", transcriptions),
    path("models", models),
    path("models/<path:name>", model),
    re_path("", nowhere),
]
