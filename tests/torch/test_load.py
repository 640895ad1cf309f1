"""Loading: from a folder alone, in words where that can't be, and where and how the model runs."""

import json
import shutil

import numpy as np
import pytest

from synthesis.engines.base import Utterance
from synthesis.engines.qwen3 import loading
from synthesis.engines.qwen3.pytorch import engine as torch_engine
from synthesis.engines.qwen3.pytorch.engine import TorchEngine
from voicesite.modelhost.protocol import ModelError


@pytest.fixture
def copied(checkpoint, tmp_path):
    """A checkpoint that a test may damage."""
    return shutil.copytree(checkpoint, tmp_path / "copy")


def refusal(folder) -> str:
    with pytest.raises(ModelError) as caught:
        TorchEngine().load(str(folder))
    assert caught.value.permanent
    return caught.value.message


def test_it_says_what_it_runs_on(loaded):
    assert loaded.runs_on in ("CPU, float32", "CPU, bfloat16")
    assert loaded.device_memory() == 0


def test_loading_again_after_unloading(checkpoint, batch, end_after):
    end_after(20)
    engine = TorchEngine()
    for _ in range(2):
        engine.load(str(checkpoint))
        assert list(engine.synthesize(batch[:1], lambda progress: None))[-1].last
        engine.unload()
        assert engine.device_memory() == 0


def test_unloading_gives_the_model_s_memory_back(checkpoint):
    import gc
    import weakref

    engine = TorchEngine()
    engine.load(str(checkpoint))
    weight = weakref.ref(engine.tts.model.talker.codec_head)
    gc.disable()
    try:
        engine.unload()
    finally:
        gc.enable()
    assert weight() is None


def test_it_is_found_in_the_store_by_its_name(checkpoint, tmp_path, monkeypatch, recording):
    monkeypatch.setenv("VOICESITE_MODELS", str(tmp_path))
    shutil.copytree(checkpoint, tmp_path / "Qwen" / "Qwen3-TTS-12Hz-0.6B-Base")

    engine = TorchEngine()
    engine.load("Qwen/Qwen3-TTS-12Hz-0.6B-Base")
    assert engine.condition(recording()).payload


def test_nothing_asks_the_network(checkpoint, monkeypatch):
    import os
    import socket

    def refuse(*arguments):
        raise AssertionError(f"the network was asked for {arguments}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    TorchEngine().load(str(checkpoint))
    assert "HF_HUB_OFFLINE" not in os.environ  # this process may download other models


def test_a_model_that_is_not_here(monkeypatch, tmp_path):
    monkeypatch.setenv("VOICESITE_MODELS", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert "is not on this machine" in refusal("Qwen/Qwen3-TTS-12Hz-1.7B-Base")


@pytest.mark.parametrize("name", ["model.safetensors", "speech_tokenizer/model.safetensors", "tokenizer_config.json"])
def test_a_file_that_is_missing(copied, name):
    (copied / name).unlink()
    assert name in refusal(copied)


@pytest.mark.parametrize("name", ["model.safetensors", "speech_tokenizer/model.safetensors"])
@pytest.mark.parametrize("share", [0.9, 0.001], ids=["data", "header"])
def test_weights_that_are_cut_off(copied, name, share):
    path = copied / name
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    words = refusal(copied)
    assert "damaged: model.safetensors" in words
    assert "manage.py models" in words


def test_a_file_of_something_else(copied):
    (copied / "model.safetensors").write_bytes(b"<html>Please log in</html>" * 9)
    assert "damaged" in refusal(copied)
    (copied / "config.json").write_text("<html>")
    assert "damaged: config.json" in refusal(copied)


@pytest.mark.parametrize(
    "change",
    [{"model_type": "llama"}, {"tts_model_type": "custom_voice"}, {"tokenizer_type": "qwen3_tts_tokenizer_25hz"}],
)
def test_a_model_of_another_kind(copied, change):
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | change))
    assert "no model that clones voices" in refusal(copied)


def test_sizes_that_do_not_fit_together(copied):
    config = json.loads((copied / "config.json").read_text())
    config["talker_config"]["hidden_size"] = 48
    (copied / "config.json").write_text(json.dumps(config))
    assert "can’t be loaded" in refusal(copied)


def test_too_little_memory_is_said_with_figures_before_it_is_tried(checkpoint, monkeypatch):
    monkeypatch.setattr(torch_engine, "_free_memory", lambda device: 400_000_000)
    monkeypatch.setattr(loading, "WORKING_MEMORY_BYTES", 1_500_000_000)
    assert "needs 1.5 GB of memory, and this machine has 0.4 GB free" in refusal(checkpoint)


@pytest.mark.parametrize(
    "variable, value, words",
    [
        ("VOICESITE_DEVICE", "toaster", "It may be cpu, cuda, or cuda:1"),
        ("VOICESITE_DEVICE", "meta", "It may be cpu, cuda, or cuda:1"),
        ("VOICESITE_DEVICE", "cuda:7", "PyTorch finds"),
        ("VOICESITE_DEVICE", "mps", "The mlx engine is made for them"),
        ("VOICESITE_DTYPE", "float8", "bfloat16, float16 or float32"),
    ],
)
def test_a_variable_that_cannot_work(checkpoint, monkeypatch, variable, value, words):
    monkeypatch.setenv(variable, value)
    assert words in refusal(checkpoint)


def test_in_bfloat16_codes_are_chosen_and_sound_is_made_in_float32(checkpoint, monkeypatch, recording, end_after):
    import torch

    end_after(20)
    monkeypatch.setenv("VOICESITE_DTYPE", "bfloat16")
    engine = TorchEngine()
    engine.load(str(checkpoint))

    assert engine.runs_on.endswith(", bfloat16")
    assert engine.tts.model.talker.codec_head.weight.dtype == torch.bfloat16
    assert engine.tts.model.speech_tokenizer.model.dtype == torch.float32
    voice = engine.condition(recording(transcript="Emma Woodhouse."))
    said = [Utterance("Yes.", "en-us", voice, seed=seed, expected_seconds=1.5) for seed in (1, 2)]
    items = list(engine.synthesize(said, lambda progress: None))
    assert [item.index for item in items if item.last] == [0, 1]
    assert all(item.samples.dtype == np.float32 for item in items)


def test_a_processor_computes_in_bfloat16_only_where_it_has_it(monkeypatch):
    monkeypatch.delenv("VOICESITE_DTYPE")
    import torch

    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False)
    assert torch_engine._dtype(torch.device("cpu")) == torch.float32
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    assert torch_engine._dtype(torch.device("cpu")) == torch.bfloat16


@pytest.mark.parametrize("capability, expected", [((9, 0), "bfloat16"), ((8, 7), "bfloat16"), ((7, 5), "float32")])
def test_a_gpu_likewise(monkeypatch, capability, expected):
    monkeypatch.delenv("VOICESITE_DTYPE")
    import torch

    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert torch_engine._dtype(torch.device("cuda")) == getattr(torch, expected)
