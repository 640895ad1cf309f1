"""Put a backup into the place of a site: first all of it is checked, and nothing is touched until that is done.

Files come first, the database in one step after them, the keys last: whatever is killed in between, the site is the old
one until its rows are the new ones, and the same command done again completes it.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from voicesite.models import User

from . import database, making
from .making import Report
from .repository import Digest, Repository, Unusable
from .sealing import PIECE_BYTES, Damaged

_IN_MEMORY_BYTES = 8 * 2**20

_Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def _within(name: str) -> str:
    if {"", ".", ".."} & set(name.split("/")):
        raise ValueError("It leads out of its folder.")
    return name


_Path = Annotated[str, Field(pattern=r"^[^\x00]+$")]
_Name = Annotated[_Path, AfterValidator(_within)]


class _Snapshot(BaseModel):
    """What a snapshot says, as far as it is restored: where there is no key, anybody may have written it."""

    migrations: list[tuple[str, str]]
    tables: dict[str, _Hash]
    files: dict[_Name, tuple[_Hash, int, float]]
    data_folder: dict[_Path, tuple[_Hash, int]]
    secret: str


def check(repository: Repository, name: str, report: Report) -> dict[str, Any]:
    """Return what a snapshot says, if this code can restore it and all that it names is as it was written.

    Raises Unusable and Damaged.
    """
    manifest = repository.read_snapshot(name)
    try:
        _Snapshot.model_validate(manifest)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"][:1])) or "all of it"
        raise Damaged(f"The snapshot {name} is not as this site writes them: see “{where}” in it.") from None
    database.require_known(manifest["migrations"])
    here = settings.DATA_DIR.resolve()
    if outside := [name for name in manifest["data_folder"] if not (here / name).resolve().is_relative_to(here)]:
        raise Damaged(f"The backup has a file that belongs outside of the data folder: {outside[0]}")
    contents = sorted(set(making.contents(manifest)))
    for number, content in enumerate(contents):
        report("Checking", number, len(contents))
        for _ in repository.read(content):
            pass
    return manifest


def require_nobody() -> None:
    """Raise Unusable if there are people on the site that a backup is to replace."""
    with suppress(DatabaseError):  # it has no tables yet
        if people := User.objects.count():
            raise Unusable(
                f"This site has {people} account{'s' if people > 1 else ''}: all that is there would be replaced by the "
                "backup. If you want that, say --overwrite; a backup of this site, made before, lets you go back."
            )


def restore(repository: Repository, manifest: dict[str, Any], report: Report) -> None:
    """Make this site what a snapshot says, which `check` has returned. Raises Damaged and OSError."""
    for number, (name, (content, size, _)) in enumerate(manifest["files"].items()):
        report("Restoring files", number, len(manifest["files"]))
        _put(repository, name, content, size)
    os.sync()  # rows name these files, so they are on the disk before the rows are
    report("Restoring the database", 0, 1)
    read: dict[str, Callable[[], Iterator[bytes]]] = {
        label: partial(repository.read, content) for label, content in manifest["tables"].items()
    }
    database.replace(manifest["migrations"], read)
    for name, (content, mode) in manifest["data_folder"].items():
        _write(settings.DATA_DIR / name, repository.read(content), mode)


def has_another_secret(manifest: dict[str, Any]) -> bool:
    """Return whether a site with this backup's data would sign by another SECRET_KEY than the one of which it was made.

    So it is where the key was, or is, set as a variable: a backup has no variables.
    """
    key = settings.DATA_DIR / "secret_key"
    used = os.environ.get("SECRET_KEY") or (key.read_text().strip() if key.exists() else settings.SECRET_KEY)
    return making.fingerprint_of(used) != manifest["secret"]


def _put(repository: Repository, name: str, content: str, size: int) -> None:
    """Store a file under exactly this name, unless it is there already."""
    if default_storage.exists(name):
        if default_storage.size(name) == size and _hash(repository.digest(), name) == content:
            return
        default_storage.delete(name)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
        file.writelines(repository.read(content))
        file.seek(0)
        stored = default_storage.save(name, File(file, name))
    if stored != name:
        raise Damaged(f"The storage of this site has another name, {stored}, for the file {name}.")


def _hash(digest: Digest, name: str) -> str:
    with default_storage.open(name) as file:
        for piece in file.chunks(PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _write(place: Path, content: Iterator[bytes], mode: int) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(
        dir=place.parent, delete=False
    ) as file:  # for this user only, until it has its mode
        file.writelines(content)
    os.chmod(file.name, mode)
    os.replace(file.name, place)
