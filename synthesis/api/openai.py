"""What OpenAI's own client expects at /v1/, so that programs made for it work here by changing the address and the key.

Follows OpenAI's API reference of audio and models: https://platform.openai.com/docs/api-reference/audio. Each request
is one that the site knows already: speech is a generation in its owner's library, by the studio's form.
"""

import base64
import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.utils import timezone

from synthesis.delivery.encoding import FORMATS, encode
from synthesis.delivery.live_audio import GenerationFailed, follow
from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.generations.forms import ApiGenerationForm
from synthesis.models import Generation
from synthesis.workers import tasks
from voices.models import VoiceProfile
from voicesite.people.requests import Request
from voicesite.web.audio_metadata import tags

from . import wait
from .openai_errors import Refused, choice_of, endpoint, json_body, language_of
from .openai_transcriptions import transcriptions

logger = logging.getLogger(__name__)

DEFAULT_MODEL_NAMES = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")  # models of OpenAI's: here, what speaks by itself
TRANSCRIPTION_MODEL = "whisper-1"
API_FIELD_NAMES = {"text": "input"}  # of the form's fields, as they are called here


# ---------------------------------------------------------------------------------------------------------------------
# Speech


@endpoint("speak", "POST")
def speech(request: Request) -> HttpResponseBase:
    """Speak `input`, and send it while it is made."""
    asked = json_body(request)
    audio_format = choice_of(asked, "response_format", tuple(FORMATS), "mp3")
    stream = choice_of(asked, "stream_format", ("audio", "sse"), "audio")
    generation = _generation(request, asked)
    with ExitStack() as held:
        if not held.enter_context(wait.place(request.user.pk)):
            raise Refused(429, "Too much is being spoken for you, or here, at this moment. Try again in a few seconds.")
        tasks.submit(generation)
        parts = _encoded(generation, audio_format, held.pop_all())
        try:
            first = next(parts)
        except GenerationFailed as error:
            raise Refused(500, str(error), code="generation_failed") from None
    content = _together(first, parts)
    return StreamingHttpResponse(
        _events(content, generation) if stream == "sse" else content,
        content_type="text/event-stream" if stream == "sse" else FORMATS[audio_format].content_type,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Generation-Id": str(generation.pk)},
    )


def _generation(request: Request, asked: dict) -> Generation:
    """What is asked for, not saved."""
    voice = asked.get("voice")
    model = str(asked.get("model") or "")
    form_data = {
        "voice": str(voice.get("id") if isinstance(voice, dict) else voice or ""),
        "text": asked.get("input") if isinstance(asked.get("input"), str) else "",
        "model": "" if model in DEFAULT_MODEL_NAMES else model,
        "language": language_of(asked.get("language")),
        "speed": asked.get("speed", 1.0),
        "seed": asked.get("seed"),
    }
    try:
        form = ApiGenerationForm(form_data, user=request.user)
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
        raise Refused(400, str(errors[0]), param=API_FIELD_NAMES.get(name, name))
    return form.generation()


def _encoded(generation: Generation, audio_format: str, held: ExitStack) -> Iterator[bytes]:
    """The bytes of a file of it, as they come. Gives its place back at the end, however that comes."""
    parts = follow(generation)
    try:
        first, rate = next(parts)

        def chunks() -> Iterator[np.ndarray]:
            yield first
            for samples, _ in parts:
                yield samples

        told = tags(generation.title, generation.voice_name, timezone.now())
        yield from encode(chunks(), rate, audio_format, told)
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
    except GenerationFailed as error:
        yield _event({"type": "error", **Refused(500, str(error), code="generation_failed").as_dict()})
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
        here = [offer.key for offer in engine_choice.options() if offer.is_here]
    except EngineError:
        here = []
    names = [*here, *(DEFAULT_MODEL_NAMES if here else ()), TRANSCRIPTION_MODEL]
    return [{"id": name, "object": "model", "created": 0, "owned_by": "voicesite"} for name in names]


# ---------------------------------------------------------------------------------------------------------------------
# Transcription


# ---------------------------------------------------------------------------------------------------------------------


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
