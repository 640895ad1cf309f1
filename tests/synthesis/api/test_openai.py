"""What OpenAI's client would ask of /v1/, without it: every format, every error. tests/e2e/test_openai.py has the client."""

import base64
import io
import json
import threading
import time

import av
import numpy as np
import pytest
import soundfile
from django.db import connection
from django.test import Client

from synthesis.api import openai, openai_transcriptions, wait
from synthesis.delivery import live_audio
from synthesis.models import Generation, Segment
from synthesis.workers import tasks
from tests import FIXTURES
from tests.factories import FittingFactory, GenerationFactory, SegmentFactory, SegmentTakeFactory, VoiceFactory
from voices.models import TranscriptionRequest
from voicesite.jobs.job import State
from voicesite.people import keys
from voicesite.web import admission
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
    return program.post(SPEECH_URL, asked, content_type="application/json")


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
        ({"voice": "alloy"}, 400, "voice"),
        ({"voice": ""}, 400, "voice"),
        ({"input": ""}, 400, "input"),
        ({"input": ["a"]}, 400, "input"),
        ({"input": "word " * 50_000}, 400, "input"),
        ({"model": "gpt-9"}, 404, "model"),
        ({"response_format": "midi"}, 400, "response_format"),
        ({"stream_format": "carrier pigeon"}, 400, "stream_format"),
        ({"speed": 4}, 400, "speed"),
        ({"speed": "fast"}, 400, "speed"),
        ({"language": "klingon"}, 400, "language"),
    ],
)
def test_what_is_wrong_is_said_of_its_parameter(program, voice, changes, status, param):
    error = refused(ask(program, **changes), status)
    assert (error["param"], error["type"]) == (param, "invalid_request_error")
    assert not Generation.objects.exists()


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
    listed = program.get("/v1/audio/voices").json()["voices"]
    assert [(one["name"], one["shared_by"]) for one in listed] == [("Grandmother", None), ("Shared", "eve")]
    for name in ("Secret", "Gone"):
        assert refused(ask(program, voice=name), 400)["code"] == "voice_not_found"


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
        "id": names[0], "object": "model", "created": 0, "owned_by": "voicesite",
    }  # fmt: skip
    assert refused(program.get("/v1/models/gpt-9"), 404)["code"] == "model_not_found"


def test_too_much_at_once_is_refused_and_nothing_is_begun(program, user, voice, settings):
    settings.WEB_THREADS = 2
    with wait.waiting.slot(user.pk):
        response = ask(program)
        assert refused(response, 429)["type"] == "rate_limit_error" and response["Retry-After"]
    assert not Generation.objects.exists() and not admission._held


def test_what_fails_before_the_first_sound_is_an_error(program, voice, at_once):
    error = refused(ask(program, input="Do-fail"), 500)
    assert (error["type"], error["code"]) == ("server_error", "generation_failed")
    assert not admission._held


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


@pytest.mark.django_db(transaction=True)
def test_a_response_that_is_closed_gives_its_place_back_and_cancels(program, voice, parts, monkeypatch):
    monkeypatch.setattr(openai, "_generation", lambda request, asked: parts)
    monkeypatch.setattr(Generation, "submit", lambda generation: None)
    response = ask(program, response_format="pcm")
    assert next(iter(response)) and admission._held.total() == 1
    response.close()
    parts.refresh_from_db()
    assert parts.cancel_requested and not admission._held


# --- transcription


@pytest.fixture
def listening(transactional_db, monkeypatch):
    """A background worker at its work."""
    ended = threading.Event()

    def work():
        while not ended.is_set():
            if TranscriptionRequest.objects.exists():
                tasks.run_background()
            time.sleep(0.05)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    yield
    ended.set()
    worker.join()


def transcribe(program, **changes):
    with (FIXTURES / "english_austen_short.wav").open("rb") as file:
        return program.post("/v1/audio/transcriptions", {"file": file, "model": "whisper-1"} | changes)


TRANSCRIPT = "This is what was said."


@pytest.mark.parametrize("form", openai_transcriptions.RESPONSE_FORMATS)
def test_a_recording_is_written_down_and_not_kept(program, listening, form, settings):
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
            assert (payload["language"], payload["text"], payload["segments"][0]["text"]) == (
                "en",
                TRANSCRIPT,
                TRANSCRIPT,
            )
            assert payload["duration"] == pytest.approx(2.99, abs=0.05) and "words" not in payload
    assert not TranscriptionRequest.objects.exists()
    assert not list((settings.MEDIA_ROOT / "transcription_requests").rglob("*.flac"))


@pytest.mark.own_process
def test_words_have_their_times(program, listening):
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
