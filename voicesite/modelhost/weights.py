"""The weights of models on this machine: find, verify, download and remove them.

A model is identified by its name on the hub ("Qwen/Qwen3-TTS-12Hz-0.6B-Base") or by the path of a folder. A name is
looked up in the store (VOICESITE_MODELS, one folder per model), then in the cache that Hugging Face's tools share, which
is never written to. Only `download` uses the network.
"""

import errno
import fcntl
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from voicesite.texts import N_

from . import hub
from .protocol import Cancelled, ModelError, OnProgress, Progress

PLAN_FILE = ".download.json"  # in a model's folder: the files it should hold, written before the download begins
_PARTS_FOLDER = ".parts"  # in the same folder: incomplete files, named by their checksums
POLL_SECONDS = 0.5  # between two looks at a download
STALL_NOTICE_SECONDS = 5  # without a byte, after which the progress says so
_RESERVED_BYTES = 256_000_000  # bytes that a download leaves free on the disk, for the site
_HUB_NAME = re.compile(r"(?!.*\.\.)[\w-][\w.-]*/[\w-][\w.-]*")  # never leads out of the store
_CHECKSUM = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")  # SHA-1 of a commit or a small file, SHA-256 of a large one


def store() -> Path:
    """Return the folder of downloaded models: VOICESITE_MODELS, else one in the user's cache folder."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voicesite" / "models"
    return Path(os.environ.get("VOICESITE_MODELS") or default).expanduser()


def folder(model: str) -> Path:
    """Return the folder of `model` in the store, whether it exists or not. Raises ModelError unless it is a hub name."""
    if not _HUB_NAME.fullmatch(model):
        raise ModelError(
            N_("“{model}” is not a name on the model hub: those look like owner/model.").format(model=model),
            permanent=True,
        )
    return store() / model


def find(model: str) -> Path | None:
    """Return the folder that holds all files of `model`; None if there is none."""
    return next((place for place in _places(model) if not missing(place)), None)


def require(model: str) -> Path:
    """Return the folder that holds all files of `model`. Raises ModelError (permanent) if there is none."""
    if found := find(model):
        return found
    if is_path(model):
        lacking = ", ".join(missing(Path(model).expanduser()))
        raise ModelError(
            N_("The folder {model} holds no complete model: it lacks {lacking}.").format(model=model, lacking=lacking),
            permanent=True,
        )
    folder(model)
    advice = N_("“manage.py models download {model}” fetches it.").format(model=model)
    raise ModelError(
        N_("The model {model} is not on this machine. {advice}").format(model=model, advice=advice), permanent=True
    )


def size(model: str) -> int:
    """Return the size of the model's files in bytes; 0 if they are not all here."""
    found = find(model)
    return sum(path.stat().st_size for path in found.rglob("*") if path.is_file()) if found else 0


def stored() -> list[str]:
    """Return the names of the models in the store, including incomplete ones."""
    names = (path.relative_to(store()).as_posix() for path in store().glob("*/*") if path.is_dir())
    return sorted(filter(_HUB_NAME.fullmatch, names))


def verify(model: str) -> list[str]:
    """Compare the files of `model` with the hub's checksums, and return what is wrong, in words.

    Reads every file. For a folder that did not come from the hub, which has no checksums, only missing files are found.
    """
    place = next((place for place in _places(model) if place.is_dir()), None) or require(model)
    lacking = missing(place)
    problems = [N_("{name} is missing, or not whole.").format(name=name) for name in lacking]
    for name, checksum in _checksums(place).items():
        try:
            if name not in lacking and hub.checksum(place / name, checksum) != checksum:
                problems.append(N_("{name} is damaged.").format(name=name))
        except OSError as error:
            problems.append(N_("{name} can't be read ({strerror}).").format(name=name, strerror=error.strerror))
    return problems


def remove(model: str) -> int:
    """Delete `model` from the store and return the bytes freed. Raises ModelError if it is not there."""
    if is_path(model):
        raise ModelError(
            N_("{model} is a folder of your own: Voicesite does not delete it.").format(model=model), permanent=True
        )
    place = folder(model)
    if not place.is_dir():
        if elsewhere := find(model):
            cache = N_("{elsewhere}, the cache that Hugging Face’s tools share").format(elsewhere=elsewhere)
            raise ModelError(
                N_("{model} is in {cache}: Voicesite only reads it there.").format(model=model, cache=cache),
                permanent=True,
            )
        require(model)
    with _lock(model) as locked:
        if not locked:
            raise ModelError(N_("{model} is being downloaded. Cancel that first.").format(model=model))
        freed = sum(path.stat().st_size for path in place.rglob("*") if path.is_file() and not path.is_symlink())
        place.unlink() if place.is_symlink() else shutil.rmtree(place)
    return freed


