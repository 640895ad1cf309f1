"""MCP at /mcp: by the library's own client, and message by message."""

import asyncio
import base64
import io
import json
from contextlib import asynccontextmanager

import av
import httpx2
import pytest
import soundfile
from asgiref.sync import sync_to_async
from django.test import Client as Browser
from django.utils import timezone
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from synthesis.models import Generation
from synthesis.protocols import mcp_endpoint, mcp_tools
from tests import FIXTURES, asgi
from tests.factories import FittingFactory, GenerationFactory, RecordingFactory, UserFactory, VoiceFactory
from voices.models import TranscriptionRequest
from voicesite.asgi import application
from voicesite.people import keys

TRANSCRIPT = "This is what was said."
CLIP = FIXTURES / "english_austen_short.wav"


@pytest.fixture
def voice(transactional_db):
    return FittingFactory(voice__owner=UserFactory(username="ada"), voice__name="Grandmother").voice


def secret(user, *scopes) -> str:
    return keys.issue(user, "Assistant", list(scopes))[1]


@asynccontextmanager
async def connected(site, key, mode="auto"):
    """The library's client of the site."""
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=20) as http,
        Client(streamable_http_client(f"{site.url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_assistant_lists_voices_and_speaks(live_site, voice, worker, mode):
    VoiceFactory(owner=UserFactory(), name="Secret")

    key = secret(voice.owner, "speak")

    async def talking():
        async with connected(live_site, key, mode) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            voices = (await client.call_tool("list_voices", {})).structured_content["voices"]
            spoken = await client.call_tool("speak", {"voice": voices[0]["name"], "text": "One two three."})
            return client.server_info.name, tools, voices, spoken

    name, tools, voices, spoken = asyncio.run(talking())
    assert name == "voicesite" and set(tools) == {"list_voices", "speak", "get_speech", "transcribe"}
    assert tools["list_voices"].annotations.read_only_hint and not tools["speak"].annotations.read_only_hint
    assert tools["speak"].input_schema["required"] == ["voice", "text"] and "45 seconds" in tools["speak"].description
    assert [(one["name"], one["language"]) for one in voices] == [("Grandmother", "en-us")]
    generation = Generation.objects.get()
    assert (generation.owner, generation.text, spoken.is_error) == (voice.owner, "One two three.", False)
    audio, words = spoken.content
    assert audio.mime_type == "audio/mpeg" and "AI-generated" in words.text
    with av.open(io.BytesIO(base64.b64decode(audio.data))) as file:
        assert "AI-generated" in file.metadata["artist"]
        seconds = sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))
    assert seconds == pytest.approx(generation.seconds, abs=0.12)
    assert spoken.structured_content | {"url": "", "eta_seconds": 0} == {
        "task_id": str(generation.pk), "status": "completed", "progress": 100, "message": spoken.structured_content["message"],
        "eta_seconds": 0, "voice": "Grandmother", "seconds": pytest.approx(generation.seconds, abs=0.01), "url": "",
    }  # fmt: skip


def test_an_assistant_transcribes(live_site, voice, worker, settings):
    recording, key = RecordingFactory(owner=voice.owner), secret(voice.owner, "speak")
    asked = {"audio": base64.b64encode(CLIP.read_bytes()).decode(), "language": "English (American)"}

    async def talking():
        async with connected(live_site, key) as client:
            sent = await client.call_tool("transcribe", asked)
            return sent, await client.call_tool("transcribe", {"recording_id": str(recording.pk)})

    sent, kept = asyncio.run(talking())
    assert (sent.content[0].text, sent.structured_content["language"]) == (TRANSCRIPT, "en-us")
    assert sent.structured_content["seconds"] == pytest.approx(2.99, abs=0.05)
    assert (kept.content[0].text, kept.structured_content["seconds"]) == (TRANSCRIPT, 0.5)
    assert not TranscriptionRequest.objects.exists()
    assert not list((settings.MEDIA_ROOT / "transcription_requests").rglob("*.flac"))


# --- message by message


@pytest.fixture
def program(user):
    return Browser(headers={"Authorization": f"Bearer {secret(user, 'speak')}"})


def post(program, method="tools/list", headers=None, **params):
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    accept = {"Accept": "application/json, text/event-stream"}
    return program.post("/mcp", message, content_type="application/json", headers=accept | (headers or {}))


def call(program, tool, **arguments):
    response = post(program, "tools/call", name=tool, arguments=arguments)
    assert response.status_code == 200, response.content
    return response.json()["result"]


def refused(program, tool, **arguments) -> dict:
    result = call(program, tool, **arguments)
    error = result["structuredContent"]["error"]
    assert result["isError"] and result["content"][0]["text"] == error["message"]
    return error


