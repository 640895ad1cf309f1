"""A real transcription process, with a transcriber for tests."""

import time
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from voices.analysis import speaker_encoder
from voices.transcription.client import TranscriptionProcess
from voicesite.modelhost.protocol import ModelError

pytestmark = pytest.mark.processes

SECOND_OF_SILENCE = np.zeros(16_000, np.float32)


class Stop(Exception):
    pass


def quiet(*_) -> None:
    pass


@pytest.fixture
def listen():
    """Start a transcription process whose `models` name, by language, what the fake transcriber recognizes."""
    models = {"": "one two", "es": "uno dos"}
    listener = TranscriptionProcess(
        lambda language: SimpleNamespace(engine="fake", model=models[language]), stall_seconds=5
    )
    listener.models = models
    yield listener
    listener.end()


def test_it_writes_down_what_is_said_and_stays(listen):
    reported = []
    heard = listen.transcribe(SECOND_OF_SILENCE, "", reported.append, quiet)
    assert heard.text == "one two" and heard.language == "en-us" and heard.transcriber == "fake"
    assert [(word.start, word.end) for word in heard.words] == [(0, 0.5), (0.5, 1.0)]
    assert reported[-1].done == reported[-1].expected == 100
    process = listen.process.pid
    listen.transcribe(SECOND_OF_SILENCE, "", quiet, quiet)
    assert listen.process.pid == process
    listen.models["es"] = "[fail]"
    with pytest.raises(ModelError, match="not understood") as caught:
        listen.transcribe(SECOND_OF_SILENCE, "es", quiet, quiet)
    assert caught.value.permanent and listen.lives
    assert listen.process.pid != process, "another model, another process"


def test_speakers_are_told_apart_there(listen):
    wave = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    assert np.allclose(listen.embed(wave, 16_000, quiet), speaker_encoder.embed(wave, 16_000), atol=1e-5)
    with pytest.raises(ModelError, match="only silence") as caught:
        listen.embed(SECOND_OF_SILENCE, 16_000, quiet)
    assert caught.value.permanent
    first = listen.process.pid
    listen.transcribe(SECOND_OF_SILENCE, "", quiet, quiet)
    assert listen.process.pid == first, "the first model needs no new process"


def test_a_crash_is_told_and_the_next_recording_finds_another_process(listen):
    listen.models[""] = "[crash]"
    with pytest.raises(ModelError, match="The transcriber stopped unexpectedly") as caught:
        listen.transcribe(SECOND_OF_SILENCE, "", quiet, quiet)
    assert not caught.value.permanent
    listen.models[""] = "again"
    assert listen.transcribe(SECOND_OF_SILENCE, "", quiet, quiet).text == "again"


def test_what_a_heartbeat_raises_stops_it_within_a_step(listen):
    listen.models[""] = "[slow] [slow] [slow] one"
    begun = time.monotonic()

    def beat():
        if listen.loaded != ("", ""):
            raise Stop

    with pytest.raises(Stop):
        listen.transcribe(SECOND_OF_SILENCE, "", quiet, beat)
    listen.embed(np.random.default_rng(0).normal(0, 0.1, 16_000), 16_000, quiet)
    assert time.monotonic() - begun < 3, "the three seconds are not waited for"


def test_it_ends_when_nobody_needs_it():
    listener = TranscriptionProcess(
        lambda _: SimpleNamespace(engine="fake", model="one"), stall_seconds=5, idle_seconds=0.05
    )
    try:
        listener.transcribe(SECOND_OF_SILENCE, "", quiet, quiet)
        psutil.Process(listener.process.pid).wait(timeout=5)
        assert listener.transcribe(SECOND_OF_SILENCE, "", quiet, quiet).text == "one", "and comes again"
    finally:
        listener.end()
