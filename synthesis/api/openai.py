"""The OpenAI-compatible API at /v1/: its clients work here once their base URL and key are changed.

Follows https://platform.openai.com/docs/api-reference/audio. Speech goes into the library, by the REST API's form.
"""

import base64
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

import numpy as np
from asgiref.sync import sync_to_async
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.utils import timezone

from synthesis.delivery.encoding import FORMATS, STREAMED_FORMATS, encode
from synthesis.delivery.live_audio import encoded
from synthesis.models import Generation
from synthesis.segments.timeline import RATE
from voicesite.people.requests import Request, key_of
from voicesite.resources import DISK_FULL, lacking
from voicesite.web import events
from voicesite.web.addresses import with_or_without_slash
from voicesite.web.audio_metadata import anonymous_tags
from voicesite.web.rejection import Rejected

from .openai_errors import choice_of, endpoint, error_body, json_body
from .openai_lists import model, models, speech_models, voices
from .openai_speech import NothingToSay, generation_of, headers_of
from .openai_transcriptions import transcriptions, translations
from .rest import made_before, submit_noted

SILENCE_SECONDS = 0.3  # for a text without words


@endpoint("speak", "POST")
async def speech(request: Request) -> HttpResponseBase:
    """Speak `input`, and stream it while it is generated. Whoever hangs up cancels it; whoever waits holds no thread."""
    body = json_body(request)
    audio_format = choice_of(body, "response_format", STREAMED_FORMATS, "mp3")
    stream = choice_of(body, "stream_format", ("audio", "sse"), "audio")
    try:
        generation, headers = await sync_to_async(_asked)(request, body)
    except NothingToSay:
        return await sync_to_async(_silence)(audio_format, stream)
    content = encoded(generation, audio_format, partial(submit_noted, request, generation))
    first = await anext(content)  # a failure before the first sound is an error response
    content = _from(first, content)
    return StreamingHttpResponse(
        _events(content, generation) if stream == "sse" else content,
        content_type=events.CONTENT_TYPE if stream == "sse" else FORMATS[audio_format].content_type,
        headers={**events.HEADERS, "X-Generation-Id": str(generation.pk), **headers},
    )


def _silence(audio_format: str, stream: str) -> HttpResponse:
    """Return the answer to a text without words: a short silence, which is not in the library.

    Programs speak “.” to find out whether a key is good, and what is left of a text between two sentences, such as “…”.
    """
    sound = encode(
        [np.zeros(round(SILENCE_SECONDS * RATE), np.float32)], RATE, audio_format, anonymous_tags(timezone.now())
    )
    data, kind = b"".join(sound), FORMATS[audio_format].content_type
    if stream == "sse":
        data, kind = _delta(data) + _done(0), events.CONTENT_TYPE
    return HttpResponse(data, content_type=kind, headers=events.HEADERS)


def _asked(request: Request, body: dict) -> tuple[Generation, dict[str, str]]:
    """Return the generation that is asked for, not submitted yet, and what headers say of it. Raises Rejected."""
    generation = made_before(request) or _generation(request, body)
    return generation, headers_of(generation, body)


async def _from(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(rest):
        yield first
        async for data in rest:
            yield data


def _generation(request: Request, body: dict) -> Generation:
    """Return the requested generation, unsaved. Raises Rejected."""
    if lacking("disk"):  # it would wait for nobody knows how long, and so would the program
        raise Rejected("disk_full", DISK_FULL)
    generation = generation_of(request.user, body)
    generation.api_key = key_of(request)
    return generation


async def _events(content: AsyncGenerator[bytes, None], generation: Generation) -> AsyncGenerator[bytes, None]:
    """Yield the content as server-sent events, and one that ends them."""
    try:
        async with aclosing(content):
            async for data in content:
                yield _delta(data)
    except Rejected as rejected:
        yield _event({"type": "error", **error_body(rejected)})
        return
    yield _done(len(generation.text.split()))


def _delta(data: bytes) -> bytes:
    return _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})


def _done(said: int) -> bytes:
    usage = {"input_tokens": said, "output_tokens": 0, "total_tokens": said}  # words: nothing is billed
    return _event({"type": "speech.audio.done", "usage": usage})


def _event(data: dict) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


@endpoint("speak", "GET", "POST", "PUT", "PATCH", "DELETE")
def nowhere(request: Request, **_kwargs) -> HttpResponse:
    raise Rejected(
        "unknown_url", f"{request.method} {request.path} is not part of OpenAI’s API as this site offers it."
    )


urlpatterns = [
    *map(
        with_or_without_slash,
        [
            path("audio/speech", speech),
            path("audio/voices", voices),
            path("audio/models", speech_models),
            path("audio/transcriptions", transcriptions),
            path("audio/translations", translations),
            path("models", models),
            path("models/<path:name>", model),
        ],
    ),
    re_path("", nowhere),
]
