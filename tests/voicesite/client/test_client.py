"""The clients against a site, whose workers are in this process."""

import asyncio
import io
import threading

import httpx
import pytest
import soundfile

from synthesis.models import Generation
from tests import FIXTURES
from tests.factories import GenerationFactory, VoiceFactory
from voices.models import VoiceProfile
from voicesite.client import (
    AsyncClient,
    Client,
    Forbidden,
    GenerationFailed,
    Invalid,
    NotFound,
    Unauthenticated,
    VoicesiteError,
)
from voicesite.jobs.job import State
from voicesite.models import User
from voicesite.people import keys

CLIP = FIXTURES / "english_austen_short.wav"


def seconds(data):
    return soundfile.info(io.BytesIO(data)).duration


def test_a_text_is_spoken_while_its_progress_is_told(client, worker):
    heard = []
    speech = client.speak("One two three four five.", "Grandmother", seed=7, speed=1.25, on_progress=heard.append)
    row = Generation.objects.get()
    assert (row.seed, row.speed, row.text) == (7, 1.25, "One two three four five.")
    assert seconds(speech.audio) == pytest.approx(row.seconds, abs=0.01) == speech.generation.seconds
    assert heard[0].id == speech.generation.id == str(row.pk) and heard[-1].status == "completed"
    assert not client._session.running


def test_formats_and_files(client, worker, tmp_path):
    generation = client.wait(client.submit("One two three.", "Grandmother"))
    saved = client.download(generation, None, tmp_path / "out.flac")
    assert saved.read_bytes()[:4] == b"fLaC" and client.audio(generation.id, "mp3")[:3] == b"ID3"
    with pytest.raises(Invalid):
        client.download(generation, "docx", tmp_path / "out.docx")
    assert [path.name for path in tmp_path.iterdir()] == ["out.flac"], "half a file is left by none"


def test_a_stream_comes_in_parts_before_the_whole_is_ready_and_is_one_generation(client, worker, completion):
    stream = client.stream("One two three. Four five.", "Grandmother", format="pcm")
    with completion:
        first = next(stream)
        assert Generation.objects.get().state != State.COMPLETED, "the first part came with the last"
    data = first + b"".join(stream)
    assert len(data) / 48_000 == pytest.approx(Generation.objects.get().seconds, abs=0.01)


@pytest.mark.parametrize("closed", ["by its consumer", "with the client"])
def test_a_stream_that_is_closed_cancels_the_rest(client, worker, closed):
    stream = client.stream("One two. Do-slow " + "three four five. " * 30, "Grandmother", format="pcm")
    assert next(stream)
    stream.close() if closed == "by its consumer" else client.close()
    assert not Generation.objects.exclude(state=State.CANCELLED).exclude(cancel_requested=True).exists()


def test_an_interrupted_call_cancels_its_task(client):
    def interrupt(task):
        raise KeyboardInterrupt if task.status == "pending" else AssertionError(task)

    with pytest.raises((KeyboardInterrupt, AssertionError)):
        client.speak("One two three.", "Grandmother", on_progress=interrupt)
    assert not Generation.objects.exists()


class Interrupted(httpx.HTTPTransport):
    """A Ctrl-C that comes when the server has made the task, and its answer is not here yet."""

    asked = 0

    def handle_request(self, request):
        response = super().handle_request(request)
        if request.method == "POST":
            self.asked += 1
            if self.asked == 1:
                response.read()
                raise KeyboardInterrupt
        return response


def test_what_was_made_when_its_answer_was_not_here_yet_is_cancelled(site, monkeypatch):
    made = []
    submit = Generation.submit
    monkeypatch.setattr(Generation, "submit", lambda generation: (made.append(generation.pk), submit(generation)))
    with Client(transport=Interrupted()) as client, pytest.raises(KeyboardInterrupt):
        client.speak("One two three.", "Grandmother")
    assert len(made) == 1, "asked twice, by one key"
    assert not Generation.objects.exists()


def test_a_client_that_is_closed_cancels_what_it_waits_for(client):
    waits, failures = threading.Event(), []

    def speak():
        try:
            client.speak("One two three.", "Grandmother", on_progress=lambda task: waits.set())
        except VoicesiteError as error:
            failures.append(error)

    thread = threading.Thread(target=speak)
    thread.start()
    assert waits.wait(20)
    client.close()
    thread.join()
    assert not Generation.objects.exists() and failures


