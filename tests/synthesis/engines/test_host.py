"""The process that an engine lives in, for real."""

import os
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from synthesis.engines.base import Audio, Conditioning, EngineError, Reference, Utterance
from synthesis.engines.client import EngineProcess
from tests.e2e.copy import ROOT, wait_for
from voicesite.modelhost.protocol import Progress

pytestmark = pytest.mark.processes

VOICE = Conditioning(b"tone")


def utterance(text: str) -> Utterance:
    return Utterance(text, "en-us", VOICE)


@pytest.fixture
def host():
    host = EngineProcess(stall_seconds=5)
    yield host
    host.end()


def quiet() -> None:
    pass


def spoken(host, text: str) -> np.ndarray:
    return np.concatenate(
        [item.samples for item in host.synthesize([utterance(text)], quiet) if isinstance(item, Audio)]
    )


def test_it_is_kept_between_requests_and_large_sound_comes_whole(host):
    host.load("fake", "tone", quiet)
    process = host.process.pid
    words = "word " * 1500  # 300 s of speech, 29 MB
    assert len(spoken(host, words)) == 1500 * 0.2 * 24_000
    assert host.process.pid == process and not host.is_cold


def test_the_rest_of_what_was_cancelled_is_never_taken_for_the_next_request(host):
    host.load("fake", "tone", quiet)
    items = host.synthesize([utterance("Do-slow one two three four five six")], quiet)
    assert isinstance(next(items), Progress)
    items.close()
    begun = time.monotonic()
    assert len(spoken(host, "one two")) == 2 * 0.2 * 24_000
    assert time.monotonic() - begun < 1, "the engine is free again within one word"


class Stop(Exception):
    pass


def test_what_a_heartbeat_raises_cancels_the_request(host):
    host.load("fake", "tone", quiet)
    begun = time.monotonic()

    def beat():
        if time.monotonic() - begun > 0.4:
            raise Stop

    with pytest.raises(Stop):
        list(host.synthesize([utterance("Do-slow one two three four five six")], beat))
    assert len(spoken(host, "one")) == 0.2 * 24_000


def test_it_ends_with_its_worker_even_while_it_computes():
    code = (
        "import os\n"
        "from synthesis.engines.client import EngineProcess\n"
        "from synthesis.engines.base import Conditioning, Utterance\n"
        "host = EngineProcess(60)\n"
        "host.load('fake', 'tone', lambda: None)\n"
        "print(host.process.pid, flush=True)\n"
        "list(host.synthesize([Utterance('one Do-hang', 'en-us', Conditioning(b''))], lambda: None))\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    process = psutil.Process(int(worker.stdout.readline()))
    time.sleep(0.3)
    worker.kill()
    worker.wait()
    wait_for(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, 3)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda process: process.kill(), "too little memory"),
        (lambda process: process.terminate(), "SIGTERM"),
    ],
)
def test_how_it_died_is_said(host, act, words):
    host.load("fake", "tone", quiet)
    items = host.synthesize([utterance("Do-slow one two three four")], quiet)
    next(items)
    act(host.process)
    with pytest.raises(EngineError, match=words) as caught:
        list(items)
    assert not caught.value.permanent and host.process is None


def test_a_host_that_cannot_start_is_said_and_not_tried_while_nobody_waits(host, monkeypatch):
    host.environment = {"PYTHONPATH": str(ROOT / "no-such-folder"), "PYTHONHOME": "/nowhere"}
    with pytest.raises(EngineError, match="stopped unexpectedly"):
        host.load("fake", "tone", quiet)
    assert not host.is_cold and host.failed
    host.environment = {}
    host.load("fake", "tone", quiet)
    assert not host.failed


def test_an_unknown_engine_or_a_broken_reference_is_an_error_in_words(host):
    with pytest.raises(EngineError, match="no engine called") as caught:
        host.load("gramophone", "x", quiet)
    assert caught.value.permanent
    with pytest.raises(EngineError, match="No model is loaded"):
        host.condition(Reference(np.zeros(4, np.float32), 24_000), quiet)  # nothing is loaded


def test_a_fork_does_not_talk_to_its_parents_host(host):
    host.load("fake", "tone", quiet)
    theirs = host.process.pid
    child = os.fork()
    if child == 0:
        host.load("fake", "tone", quiet)
        mine = host.process.pid
        host.end()
        os._exit(0 if mine != theirs else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert host.process.poll() is None and len(spoken(host, "one")) == 0.2 * 24_000
