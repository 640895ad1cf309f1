"""OpenAI's own client, asked as its documentation shows, against a running site."""

import asyncio
import base64
import io
import time

import av
import openai
import pytest
from openai.types.audio import TranscriptionVerbose

from tests.e2e.conftest import TRANSCRIPT
from tests.e2e.copy import CLIP

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pages")]

LONG_TEXT = "One two. Do-slow Three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen."


@pytest.fixture(scope="module")
def options(site):
    key = site.manage("create_api_key", "ada", "--name", "OpenAI’s client", "--scope", "speak").strip()
    return {"base_url": f"http://127.0.0.1:{site.port}/v1", "api_key": key, "max_retries": 0}


@pytest.fixture(scope="module")
def client(options):
    with openai.OpenAI(**options) as client:
        yield client


def seconds(data: bytes) -> float:
    with av.open(io.BytesIO(data)) as file:
        return sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))


def test_a_text_becomes_a_file(client, tmp_path):
    spoken = client.audio.speech.create(model="tts-1", voice="Ada", input="One two three four five.")
    spoken.write_to_file(tmp_path / "speech.mp3")
    assert 0.5 < seconds((tmp_path / "speech.mp3").read_bytes()) < 3


@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_each_format_is_what_it_is_called(client, form):
    spoken = client.audio.speech.create(
        model="gpt-4o-mini-tts-2025-12-15", voice="alloy", input="One two three.", response_format=form, speed=4
    )
    assert (spoken.response.headers["x-voice"], spoken.response.headers["x-speed"]) == ("Ada", "2")
    assert (len(spoken.content) / 48_000 if form == "pcm" else seconds(spoken.content)) > 0.2


def test_speech_is_heard_before_all_of_it_is_spoken(client, site):
    with client.audio.speech.with_streaming_response.create(
        model="tts-1-hd", voice="ada", input=LONG_TEXT, response_format="pcm"
    ) as response:
        chunks = response.iter_bytes()
        first = next(chunks)
        row = site.row(response.headers["x-generation-id"])
        assert first and row["state"] == "generating", "there is sound, and more to come"
        rest = b"".join(chunks)
    row = site.row(response.headers["x-generation-id"])
    assert row["state"] == "completed"
    assert len(first + rest) / 48_000 == pytest.approx(row["seconds"], abs=0.01)


def test_speech_comes_as_events(client):
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="Ada", input="One two three.", response_format="wav", stream_format="sse"
    ) as response:
        lines = [line for line in response.iter_lines() if line]
    assert all(line.startswith("data: ") for line in lines) and "speech.audio.done" in lines[-1]
    begin = base64.b64decode(lines[0].partition('"audio": "')[2].partition('"')[0])
    assert begin[:4] == b"RIFF"


def test_many_ask_side_by_side(options):
    async def ask():
        async with openai.AsyncOpenAI(**options) as client:
            wanted = [
                client.audio.speech.create(model="tts-1", voice="Ada", input=f"Number {n}.", response_format="opus")
                for n in range(3)
            ]
            return [await spoken.aread() for spoken in await asyncio.gather(*wanted)]

    assert all(seconds(data) > 0.2 for data in asyncio.run(ask()))


def test_who_hangs_up_cancels(client, site):
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="Ada", input=LONG_TEXT * 8, response_format="pcm"
    ) as response:
        next(response.iter_bytes())
        pk = response.headers["x-generation-id"]
    end = time.monotonic() + 20
    while site.row(pk)["state"] not in ("cancelled", "completed") and time.monotonic() < end:
        time.sleep(0.1)
    assert site.row(pk)["state"] == "cancelled"


def test_a_recording_becomes_text_and_subtitles(client):
    with CLIP.open("rb") as file:
        assert client.audio.transcriptions.create(model="whisper-1", file=file).text == TRANSCRIPT
    with CLIP.open("rb") as file:
        result = client.audio.transcriptions.create(
            model="whisper-1", file=file, response_format="verbose_json", timestamp_granularities=["word", "segment"]
        )
    assert [word.word for word in result.words] == TRANSCRIPT.split() and " ".join(
        each.text for each in result.segments
    ) == TRANSCRIPT
    with CLIP.open("rb") as file:
        assert "-->" in client.audio.transcriptions.create(model="whisper-1", file=file, response_format="srt")


def test_a_transcript_has_all_that_the_client_requires(client):
    with CLIP.open("rb") as file:
        result = client.audio.transcriptions.create(model="whisper-1", file=file, response_format="verbose_json")
    TranscriptionVerbose.model_validate(result.model_dump(), strict=True)
    assert (result.language, result.segments[0].tokens, result.words) == ("english", [], None)


def test_a_transcript_comes_as_events(client):
    with CLIP.open("rb") as file:
        *deltas, done = client.audio.transcriptions.create(model="gpt-4o-transcribe", file=file, stream=True)
    assert "".join(event.delta for event in deltas) == done.text == TRANSCRIPT
    assert {event.type for event in deltas} == {"transcript.text.delta"} and done.type == "transcript.text.done"


def test_nothing_is_translated(client):
    with CLIP.open("rb") as file, pytest.raises(openai.NotFoundError, match="does not translate"):
        client.audio.translations.create(model="whisper-1", file=file)


def test_models_are_listed(client):
    assert {"tts-1", "whisper-1"} < {model.id for model in client.models.list()}
    assert client.models.retrieve("tts-1").owned_by == "voicesite"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-9")


def test_errors_are_the_ones_that_programs_catch(client, options):
    with pytest.raises(openai.BadRequestError, match="no such voice") as caught:
        client.audio.speech.create(model="tts-1", voice="Nobody", input="Hello.")
    assert (caught.value.param, caught.value.code) == ("voice", "voice_not_found")
    with pytest.raises(openai.NotFoundError, match="no model “gpt-9”"):
        client.audio.speech.create(model="gpt-9", voice="Ada", input="Hello.")
    with pytest.raises(openai.InternalServerError, match="told to fail|fail"):
        client.audio.speech.create(model="tts-1", voice="Ada", input="Do-fail")
    with pytest.raises(openai.AuthenticationError, match="unknown or revoked"):
        openai.OpenAI(**options | {"api_key": "vs_wrong"}).models.list()
