"""Check a model's folder and the memory before Qwen3-TTS is loaded, and explain in words why it can't be."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path

from synthesis.engines.base import EngineError

WORKING_MEMORY_BYTES = 500_000_000  # for a batch, beside the weights
USE_LESS = "Choose a smaller model, or end other programs that use this memory."
_FETCH_AGAIN = "Remove it, and fetch it again: `manage.py models`."
_EXPECTED_CONFIG = {"model_type": "qwen3_tts", "tokenizer_type": "qwen3_tts_tokenizer_12hz", "tts_model_type": "base"}


def check_config(folder: Path, model: str) -> dict:
    """Return config.json. Raises EngineError (permanent) if it is damaged, or of a model that clones no voices."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        clones = all(config.get(key, value) == value for key, value in _EXPECTED_CONFIG.items())
    except (OSError, ValueError, AttributeError) as error:
        raise _damaged(model, "config.json") from error
    if not clones:
        raise EngineError(
            f"{model} is no model that clones voices: a Qwen3-TTS-12Hz Base model does. Choose one whose name has "
            "“Base” in it.",
            permanent=True,
        )
    return config


def check_memory(
    folder: Path, model: str, free: int, where: str = "this machine", number_bytes: int | None = None
) -> None:
    """Raise EngineError (permanent) if a file of weights is cut off, or `free` bytes are too few for all of them.

    where: whose memory it is. number_bytes: size of a loaded number of the talker; the codec's then have four bytes.
    None: all are loaded in the format of the files.
    """
    needed = WORKING_MEMORY_BYTES
    for part, number_size in ((folder, number_bytes), (folder / "speech_tokenizer", number_bytes and 4)):
        for path in part.glob("*.safetensors"):
            needed += _loaded_bytes(path, model, number_size)
    if needed > free:
        raise EngineError(
            f"The model {model} needs {needed / 1e9:.1f} GB of memory, and {where} has {free / 1e9:.1f} GB free for it. "
            f"{USE_LESS}",
            permanent=True,
        )


def _loaded_bytes(path: Path, model: str, number_bytes: int | None) -> int:
    """Return the bytes that a safetensors file fills once loaded. Raises EngineError (permanent) if it is cut off."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length))
        tensors = [value for name, value in header.items() if name != "__metadata__"]
        stored = max(tensor["data_offsets"][1] for tensor in tensors)
    except (OSError, ValueError, KeyError, AttributeError, OverflowError, MemoryError) as error:
        raise _damaged(model, path.name) from error
    size, whole = path.stat().st_size, 8 + length + stored
    if size < whole:
        raise _damaged(model, f"{path.name} has {size} of {whole} bytes")
    return number_bytes * sum(prod(tensor["shape"]) for tensor in tensors) if number_bytes else stored


@contextmanager
def loading(model: str, is_out_of_memory: Callable[[Exception], bool]) -> Iterator[None]:
    """Turn what a library raises while it loads `model` into EngineError (permanent), in words."""
    try:
        with fitting(f"The model {model}", is_out_of_memory):
            yield
    except EngineError:
        raise
    except Exception as error:
        raise EngineError(
            f"The model {model} can’t be loaded: {error}. Its files are damaged or of another kind. {_FETCH_AGAIN}",
            permanent=True,
        ) from error


@contextmanager
def fitting(what: str, is_out_of_memory: Callable[[Exception], bool]) -> Iterator[None]:
    """Turn an out-of-memory error into EngineError (permanent), in words; other errors pass. what: needs the memory."""
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise EngineError(f"{what} does not fit into the memory. {USE_LESS}", permanent=True) from error


def _damaged(model: str, what: str) -> EngineError:
    return EngineError(f"The model {model} is damaged: {what}. {_FETCH_AGAIN}", permanent=True)
