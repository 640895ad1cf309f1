"""What OpenAI's client would ask of /v1/, without it: every format, every error. tests/e2e/test_openai.py has the client."""

import asyncio
import base64
import io
import json
import re
from urllib.parse import unquote

import av
import numpy as np
import pytest
import soundfile
from asgiref.sync import async_to_sync, sync_to_async
from django.test import Client, RequestFactory

from synthesis.api import openai_transcriptions
from synthesis.delivery import live_audio
from synthesis.models import Generation, Segment
from synthesis.workers import tasks
from tests import FIXTURES, asgi
from tests.factories import (
    FittingFactory,
    GenerationFactory,
    SegmentFactory,
    SegmentTakeFactory,
    UserFactory,
    VoiceFactory,
)
from tests.fakes.engine import FakeEngine
from voices.clips import jobs
from voices.models import TranscriptionRequest
from voices.transcription.transcribers.base import UNKNOWN_LANGUAGE
from voicesite.asgi import application
from voicesite.jobs.job import State
from voicesite.modelhost.protocol import ModelError
from voicesite.models import UsageDay
from voicesite.people import keys
from voicesite.web import admission, events
from voicesite.web.rejection import Rejected

SPEECH_URL = "/v1/audio/speech"


@pytest.fixture
def voice(user):
    return FittingFactory(voice__owner=user, voice__name="Grandmother").voice


@pytest.fixture
def program(user):
    """What asks with ada's key."""
    return Client(headers={"Authorization": f"Bearer {keys.issue(user, 'Program', ['speak'])[1]}"})


@pytest.fixture
def at_once(monkeypatch):
    """What is submitted is spoken before the answer begins."""
    submit = Generation.submit

    def speak(generation):
        submit(generation)
        tasks.run_next()

    monkeypatch.setattr(Generation, "submit", speak)


def ask(program, **changes):
    asked = {"model": "tts-1", "input": "One two three.", "voice": "Grandmother"} | changes
    return asgi.post(program, SPEECH_URL, asked)


def refused(response, status):
    assert response.status_code == status, response.content
    error = response.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"} and error["message"]
    return error


@pytest.mark.parametrize(
    ("form", "kind"),
    [("mp3", "audio/mpeg"), ("opus", "audio/ogg"), ("aac", "audio/aac"), ("flac", "audio/flac"), ("wav", "audio/wav")],
)
def test_it_speaks_in_every_format(program, voice, at_once, form, kind):
    response = ask(program, response_format=form)
    data = b"".join(response)
    assert (response.status_code, response["Content-Type"]) == (200, kind)
    with av.open(io.BytesIO(data)) as file:
        seconds = sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))
    generation = Generation.objects.get()
    assert seconds == pytest.approx(generation.seconds, abs=0.12)
    assert (generation.owner, generation.voice, generation.text) == (voice.owner, voice, "One two three.")
    assert response["X-Generation-Id"] == str(generation.pk), "it is in the library too"


def test_pcm_is_the_finished_file_to_the_sample(program, voice, at_once):
    data = b"".join(ask(program, response_format="pcm", voice={"id": str(voice.pk)}, speed=1.25, seed=3))
    generation = Generation.objects.get()
    assert (generation.speed, generation.seed) == (1.25, 3)
    with generation.audio.open() as file:
        assert np.array_equal(np.frombuffer(data, "<i2"), soundfile.read(file, dtype="int16")[0])


def test_events_carry_the_sound_and_say_when_it_ends(program, voice, at_once):
    response = ask(program, response_format="pcm", stream_format="sse")
    assert response["Content-Type"] == "text/event-stream"
    events = [json.loads(part[6:]) for part in b"".join(response).decode().split("\n\n") if part]
    assert [event["type"] for event in events[-2:]] == ["speech.audio.delta", "speech.audio.done"]
    sent = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert len(sent) == pytest.approx(48_000 * Generation.objects.get().seconds, abs=4)


