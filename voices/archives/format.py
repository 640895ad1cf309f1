"""The format of archives of voices (docs/archive-format.md), and how one is written. Pure.

`voices.archives.manifest` reads it.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from voicesite.web.names import slug

from .zipfiles import Writer, archive_bytes

FORMAT, VERSION = "voicesite voices", 1
MANIFEST_NAME, README_NAME = "manifest.json", "README.txt"

_CHUNK_BYTES = 64 * 1024
MAX_VOICES = 500
MAX_CLIPS = 100  # of a voice, likewise its recordings

_README = """Voices
======

This archive holds {count} of the website {archive.site}, made on {archive.made_at:%Y-%m-%d} by {archive.program}.
It is meant to be readable without that program:

manifest.json   all that is known of each voice, as JSON text in UTF-8: its name, language and tags, the
                words that are spoken in each clip with their times, and the consent of the speaker
FOLDER/         one for each voice, with its sound:
  clip-N.wav              what the voice is cloned from (24 kHz, mono, 16 bit)
  clip-N-plain.wav        the same before it was cleaned, where it was
  recording-N/original.*  the recording as it was received
  recording-N/audio.flac  all of it, decoded (24 kHz, mono, 16 bit)

"path" in the manifest names a file of this archive, "bytes" and "sha256" say what it must be. Times are in
seconds of the recording. The format is version {version} of “{format}”.

A voice belongs to a person. Use it only as they agreed to; see "consent" in the manifest.
"""


@dataclass
class Part:
    """A file of an archive, and its entry in the manifest, which has its SHA-256 once it is written."""

    path: str
    size: int
    open: Callable[[], Any]  # returns a binary file; each is read twice
    entry: dict = field(default_factory=dict)

    def __post_init__(self):
        # A placeholder of the same length, so the manifest's length is known before any file is read.
        self.entry |= {"path": self.path, "bytes": self.size, "sha256": "0" * 64}


@dataclass
class Archive:
    """An archive to be written: `voices` as in the manifest, which contain the entries of `parts`."""

    voices: list[dict]
    parts: list[Part]
    made_at: datetime
    site: str
    program: str

    def _manifest(self) -> bytes:
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": self.made_at.isoformat(),
            "made_by": {"program": self.program, "site": self.site},
            "voices": self.voices,
        }
        return json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False).encode()

    def _readme(self) -> bytes:
        count = "1 voice" if len(self.voices) == 1 else f"{len(self.voices)} voices"
        return _README.format(archive=self, count=count, format=FORMAT, version=VERSION).encode()

    def __len__(self) -> int:
        """Return the length in bytes. Raises ArchiveRejected over 4 GB."""
        written = [(README_NAME, len(self._readme())), (MANIFEST_NAME, len(self._manifest()))]
        return archive_bytes([*written, *((part.path, part.size) for part in self.parts)])

    def __iter__(self) -> Iterator[bytes]:
        """Yield its bytes in chunks. Each file is read twice, since its checksum comes before its content.

        Raises OSError if a file is gone or its size has changed: what was written until then is no valid archive.
        """
        writer, readme = Writer(self.made_at), self._readme()
        yield writer.member_header(README_NAME, len(readme), zlib.crc32(readme)) + readme
        for part in self.parts:
            size, crc, digest = 0, 0, hashlib.sha256()
            for chunk in _chunks(part):
                size, crc = size + len(chunk), zlib.crc32(chunk, crc)
                digest.update(chunk)
            if size != part.size:
                raise OSError(f"{part.path} has {size} bytes now, not {part.size}.")
            part.entry["sha256"] = digest.hexdigest()
            yield writer.member_header(part.path, size, crc)
            yield from _chunks(part)
        manifest = self._manifest()
        yield writer.member_header(MANIFEST_NAME, len(manifest), zlib.crc32(manifest)) + manifest
        yield writer.directory()


def _chunks(part: Part) -> Iterator[bytes]:
    with part.open() as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def folder(number: int, name: str) -> str:
    """Return a name for the folder of a voice that every system can store: `03-jane`."""
    return f"{number:02}-{slug(name)}".encode("ascii", "ignore").decode()[:43].rstrip("-")
