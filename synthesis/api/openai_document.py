"""What the OpenAPI document says of /v1/, whose views are no operations of ninja's: they answer as OpenAI does."""

from typing import Any

from synthesis.delivery.encoding import FORMATS, STREAMED_FORMATS

from .openai_transcriptions import RESPONSE_FORMATS

JSON, EVENTS = "application/json", "text/event-stream"
TEXT = {"type": "string"}
ERROR_WORDS = {
    400: "A field is wrong: `param` says which",
    401: "There is no key, or it is wrong, revoked or expired",
    403: "The key lacks the scope `speak`",
    404: "There is no such model",
    405: "`Allow` says what the address takes",
    409: "The same request is being answered: ask again after `Retry-After` seconds",
    413: "The file or the body is too large",
    415: "It is of a kind that can’t be read",
    422: "The Idempotency-Key was sent with another request",
    429: "Too much at once, or too many requests: ask again after `Retry-After` seconds",
    500: "It failed: the message says why",
}

SCHEMAS: dict[str, Any] = {
    "OpenAIError": {
        "description": "The body of every error at `/v1/`.",
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "type", "param", "code"],
                "properties": {
                    "message": TEXT,
                    "type": TEXT | {"examples": ["invalid_request_error"]},
                    "param": {"type": ["string", "null"], "description": "The field that is wrong, where it is known"},
                    "code": {"type": ["string", "null"]},
                },
            }
        },
    },
    "OpenAISpeechIn": {
        "description": "What to speak. Fields of OpenAI’s that are not here are ignored.",
        "type": "object",
        "required": ["input", "voice"],
        "properties": {
            "input": TEXT | {"minLength": 1},
            "voice": {"type": ["string", "object"], "description": "A voice’s name or id, or an object with its `id`"},
            "model": {
                "type": ["string", "null"],
                "description": "One of `/v1/models`; the site’s default by OpenAI’s names",
            },
            "response_format": {"type": ["string", "null"], "enum": [*STREAMED_FORMATS, None]},
            "stream_format": {"type": ["string", "null"], "enum": ["audio", "sse", None]},
            "speed": {"type": ["number", "null"], "minimum": 0.25, "maximum": 4},
            "instructions": {
                "type": ["string", "null"],
                "description": "How to speak: where the model takes them, else `X-Instructions` says “ignored”",
            },
            "language": {"type": ["string", "null"], "description": "The voice’s by default"},
            "seed": {"type": ["integer", "null"], "description": "The same seed gives the same speech again"},
            "cast": {"type": ["object", "null"], "description": "A voice for each speaker of a dialogue"},
        },
        "example": {"model": "tts-1", "voice": "Grandmother", "input": "Good morning to all of you."},
    },
    "OpenAITranscriptionIn": {
        "description": "A recording, and how its words are wanted. Fields of OpenAI’s that are not here are ignored.",
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "model": TEXT,
            "language": TEXT | {"description": "Found out by default, where the transcriber can"},
            "response_format": TEXT | {"enum": [*RESPONSE_FORMATS]},
            "stream": TEXT | {"enum": ["true", "false"], "description": "As events, while it is heard"},
            "timestamp_granularities[]": {"type": "array", "items": TEXT | {"enum": ["word", "segment"]}},
        },
    },
    "OpenAITranscription": {
        "description": "What is said in a recording; with `verbose_json`, also in which language, how long it is, and when.",
        "type": "object",
        "required": ["text"],
        "properties": {"text": TEXT, "language": TEXT, "duration": {"type": "number"}},
    },
    "OpenAIModel": {
        "description": "A model that can be named.",
        "type": "object",
        "required": ["id", "object", "created", "owned_by"],
        "properties": {
            "id": TEXT | {"examples": ["tts-1"]},
            "object": {"const": "model"},
            "created": {"type": "integer"},
            "owned_by": TEXT,
        },
    },
    "OpenAIModels": {
        "description": "The models of this site, and OpenAI’s names for them.",
        "type": "object",
        "required": ["object", "data"],
        "properties": {
            "object": {"const": "list"},
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/OpenAIModel"}},
        },
    },
    "OpenAIVoice": {
        "description": "A voice that you may speak with.",
        "type": "object",
        "required": ["id", "name", "language"],
        "properties": {"id": TEXT, "name": TEXT, "language": TEXT},
    },
    "OpenAIVoices": {
        "description": "The voices that you may speak with.",
        "type": "object",
        "required": ["voices"],
        "properties": {"voices": {"type": "array", "items": {"$ref": "#/components/schemas/OpenAIVoice"}}},
    },
}