@pytest.mark.parametrize(
    ("changes", "status", "param"),
    [
        ({"voice": "Nobody"}, 400, "voice"),
        ({"voice": {"id": "no id"}}, 400, "voice"),
        ({"voice": ["Grandmother"]}, 400, "voice"),
        ({"voice": "Nobody+af_sky"}, 400, "voice"),
        ({"input": ""}, 400, "input"),
        ({"input": ["a"]}, 400, "input"),
        ({"input": "word " * 50_000}, 400, "input"),
        ({"model": "gpt-9"}, 404, "model"),
        ({"response_format": "midi"}, 400, "response_format"),
        ({"stream_format": "carrier pigeon"}, 400, "stream_format"),
        ({"speed": 4.1}, 400, "speed"),
        ({"speed": 0.2}, 400, "speed"),
        ({"speed": "fast"}, 400, "speed"),
        ({"language": "klingon"}, 400, "language"),
    ],
)
def test_what_is_wrong_is_said_of_its_parameter(program, voice, changes, status, param):
    error = refused(ask(program, **changes), status)
    assert (error["param"], error["type"]) == (param, "invalid_request_error")
    assert not Generation.objects.exists()


@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "flac", "wav"])
def test_a_text_without_words_is_a_short_silence(program, voice, form, settings):
    settings.SPEECH_SECONDS_A_DAY = 1
    response = ask(program, input=".", response_format=form)
    assert response.status_code == 200 and not response.has_header("X-Generation-Id")
    with av.open(io.BytesIO(response.content)) as file:
        sound = np.concatenate([frame.to_ndarray().ravel() for frame in file.decode(audio=0)])
        assert 0.2 < len(sound) / file.streams.audio[0].rate < 0.5 and not np.abs(sound).max() > 1
    assert not Generation.objects.exists() and not UsageDay.objects.exists()


@pytest.mark.parametrize("text", [".", " … ", "***", "😀", "[pause 0.7s]"])
def test_any_text_without_words_is_silent(program, voice, text):
    assert len(ask(program, input=text, response_format="pcm").content) == 0.3 * 24_000 * 2
    delta, done = [json.loads(part[6:]) for part in ask(program, input=text, stream_format="sse", response_format="pcm").content.decode().split("\n\n") if part]  # fmt: skip
    assert not any(base64.b64decode(delta["audio"])) and done["usage"]["total_tokens"] == 0


@pytest.mark.parametrize(
    ("changes", "param"), [({"voice": "Nobody"}, "voice"), ({"speed": 9}, "speed"), ({"language": "ja"}, "language")]
)
def test_a_text_without_words_says_what_else_is_wrong(program, voice, changes, param):
    assert refused(ask(program, input=".", **changes), 400)["param"] == param


@pytest.fixture
def asked(monkeypatch):
    """What was asked for, as it would be spoken: it is not."""
    found = []

    def submit(generation):
        found.append(generation)
        raise Rejected("generation_failed", "Enough.")

    monkeypatch.setattr(Generation, "submit", submit)
    return found


@pytest.mark.parametrize(
    ("changes", "spoken"),
    [
        ({"speed": 0.25}, {"speed": 0.5}),
        ({"speed": 4}, {"speed": 2.0}),
        ({"speed": "1.5"}, {"speed": 1.5}),
        ({"speed": None}, {"speed": 1.0}),
        ({"model": "tts-1-hd-1106"}, {"model": "tone"}),
        ({"model": "gpt-4o-mini-tts-2025-12-15"}, {"model": "tone"}),
        ({"model": "kokoro"}, {"model": "tone"}),  # where Kokoro is not here
        ({"model": "hexgrad/Kokoro-82M"}, {"model": "tone"}),
        ({"model": "speaches-ai/Kokoro-82M-v1.0-ONNX"}, {"model": "tone"}),
        ({"model": "fake:overtone"}, {"model": "overtone"}),
        ({"language": "English"}, {"language": "en-us"}),
        ({"language": "en"}, {"language": "en-us"}),
        ({"language": "en-AU"}, {"language": "en-us"}),
        ({"language": "pt"}, {"language": "pt-br"}),  # the engine has that accent only
        ({"lang_code": "b"}, {"language": "en-gb"}),
        ({"lang_code": "z"}, {"language": "en-us"}),  # an extra that can't be obeyed: as of the voice
        ({"lang_code": "?"}, {"language": "en-us"}),
        ({"instructions": "Whisper."}, {"instructions": ""}),
        ({"volume_multiplier": 2.0, "return_download_link": True, "stream": False, "download_format": "wav",
          "normalization_options": {"normalize": False}, "backend": "x", "user": "x"}, {"language": "en-us"}),
    ],
)  # fmt: skip
def test_what_programs_write_is_understood(program, voice, asked, changes, spoken):
    refused(ask(program, **changes), 500)
    assert {name: getattr(asked[0], name) for name in spoken} == spoken