@pytest.fixture
def no_wait(monkeypatch):
    monkeypatch.setattr(mcp_tools, "WAIT_SECONDS", 0.0)


def test_it_answers_json_and_keeps_no_session(program):
    response = post(program)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert response["Cache-Control"] == "no-store" and not response.has_header("Mcp-Session-Id")
    assert {tool["name"] for tool in response.json()["result"]["tools"]} == set(mcp_tools.TOOLS)
    notification = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    accept = {"Accept": "application/json, text/event-stream"}
    assert program.post("/mcp", notification, content_type="application/json", headers=accept).status_code == 202


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_post_is_answered(program, method):
    response = getattr(program, method)("/mcp")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert response.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer vs_wrong"}, {"Authorization": "Basic YQ=="}])
def test_nobody_asks_without_a_key(client, user, headers):
    client.force_login(user)  # a browser's session is none
    response = post(client, headers=headers)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert response.json()["error"]["code"] == "invalid_key"


def test_a_key_that_only_reads_lists_and_does_not_speak(user):
    program = Browser(headers={"X-API-Key": secret(user, "read")})
    VoiceFactory(owner=user, name="Grandmother")
    assert json.loads(call(program, "list_voices")["content"][0]["text"])["voices"][0]["name"] == "Grandmother"
    for tool, arguments in (("speak", {"voice": "Grandmother", "text": "Hello."}), ("transcribe", {"audio": "AA=="})):
        assert refused(program, tool, **arguments)["code"] == "scope_missing"
    assert not Generation.objects.exists()
    other = Browser(headers={"Authorization": f"Bearer {keys.issue(user, 'Voices', ['voices'])[1]}"})
    assert post(other).json()["error"]["code"] == "scope_missing"


def test_requests_are_limited_as_at_the_api(program, settings):
    settings.REQUESTS_PER_MINUTE = 1
    assert post(program)["RateLimit"].startswith('"default";r=0;')
    response = post(program)
    assert (response.status_code, response.json()["error"]["code"]) == (429, "rate_limited")
    assert 0 < int(response["Retry-After"]) <= 60


def test_what_is_sent_twice_with_a_key_is_done_once(program, user, no_wait):
    VoiceFactory(owner=user, name="Grandmother")
    twice = [
        post(
            program,
            "tools/call",
            {"Idempotency-Key": "a"},
            name="speak",
            arguments={"voice": "Grandmother", "text": "Hello."},
        )
        for _ in range(2)
    ]
    assert twice[0].content == twice[1].content and twice[1]["Idempotency-Replayed"] == "true"
    assert Generation.objects.count() == 1


@pytest.mark.parametrize(
    ("hosts", "origin", "status"),
    [
        (["testserver"], "http://testserver", 200),
        (["testserver"], "https://testserver", 403),
        (["testserver"], "http://testserver.evil.example", 403),
        (["testserver"], "null", 403),
        (["testserver"], "http://[", 403),
        (["testserver"], "https://trusted.example", 200),
        (["testserver"], "https://app.example", 200),
        (["*"], "http://testserver", 403),  # a name that may have been led here
    ],
)
def test_a_page_of_another_site_is_refused(program, settings, hosts, origin, status):
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = hosts, ["https://trusted.example"]
    settings.CORS_ORIGINS = ["https://app.example"]
    assert post(program, headers={"Origin": origin}).status_code == status


@pytest.mark.parametrize("host", ["192.168.1.5:8000", "[::1]:8000", "localhost:8000"])
def test_where_any_name_is_allowed_an_address_is_its_own_origin(program, settings, host):
    settings.ALLOWED_HOSTS = ["*"]
    assert post(program, headers={"Origin": f"http://{host}", "Host": host}).status_code == 200


def test_what_can_not_be_read_is_refused(program, settings):
    for body, status in ((b"{", 400), (b"[]", 400), (b"\xff", 400), (b'{"jsonrpc": "2.0"}', 400)):
        accept = {"Accept": "application/json, text/event-stream"}
        assert program.post("/mcp", body, content_type="application/json", headers=accept).status_code == status
    assert post(program, "no/such").json()["error"]["code"] == -32601
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert post(program, "tools/call", name="x" * 100).json()["error"]["code"] == "too_large"


