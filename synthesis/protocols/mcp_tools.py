"""The tools that assistants are offered by MCP. They do what operations of the REST API do, with their words.

Queries go through `sync_to_async`, whose threads live views have in common; what takes longer has a thread of its own.
"""

import asyncio
import base64
import binascii
import json
import logging
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple
from uuid import UUID

import mcp_types as mcp
import soundfile
from asgiref.sync import sync_to_async
from django.conf import settings
from django.shortcuts import get_object_or_404
from django.urls import reverse
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from ninja import Schema
from pydantic import ConfigDict, Field, ValidationError

from synthesis.api import rest, wait
from synthesis.api.schemas import GenerationIn, TaskOut
from synthesis.delivery.encoding import FORMATS, encode
from synthesis.generations.voice_names import label
from synthesis.models import Generation
from synthesis.segments.timeline import RATE
from voices.clips.service import limits, uploads
from voices.intake import process as intake
from voices.intake.decoding import check_size
from voices.models import Recording, TranscriptionRequest, VoiceProfile
from voices.transcription import requests as transcription
from voices.written_languages import language_of
from voicesite.jobs.job import State
from voicesite.people import keys
from voicesite.people.requests import Request, key_of
from voicesite.temporary import PREFIX
from voicesite.web.admission import Places
from voicesite.web.audio_metadata import tags
from voicesite.web.rejection import Rejected
from voicesite.web.rest import error_response, rejection_of

logger = logging.getLogger(__name__)

WAIT_SECONDS = 45.0  # for speech or a transcript: many clients give up after 60
SILENT_SECONDS = 0.1  # with less speech in it, a recording says nothing
MAX_SOUND_BYTES = (
    700_000  # of an answer, before base64: clients take no answer of more than a megabyte; a minute of MP3
)
MAX_SOUND_SECONDS = 180  # no format is so small that more would fit

# Each holds its recording in memory, twice, until its turn to be decoded.
hearing = Places(Rejected, "Other recordings of yours are being decoded. Wait for one of them.", 4)

INSTRUCTIONS = (
    "Speak texts in the voices of this site, which are cloned from people who agreed, and transcribe recordings. Say that "
    "speech is AI-generated where you pass it on."
)


class NothingIn(Schema):
    model_config = ConfigDict(extra="forbid")


class SpeakIn(GenerationIn):
    audio_format: Literal["mp3", "opus", "flac", "wav"] = Field("mp3", description="mp3 is small, wav is exact")


class TaskIn(Schema):
    model_config = ConfigDict(extra="forbid")

    task_id: UUID = Field(description="What `speak` answered")
    audio_format: Literal["mp3", "opus", "flac", "wav"] = "mp3"


class TranscribeIn(Schema):
    model_config = ConfigDict(extra="forbid")

    audio: str = Field("", description="The recording in base64: wav, mp3, m4a, ogg, webm, flac …")
    recording_id: UUID | None = Field(None, description="Or a recording that is on the site already")
    language: str = Field("", description="What is spoken, as in en, es or French; found out where it is left out")


class Answer(NamedTuple):
    content: list[mcp.ContentBlock]
    data: dict[str, Any]  # the same for programs


async def list_voices(request: Request, asked: NothingIn) -> Answer:
    """List the voices that you may speak with: your own, shared and built-in ones."""

    def voices() -> list[dict[str, Any]]:
        usable = VoiceProfile.objects.usable_by(request.user).select_related("owner").order_by("preset", "name", "pk")
        return [
            {
                "id": str(voice.pk),
                "name": voice.name,
                "language": voice.language,
                "description": voice.description,
                "label": label(voice, request.user),
            }
            for voice in usable
        ]

    data = {"voices": await sync_to_async(voices)()}
    return Answer([mcp.TextContent(text=json.dumps(data, ensure_ascii=False))], data)


async def speak(request: Request, asked: SpeakIn) -> Answer:
    """Speak a text, and answer with the sound; with a link where that is too long to send; or with a task where it takes
    longer than 45 seconds, which `get_speech` is asked for."""
    generation = await sync_to_async(rest.submit)(request, asked)
    return await _speech(request, generation.pk, asked.audio_format)