def test_instructions_go_to_an_engine_that_takes_them(program, voice, asked, monkeypatch):
    monkeypatch.setattr(FakeEngine, "takes_instructions", True)
    refused(ask(program, instructions="  Whisper. "), 500)
    assert asked[0].instructions == "Whisper."


def test_headers_say_who_speaks_and_what_was_not_done(program, user, at_once):
    FittingFactory(voice__owner=user, voice__name="Großmutter, 50%")
    response = ask(program, voice="alloy", speed=0.25, instructions="Whisper.", response_format="pcm")
    assert response.status_code == 200 and b"".join(response)
    generation = Generation.objects.get()
    assert unquote(response["X-Voice"]) == "Großmutter, 50%" == generation.voice_name
    assert response["X-Voice-Id"] == str(generation.voice_id)
    assert (response["X-Speed"], response["X-Instructions"]) == ("0.5", "ignored")
    plain = ask(program, voice=str(generation.voice_id), response_format="pcm")
    assert b"".join(plain) and not {"X-Speed", "X-Instructions"} & set(plain.headers)


def test_what_can_not_be_read_is_refused(program):
    for body in (b"{", b"[]", b"\xff", b'{"input": "Half an emoji: \\ud83d"}'):
        refused(program.post(SPEECH_URL, body, content_type="application/json"), 400)
    assert refused(program.get(SPEECH_URL), 405)["code"] is None and program.get(SPEECH_URL)["Allow"] == "POST"
    assert refused(program.post("/v1/chat/completions", {}), 404)["code"] == "unknown_url"


@pytest.mark.parametrize("address", [SPEECH_URL, "/v1/audio/voices", "/v1/models", "/v1/nowhere"])
def test_nobody_asks_without_a_key(client, user, address):
    client.force_login(user)  # a browser's session is none: any page could use it
    method = client.post if address == SPEECH_URL else client.get
    for headers in ({}, {"Authorization": "Bearer vs_wrong"}):
        error = refused(method(address, headers=headers), 401)
        assert (error["code"], error["type"]) == ("invalid_api_key", "authentication_error")


def test_a_key_that_only_reads_does_not_speak(user, voice):
    program = Client(headers={"Authorization": f"Bearer {keys.issue(user, 'Reader', ['read'])[1]}"})
    assert refused(ask(program), 403)["code"] == "scope_missing"
    assert program.get("/v1/audio/voices").json()["voices"][0]["name"] == "Grandmother"


def test_one_speaks_with_ones_own_and_shared_voices_only(program, voice, stranger):
    VoiceFactory(owner=stranger, name="Secret")
    VoiceFactory(owner=stranger, name="Shared", visibility="shared")
    VoiceFactory(owner=stranger, name="Gone", visibility="shared", suspended_at="2026-01-01T00:00Z")
    answer = program.get("/v1/audio/voices").json()
    listed = answer["voices"]
    assert [(one["name"], one["shared_by"]) for one in listed] == [("Grandmother", None), ("Shared", "eve")]
    assert answer["data"] == listed and all(one["id"] for one in listed)
    for name in ("Secret", "Gone"):
        assert refused(ask(program, voice=name), 400)["code"] == "voice_not_found"