def test_without_the_library_it_says_so(program, monkeypatch):
    monkeypatch.setattr(mcp_endpoint, "find_spec", lambda name: None)
    response = post(program)
    assert response.status_code == 404 and "make install" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("tool", "arguments", "code", "words"),
    [
        ("sing", {}, "not_found", "There are: list_voices, speak"),
        ("list_voices", {"all": True}, "invalid", "all: Extra inputs are not permitted"),
        ("speak", {"voice": "Nobody", "text": "Hello."}, "invalid", "no such voice"),
        ("speak", {"voice": "Secret", "text": "Hello."}, "invalid", "no such voice"),
        ("speak", {"voice": "Grandmother", "text": ""}, "invalid", "Write something"),
        ("speak", {"voice": "Grandmother", "text": "Hello.", "audio_format": "midi"}, "invalid", "audio_format:"),
        ("speak", {"voice": "Grandmother", "text": "Hello.", "speed": 9}, "invalid", "0.5 to 2"),
        ("get_speech", {"task_id": "a"}, "invalid", "task_id: Input should be a valid UUID"),
        ("get_speech", {"task_id": "0f0e6c5e-0000-4000-8000-000000000000"}, "not_found", "Not found"),
        ("transcribe", {}, "invalid", "either `audio`, in base64, or"),
        ("transcribe", {"audio": "a"}, "invalid", "not base64"),
        ("transcribe", {"audio": "AAAA"}, "not_audio", ""),
        ("transcribe", {"audio": "AAAA", "language": "tlh"}, "invalid", "not a language of this site"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(program, user, tool, arguments, code, words):
    VoiceFactory(owner=user, name="Grandmother")
    VoiceFactory(name="Secret")
    error = refused(program, tool, **arguments)
    assert error["code"] == code and words in error["message"]
    assert not Generation.objects.exists() and not TranscriptionRequest.objects.exists()


def test_what_is_a_strangers_is_not_found(program, stranger):
    generation, recording = GenerationFactory(owner=stranger, completed=True), RecordingFactory(owner=stranger)
    assert refused(program, "get_speech", task_id=str(generation.pk))["code"] == "not_found"
    assert refused(program, "transcribe", recording_id=str(recording.pk))["code"] == "not_found"


def test_what_takes_long_is_a_task(program, user, no_wait):
    VoiceFactory(owner=user, name="Grandmother")
    result = call(program, "speak", voice="Grandmother", text="Hello.")
    generation = Generation.objects.get()
    assert result["structuredContent"]["status"] == "pending" and "isError" not in result or not result["isError"]
    assert f"Ask `get_speech` for the task {generation.pk}" in result["content"][0]["text"]
    again = call(program, "get_speech", task_id=str(generation.pk))["structuredContent"]
    assert (again["task_id"], again["progress"]) == (str(generation.pk), 0)


def test_what_failed_says_why(program, user):
    for fields, code in (({"failed": True}, "generation_failed"), ({"cancelled": True}, "generation_cancelled")):
        generation = GenerationFactory(owner=user, **fields)
        assert refused(program, "get_speech", task_id=str(generation.pk))["code"] == code


def test_what_is_too_long_to_send_is_a_link_that_needs_the_key(program, user, client, monkeypatch):
    generation = GenerationFactory(owner=user, completed=True)
    sent = call(program, "get_speech", task_id=str(generation.pk), audio_format="wav")
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(sent["content"][0]["data"])))
    assert (len(samples), rate, sent["content"][0]["mimeType"]) == (12_000, 24_000, "audio/wav")
    for name in ("MAX_SOUND_BYTES", "MAX_SOUND_SECONDS"):
        with monkeypatch.context() as patch:
            patch.setattr(mcp_tools, name, 0.1)
            (words,) = call(program, "get_speech", task_id=str(generation.pk))["content"]
        address = words["text"].rpartition(" ")[2]
        assert address == f"http://testserver/api/generations/{generation.pk}/audio?format=mp3"
    assert program.get(address).status_code == 200 and client.get(address).status_code == 401


def test_a_transcript_that_takes_too_long_is_said_and_forgotten(program, user, no_wait):
    recording = RecordingFactory(owner=user)
    assert "longer than an assistant waits" in refused(program, "transcribe", recording_id=str(recording.pk))["message"]
    assert not TranscriptionRequest.objects.exists()


def test_a_fault_is_logged_and_says_nothing(program, monkeypatch):
    async def fail(request, asked):
        raise RuntimeError("a secret")

    monkeypatch.setitem(mcp_tools.TOOLS, "list_voices", mcp_tools.TOOLS["list_voices"]._replace(run=fail))
    assert refused(program, "list_voices") == {
        "code": "internal",
        "message": "Something went wrong. It has been logged.",
    }


# --- who leaves, who is shut out, and what is no request


LONG = "word " * 20_000  # a hundred thousand characters


def test_a_long_text_is_spoken_and_one_too_long_refused(program, user, settings, no_wait):
    VoiceFactory(owner=user, name="Grandmother")
    settings.TEXT_LIMIT = len(LONG) - 2
    assert f"the limit is {len(LONG) - 2:,}" in refused(program, "speak", voice="Grandmother", text=LONG)["message"]
    assert not Generation.objects.exists()
    settings.TEXT_LIMIT = len(LONG)
    assert call(program, "speak", voice="Grandmother", text=LONG)["structuredContent"]["status"] == "pending"
    assert Generation.objects.get().text == LONG.strip()


