"""Each request that a known program sends, and the answer read as that program reads it."""

import base64
import io
import json

import av
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openai.types.audio import TranscriptionVerbose

from synthesis.models import Generation
from synthesis.workers import tasks
from tests import FIXTURES, asgi
from tests.factories import FittingFactory
from voices.models import TranscriptionRequest
from voicesite.people import keys

from .programs import PROGRAMS, SENTENCE

HEARD = "This is what was said."


@pytest.fixture
def voice(user):
    return FittingFactory(voice__owner=user, voice__name="Grandmother").voice


@pytest.fixture
def at_once(monkeypatch):
    """What is submitted is done before the answer begins."""
    for model, work in ((Generation, tasks.run_next), (TranscriptionRequest, tasks.run_background)):
        submit = model.submit

        def do(job, submit=submit, work=work):
            submit(job)
            work()

        monkeypatch.setattr(model, "submit", do)


@pytest.mark.parametrize("sent", PROGRAMS, ids=lambda sent: sent.program)
def test_a_program_gets_what_it_reads(client, user, voice, at_once, settings, sent):
    settings.PUBLIC_VOICES = True  # for programs that ask for a list without a key
    key = keys.issue(user, "Program", ["speak"])[1]
    headers = {name: value.replace("{key}", key) for name, value in sent.headers.items()}
    if sent.json:
        body = json.loads(json.dumps(sent.json).replace("{voice}", str(voice.pk)))
        headers.pop("Content-Type")  # which the client sends by itself
        answer = asgi.post(client, sent.path, body, headers)
    elif sent.sound:
        sound = (FIXTURES / "english_austen_short.wav").read_bytes()
        file = SimpleUploadedFile(sent.sound[0], sound, sent.sound[1])
        answer = client.post(sent.path, {**sent.form, "file": file}, headers=headers)
    else:
        voice.visibility = "shared"
        voice.save()
        answer = client.get(sent.path, headers=headers)
    content = b"".join(answer)
    assert answer.status_code == 200, content
    READERS.get(sent.reads, read_sound)(answer, content, sent.reads)
    if sent.reads == "silence":
        assert not Generation.objects.exists()
    elif sent.path.endswith("/speech"):
        generation = Generation.objects.get()
        assert (generation.voice, generation.text) == (voice, SENTENCE) and answer["X-Voice"] == "Grandmother"


def read_sound(answer, content, kind):
    assert answer["Content-Type"] == kind
    if kind == "audio/pcm":
        assert len(content) / 48_000 > 0.5
    else:
        assert seconds(content) > 0.2


def seconds(content: bytes) -> float:
    with av.open(io.BytesIO(content)) as file:
        return sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0))


def read_events(answer, content, kind):
    """As LiveKit: lines that begin with “data: ”, with sound in `delta` or `audio`, up to speech.audio.done."""
    assert answer["Content-Type"] == "text/event-stream"
    events = [json.loads(line[6:]) for line in content.decode().splitlines() if line.startswith("data: ")]
    sound = b"".join(base64.b64decode(event.get("delta") or event.get("audio") or "") for event in events)
    assert seconds(sound) > 0.5 and events[-1]["type"] == "speech.audio.done"


def read_text(answer, content, kind):
    assert json.loads(content)["text"] == HEARD


def read_verbose(answer, content, kind):
    """As OpenAI's client, which LiveKit calls: it requires every field of its types."""
    read = TranscriptionVerbose.model_validate_json(content, strict=True)
    assert (read.text, read.language, read.segments[0].text) == (HEARD, "english", HEARD)


def read_voices(answer, content, kind):
    """As Open WebUI: `voice["id"]` and `voice["name"]`. As Home Assistant: `data` before `voices`."""
    payload = json.loads(content)
    listed = payload["voices"] if kind == "voices" else payload.get("items") or payload["data"]
    assert "Grandmother" in {one["id"]: one["name"] for one in listed}.values()


def read_models(answer, content, kind):
    assert "tts-1" in [one["id"] for one in json.loads(content)["models"]]


def read_silence(answer, content, kind):
    """As Home Assistant, which takes any sound for a sign that the key is good."""
    assert answer["Content-Type"] == "audio/mpeg" and seconds(content) > 0.2


READERS = {
    "silence": read_silence,
    "speech events": read_events,
    "text": read_text,
    "verbose_json": read_verbose,
    "voices": read_voices,
    "voices in data": read_voices,
    "models": read_models,
}
