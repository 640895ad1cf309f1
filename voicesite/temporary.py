"""Temporary files of the site, and the end of those that a killed process has left. Pure.

Each is in the system's folder for such files, under a name that begins with PREFIX. Who is killed deletes none of its own.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

PREFIX = "voicesite.tmp-"
ORPHAN_SECONDS = 24 * 3600.0  # that nothing has been written to it


def delete_orphans() -> int:
    """Delete what is older than ORPHAN_SECONDS and open in no process; return how many files and folders that were.

    A folder is in use as long as a file in it is open, so whoever keeps one for long keeps one of its files open.
    """
    old = [path for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if _is_old(path)]
    if not old:
        return 0
    in_use = set(_open_files())
    orphans = [path for path in old if not in_use & {path, *path.rglob("*")}]
    for path in orphans:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(orphans)


def _is_old(path: Path) -> bool:
    """Return whether it is this user's, and nothing in it has changed for long."""
    with contextlib.suppress(OSError):  # it has gone meanwhile
        found = [one.lstat() for one in (path, *path.rglob("*"))]
        latest = max(one.st_mtime for one in found)
        return found[0].st_uid == os.getuid() and latest < time.time() - ORPHAN_SECONDS
    return False


def _open_files() -> Iterator[Path]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):  # another user's, or it has just ended
            yield from (Path(one.path) for one in process.open_files())
