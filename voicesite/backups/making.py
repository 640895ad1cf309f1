"""A backup: the database as it was at one moment, and every file that it names then, while people work.

A file never changes under its name, but it may be deleted at any moment. So files are copied before the moment too:

1. Copy every file that a row names now. The first time that takes long.
2. Read the database, as it is at one moment. It names what was copied, and what came since.
3. Copy the rest, which is little. If one of it is gone, its row has changed meanwhile: begin again with 1, which is
   short now, as nothing is copied twice.

A file that two moments named, and that was there after neither, is one that the site lost: the backup says so.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import FileField

from . import database
from .repository import Repository, Unusable
from .sealing import PIECE_BYTES

ROUNDS = 20  # in each of which a file came and went: that often, it is no accident

Report = Callable[[str, int, int], None]  # what is being done, how much of it is, of how many


class Kept(NamedTuple):
    """A file in a backup."""

    content: str  # its hash
    size: int
    modified: float  # seconds since 1970


def make(repository: Repository, report: Report) -> tuple[str, dict[str, Any]]:
    """Make a backup; return the name of the snapshot and what it says. Raises Unusable, Damaged and OSError."""
    require_outside(repository.folder)
    migrations = database.migrations()
    with repository.lock():
        copying = _Copying(repository, report)
        lost: set[str] | None = None
        for _ in range(ROUNDS):
            copying.copy(named_files())
            with database.one_moment():
                moment = datetime.now(UTC)
                rows = _rows(repository, report)
                names = named_files()
            copying.copy(names)
            gone = names - copying.files.keys()
            if not gone or (lost is not None and gone <= lost):
                break
            lost = gone
        else:
            raise Unusable("Files are deleted faster than they can be copied. Try again when fewer people work.")
        manifest = {
            "made_at": moment.isoformat(),
            "version": settings.VERSION,
            "database": connection.vendor,
            "migrations": migrations,
            "tables": rows,
            "files": {name: copying.files[name] for name in sorted(names - gone)},
            "data_folder": dict(_copy_data_folder(repository)),
            "secret": fingerprint_of(settings.SECRET_KEY),
            "lost": sorted(gone),
        }
        return repository.write_snapshot(manifest), manifest


def forget(repository: Repository, kept: int) -> int:
    """Delete all but the latest `kept` backups, and files that only older ones have; return how many backups went."""
    with repository.lock():
        return repository.forget(kept, contents)


def contents(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield the hashes of all contents that a snapshot names."""
    yield from manifest["tables"].values()
    for content, *_ in chain(manifest["files"].values(), manifest["data_folder"].values()):
        yield content


def named_files() -> set[str]:
    """Return the names of all files that rows name."""
    columns = [field for model in apps.get_models() for field in model._meta.fields if isinstance(field, FileField)]
    rows = (column.model._base_manager.values_list(column.name, flat=True).iterator() for column in columns)
    return set(chain.from_iterable(rows)) - {"", None}


def require_outside(folder: Path) -> None:
    """Raise Unusable for a folder of backups in the data folder: each backup would contain the others."""
    if folder.resolve().is_relative_to(settings.DATA_DIR):
        raise Unusable(
            f"{folder} is in the data folder, {settings.DATA_DIR}: a backup belongs elsewhere, best on another disk."
        )


def fingerprint_of(secret: str) -> str:
    """Return what tells a SECRET_KEY, which may not be in the data folder, from another."""
    return hmac.digest(secret.encode(), b"backup", "sha256").hex()


class _Copying:
    """Copies files into a repository, but for those that the latest backup has."""

    def __init__(self, repository: Repository, report: Report):
        self.repository, self.report = repository, report
        self.files: dict[str, Kept] = {}
        latest = repository.snapshots()[-1:]
        known = [repository.read_snapshot(name)["files"] for name in latest]
        self._known = {name: Kept(*kept) for files in known for name, kept in files.items()}

    def copy(self, names: set[str]) -> None:
        """Copy those that are not copied yet, and pass over those that are gone."""
        todo = sorted(names - self.files.keys())
        for number, name in enumerate(todo):
            self.report("Copying files", number, len(todo))
            try:
                self.files[name] = self._copy(name)
            except FileNotFoundError:
                continue

    def _copy(self, name: str) -> Kept:
        size = default_storage.size(name)
        modified = default_storage.get_modified_time(name).timestamp()
        known = self._known.get(name)
        if known and known[1:] == (size, modified) and self.repository.has(known.content):
            return known
        with default_storage.open(name) as file:
            return Kept(self.repository.add(file.chunks(PIECE_BYTES)), size, modified)


def _rows(repository: Repository, report: Report) -> dict[str, str]:
    """Keep the rows of all tables; return the hashes of these by the labels of their models."""
    models = database.tables()
    found = {}
    for number, (label, model) in enumerate(models.items()):
        report("Reading the database", number, len(models))
        found[label] = repository.add(database.dump(model))
    return found


def _copy_data_folder(repository: Repository) -> Iterator[tuple[str, tuple[str, int]]]:
    """Keep what lies in the data folder and can't be made again, as the secret key; yield names, hashes and permissions.

    What will come to lie there one day is kept too: only what is in the backup anyway, or a cache, is named here.
    """
    folder = settings.DATA_DIR
    elsewhere = [settings.MEDIA_ROOT, settings.CACHE_DIR, settings.MODELS_DIR, settings.STATIC_ROOT, folder / "run"]
    if connection.vendor == "sqlite":
        database_file = Path(connection.settings_dict["NAME"])
        elsewhere += database_file.parent.glob(f"{database_file.name}*")  # its log, too
    for path in _walk(folder, {path for place in elsewhere for path in (Path(place), Path(place).resolve())}):
        with suppress(FileNotFoundError), path.open("rb") as file:  # some are there for a moment only
            content = repository.add(iter(partial(file.read, PIECE_BYTES), b""))
            yield path.relative_to(folder).as_posix(), (content, path.stat().st_mode & 0o777)


def _walk(folder: Path, elsewhere: Iterable[Path]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path in elsewhere:
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and not path.is_symlink():
            yield from _walk(path, elsewhere)
