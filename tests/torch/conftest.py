"""Tests of the torch engine, in an environment of its own: `make test-torch`. They need no Django and no site."""

import os
from importlib.util import find_spec

import pytest
import soundfile

from synthesis.engines.base import Reference, Utterance
from synthesis.engines.qwen3.pytorch.engine import TorchEngine
from tests import FIXTURES
from tests.checkpoints import write_checkpoint

# On a busy machine the threads of so small a model wait for each other for most of the time.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Some processors compute in bfloat16, and would be given it: what is compared to the bit is compared in float32.
os.environ["VOICESITE_DTYPE"] = "float32"

TRANSCRIPT = "Emma Woodhouse, handsome, clever, and rich."


class _Skipped(pytest.Module):
    def collect(self):
        pytest.skip("qwen-tts is not installed in this environment: `make test-torch`", allow_module_level=True)


def pytest_pycollect_makemodule(module_path, parent):
    if find_spec("qwen_tts") is None or find_spec("torch") is None:
        return _Skipped.from_parent(parent, path=module_path)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    return write_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def loaded(checkpoint):
    engine = TorchEngine()
    engine.load(str(checkpoint))
    return engine


@pytest.fixture
def engine(loaded):
    """The engine with the tiny model; what a test changes of its sampling is forgotten."""
    yield loaded
    loaded.sampling = {}


@pytest.fixture
def greedy(engine):
    engine.sampling = GREEDY_SAMPLING
    return engine


GREEDY_SAMPLING = {"do_sample": False, "subtalker_dosample": False}


@pytest.fixture
def end_after(monkeypatch):
    """Lets the end token be certain after so many frames, and impossible before; None: impossible for ever.

    The number may depend on the seed.
    """
    from synthesis.engines.qwen3.pytorch.frame_loop import FrameLoop

    scores = FrameLoop._scores

    def patch(frames):
        def patched(loop, hidden):
            changed = scores(loop, hidden)
            for row, generator in zip(changed, loop.generators, strict=True):
                last = frames(generator.initial_seed()) if callable(frames) else frames
                row[loop.end] = 1000.0 if loop.frames == last else -float("inf")
            return changed

        monkeypatch.setattr(FrameLoop, "_scores", patched)

    return patch


@pytest.fixture
def recording():
    """The fixture recording of that name, as a Reference."""

    def read(name: str = "english_austen_short", transcript: str = "") -> Reference:
        samples, rate = soundfile.read(FIXTURES / f"{name}.wav", dtype="float32")
        return Reference(samples, rate, transcript, "en-us")

    return read


@pytest.fixture(scope="session")
def voices(loaded):
    """Two voices with a transcript, and one without."""

    def voice(name, transcript):
        samples, rate = soundfile.read(FIXTURES / f"{name}.wav", dtype="float32")
        return loaded.condition(Reference(samples, rate, transcript, "en-us"))

    return {
        "austen": voice("english_austen_short", TRANSCRIPT),
        "ivr": voice("spanish_ivr", "Gracias por llamar."),
        "timbre": voice("english_ivr", ""),
    }


@pytest.fixture
def batch(voices):
    """Three utterances that have nothing in common, neither length nor voice nor language; expected to take 2 s."""
    return [
        Utterance("The kettle is on.", "en-us", voices["austen"], seed=1, expected_seconds=2),
        Utterance("Heute Abend gehen wir alle zusammen ins Theater.", "de", voices["ivr"], seed=2, expected_seconds=2),
        Utterance("¿Qué hora es?", "es", voices["timbre"], seed=3, expected_seconds=2),
    ]
