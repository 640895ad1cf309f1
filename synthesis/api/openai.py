"""The OpenAI-compatible API at /v1/: its clients work here once their base URL and key are changed.

Follows https://platform.openai.com/docs/api-reference/audio. Speech goes into the library, by the REST API's form.
"""

import base64
import json
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from itertools import chain
from typing import Any

from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.utils import timezone

from synthesis.delivery.encoding import FORMATS, STREAMED_FORMATS, encode
from synthesis.delivery.live_audio import follow
from synthesis.engines import EngineError
from synthesis.engines import choice as engine_choice
from synthesis.generations.forms import ApiGenerationForm
from synthesis.models import Generation
from synthesis.segments.timeline import RATE
from voices.models import VoiceProfile
from voicesite.people.requests import Request
from voicesite.web.admission import Stream
from voicesite.web.audio_metadata import tags
from voicesite.web.rejection import Rejected

from . import wait
from .openai_errors import choice_of, endpoint, error_body, json_body, language_of
from .openai_transcriptions import transcriptions

DEFAULT_MODEL_NAMES = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")  # OpenAI's models: here, each is the default model
TRANSCRIPTION_MODEL = "whisper-1"
API_FIELD_NAMES = {"text": "input"}  # what the API calls a field of the form


@endpoint("speak", "POST")
def speech(request: Request) -> HttpResponseBase:
    """Speak `input`, and stream it while it is generated."""
    body = json_body(request)
    audio_format = choice_of(body, "response_format", STREAMED_FORMATS, "mp3")
    stream = choice_of(body, "stream_format", ("audio", "sse"), "audio")
    generation = _generation(request, body)
    with ExitStack() as held:
        busy = "Too much is being spoken for you, or here, at this moment. Try again in a few seconds."
        held.enter_context(wait.waiting.slot(request.user.pk, busy))
        generation.submit()
        parts = held.enter_context(closing(_encoded(generation, audio_format)))
        content = chain([next(parts)], parts)  # a failure before the first sound is an error response
        return StreamingHttpResponse(
            Stream(_events(content, generation) if stream == "sse" else content, held.pop_all()),
            content_type="text/event-stream" if stream == "sse" else FORMATS[audio_format].content_type,
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Generation-Id": str(generation.pk)},
        )


def _generation(request: Request, body: dict) -> Generation:
    """Return the requested generation, unsaved. Raises Rejected."""
    cast = body.get("cast")
    model = str(body.get("model") or "")
    form_data = {
        "voice": str(_voice_of(body.get("voice")) or ""),
        "text": body.get("input") if isinstance(body.get("input"), str) else "",
        "model": "" if model in DEFAULT_MODEL_NAMES else model,
        "language": language_of(body.get("language")),
        "speed": body.get("speed", 1.0),
        "seed": body.get("seed"),
        "cast": {name: _voice_of(voice) for name, voice in cast.items()} if isinstance(cast, dict) else cast,
    }
    form = ApiGenerationForm(form_data, user=request.user)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        if name == "model":
            words = f"There is no model “{model}” here: /v1/models lists them."
            raise Rejected("model_not_found", words).about("model")
        if name == "voice":
            raise Rejected("voice_not_found", f"{errors[0]} /v1/audio/voices lists them.").about("voice")
        raise Rejected("bad_request", str(errors[0])).about(API_FIELD_NAMES.get(name, name))
    return form.generation()


def _voice_of(named: Any) -> Any:
    """Return what a program writes of a voice: a name or an id, or an object that has the id."""
    return named.get("id") if isinstance(named, dict) else named


def _encoded(generation: Generation, audio_format: str) -> Generator[bytes, None, None]:
    """Yield the encoded file, part by part. Closing the generator early cancels the generation."""
    with closing(follow(generation)) as parts:
        yield from encode(parts, RATE, audio_format, tags(generation.title, generation.voice_name, timezone.now()))


def _events(content: Iterator[bytes], generation: Generation) -> Iterator[bytes]:
    """Yield the content as server-sent events, and one that ends them."""
    try:
        for data in content:
            yield _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})
    except Rejected as rejected:
        yield _event({"type": "error", **error_body(rejected)})
        return
    said = len(generation.text.split())
    usage = {"input_tokens": said, "output_tokens": 0, "total_tokens": said}  # words: nothing is billed
    yield _event({"type": "speech.audio.done", "usage": usage})


def _event(data: dict) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


@endpoint("speak", "GET")
def voices(request: Request) -> HttpResponse:
    """List the voices that the user may speak with. OpenAI has no such endpoint, but programs with a voice list call it."""
    usable = VoiceProfile.objects.usable_by(request.user).select_related("owner").order_by("name", "pk")
    listed = [
        {
            "id": str(voice.pk),
            "name": voice.name,
            "language": voice.language,
            "description": voice.description,
            "shared_by": voice.owner.username if voice.owner_id != request.user.pk else None,
        }
        for voice in usable.only("pk", "name", "language", "description", "owner__username")
    ]
    return JsonResponse({"voices": listed})


@endpoint("speak", "GET")
def models(request: Request) -> HttpResponse:
    return JsonResponse({"object": "list", "data": _models()})


@endpoint("speak", "GET")
def model(request: Request, name: str) -> HttpResponse:
    found = next((one for one in _models() if one["id"] == name), None)
    if found is None:
        raise Rejected("model_not_found", f"There is no model “{name}” here.").about("model")
    return JsonResponse(found)


def _models() -> list[dict[str, Any]]:
    """Return the models that are here, and OpenAI's names, which stand for the default ones."""
    try:
        here = [option.key for option in engine_choice.options() if option.is_here]
    except EngineError:
        here = []
    names = [*here, *(DEFAULT_MODEL_NAMES if here else ()), TRANSCRIPTION_MODEL]
    return [{"id": name, "object": "model", "created": 0, "owned_by": "voicesite"} for name in names]


@endpoint("speak", "GET", "POST", "PUT", "PATCH", "DELETE")
def nowhere(request: Request, **_kwargs) -> HttpResponse:
    raise Rejected("unknown_url", f"{request.method} {request.path} is not of what this site offers of OpenAI's API.")


urlpatterns = [
    path("audio/speech", speech),
    path("audio/voices", voices),
    path("audio/models", models),
    path("audio/transcriptions", transcriptions),
    path("models", models),
    path("models/<path:name>", model),
    re_path("", nowhere),
]
