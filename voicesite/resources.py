"""What the site needs to go on, and how it says that this is lacking: room, memory, a database to write, storage that answers.

1. A reserve of the disk is kept (VOICESITE_DISK_RESERVE_MB). Below it, nothing begins or goes on that makes files: jobs
   wait, uploads are refused. What is left is for the database and for sessions, so that people can sign in, read, hear
   and delete.
2. Whatever fails for lack of room all the same, because the database takes no changes, or because the storage of files
   does not answer, is known by its error (`refusal`): a request is answered in words, and an attempt at a job is not
   counted.
3. Nothing has to be restarted: each look asks anew.
"""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil
from django.conf import settings
from django.db import DatabaseError, OperationalError

from voicesite.texts import N_

Resource = Literal["disk", "memory", "files"]
Refusal = Literal["disk_full", "read_only", "files_unreachable"]

WORDS: dict[Resource | Refusal, str] = {
    "disk": N_("The disk of this site is full: waiting"),
    "disk_full": N_("The disk of this site is full: waiting"),
    "files": N_("The file storage of this site is not responding: waiting"),
    "files_unreachable": N_("The file storage of this site is not responding: waiting"),
    "memory": N_("This machine has too little free memory: waiting"),
    "read_only": N_("The database of this site can’t be changed right now: waiting"),
}
DISK_FULL = N_("The disk of this site is full: nothing can be stored right now. Try again later.")
READ_ONLY = N_("The database of this site can’t be changed right now: it can only be read. Try again later.")
FILES_UNREACHABLE = N_(
    "The file storage of this site is not responding: nothing can be stored or heard right now. Try again later."
)
DATABASE_UNREACHABLE = "The database of this site is not responding right now. Try again in a few seconds."
PAUSE_SECONDS = 5.0  # without new work, after a refusal: a disk that seemed to have room may have a quota
_OUT_OF_SPACE = (errno.ENOSPC, errno.EDQUOT)
# Primary codes of SQLite: https://www.sqlite.org/rescode.html
_SQLITE_READ_ONLY, _SQLITE_INPUT_OUTPUT, _SQLITE_FULL, _SQLITE_CANT_OPEN = 8, 10, 13, 14
_POSTGRES_REFUSALS: dict[str, Refusal] = {"53100": "disk_full", "25006": "read_only"}
_POSTGRES_ENDS = ("08", "57P0")  # a connection that is lost, and a server that stops or does not take any yet
_CGROUP = Path("/sys/fs/cgroup")  # of a container, by version 2

_refused_until = 0.0  # on the monotonic clock
_refused: Refusal = "disk_full"


class Unreachable(Exception):
    """The storage of the site's files does not answer, or refuses.

    It is no OSError, as by that code knows a file that is gone or damaged.
    """


@dataclass(frozen=True)
class Disk:
    """Bytes of the disk that holds the site's data: `reserve` of them are for the database."""

    free: int
    total: int
    reserve: int

    @property
    def is_full(self) -> bool:
        return self.free < self.reserve


def disk() -> Disk:
    """Return what the disk with the site's data has; of two, the fuller one. A system call or two.

    A bucket has no end; what goes there is made in the folder for temporary files first.
    """
    folders = (settings.DATA_DIR, Path(tempfile.gettempdir() if settings.BUCKET else settings.MEDIA_ROOT))
    return min((_disk(folder) for folder in folders if folder.exists()), key=lambda disk: disk.free - disk.reserve)


def _disk(folder: Path) -> Disk:
    usage = shutil.disk_usage(folder)
    return Disk(usage.free, usage.total, min(settings.DISK_RESERVE_BYTES, usage.total // 10))


def has_room(size: int) -> bool:
    """Return whether a file of `size` bytes leaves the reserve as it is."""
    now = disk()
    return now.free - size >= now.reserve


def require_room(size: int, temporary: str) -> None:
    """Raise OSError where there is no room for a file of `size` bytes, nor for its copy in the folder `temporary`."""
    if not has_room(size) or shutil.disk_usage(temporary).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def note(refused: Refusal) -> None:
    """Remember for a moment what this process was refused, so that it does not try again and again."""
    global _refused_until, _refused
    _refused_until, _refused = time.monotonic() + PAUSE_SECONDS, refused


def lacking(*needed: Resource) -> Resource | None:
    """Return the first of the needed resources that there is too little of now.

    "files" in the place of "disk" where the storage of files has just not answered.
    """
    for resource in needed:
        if resource == "disk" and time.monotonic() < _refused_until:
            return "files" if _refused == "files_unreachable" else resource
        if resource == "disk" and disk().is_full:
            return resource
        if resource == "memory" and free_memory() < settings.MEMORY_RESERVE_BYTES:
            return resource
    return None


def free_memory() -> int:
    """Return the bytes that programs can still take: of the machine, or of the container if that has less."""
    free = psutil.virtual_memory().available
    with suppress(OSError, ValueError):  # there is no container, or it has no limit
        limit, used = (int((_CGROUP / name).read_text()) for name in ("memory.max", "memory.current"))
        statistics = dict(line.split() for line in (_CGROUP / "memory.stat").read_text().splitlines())
        free = min(free, limit - used + int(statistics.get("inactive_file", 0)))
    return free


@contextmanager
def unless_refused() -> Iterator[None]:
    """Leave the block where nothing can be written: what it notes must keep nobody from reading."""
    try:
        yield
    except DatabaseError as error:
        if not refusal(error):
            raise


def refusal(error: BaseException | None) -> Refusal | None:
    """Return what an error says is lacking; None if it is another kind of error.

    It may have been raised from what says so: Django's errors are, from those of the database's driver.
    """
    while error is not None:
        if found := _refusal(error):
            return found
        error = error.__cause__
    return None


def outage(error: BaseException | None) -> Refusal | Literal["database_unreachable"] | None:
    """Return why a request that met an error can't be answered now; None where the error is a fault of the site.

    A database that is started anew ends its connections: the next request has another. Jobs outlast that by themselves.
    """
    if found := refusal(error):
        return found
    while error is not None:
        if isinstance(error, OperationalError) and _is_cut_off(error.__cause__):
            return "database_unreachable"
        error = error.__cause__ or error.__context__
    return None


def _is_cut_off(error: BaseException | None) -> bool:
    """Return whether PostgreSQL ends the connection, or its driver finds none: that says so without the server's code."""
    state = getattr(error, "sqlstate", "")
    return state is None or state.startswith(_POSTGRES_ENDS)


def _refusal(error: BaseException) -> Refusal | None:
    if isinstance(error, Unreachable):
        return "files_unreachable"
    if isinstance(error, OSError):
        return "disk_full" if error.errno in _OUT_OF_SPACE else "read_only" if error.errno == errno.EROFS else None
    if (state := getattr(error, "sqlstate", None)) is not None:
        return _POSTGRES_REFUSALS.get(state)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == _SQLITE_READ_ONLY:
        return "read_only"
    log_could_not_grow = code in (_SQLITE_INPUT_OUTPUT, _SQLITE_CANT_OPEN) and disk().is_full
    return "disk_full" if code == _SQLITE_FULL or log_could_not_grow else None