def test_awaited_calls_go_on_side_by_side_and_are_cancelled_with_their_task(site, worker):
    async def main():
        async with AsyncClient() as client:
            spoken = await asyncio.gather(*(client.speak(f"Number {n}.", "Grandmother") for n in range(3)))
            assert [speech.generation.text for speech in spoken] == ["Number 0.", "Number 1.", "Number 2."]
            assert {each.id async for each in client.generations()} == {speech.generation.id for speech in spoken}
            assert (
                b"".join([part async for part in client.stream("One two.", "Grandmother", format="wav")])[:4] == b"RIFF"
            )
            transcript = await client.transcribe(CLIP, "en")
            assert transcript.text == "This is what was said."
            known = asyncio.Event()
            waiting = asyncio.create_task(
                client.speak("Do-slow " * 60, "Grandmother", on_progress=lambda task: known.set())
            )
            await known.wait()
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    asyncio.run(main())
    assert not Generation.objects.filter(text__startswith="Do-slow", state=State.COMPLETED).exists()
    assert not Generation.objects.active().filter(cancel_requested=False).exists()


def test_lists_go_on_over_their_pages(client, monkeypatch):
    monkeypatch.setattr("voicesite.client.flows.PAGE_SIZE", 2)
    ada = User.objects.get()
    names = [VoiceFactory(owner=ada, name=f"Voice {n}").name for n in range(5)]
    assert [voice.name for voice in client.voices()] == ["Grandmother", *names]
    assert [voice.name for voice in client.voices("grand", language="en-us", whose="mine")] == ["Grandmother"]
    voice = client.voice(next(client.voices("grand")).id)
    assert voice.is_mine and voice.clip.seconds == 0.5 and voice.clip.advice[0].level == "good"
    generations = [GenerationFactory(owner=ada, voice__owner=ada, completed=True) for _ in range(3)]
    assert {each.id for each in client.generations(state="completed")} == {str(each.pk) for each in generations}
    assert client.generation(str(generations[0].pk)).status == "completed"


def test_a_voice_is_made_of_a_recording_and_deleted(client):
    with pytest.raises(TypeError):
        client.create_voice(CLIP, "Ada", "en-us")
    with pytest.raises(Invalid) as caught:
        client.create_voice(CLIP, "Ada", "en-us", consent=False)
    assert "consent" in caught.value.fields and caught.value.status == 422
    with CLIP.open("rb") as file:
        voice = client.create_voice(file, "Ada", "en-us", "It is a truth.", consent=True)
    assert voice.clip.transcript == "It is a truth." and VoiceProfile.objects.filter(name="Ada").exists()
    client.delete_voice(voice)
    assert not VoiceProfile.objects.filter(name="Ada").exists()


def test_a_recording_is_written_down(client, worker):
    found = client.transcribe(CLIP.read_bytes(), "en", words=True)
    assert found.text == "This is what was said." == found.segments[0].text
    assert [word.text for word in found.words] == found.text.split() and found.seconds == pytest.approx(3, abs=0.1)
    assert client.subtitles(CLIP, "vtt", "en").startswith("WEBVTT")


def test_models(client):
    assert [model.id for model in client.models() if model.is_default] == ["fake:tone"]


def test_what_the_server_refuses(client, worker):
    with pytest.raises(NotFound) as caught:
        client.task("3f5c9a52-7b1e-4a57-8f0e-6f1f6e2d9c11")
    assert (caught.value.code, caught.value.status) == ("not_found", 404)
    with pytest.raises(Invalid) as caught:
        client.speak("Hello.", "Nobody")
    assert caught.value.fields["voice"]
    with pytest.raises(VoicesiteError) as caught:
        next(client.stream("Hello.", "Nobody"))
    assert caught.value.fields["voice"] and caught.value.code == "voice_not_found"
    with pytest.raises(GenerationFailed, match="as it was told to"):
        client.speak("Do-fail", "Grandmother")
    with Client(key="vs_wrong") as stranger, pytest.raises(Unauthenticated):
        stranger.models()
    reader = keys.issue(User.objects.get(), "Reader", ["read"])[1]
    with Client(key=reader) as stranger, pytest.raises(Forbidden):
        stranger.submit("Hello.", "Grandmother")
