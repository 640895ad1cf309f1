"""Tests of the mlx engine, in an environment of its own: `make test-mlx`. They need no Django and no site."""

import os
from importlib.util import find_spec

import pytest
import soundfile

from synthesis.engines import Reference, Utterance
from tests import FIXTURES
from tests.checkpoints import write_checkpoint

os.environ.setdefault("OMP_NUM_THREADS", "1")
# On a processor MLX would first have a compiler make each kernel, which takes longer than the tests.
os.environ.setdefault("MLX_DISABLE_COMPILE", "1")

TEXT = "The kettle is on."
SAID = "It is a truth universally acknowledged"  # fits the length of the recording; the tiny model knows no words


class _Skipped(pytest.Module):
    def collect(self):
        pytest.skip("mlx-audio is not installed in this environment: `make test-mlx`", allow_module_level=True)


def pytest_pycollect_makemodule(module_path, parent):
    if find_spec("mlx") is None or find_spec("mlx_audio") is None:
        return _Skipped.from_parent(parent, path=module_path)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    return write_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def engine(checkpoint):
    from synthesis.engines.qwen3_mlx import MlxEngine

    engine = MlxEngine()
    engine.load(str(checkpoint))
    return engine


@pytest.fixture(scope="session")
def recording():
    def read(name="english_austen_short", transcript=""):
        samples, rate = soundfile.read(FIXTURES / f"{name}.wav", dtype="float32")
        return Reference(samples, rate, transcript, "en-us")

    return read


@pytest.fixture(scope="session")
def voice(engine, recording):
    """A conditioning with the recording's codes; `timbre` has none."""
    return engine.condition(recording(transcript=SAID))


@pytest.fixture(scope="session")
def timbre(engine, recording):
    return engine.condition(recording())


@pytest.fixture
def scores(engine, monkeypatch):
    """Changes what the talker would write: `scores(change)`, where `change` takes scores and gives others back."""
    talker = engine.model.talker
    head = talker.codec_head

    def replace(change):
        monkeypatch.setattr(talker, "codec_head", lambda hidden: change(head(hidden)))

    return replace


def utterance(conditioning, text=TEXT, seed=2, **more):
    return Utterance(text, "en-us", conditioning, seed=seed, **more)


def speak(engine, *utterances, on_progress=lambda progress: None):
    return list(engine.synthesize(utterances, on_progress))