def is_path(model: str) -> bool:
    """Return whether `model` is the path of a folder rather than a name on the hub."""
    return model.startswith(("/", "~", "./", "../"))


def missing(place: Path) -> list[str]:
    """Return the names of the missing files of the model in the folder `place`; empty if it is complete.

    The plan says what is needed where there is one, so that an interrupted download is noticed; else the kind of model:
    Whisper for faster-whisper or for MLX if it has such weights, otherwise Qwen3-TTS. Empty files and broken links count
    as missing.
    """
    if plan := read_plan(place):
        return [name for name, file in plan["files"].items() if _bytes(place / name) != file["size"]]

    def lacks(*names: str) -> list[str]:
        return [name for name in names if not _bytes(place / name)]

    lacking = lacks("config.json")
    if _bytes(place / "model.bin"):
        vocabulary = lacks("vocabulary.json") if lacks("vocabulary.txt") else []
        return lacking + vocabulary + lacks("tokenizer.json")
    if len(lacks("weights.safetensors", "weights.npz")) < 2:
        return lacking
    lacking += _missing_weights(place)
    lacking += lacks("tokenizer_config.json", "speech_tokenizer/config.json", "speech_tokenizer/model.safetensors")
    if lacks("tokenizer.json") and lacks("vocab.json", "merges.txt"):
        lacking.append(N_("tokenizer.json (or vocab.json and merges.txt)"))
    return lacking


def read_plan(place: Path) -> dict | None:
    """Return the plan of a model folder: the commit, and each file's size and checksum; None if it has none."""
    try:
        plan = json.loads((place / PLAN_FILE).read_text())
    except (OSError, ValueError):
        return None
    return plan if isinstance(plan, dict) and "files" in plan else None


def _missing_weights(place: Path) -> list[str]:
    """Return the missing weight files: one file, or the shards that an index names."""
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
    """Return the folders where `model` may be, the preferred one first."""
    if is_path(model):
        return [Path(model).expanduser()]
    if not _HUB_NAME.fullmatch(model):
        return []
    places = [folder(model)]
    # In the cache of Hugging Face's tools, refs/main names the folder of the newest commit in snapshots/.
    cache = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or hub.home() / "hub"
    cached = Path(cache).expanduser() / f"models--{model.replace('/', '--')}"
    with suppress(OSError, ValueError):
        commit = (cached / "refs" / "main").read_text().strip()
        if _CHECKSUM.fullmatch(commit):
            places.append(cached / "snapshots" / commit)
    return places


def _checksums(place: Path) -> dict[str, str]:
    """Return the known checksums of files in `place`: from the plan, or the names of link targets in the shared cache."""
    if plan := read_plan(place):
        return {name: file["checksum"] for name, file in plan["files"].items()}
    links = (path for path in place.rglob("*") if path.is_symlink() and path.is_file())
    targets = {path.relative_to(place).as_posix(): path.resolve().name for path in links}
    return {name: target for name, target in targets.items() if _CHECKSUM.fullmatch(target)}


# ---------------------------------------------------------------------------------------------------------------------
# Downloading


def download(model: str, on_progress: OnProgress) -> Path:
    """Download `model` into the store, verify it against the hub's checksums, and return its folder.

    Resumes what an earlier attempt left, and replaces damaged files. `on_progress` is called about twice a second, even
    while the network stalls, with the bytes on the disk and those of the whole model. An exception from it stops the
    download at once, keeping what has arrived. Raises ModelError, permanent if trying again can't help.
    """
    running = _Download(model, folder(model))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            on_progress(running.progress())
            thread.join(POLL_SECONDS)
    finally:
        running.stopped = True
        thread.join(1)  # while it waits for the hub, it holds its lock for up to `hub.STALL_SECONDS` more
    if running.error:
        raise running.error
    on_progress(running.progress())
    return running.place


