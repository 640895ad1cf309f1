"""Where the site's files are: a folder, or with VOICESITE_FILES a bucket (voicesite/bucket.py)."""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage

from voicesite.resources import Unreachable

LOOK_SECONDS = 10.0  # between two questions whether the storage answers: monitors come often

_looked_at, _trouble = float("-inf"), ""  # on the monotonic clock


class Folder(FileSystemStorage):
    """Django's storage in a folder, which leaves nothing behind of a file that could not be written to its end.

    No row will ever name what a full disk cut off, and as long as that lies there it makes the disk no emptier.
    """

    def _save(self, name: str, content: File) -> str:
        path = Path(self.path(name))
        was_there = path.exists()  # then this file gets another name
        try:
            return super()._save(name, content)  # type: ignore[misc] # the stubs lack it
        except OSError:
            if not was_there:
                path.unlink(missing_ok=True)
            raise

    def files(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """Yield the names of all files in a folder and those in it, and when each was written."""
        for path in Path(self.path(folder)).rglob("*"):
            with suppress(FileNotFoundError):  # it was deleted meanwhile
                if path.is_file():
                    written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                    yield path.relative_to(self.location).as_posix(), written_at

    def require(self) -> None:
        """Raise Unreachable where nothing can be read: never so here."""


def stored_files(folder: str) -> Iterator[tuple[str, datetime]]:
    """Yield the names of all files below a folder of the storage, and when each was written. Raises Unreachable."""
    return default_storage.files(folder)  # type: ignore[attr-defined] # as both of ours have


def why_unreachable() -> str:
    """Return why the storage can’t be used now, for staff; "" where it can."""
    global _looked_at, _trouble
    if time.monotonic() > _looked_at + LOOK_SECONDS:
        _looked_at = time.monotonic()  # others don't wait for this answer too
        try:
            default_storage.require()  # type: ignore[attr-defined]
            _trouble = ""
        except Unreachable as error:
            _trouble = str(error)
    return _trouble
