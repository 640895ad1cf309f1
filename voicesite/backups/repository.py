"""The folder that backups are kept in: contents by their hash, each once, and snapshots that name them.

    backups.json                      of which format it is, and by which key it is sealed
    objects/3f/3f1c…                  a content, under the hash of what is in it
    snapshots/2026-11-26T20-45-00Z    what a site was at that moment: see `making`
    incoming/                         what is being written

A content is written under another name, read back, and renamed; a snapshot is written when all that it names is there.
So whatever is killed, what was there before is whole, and what is left over goes with the next `forget`.
"""

import contextlib
import fcntl
import gzip
import hashlib
import hmac
import json
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Protocol

from voicesite.modelhost.weights import fsync

from .sealing import PIECE_BYTES, Damaged, Key

FORMAT = 1
_NAME = "%Y-%m-%dT%H-%M-%SZ"


class Unusable(Exception):
    """A folder can't be used for backups as it was asked for. The message says why, in words."""


class Digest(Protocol):
    """A hash of hashlib or hmac."""

    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class Repository:
    def __init__(self, folder: Path, passphrase: str = "", *, create: bool = False):
        """Open the backups in `folder`; with `create`, make the folder ready where there is none. Raises Unusable."""
        self.folder = folder
        self._about = folder / "backups.json"
        if create and not self._about.exists():
            self._create(passphrase)
        try:
            about = json.loads(self._about.read_bytes())
            is_known = about["format"] == FORMAT
            if not is_known:
                raise Unusable(f"The backups in {folder} were made by a newer version of Voicesite.")
            self.key = self._open(about, passphrase)
        except FileNotFoundError:
            raise Unusable(f"There are no backups in {folder}.") from None
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise Unusable(f"{self._about} can't be read: {error}.") from None

    def _create(self, passphrase: str) -> None:
        try:
            if self.folder.exists() and any(self.folder.iterdir()):
                raise Unusable(
                    f"{self.folder} holds other things. Name an empty folder, or one that does not exist yet."
                )
            for name in ("objects", "snapshots", "incoming"):
                (self.folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
            salt = os.urandom(16)
            about: dict = {"format": FORMAT, "made_by": "voicesite"}
            if passphrase:
                about |= {"salt": salt.hex(), "key": Key(passphrase, salt).fingerprint()}
            _replace(self._about, [json.dumps(about, indent=2).encode()], self.folder)
        except OSError as error:
            raise Unusable(f"{self.folder} can't be used for backups: {error.strerror or error}.") from None

    def _open(self, about: dict, passphrase: str) -> Key | None:
        if "key" not in about:
            if passphrase:
                raise Unusable(f"The backups in {self.folder} have no key: name another folder for those with one.")
            return None
        if not passphrase:
            raise Unusable(f"The backups in {self.folder} are sealed: set VOICESITE_BACKUP_KEY to their key.")
        key = Key(passphrase, bytes.fromhex(about["salt"]))
        if not hmac.compare_digest(key.fingerprint(), about["key"]):
            raise Unusable(f"VOICESITE_BACKUP_KEY is not the key of the backups in {self.folder}.")
        return key

    @contextlib.contextmanager
    def lock(self, *, shared: bool = False) -> Iterator[None]:
        """Keep others from changing what is here until the block ends; with `shared`, they may read it. Raises Unusable.

        The system gives the lock back however the process ends.
        """
        with self._about.open("rb") as file:
            try:
                fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Unusable(f"{self.folder} is in use: a backup is being made or restored.") from None
            yield

    # ---- contents

    def digest(self) -> Digest:
        """Return an empty hash of the kind that contents are named by."""
        return self.key.digest() if self.key else hashlib.sha256()

    def add(self, content: Iterable[bytes]) -> str:
        """Keep `content`, unless it is here, read it back, and return its hash. Raises Damaged and OSError."""
        digest = self.digest()
        incoming = self._write(_watched(content, digest))
        try:
            place = self._place(name := digest.hexdigest())
            if not place.exists():
                if self._hash_of(incoming) != name:
                    raise Damaged(
                        "What was written can't be read back as it was: is the disk of the backups all right?"
                    )
                place.parent.mkdir(exist_ok=True, mode=0o700)
                incoming.rename(place)
                fsync(place.parent)
        finally:
            incoming.unlink(missing_ok=True)
        return name

    def has(self, name: str) -> bool:
        return self._place(name).exists()

    def read(self, name: str) -> Iterator[bytes]:
        """Yield the content of this hash. Raises Damaged: at its end, where it has another hash."""
        digest = self.digest()
        try:
            with self._place(name).open("rb") as file:
                yield from _watched(self._unseal(file), digest)
        except FileNotFoundError:
            raise Damaged(f"{self._place(name)} is missing") from None
        except OSError as error:
            raise Damaged(f"{self._place(name)} can't be read: {error.strerror}") from None
        except Damaged as error:
            raise Damaged(f"{self._place(name)}: {error}") from None
        if digest.hexdigest() != name:
            raise Damaged(f"{self._place(name)} is not what was written")

    def size(self, name: str) -> int:
        """Return how many bytes a content takes here."""
        return self._place(name).stat().st_size

    def _place(self, name: str) -> Path:
        return self.folder / "objects" / name[:2] / name

    def _hash_of(self, path: Path) -> str:
        digest = self.digest()
        with path.open("rb") as file:
            for _ in _watched(self._unseal(file), digest):
                pass
        return digest.hexdigest()

    def _write(self, content: Iterable[bytes]) -> Path:
        """Write `content`, sealed where there is a key, to a file in incoming/, and return its path."""
        with tempfile.NamedTemporaryFile(dir=self.folder / "incoming", delete=False) as file:
            try:
                for piece in self.key.seal(content) if self.key else content:
                    file.write(piece)
                _settle(file)
            except BaseException:
                os.unlink(file.name)
                raise
            return Path(file.name)

    def _unseal(self, file: IO[bytes]) -> Iterator[bytes]:
        return self.key.open(file) if self.key else iter(lambda: file.read(PIECE_BYTES), b"")

    # ---- snapshots

    def snapshots(self) -> list[str]:
        """Return the names of all snapshots, the oldest first."""
        return sorted(path.name for path in (self.folder / "snapshots").iterdir())

    def write_snapshot(self, manifest: dict[str, Any]) -> str:
        """Keep a manifest, read it back, and return the name of the snapshot."""
        moment = datetime.now(UTC)
        while (place := self.folder / "snapshots" / moment.strftime(_NAME)).exists():
            moment += timedelta(seconds=1)
        incoming = self._write([gzip.compress(json.dumps(manifest).encode(), mtime=0)])
        try:
            if self._read_manifest(incoming) != json.loads(json.dumps(manifest)):
                raise Damaged("The snapshot can't be read back as it was written.")
            incoming.rename(place)
            fsync(place.parent)
        finally:
            incoming.unlink(missing_ok=True)
        return place.name

    def read_snapshot(self, name: str) -> dict[str, Any]:
        """Return the manifest of a snapshot. Raises Unusable where there is none of that name, and Damaged."""
        place = self.folder / "snapshots" / name
        if name not in self.snapshots():
            raise Unusable(f"There is no snapshot {name} in {self.folder}.")
        return self._read_manifest(place)

    def _read_manifest(self, place: Path) -> dict[str, Any]:
        try:
            with place.open("rb") as file:
                return json.loads(gzip.decompress(b"".join(self._unseal(file))))
        except (OSError, EOFError, ValueError, RecursionError, zlib.error, Damaged) as error:
            raise Damaged(f"The snapshot {place} can't be read: {error}") from None

    def forget(self, kept: int, contents: Callable[[dict[str, Any]], Iterable[str]]) -> int:
        """Delete all but the latest `kept` snapshots, and what no other names; return how many snapshots went.

        contents: gives the hashes that a manifest names. Raises Damaged where a snapshot can't be read: nothing is
        deleted then, since nobody knows what it needs.
        """
        names = self.snapshots()
        old, young = names[:-kept], names[-kept:]
        needed = {content for name in young for content in contents(self.read_snapshot(name))}
        for name in old:
            (self.folder / "snapshots" / name).unlink()
        for path in [*(self.folder / "objects").glob("*/*"), *(self.folder / "incoming").iterdir()]:
            if path.name not in needed:
                path.unlink()
        return len(old)


def latest(folder: Path) -> datetime | None:
    """Return when the latest snapshot in `folder` was made, None where there is none. It takes no key, and no time."""
    with contextlib.suppress(OSError):
        names = [path.name for path in (folder / "snapshots").iterdir()]
        return max((datetime.strptime(name, _NAME).replace(tzinfo=UTC) for name in names), default=None)
    return None


def _watched(content: Iterable[bytes], digest: Digest) -> Iterator[bytes]:
    for piece in content:
        digest.update(piece)
        yield piece


def _settle(file) -> None:
    """Bring a file to its disk, and out of memory: what is read back then is what the disk has."""
    file.flush()
    os.fsync(file.fileno())
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _replace(place: Path, content: Iterable[bytes], folder: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.writelines(content)
        _settle(file)
    os.replace(file.name, place)