class _Download:
    """One download, in a thread of its own so that progress is reported even while the network stalls."""

    def __init__(self, model: str, place: Path):
        self.model, self.place = model, place
        self.stage = N_("Contacting the model hub")
        self.finished_bytes = 0  # of the files that are complete
        self.file_bytes = 0  # of the current file
        self.total_bytes = 0
        self.moved_at = time.monotonic()
        self.stopped = False
        self.error: Exception | None = None

    def progress(self) -> Progress:
        done = self.finished_bytes + self.file_bytes
        stage = f"{self.stage}: {in_words(done, self.total_bytes)}" if self.total_bytes else self.stage
        silent = time.monotonic() - self.moved_at
        if silent > STALL_NOTICE_SECONDS:
            stage += N_(". Nothing has come for {silent} seconds").format(silent=f"{silent:.0f}")
        return Progress(0, done, self.total_bytes, stage)

    def run(self) -> None:
        try:
            self._run()
        except OSError as error:
            is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            why = N_("The disk is full") if is_full else f"{error.strerror or error}"
            # A full disk may have room again: what was downloaded is kept until then.
            self.error = ModelError(
                N_("The model could not be written to {store}: {why}.").format(store=store(), why=why),
                permanent=not is_full,
            )
        except Exception as error:
            self.error = error

    def _run(self) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        with self._exclusive():
            commit, files = hub.listing(self.model, self._on_bytes)
            self.total_bytes = sum(file.size for file in files)
            lacking = self._delete_damaged(files)
            self._require_space(lacking)
            _write_plan(self.place, commit, files)
            parts = self.place / _PARTS_FOLDER
            parts.mkdir(exist_ok=True)
            self.stage = N_("Downloading the model")
            for file in sorted(lacking, key=lambda file: file.size):
                path, part = self.place / file.name, parts / file.checksum
                path.parent.mkdir(parents=True, exist_ok=True)
                hub.fetch(self.model, commit, file, part, self._on_bytes)
                part.rename(path)
                fsync(path.parent)
                self._finish_file(file)
            shutil.rmtree(parts)

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Hold the model's lock, waiting for it: two downloads would write to the same files."""
        while True:
            with _lock(self.model) as locked:
                if locked:
                    self.stage = N_("Contacting the model hub")
                    yield
                    return
            self.stage = N_("Waiting for another download of this model")
            self._on_bytes(0)
            self.moved_at = time.monotonic()
            time.sleep(POLL_SECONDS)

    def _delete_damaged(self, files: list[hub.File]) -> list[hub.File]:
        """Delete damaged files, and return all files that must be downloaded."""
        self.stage = N_("Checking the files that are here")
        lacking = []
        for file in files:
            path = self.place / file.name
            if _bytes(path) == file.size and hub.checksum(path, file.checksum, self._on_bytes) == file.checksum:
                self._finish_file(file)
            else:
                path.unlink(missing_ok=True)
                lacking.append(file)
                self.file_bytes = 0
        return lacking

    def _require_space(self, lacking: list[hub.File]) -> None:
        needed = sum(file.size - _bytes(self.place / _PARTS_FOLDER / file.checksum) for file in lacking)
        free = shutil.disk_usage(self.place).free
        if lacking and free < needed + _RESERVED_BYTES:
            lack = N_("The disk has {free} free; this model needs {needed}.").format(
                free=in_words(free), needed=in_words(needed + _RESERVED_BYTES)
            )
            advice = N_("Free some space, or set VOICESITE_MODELS to a folder on another disk.")
            raise ModelError(f"{lack} {advice}", permanent=True)

    def _finish_file(self, file: hub.File) -> None:
        self.finished_bytes += file.size
        self.file_bytes = 0

    def _on_bytes(self, received: int) -> None:
        if self.stopped:
            raise Cancelled
        if received != self.file_bytes:
            self.file_bytes, self.moved_at = received, time.monotonic()


def in_words(size: int, of: int = 0) -> str:
    """Format a number of bytes: “345 MB”, “1.2 of 3.5 GB”."""
    large = max(size, of)
    unit, one, digits = ("GB", 1e9, 1) if large >= 1e9 else ("MB", 1e6, 0) if large >= 1e6 else ("kB", 1e3, 0)
    figures = [f"{number / one:.{digits}f}" for number in ((size, of) if of else (size,))]
    return f"{' of '.join(figures)} {unit}"


@contextmanager
def _lock(model: str) -> Iterator[bool]:
    """Try to lock `model` in the store, and yield whether that worked. The system releases a dead process's lock."""
    path = store() / ".locks" / model.replace("/", "--")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_locked = True
        except BlockingIOError:
            is_locked = False
        yield is_locked


def _write_plan(place: Path, commit: str, files: list[hub.File]) -> None:
    """Write the plan of what the folder should hold, and delete files that only an earlier plan has."""
    obsolete = set((read_plan(place) or {"files": {}})["files"]) - {file.name for file in files}
    plan = {"commit": commit, "files": {file.name: {"size": file.size, "checksum": file.checksum} for file in files}}
    new = place / f"{PLAN_FILE}.new"
    new.write_text(json.dumps(plan, indent=1))
    fsync(new)
    new.rename(place / PLAN_FILE)
    fsync(place)
    for name in obsolete:
        (place / name).unlink(missing_ok=True)


def fsync(place: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk, so that they outlast a power cut."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