def test_shared_voices_are_listed_without_a_key_only_where_that_is_set(client, voice, stranger, settings):
    VoiceFactory(owner=stranger, name="Shared", visibility="shared", description="Of Eve.")
    VoiceFactory(owner=stranger, name="Retired", visibility="shared", retired_at="2026-01-01T00:00Z")
    VoiceFactory(builtin=True, name="Grace")
    addresses = ("/v1/audio/voices", "/v1/audio/models")
    assert [client.get(address).status_code for address in addresses] == [401, 401]
    settings.PUBLIC_VOICES = True
    client.force_login(voice.owner)  # which changes nothing
    listed = client.get(addresses[0]).json()["voices"]
    assert [one["name"] for one in listed] == ["Grace", "Shared"]
    assert "eve" not in str(listed) and "Eve" not in str(listed)
    assert client.get(addresses[1]).json()["models"]
    assert client.get(addresses[0], headers={"X-API-Key": "vs_wrong"}).status_code == 401
    assert client.get("/v1/models").status_code == 401
    assert ask(client, voice=listed[0]["id"]).status_code == 401


def test_a_dialogue_has_a_cast(program, voice, user, at_once):
    low = VoiceFactory(owner=user, name="Low")
    text = "Anna: Did you hear that?\nBen: Only the wind."
    assert refused(ask(program, input=text, cast={"Anna": "Low"}), 400)["param"] == "cast"
    assert refused(ask(program, input=text, cast="Low"), 400)["message"].startswith("The cast is an object")
    assert refused(ask(program, input=text, cast={"Anna": ["Low"], "Ben": "Low"}), 400)["param"] == "cast"
    assert not Generation.objects.exists()
    response = ask(program, input=text, cast={"Anna": "Low", "Ben": {"id": str(voice.pk)}})
    assert response.status_code == 200 and b"".join(response)
    spoken = Generation.objects.get().segments.in_text().values_list("voice", flat=True)
    assert list(spoken) == [low.pk, voice.pk]


def test_models_are_listed_and_shown(program, db):
    names = [one["id"] for one in program.get("/v1/models").json()["data"]]
    assert {"tts-1", "whisper-1"} < set(names)
    assert program.get(f"/v1/models/{names[0]}").json() == {
        "id": names[0], "name": names[0], "object": "model", "created": 0, "owned_by": "voicesite",
    }  # fmt: skip
    speaking = program.get("/v1/audio/models").json()
    assert speaking["models"] == speaking["data"] and "whisper-1" not in [one["id"] for one in speaking["models"]]
    for name in ("gpt-4o-mini-tts-2025-12-15", "kokoro"):
        assert program.get(f"/v1/models/{name}").json()["id"] == name
    assert refused(program.get("/v1/models/gpt-9"), 404)["code"] == "model_not_found"


def test_what_fails_before_the_first_sound_is_an_error(program, voice, at_once):
    error = refused(ask(program, input="Do-fail"), 500)
    assert (error["type"], error["code"]) == ("server_error", "generation_failed")


# --- while it is made


@pytest.fixture
def parts(user):
    """A generation of which two of three segments are spoken."""
    generation = GenerationFactory(owner=user, running=True)
    for spoken in (True, True, False):
        SegmentFactory(generation=generation, pause=0.1, take=spoken)
    return generation


def test_parts_come_as_they_are_made_with_their_pauses(parts):
    stream = live_audio.follow(parts)
    got = [next(stream) for _ in range(4)]
    last = parts.segments.get(index=2)
    last.take, last.state = SegmentTakeFactory(segment=last, seconds=0.3), Segment.State.COMPLETED
    last.save()
    Generation.objects.filter(pk=parts.pk).update(
        state=State.COMPLETED, audio="whole.wav", seconds=1.6, claim_token=None, lease_expires_at=None
    )
    got += stream
    assert [len(samples) for samples in got] == [12_000, 2400, 12_000, 2400, 7200, 2400]
    assert {samples.dtype for samples in got} == {np.dtype(np.float32)}
    assert got[0].max() > 0.1 and not got[1].any()


