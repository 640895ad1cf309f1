"""Tests of the mlx engine, in an environment of its own: `make test-mlx`. They need no Django and no site."""

import os
import shutil
from importlib.util import find_spec

import pytest
import soundfile

from synthesis.engines.base import Reference, Utterance
from tests import FIXTURES
from tests.checkpoints import write_checkpoint

os.environ.setdefault("OMP_NUM_THREADS", "1")
# On a processor MLX would first have a compiler make each kernel, which takes longer than the tests.
os.environ.setdefault("MLX_DISABLE_COMPILE", "1")

TEXT = "The kettle is on."
TRANSCRIPT = "It is a truth universally acknowledged"  # fits the length of the recording; the tiny model knows no words


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
    from synthesis.engines.qwen3.mlx.engine import MlxEngine

    engine = MlxEngine()
    engine.load(str(checkpoint))
    return engine


@pytest.fixture(scope="session")
def half_engine(checkpoint, tmp_path_factory):
    """The same in bfloat16, which the published weights are in; all but the codec."""
    import mlx.core as mx

    from synthesis.engines.qwen3.mlx.engine import MlxEngine

    copy = shutil.copytree(checkpoint, tmp_path_factory.mktemp("models") / "tiny-bf16")
    tensors = mx.load(str(checkpoint / "model.safetensors"))
    halves = {name: tensor.astype(mx.bfloat16) for name, tensor in tensors.items()}
    mx.save_safetensors(str(copy / "model.safetensors"), halves)
    engine = MlxEngine()
    engine.load(str(copy))
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
    return engine.condition(recording(transcript=TRANSCRIPT))


@pytest.fixture(scope="session")
def timbre(engine, recording):
    return engine.condition(recording())


@pytest.fixture
def scores(monkeypatch):
    """Changes what the talker would write: `scores(change)`, where `change(loop, scores)` gives other scores."""
    from synthesis.engines.qwen3.mlx.frame_loop import FrameLoop

    allowed = FrameLoop._allowed

    def replace(change):
        monkeypatch.setattr(FrameLoop, "_allowed", lambda loop, given: change(loop, allowed(loop, given)))

    return replace


@pytest.fixture
def fluent(scores):
    """The tiny model says about a frame for each letter, as speech does, instead of ending by chance."""
    import mlx.core as mx

    def end_in_time(loop, given):
        around = 11  # positions of a prompt without a recording that are no letters
        letters = loop.cache[0].size() - loop.frames - loop.pads - around
        due = mx.array([[1e9 if loop.frames >= count else -1e9] for count in letters])
        return mx.where(mx.arange(given.shape[-1]) == loop.end, due, given)

    scores(end_in_time)


@pytest.fixture
def steps(monkeypatch):
    """What the loop wrote, step by step."""
    from synthesis.engines.qwen3.mlx.frame_loop import FrameLoop

    seen = []
    step = FrameLoop.step

    def recorded(loop):
        seen.append(step(loop))
        return seen[-1]

    monkeypatch.setattr(FrameLoop, "step", recorded)
    return seen


def utterance(conditioning, text=TEXT, seed=2, **more):
    return Utterance(text, "en-us", conditioning, seed=seed, **more)


def speak(engine, *utterances, on_progress=lambda progress: None):
    return list(engine.synthesize(utterances, on_progress))
