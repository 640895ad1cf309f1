"""Test where weights are found, and when they are complete."""

import json
import os
from pathlib import Path

import pytest

from voicesite.modelhost import weights
from voicesite.modelhost.protocol import ModelError

NAME = "Example/Tiny-TTS"
FILES = {
    "config.json": b"{}",
    "model.safetensors": b"weights" * 100,
    "tokenizer_config.json": b"{}",
    "vocab.json": b"{}",
    "merges.txt": b"a b",
    "speech_tokenizer/config.json": b"{}",
    "speech_tokenizer/model.safetensors": b"codec" * 100,
}


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("VOICESITE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))
    return tmp_path / "models"


def write(place: Path, files: dict[str, bytes] = FILES) -> Path:
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return place


def cache(hub: Path, commit: str = "a" * 40) -> Path:
    """Write a model in the layout of Hugging Face's tools, and return the folder of the snapshot."""
    cached = hub / "models--Example--Tiny-TTS"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs" / "main").write_text(commit)
    for number, (name, content) in enumerate(FILES.items()):
        write(cached, {f"blobs/{number}": content})
        link = cached / "snapshots" / commit / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(cached / "blobs" / str(number), link.parent))
    return cached / "snapshots" / commit


def test_a_model_is_found_in_the_store_in_the_shared_cache_and_in_a_folder_of_ones_own(store, tmp_path):
    assert weights.find(NAME) is None and weights.size(NAME) == 0
    shared = cache(tmp_path / "huggingface" / "hub")
    assert weights.find(NAME) == weights.require(NAME) == shared
    assert weights.size(NAME) == sum(map(len, FILES.values()))
    ours = write(store / NAME)
    assert weights.find(NAME) == ours
    own = write(tmp_path / "own")
    assert weights.find(str(own)) == own


@pytest.mark.parametrize("variable", ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"])
def test_the_shared_cache_is_where_its_variables_say(tmp_path, monkeypatch, variable):
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    assert weights.find(NAME) is None
    snapshot = cache(tmp_path / "elsewhere")
    assert weights.find(NAME) == snapshot


@pytest.mark.parametrize("name", FILES)
def test_a_model_that_lacks_a_file_is_not_here_wherever_it_is(store, tmp_path, name):
    (write(store / NAME) / name).unlink()
    (write(tmp_path / "own") / name).unlink()
    snapshot = cache(tmp_path / "huggingface" / "hub")
    (snapshot / name).resolve().unlink()
    assert (snapshot / name).is_symlink(), "into nowhere"
    assert weights.find(NAME) is None and weights.find(str(tmp_path / "own")) is None
    with pytest.raises(ModelError, match=name.rpartition("/")[2]) as raised:
        weights.require(str(tmp_path / "own"))
    assert raised.value.permanent


def test_an_empty_file_is_a_missing_one(tmp_path):
    place = write(tmp_path, FILES | {"model.safetensors": b""})
    assert weights.missing(place) == ["model.safetensors"]


def test_weights_may_be_in_shards_and_all_of_them_are_needed(tmp_path):
    files = {name: content for name, content in FILES.items() if name != "model.safetensors"}
    index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-1.safetensors"}}
    write(tmp_path, files | {"model.safetensors.index.json": json.dumps(index).encode()})
    assert weights.missing(tmp_path) == ["model-1.safetensors", "model-2.safetensors"]
    write(tmp_path, {"model-1.safetensors": b"1", "model-2.safetensors": b"2"})
    assert weights.find(str(tmp_path)) == tmp_path


def test_a_tokenizer_may_be_one_file(tmp_path):
    place = write(tmp_path, {name: FILES[name] for name in FILES if name not in ("vocab.json", "merges.txt")})
    assert "tokenizer.json" in weights.missing(place)[0]
    write(place, {"tokenizer.json": b"{}"})
    assert not weights.missing(place)


def test_a_folder_with_a_plan_is_whole_when_the_plan_is_done(store):
    place = write(store / NAME)
    plan = {"files": {"config.json": {"size": 2}, "extra.json": {"size": 5}}}
    (place / weights.PLAN_FILE).write_text(json.dumps(plan))
    assert weights.missing(place) == ["extra.json"] and weights.find(NAME) is None
    write(place, {"extra.json": b"1234"})
    assert weights.find(NAME) is None, "it has not all of its bytes"
    write(place, {"extra.json": b"12345"})
    assert weights.find(NAME) == place


def test_what_is_not_here_is_said_in_words():
    with pytest.raises(ModelError, match=f"{NAME} is not on this machine") as raised:
        weights.require(NAME)
    assert raised.value.permanent


@pytest.mark.parametrize(
    "name", ["", "tone", "a/b/c", "..", "../..", "a/..b", "a/b..c", "Example/..", ".hidden/model", "a b/c"]
)
def test_what_is_no_name_never_leaves_the_store(store, name):
    with pytest.raises(ModelError) as raised:
        weights.require(name)
    assert raised.value.permanent
    assert weights.find(name) is None