def _operation(
    name: str, summary: str, words: str, answers: dict[str, Any], *errors: int, **more: Any
) -> dict[str, Any]:
    """Return an operation. answers: the schema of each content type of its success; errors: beside those of all."""
    responses: dict[int, Any] = {
        200: {"description": "OK", "content": {kind: {"schema": schema} for kind, schema in answers.items()}}
    }
    content = {JSON: {"schema": {"$ref": "#/components/schemas/OpenAIError"}}}
    for status in sorted({401, 403, 429, 500, *errors}):
        responses[status] = {"description": ERROR_WORDS[status], "content": content}
    return {
        "operationId": name,
        "summary": summary,
        "description": words,
        "tags": ["OpenAI"],
        "parameters": [],
        "responses": responses,
        "security": [{"Bearer": []}],
        **more,
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _body(kind: str, name: str) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {kind: {"schema": _reference(name)}}}}


SOUND_KINDS = sorted({FORMATS[name].content_type for name in STREAMED_FORMATS})
WRITE_ERRORS = (400, 404, 409, 413, 415, 422)
MODEL_NAME = {"in": "path", "name": "model", "required": True, "schema": TEXT, "example": "tts-1"}


def paths() -> dict[str, dict[str, Any]]:
    """Return the operations by address and method, each time anew: the document adds to them what those of /api/ have."""
    return {
        "/v1/audio/speech": {
            "post": _operation(
                "openai_speech",
                "Speak, as OpenAI does",
                "Speak `input`, and stream it while it is made; as a file, or as server-sent events.",
                {kind: {"type": "string", "format": "binary"} for kind in SOUND_KINDS} | {EVENTS: TEXT},
                *WRITE_ERRORS,
                **_body(JSON, "OpenAISpeechIn"),
            )
        },
        "/v1/audio/transcriptions": {
            "post": _operation(
                "openai_transcription",
                "Transcribe, as OpenAI does",
                "Write down what is said in a recording. Neither is kept, but where an Idempotency-Key asks for that.",
                {JSON: _reference("OpenAITranscription"), "text/plain": TEXT, "text/vtt": TEXT}
                | {"application/x-subrip": TEXT, EVENTS: TEXT},
                *WRITE_ERRORS,
                **_body("multipart/form-data", "OpenAITranscriptionIn"),
            )
        },
        "/v1/audio/voices": {
            "get": _operation(
                "openai_voices",
                "List voices, as programs made for OpenAI ask",
                "OpenAI has no such list; its imitations do.",
                {JSON: _reference("OpenAIVoices")},
            )
        },
        "/v1/audio/models": {
            "get": _operation(
                "openai_speech_models",
                "List models that speak",
                "OpenAI has no such list; its imitations do.",
                {JSON: _reference("OpenAIModels")},
            )
        },
        "/v1/models": {
            "get": _operation(
                "openai_models",
                "List models, as OpenAI does",
                "OpenAI’s own names stand for the site’s defaults.",
                {JSON: _reference("OpenAIModels")},
            )
        },
        "/v1/models/{model}": {
            "get": _operation(
                "openai_model",
                "Show a model, as OpenAI does",
                "By any of the names that are listed.",
                {JSON: _reference("OpenAIModel")},
                404,
                parameters=[MODEL_NAME],
            )
        },
    }