@pytest.mark.parametrize("end", ["failed", "cancelled", "deleted"])
def test_what_ends_early_is_never_taken_for_whole(parts, end):
    stream = live_audio.follow(parts)
    next(stream), next(stream)
    if end == "deleted":
        Generation.objects.all().delete()
    else:
        Generation.objects.update(state=end, claim_token=None, error="It broke." if end == "failed" else "")
    with pytest.raises(Rejected, match="deleted|cancelled|It broke"):
        list(stream)


def test_who_hangs_up_cancels_what_nobody_hears(parts):
    stream = live_audio.follow(parts)
    next(stream)
    stream.close()
    parts.refresh_from_db()
    assert parts.cancel_requested


@pytest.mark.parametrize("moment", ["while it waits", "before it is sent", "between two parts"])
def test_who_hangs_up_at_any_moment_cancels(user, voice, parts, moment, monkeypatch):
    if moment == "while it waits":
        parts = Generation(owner=user, voice=voice, voice_name=voice.name, title="x", text="One.", language="en-us")
        parts.engine, parts.model, parts.seed = "fake", "tone", 7

    async def hang_up():
        content = live_audio.encoded(parts, "pcm", parts.submit)
        if moment == "while it waits":
            waiting = asyncio.ensure_future(anext(content))
            await asyncio.sleep(0.1)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            return
        assert await anext(content)
        if moment == "between two parts":
            assert await anext(content)
        await content.aclose()

    async_to_sync(hang_up)()
    parts.refresh_from_db()
    assert parts.cancel_requested


# --- transcription


def transcribe(program, **changes):
    with (FIXTURES / "english_austen_short.wav").open("rb") as file:
        return asgi.post_form(program, "/v1/audio/transcriptions", {"file": file, "model": "whisper-1"} | changes)


TRANSCRIPT = "This is what was said."


@pytest.mark.parametrize("form", openai_transcriptions.RESPONSE_FORMATS)
def test_a_recording_is_written_down_and_not_kept(program, worker, form, settings):
    response = transcribe(program, response_format=form, language="en")
    assert response.status_code == 200, response.content
    text = response.content.decode()
    match form:
        case "json":
            assert response.json() == {"text": TRANSCRIPT}
        case "text":
            assert text == f"{TRANSCRIPT}\n"
        case "srt":
            assert text.startswith("1\n00:00:00,000 --> 00:00:02,9") and text.rstrip().endswith(TRANSCRIPT)
        case "vtt":
            assert text.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:02.9") and text.rstrip().endswith(TRANSCRIPT)
        case _:
            payload = response.json()
            assert (payload["language"], payload["text"]) == ("english", TRANSCRIPT)
            (segment,) = payload["segments"]
            said = {"id": 0, "seek": 0, "text": TRANSCRIPT, "tokens": [], "temperature": 0.0, "no_speech_prob": 0.0}
            assert said.items() <= segment.items() and segment["end"] > segment["start"] == 0.0
            assert -1 < segment["avg_logprob"] < 0 < segment["compression_ratio"]
            assert payload["duration"] == pytest.approx(2.99, abs=0.05) and "words" not in payload
    assert not TranscriptionRequest.objects.exists()
    assert not list((settings.MEDIA_ROOT / "transcription_requests").rglob("*.flac"))


@pytest.mark.own_process
def test_a_transcript_is_streamed_as_events(program, worker):
    response = transcribe(program, stream="true")
    assert response["Content-Type"] == "text/event-stream"
    events = [json.loads(part[6:]) for part in b"".join(response).decode().split("\n\n") if part]
    *deltas, done = events
    assert {event["type"] for event in deltas} == {"transcript.text.delta"}
    assert "".join(event["delta"] for event in deltas) == done["text"] == TRANSCRIPT
    assert done["type"] == "transcript.text.done"


def stream_events(program) -> list[str]:
    return [part for part in transcribe(program, stream="true").content.decode().split("\n\n") if part]


