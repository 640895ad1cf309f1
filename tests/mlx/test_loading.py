"""Loading, and what a person is told when it fails."""

import gc
import json
import shutil
from importlib.util import find_spec

import psutil
import pytest

from synthesis.engines.base import Audio
from synthesis.engines.client import EngineProcess
from synthesis.engines.qwen3.mlx import engine as mlx_engine
from synthesis.engines.qwen3.mlx.engine import MlxEngine
from voicesite.modelhost.protocol import ModelError, Progress

from .conftest import speak, utterance


@pytest.fixture
def copy(checkpoint, tmp_path):
    return shutil.copytree(checkpoint, tmp_path / "copy")


def refuse(folder):
    """Why it does not load, in words; always permanent."""
    engine = MlxEngine()
    with pytest.raises(ModelError) as caught:
        engine.load(str(folder))
    assert caught.value.permanent
    assert engine.model is None
    return caught.value.message


def test_it_says_what_it_runs_on(engine):
    assert engine.runs_on == "CPU, float32"
    assert engine.device_memory() == 0  # it is this process's own


def test_a_model_that_is_not_here():
    assert "is not on this machine" in refuse("mlx-community/Qwen3-TTS-12Hz-0.6B-Base-bf16")


@pytest.mark.parametrize("name", ["model.safetensors", "speech_tokenizer/model.safetensors"])
def test_a_file_that_is_missing(copy, name):
    (copy / name).unlink()

    assert name in refuse(copy)


@pytest.mark.parametrize("name", ["model.safetensors", "speech_tokenizer/model.safetensors"])
@pytest.mark.parametrize("share", [0.00001, 0.5], ids=["header", "tensors"])
def test_a_file_that_is_cut_off(copy, name, share):
    whole = (copy / name).read_bytes()
    (copy / name).write_bytes(whole[: 1 + int(len(whole) * share)])

    message = refuse(copy)
    assert "damaged" in message
    assert "fetch it again" in message


@pytest.mark.parametrize("name", ["config.json", "speech_tokenizer/config.json", "vocab.json"])
def test_a_file_that_is_no_json(copy, name):
    (copy / name).write_text("<html>Not found</html>")

    assert "damaged" in refuse(copy)


def test_a_model_that_does_not_clone(copy):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "tts_model_type": "custom_voice"}))

    assert "no model that clones voices" in refuse(copy)


def test_a_codec_that_can_not_hear(copy):
    file = copy / "speech_tokenizer" / "config.json"
    config = json.loads(file.read_text())
    del config["encoder_config"]
    file.write_text(json.dumps(config))

    assert "speech tokenizer could not be read" in refuse(copy)


@pytest.mark.parametrize("system", ["Linux", "Darwin"])
def test_too_little_memory_is_noticed_before_loading(checkpoint, monkeypatch, system):
    """A Mac makes room by itself, so what is free there says little."""
    free = 100_000_000
    memory = psutil.virtual_memory()._replace(total=4 * free / 3 if system == "Darwin" else 10**12, available=free)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    monkeypatch.setattr(mlx_engine.platform, "system", lambda: system)

    assert "needs 0.5 GB of memory, and this machine has 0.1 GB" in refuse(checkpoint)


def test_a_mac_whose_memory_is_in_use_may_load(checkpoint, monkeypatch):
    memory = psutil.virtual_memory()._replace(total=8 * 10**9, available=10**8)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    monkeypatch.setattr(mlx_engine.platform, "system", lambda: "Darwin")

    engine = MlxEngine()
    engine.load(str(checkpoint))
    assert engine.model is not None


@pytest.mark.parametrize(
    ("system", "processor", "words"),
    [("Darwin", "arm64", "It is not installed"), ("Linux", "x86_64", "made for Macs with Apple Silicon")],
)
def test_where_it_is_not_installed_it_says_how_to(monkeypatch, system, processor, words):
    monkeypatch.setattr(mlx_engine, "find_spec", lambda name: None if name == "mlx_audio" else find_spec(name))
    monkeypatch.setattr(mlx_engine.platform, "system", lambda: system)
    monkeypatch.setattr(mlx_engine.platform, "machine", lambda: processor)

    assert words in MlxEngine.unavailable()
    assert "make install ENGINE=mlx" in MlxEngine.unavailable()


def test_where_it_is_installed_it_can_be_used():
    assert MlxEngine.unavailable() == ""


@pytest.mark.parametrize("bits", [8, 6, 4])
def test_a_quantised_model_speaks(copy, recording, fluent, bits):
    import mlx.core as mx
    import mlx.nn as nn
    from mlx.utils import tree_flatten
    from mlx_audio.tts.utils import load_model

    model = load_model(copy)
    model.speech_tokenizer = None  # a file of its own, which is never quantised
    fits = model.model_quant_predicate
    nn.quantize(
        model,
        group_size=32,
        bits=bits,
        class_predicate=lambda path, part: (
            hasattr(part, "to_quantized") and part.weight.shape[-1] % 32 == 0 and fits(path, part)
        ),
    )
    parts = dict(tree_flatten(model.parameters()))
    assert any(name.endswith(".scales") for name in parts)
    mx.save_safetensors(str(copy / "model.safetensors"), parts)
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "quantization": {"group_size": 32, "bits": bits}}))

    engine = MlxEngine()
    engine.load(str(copy))

    assert engine.runs_on == f"CPU, {bits}-bit"
    assert speak(engine, utterance(engine.condition(recording())))[-1].last


def test_it_works_in_the_engine_host(checkpoint, recording, tmp_path):
    """Where MLX is loaded on the one thread that speaks, in a process that was not forked."""
    process = EngineProcess(environment={"VOICESITE_MODELS": str(tmp_path)})
    try:
        process.load("mlx", str(checkpoint), lambda: None)
        voice = process.condition(recording(), lambda: None)
        runs_on = process.runs_on
        items = list(process.synthesize([utterance(voice), utterance(voice, seed=3)], lambda: None))
    finally:
        process.end()

    assert runs_on == "CPU, float32"
    assert {item.index for item in items if isinstance(item, Progress)} == {0, 1}
    assert [item for item in items if isinstance(item, Audio)]


def test_another_model_takes_the_place_of_the_first(checkpoint):
    import mlx.core as mx

    gc.collect()  # models of earlier tests, which would be freed meanwhile
    before = mx.get_active_memory()
    engine = MlxEngine()
    engine.load(str(checkpoint))
    one = mx.get_active_memory() - before
    engine.load(str(checkpoint))
    two = mx.get_active_memory() - before
    engine.unload()

    assert one > 1_000_000
    assert two < 1.01 * one
    assert mx.get_active_memory() - before < 0.01 * one
