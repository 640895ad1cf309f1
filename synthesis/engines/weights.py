"""The weights of models on this machine: where they are, and whether they are whole.

A model goes by its name on the hub ("Qwen/Qwen3-TTS-12Hz-0.6B-Base"), or by the path of a folder of one's own. It is
looked for in the store, which is the folder VOICESITE_MODELS with a folder for each model, and then in the cache that
Hugging Face's own tools share, which is only ever read. Nothing here touches the network.
"""

import json
import os
import re
from pathlib import Path

from .base import EngineError

PLAN = ".download.json"  # in a folder of the store: what it shall hold, written before the first byte is fetched
_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_TOKENIZERS = (("tokenizer.json",), ("vocab.json", "merges.txt"))
_SPEECH_TOKENIZER = ("speech_tokenizer/config.json", "speech_tokenizer/model.safetensors")


def store() -> Path:
    """Where downloaded models are kept: VOICESITE_MODELS, else in the user's cache folder."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voicesite" / "models"
    return Path(os.environ.get("VOICESITE_MODELS") or default).expanduser()


def folder(model: str) -> Path:
    """Where the store keeps `model`, be it there or not. Raises EngineError where that is no name of the hub."""
    if not _HUB_NAME.fullmatch(model) or ".." in model:
        raise EngineError(f"“{model}” is not a name on the model hub: those look like owner/model.", permanent=True)
    return store() / model


def find(model: str) -> Path | None:
    """The folder that `model` can be loaded from, all of its files being there; None where there is none."""
    return next((place for place in _places(model) if not missing(place)), None)


def require(model: str) -> Path:
    """As `find`. Raises EngineError (permanent), in words, where the model is not here."""
    found = find(model)
    if found:
        return found
    if is_path(model):
        lacking = ", ".join(missing(Path(model).expanduser()))
        raise EngineError(f"The folder {model} holds no complete model: it lacks {lacking}.", permanent=True)
    folder(model)
    raise EngineError(
        f"The model {model} is not on this machine. `manage.py models download {model}` fetches it.", permanent=True
    )


def size(model: str) -> int:
    """Bytes of the model's files where `find` finds it; 0 where it does not."""
    found = find(model)
    return sum(path.stat().st_size for path in found.rglob("*") if path.is_file()) if found else 0


def is_path(model: str) -> bool:
    """Whether `model` names a folder rather than something on the hub."""
    return model.startswith(("/", "~", "./", "../"))


def missing(place: Path) -> list[str]:
    """The files that the model in the folder `place` lacks, by their names in it; empty where it is complete.

    By the plan where the folder has one, so that an interrupted download shows; else by what a Qwen3-TTS model needs.
    A link into nowhere counts as missing.
    """
    plan = read_plan(place)
    if plan:
        return [name for name, file in plan["files"].items() if _bytes(place / name) != file["size"]]
    lacking = [] if _bytes(place / "config.json") else ["config.json"]
    lacking += _missing_weights(place)
    names = ["tokenizer_config.json", *_SPEECH_TOKENIZER]
    if not any(all(_bytes(place / name) for name in names) for names in _TOKENIZERS):
        names.append("tokenizer.json (or vocab.json and merges.txt)")
    return lacking + [name for name in names if not _bytes(place / name)]


def read_plan(place: Path) -> dict | None:
    """The plan of a folder of the store: the commit, and of each file its size and its checksum."""
    try:
        plan = json.loads((place / PLAN).read_text())
    except (OSError, ValueError):
        return None
    return plan if isinstance(plan, dict) and "files" in plan else None


def _missing_weights(place: Path) -> list[str]:
    """What is lacking of the model's weights: one file, or all the shards that an index names."""
    if _bytes(place / "model.safetensors"):
        return []
    try:
        shards = set(json.loads((place / "model.safetensors.index.json").read_text())["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError):
        return ["model.safetensors"]
    return sorted(shard for shard in shards if not _bytes(place / shard))


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _places(model: str) -> list[Path]:
    """Where `model` may be, the first choice first."""
    if is_path(model):
        return [Path(model).expanduser()]
    if not _HUB_NAME.fullmatch(model) or ".." in model:
        return []
    return [folder(model), *_shared(model)]


def _shared(model: str) -> list[Path]:
    """The snapshot in the cache of Hugging Face's tools, by its layout: refs/main names a folder of snapshots/."""
    cached = _shared_cache() / f"models--{model.replace('/', '--')}"
    try:
        commit = (cached / "refs" / "main").read_text().strip()
    except (OSError, ValueError):
        return []
    return [cached / "snapshots" / commit] if _COMMIT.fullmatch(commit) else []


def _shared_cache() -> Path:
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(variable):
            return Path(os.environ[variable]).expanduser()
    return shared_home() / "hub"


def shared_home() -> Path:
    """The folder of Hugging Face's tools: their cache, and the token of who has logged in."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(os.environ.get("HF_HOME") or default).expanduser()