@pytest.mark.own_process
def test_a_transcript_is_streamed_as_it_is_heard(program, worker, settings, monkeypatch):
    monkeypatch.setattr(events, "COMMENT_SECONDS", 0.1)
    settings.TRANSCRIBER_MODEL = "This is [told] what [told] was said. [slow]"
    got = stream_events(program)
    told = [json.loads(part[6:]) for part in got if part != ": keep-alive"]
    assert [event.get("delta") for event in told] == ["This is", " what", " was said.", None]
    assert told[-1]["text"] == TRANSCRIPT and got.count(": keep-alive") >= 3, "nobody takes the connection for dead"


@pytest.mark.own_process
@pytest.mark.parametrize(
    ("model", "deltas", "end"),
    [
        ("This [told] [invented]", ["This"], {"type": "transcript.text.done", "text": ""}),
        ("This [told] [fail]", ["This"], {"type": "error"}),
    ],
)
def test_what_ends_otherwise_than_it_began_is_said(program, worker, settings, model, deltas, end):
    settings.TRANSCRIBER_MODEL = model
    *told, last = [json.loads(part[6:]) for part in stream_events(program)]
    assert [event["delta"] for event in told] == deltas and end.items() <= last.items()
    assert last["type"] != "error" or "not understood" in last["error"]["message"]
    assert not TranscriptionRequest.objects.exists()


@pytest.mark.own_process
def test_what_fails_before_the_first_words_is_an_error_when_streamed(program, worker, settings):
    settings.TRANSCRIBER_MODEL = "[fail]"
    error = refused(transcribe(program, stream="true"), 500)
    assert (error["code"], error["message"]) == ("transcription_failed", "The recording was not understood.")


def test_what_another_attempt_hears_is_told_once(monkeypatch):
    """An attempt that died has told more than the next has heard yet."""

    async def later():
        for text in ("", "One", "One two three"):
            yield TranscriptionRequest(text=text, state=State.GENERATING, seconds=1.0)
        yield TranscriptionRequest(text="One two three four.", state=State.COMPLETED, seconds=1.0)

    async def told():
        first = TranscriptionRequest(text="One two", state=State.GENERATING)
        return [json.loads(part[6:]) async for part in openai_transcriptions._events(first, later())]

    assert [event.get("delta") for event in asyncio.run(told())] == ["One two", " three", " four.", None]


def hang_up_during(user, **form):
    """Send a recording to the site as its web process answers, hang up once its job is there, and wait until it is gone."""
    key = keys.issue(user, "Program", ["speak"])[1]
    request = RequestFactory().post(
        "/v1/audio/transcriptions", {"file": (FIXTURES / "english_austen_short.wav").open("rb"), **form}
    )
    body, kind = request.body, request.headers["Content-Type"]
    headers = {"content_type": kind, "content_length": str(len(body)), "authorization": f"Bearer {key}"}

    async def hang_up():
        async with asgi.exchange(application, "POST", "/v1/audio/transcriptions", **headers) as made:
            made.send_body(body)
            while not await sync_to_async(TranscriptionRequest.objects.exists)():
                await asyncio.sleep(0.01)
            made.hang_up()
        while await sync_to_async(TranscriptionRequest.objects.exists)():
            await asyncio.sleep(0.01)
        return made

    return asyncio.run(asyncio.wait_for(hang_up(), 30))


@pytest.mark.parametrize("stream", ["true", "false"])
def test_who_hangs_up_ends_their_transcription(transactional_db, settings, stream):
    made = hang_up_during(UserFactory(), stream=stream)
    assert made.sent == [] and "is_again" in made.scope, "the recording was taken in once it was known whose it is"
    assert not list((settings.MEDIA_ROOT / "transcription_requests").rglob("*.flac"))
    assert not +admission._places and not admission._held