async def get_speech(request: Request, asked: TaskIn) -> Answer:
    """Ask again for speech that was not ready. It waits for 45 seconds at most, and answers as `speak` does."""
    return await _speech(request, asked.task_id, asked.audio_format)


async def transcribe(request: Request, asked: TranscribeIn) -> Answer:
    """Write down what is said in a recording, which is sent in base64 (4 MB at most) or is on the site."""
    if bool(asked.audio) == bool(asked.recording_id):
        raise Rejected("invalid", "Send either `audio`, in base64, or a `recording_id`.")
    language = language_of(asked.language)
    if why := transcription.why_not(language):
        raise Rejected("language_not_supported", why).about("language")
    if asked.recording_id:
        flac, seconds = await sync_to_async(_recording)(request, asked.recording_id)
    else:
        decoded = await _take_down(request.user.pk, asked.audio)
        if decoded.speech_seconds < SILENT_SECONDS:  # a transcriber would make something up
            return _transcript("", language, decoded.seconds)
        flac, seconds = decoded.flac, decoded.seconds
    job = TranscriptionRequest(owner=request.user, api_key=key_of(request), seconds=seconds, language=language)
    async with wait.transcribing(job, flac):
        await wait.until_ended(job, WAIT_SECONDS)
        await sync_to_async(job.refresh_from_db)()
    if job.state != State.COMPLETED:
        longer = "This takes longer than an assistant waits. Send less, or use /v1/audio/transcriptions."
        raise Rejected("transcription_failed", job.error or longer)
    return _transcript(job.text.strip(), job.language, job.seconds)


def _transcript(text: str, language: str, seconds: float) -> Answer:
    data = {"text": text, "language": language, "seconds": round(seconds, 2)}
    return Answer([mcp.TextContent(text=text)], data)


class Tool(NamedTuple):
    title: str
    run: Callable[[Request, Any], Awaitable[Answer]]
    arguments: type[Schema]
    changes: bool  # something: it needs the scope `speak`


TOOLS = {
    "list_voices": Tool("List voices", list_voices, NothingIn, changes=False),
    "speak": Tool("Speak", speak, SpeakIn, changes=True),
    "get_speech": Tool("Get speech", get_speech, TaskIn, changes=False),
    "transcribe": Tool("Transcribe", transcribe, TranscribeIn, changes=True),
}


async def _speech(request: Request, task_id: UUID, audio_format: str) -> Answer:
    """Wait for a generation, and return its sound, a link to it, or how far it is. Raises Rejected."""
    await wait.until_ended((await sync_to_async(_task)(request, task_id))[0], WAIT_SECONDS)
    generation, data = await sync_to_async(_task)(request, task_id)
    if generation.state == State.CANCELLED:
        raise Rejected("generation_cancelled", "It has been cancelled.")
    if generation.state == State.FAILED:
        raise Rejected("generation_failed", generation.error)
    if generation.state != State.COMPLETED:
        words = f"{data['message']} Ask `get_speech` for the task {task_id}."
        return Answer([mcp.TextContent(text=words)], data)
    path = reverse("api:speech", args=[generation.pk])
    url = request.build_absolute_uri(f"{path}?format={audio_format}")
    data |= {"voice": generation.voice_name, "seconds": round(generation.seconds or 0, 2), "url": url}
    said = f"{generation.voice_name} says it in {data['seconds']} s of speech, which is AI-generated."
    if sound := await asyncio.to_thread(_sound, generation, audio_format):
        audio = mcp.AudioContent(data=base64.b64encode(sound).decode(), mime_type=FORMATS[audio_format].content_type)
        return Answer([audio, mcp.TextContent(text=said)], data)
    words = f"{said} It is too long to send here: download it, with your key, from {url}"
    return Answer([mcp.TextContent(text=words)], data)


def _task(request: Request, task_id: UUID) -> tuple[Generation, dict[str, Any]]:
    """Return a generation of the user's, and how far it is. Raises Http404."""
    generation = rest.get_task(request, task_id)
    shown = {"task_id", "status", "progress", "message", "eta_seconds"}
    return generation, TaskOut.from_orm(generation).model_dump(mode="json", include=shown)