@pytest.mark.parametrize("text", ["a\0b", "Half an emoji: \ud83d", "\u202e", "…"])
def test_a_text_that_can_not_be_spoken_is_refused_in_words(program, user, text):
    VoiceFactory(owner=user, name="Grandmother")
    response = post(program, "tools/call", name="speak", arguments={"voice": "Grandmother", "text": text})
    assert response.status_code in (200, 400), response.content
    said = response.json()
    assert said["result"]["isError"] if response.status_code == 200 else said["error"]["message"]
    assert "logged" not in response.content.decode() and not Generation.objects.exists()


@pytest.mark.parametrize(
    "body", [b"\x00\xff" * 500, b"[" * 100_000, b'{"a":' * 50_000, b'{"jsonrpc": "2.0", "id": 1e999}']
)
def test_rubbish_is_refused(program, body):
    accept = {"Accept": "application/json, text/event-stream"}
    response = program.post("/mcp", body, content_type="application/json", headers=accept)
    assert response.status_code == 400 and response.json()["error"]["message"]


def test_several_calls_in_one_request_pass_no_limit(program, user):
    VoiceFactory(owner=user, name="Grandmother")
    spoken = {"name": "speak", "arguments": {"voice": "Grandmother", "text": "Hello."}}
    batch = [{"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": spoken} for number in range(3)]
    accept = {"Accept": "application/json, text/event-stream"}
    response = program.post("/mcp", json.dumps(batch), content_type="application/json", headers=accept)
    assert response.status_code == 400 and not Generation.objects.exists()


def test_what_says_nothing_is_an_empty_text(program):
    silence = io.BytesIO()
    soundfile.write(silence, [0.0] * 24_000, 24_000, format="WAV")
    result = call(program, "transcribe", audio=base64.b64encode(silence.getvalue()).decode())
    assert result["structuredContent"] == {"text": "", "language": "", "seconds": 1.0}
    assert not TranscriptionRequest.objects.exists()


def test_of_one_person_few_recordings_are_decoded_at_once(program, user, monkeypatch):
    monkeypatch.setattr(mcp_tools.hearing, "per_person", 1)
    with mcp_tools.hearing.place(user.pk):
        assert refused(program, "transcribe", audio="AAAA")["code"] == "busy"
    with mcp_tools.hearing.place(user.pk + 1):
        assert refused(program, "transcribe", audio="AAAA")["code"] == "not_audio"


def test_a_key_that_is_revoked_between_two_calls_is_one_no_more(program, user):
    assert not call(program, "list_voices").get("isError")
    user.api_keys.update(revoked_at=timezone.now())
    assert post(program).status_code == 401


def test_a_key_that_is_revoked_while_its_call_waits_gets_no_answer(program, user, monkeypatch):
    generation = GenerationFactory(owner=user, completed=True)

    @sync_to_async
    def revoked(job, seconds):
        user.api_keys.update(revoked_at=timezone.now())

    monkeypatch.setattr(mcp_tools.wait, "until_ended", revoked)
    result = call(program, "get_speech", task_id=str(generation.pk))
    assert result["isError"] and result["structuredContent"]["error"]["code"] == "invalid_key"
    assert [each["type"] for each in result["content"]] == ["text"]


def hang_up(key, tool, there, **arguments):
    """Call a tool, and hang up once `there` says so."""
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    body = json.dumps(message).encode()
    headers = {"authorization": f"Bearer {key}", "accept": "application/json, text/event-stream"}
    headers |= {"content_type": "application/json", "content_length": str(len(body))}

    async def hanging_up():
        async with asgi.exchange(application, "POST", "/mcp", **headers) as made:
            made.send_body(body)
            while not await sync_to_async(there)():
                await asyncio.sleep(0.01)
            made.hang_up()
        return made

    assert asyncio.run(asyncio.wait_for(hanging_up(), 30)).sent == []


def test_who_hangs_up_has_their_speech_in_the_library(voice):
    hang_up(secret(voice.owner, "speak"), "speak", Generation.objects.exists, voice="Grandmother", text="One two.")
    assert not Generation.objects.get().cancel_requested


def test_who_hangs_up_ends_their_transcription(voice, settings):
    recording = base64.b64encode(CLIP.read_bytes()).decode()
    hang_up(secret(voice.owner, "speak"), "transcribe", TranscriptionRequest.objects.exists, audio=recording)
    assert not TranscriptionRequest.objects.exists()
    assert not list((settings.MEDIA_ROOT / "transcription_requests").rglob("*.flac"))