def test_a_large_recording_that_is_sent_twice_with_a_key_is_taken_in_and_counted_as_asked(transactional_db, settings):
    settings.REQUESTS_PER_MINUTE = 9
    key = keys.issue(UserFactory(), "Program", ["speak"])[1]
    silence = io.BytesIO()
    soundfile.write(silence, np.zeros(100_000), 24_000, format="WAV")
    silence.name = "silence.wav"
    silence.seek(0)
    request = RequestFactory().post("/v1/audio/transcriptions", {"file": silence})
    headers = {
        "content_type": request.headers["Content-Type"],
        "authorization": f"Bearer {key}",
        "idempotency_key": "a",
    }
    body = request.body

    async def twice():
        return [await asgi.ask(application, "POST", "/v1/audio/transcriptions", body, **headers) for _ in range(2)]

    first, second = asyncio.run(twice())
    assert first.status == second.status == 200 and json.loads(first.body) == json.loads(second.body) == {"text": ""}
    assert "is_again" in first.scope and second.headers["idempotency-replayed"] == "true"
    left = [re.search(r"r=(\d+)", made.headers["ratelimit"])[1] for made in (first, second)]
    assert left == ["8", "7"], "a request that is run again with its body counts once"


def test_who_has_many_recordings_transcribed_waits(program, user, monkeypatch):
    monkeypatch.setattr(openai_transcriptions.waiting, "per_person", 1)
    with openai_transcriptions.waiting.place(user.pk):
        assert "other recordings" in refused(transcribe(program), 429)["message"]
    with openai_transcriptions.waiting.place(user.pk + 1):
        assert refused(transcribe(program, response_format="carved"), 400)


@pytest.mark.parametrize("sound", [np.zeros(24_000), 0.01 * np.sin(np.arange(36_000))])
def test_what_says_nothing_is_an_empty_text(program, sound, monkeypatch):
    monkeypatch.setattr(openai_transcriptions, "MAX_WAIT_SECONDS", 0.1)  # nobody is asked to listen
    silence = io.BytesIO()
    soundfile.write(silence, sound, 24_000, format="WAV")
    silence.name = "silence.wav"
    for form in openai_transcriptions.RESPONSE_FORMATS:
        silence.seek(0)
        response = transcribe(program, file=silence, response_format=form)
        assert response.status_code == 200, response.content
        if "json" in form:
            assert response.json()["text"] == ""
    silence.seek(0)
    payload = transcribe(program, file=silence, response_format="verbose_json").json()
    assert (payload["segments"], payload["duration"]) == ([], len(sound) / 24_000)


def test_a_language_that_is_found_out_and_not_known_is_the_fault_of_the_recording(program, worker, monkeypatch):
    def fails(*arguments):
        raise ModelError("This sounds like Dutch.", permanent=True, code=UNKNOWN_LANGUAGE)

    monkeypatch.setattr(jobs.transcription_process, "transcribe", fails)
    error = refused(transcribe(program), 400)
    assert (error["code"], error["message"]) == ("language_not_supported", "This sounds like Dutch.")


def test_nothing_is_translated(program):
    assert "does not translate" in refused(program.post("/v1/audio/translations", {}), 404)["message"]


@pytest.mark.own_process
def test_words_have_their_times(program, worker):
    payload = transcribe(program, response_format="verbose_json", **{"timestamp_granularities[]": "word"}).json()
    assert [word["word"] for word in payload["words"]] == TRANSCRIPT.split() and "segments" not in payload


@pytest.mark.parametrize(
    ("changes", "status", "param"),
    [
        ({"file": ""}, 400, "file"),
        ({"file": io.BytesIO(b"not sound")}, 400, "file"),
        ({"language": "klingon"}, 400, "language"),
        ({"response_format": "carved"}, 400, "response_format"),
    ],
)
def test_what_can_not_be_written_down_is_refused(program, changes, status, param):
    assert refused(transcribe(program, **changes), status)["param"] == param
    assert not TranscriptionRequest.objects.exists()


def test_a_language_that_nobody_here_understands_is_said_at_once(program, settings):
    settings.TRANSCRIBER = "bundled"
    assert refused(transcribe(program, language="ja"), 400)["code"] == "language_not_supported"