def _sound(generation: Generation, audio_format: str) -> bytes:
    """Return finished speech in a format; nothing where it is too long for an answer. Raises Rejected."""
    if (generation.seconds or 0) > MAX_SOUND_SECONDS:
        return b""
    try:
        with generation.audio.open() as file:
            samples = soundfile.read(file, dtype="float32")[0]
    except FileNotFoundError:
        raise Rejected("not_found", "The file is gone.") from None
    made = generation.finished_at or generation.created_at
    parts = encode([samples], RATE, audio_format, tags(generation.title, generation.voice_name, made))
    sound = b"".join(parts)
    return sound if len(sound) <= MAX_SOUND_BYTES else b""


def _recording(request: Request, recording_id: UUID) -> tuple[bytes, float]:
    """Return a recording of the user's, and its seconds. Raises Http404."""
    recording = get_object_or_404(Recording.objects.kept().filter(owner=request.user), pk=recording_id)
    with recording.audio.open() as file:
        return file.read(), recording.seconds


async def _take_down(person: int, encoded: str) -> intake.Decoded:
    """Decode a recording that was sent. Raises Rejected."""
    try:
        sound = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise Rejected("invalid", "This is not base64.").about("audio") from None
    check_size(len(sound), limits())

    def decoded() -> intake.Decoded:
        with tempfile.NamedTemporaryFile(prefix=PREFIX) as file:
            file.write(sound)
            file.flush()
            return intake.take_down(Path(file.name), limits())

    with hearing.place(person):
        return await uploads.in_turn(person, decoded)


# ---------------------------------------------------------------------------------------------------------------------
# What the library calls


async def _list_tools(context: ServerRequestContext, params: mcp.PaginatedRequestParams | None) -> mcp.ListToolsResult:
    return mcp.ListToolsResult(
        tools=[
            mcp.Tool(
                name=name,
                title=tool.title,
                description=" ".join((tool.run.__doc__ or "").split()),
                input_schema=tool.arguments.model_json_schema(),
                annotations=mcp.ToolAnnotations(
                    read_only_hint=not tool.changes, destructive_hint=False, open_world_hint=False
                ),
            )
            for name, tool in TOOLS.items()
        ]
    )


async def _call_tool(context: ServerRequestContext, params: mcp.CallToolRequestParams) -> mcp.CallToolResult:
    assert context.request is not None
    request: Request = context.request.scope["voicesite.request"]
    try:
        answer = await _call(request, params.name, params.arguments or {})
    except Exception as error:
        rejected = rejection_of(error)
        if rejected.code == "internal":
            logger.exception("MCP: the tool %s failed", params.name)
        data = json.loads(error_response(rejected).content)
        words = mcp.TextContent(text=data["error"]["message"])
        return mcp.CallToolResult(content=[words], structured_content=data, is_error=True)
    return mcp.CallToolResult(content=answer.content, structured_content=answer.data)


async def _call(request: Request, name: str, arguments: dict[str, Any]) -> Answer:
    tool = TOOLS.get(name)
    if tool is None:
        raise Rejected("not_found", f"There is no tool “{name}” here. There are: {', '.join(TOOLS)}.")
    key = key_of(request)
    if tool.changes and key and not key.allows("speak", "POST"):
        raise Rejected("scope_missing", f"The API key “{key.name}” lacks the scope “speak”.")
    try:
        asked = tool.arguments.model_validate(arguments)
    except ValidationError as error:
        fields: dict[str, list[str]] = {}
        for each in error.errors():
            fields.setdefault(".".join(map(str, each["loc"])), []).append(each["msg"])
        words = " ".join(f"{field}: {messages[0]}." for field, messages in fields.items())
        raise Rejected("invalid", words, fields) from None
    answer = await tool.run(request, asked)
    await sync_to_async(_check_key)(request)
    return answer


def _check_key(request: Request) -> None:
    """Raise Rejected if the key was revoked while the answer was waited for: it is for nobody then."""
    if keys.find(keys.sent_secret(request) or "") is None:
        raise Rejected("invalid_key", "This API key was revoked, or expired, meanwhile.")


server: Server = Server(
    "voicesite",
    title=settings.PUBLIC_NAME,
    version=settings.VERSION,
    instructions=INSTRUCTIONS,
    on_list_tools=_list_tools,
    on_call_tool=_call_tool,
)
