"""Archives of voices: the format of docs/archive-format.md, its limits, and how one is written. Pure.

`voices.archives.manifest` reads them.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from voices.languages import LANGUAGES
from voices.text.lengths import MAX_DESCRIPTION, MAX_NAME, MAX_TAG, MAX_TRANSCRIPT

from .zipfiles import CHUNK, Writer, length

FORMAT, VERSION = "voicesite voices", 1
MANIFEST, README, VOICEBOX = "manifest.json", "README.txt", "samples.json"

MANIFEST_BYTES = 8 * 2**20
VOICES, CLIPS, TAGS, WORDS = 500, 100, 30, 2000  # in an archive; of a voice, likewise its recordings; of a clip
NAME, TAG, DESCRIPTION, TRANSCRIPT = MAX_NAME, MAX_TAG, MAX_DESCRIPTION, MAX_TRANSCRIPT  # characters, as are these:
WORD, CONSENT = 100, 10_000
NEVER = 10**9  # seconds: no number of an archive is larger

_README = """Voices
======

This archive holds {count} of the website {site}, made on {date} by {program}.
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


@dataclass(frozen=True)
class Bounds:
    """What an archive may ask of this site."""

    total: int  # bytes of all of it, unpacked
    file: int  # bytes of one file
    seconds: float  # of one recording


@dataclass(frozen=True)
class File:
    path: str
    sha256: str = ""  # empty: nothing is said of it


@dataclass(frozen=True)
class RecordingEntry:
    original: File
    audio: File | None  # None: to be decoded from the original
    name: str


@dataclass(frozen=True)
class ClipEntry:
    recording: int  # which of the voice's
    start: float  # seconds of the recording
    end: float
    audio: File | None  # None: to be made from the recording; start and end say nothing then
    original_audio: File | None
    language: str
    transcript: str
    words: list[list]  # as Clip.words


@dataclass(frozen=True)
class Consent:
    wording: str
    at: str  # ISO 8601
    by: str


@dataclass(frozen=True)
class VoiceEntry:
    name: str
    description: str = ""
    language: str = ""
    tags: list[str] = field(default_factory=list)
    consent: Consent | None = None
    recordings: list[RecordingEntry] = field(default_factory=list)
    clips: list[ClipEntry] = field(default_factory=list)
    shown: int = 0  # which of its clips
    bytes: int = 0
    problem: str = ""  # why it can't be taken in; then the rest says little


@dataclass(frozen=True)
class Contents:
    """What is in an archive, as far as its manifest says and its table of contents agrees."""

    kind: str  # "voicesite" or "voicebox"
    made_at: str
    made_by: str
    voices: list[VoiceEntry]

    def preview(self) -> dict:
        """What a person decides by, as JSON: each voice without its files and words."""
        voices = []
        for entry in self.voices:
            seconds = sum(clip.end - clip.start for clip in entry.clips)
            told = {name: getattr(entry, name) for name in ("name", "description", "language", "tags", "bytes")}
            consent = asdict(entry.consent) if entry.consent else None
            told |= {"consent": consent, "clips": len(entry.clips), "seconds": round(seconds, 1)}
            told["spoken"] = LANGUAGES.get(entry.language, "")
            voices.append(told | {"problem": entry.problem})
        return {"kind": self.kind, "made_at": self.made_at, "made_by": self.made_by, "voices": voices}


# ---------------------------------------------------------------------------------------------------------------------
# Writing


@dataclass
class Part:
    """A file that goes into an archive. `entry` is its place in the manifest, and is told its SHA-256 in passing."""

    path: str
    size: int
    open: Callable[[], BinaryIO]
    entry: dict = field(default_factory=dict)

    def __post_init__(self):
        # As long as the real one: so the manifest's length is known before any file was read.
        self.entry |= {"path": self.path, "bytes": self.size, "sha256": "0" * 64}


@dataclass
class Archive:
    """An archive to be written: the manifest's voices, with the entries of `parts` in them, and those parts."""

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
        date = f"{self.made_at:%Y-%m-%d}"
        told = {"count": count, "site": self.site, "date": date, "program": self.program}
        return _README.format(format=FORMAT, version=VERSION, **told).encode()

    def __len__(self) -> int:
        """Bytes of the whole. Raises ArchiveRejected where they are too many."""
        written = [(README, len(self._readme())), (MANIFEST, len(self._manifest()))]
        return length([*written, *((part.path, part.size) for part in self.parts)])

    def __iter__(self) -> Iterator[bytes]:
        """All of it, in small pieces. Each file is read twice: what stands before it says what it is.

        Raises OSError where a file is gone, or is not of its size any more: what was written then is no archive.
        """
        writer, readme = Writer(self.made_at), self._readme()
        yield writer.begin(README, len(readme), zlib.crc32(readme)) + readme
        for part in self.parts:
            size, crc, digest = 0, 0, hashlib.sha256()
            for chunk in _chunks(part):
                size, crc = size + len(chunk), zlib.crc32(chunk, crc)
                digest.update(chunk)
            if size != part.size:
                raise OSError(f"{part.path} has {size} bytes now, not {part.size}.")
            part.entry["sha256"] = digest.hexdigest()
            yield writer.begin(part.path, size, crc)
            yield from _chunks(part)
        manifest = self._manifest()
        yield writer.begin(MANIFEST, len(manifest), zlib.crc32(manifest)) + manifest
        yield writer.end()


def _chunks(part: Part) -> Iterator[bytes]:
    with part.open() as file:
        while chunk := file.read(CHUNK):
            yield chunk


def folder(number: int, name: str) -> str:
    """A folder's name for a voice that every system can store: `03-jane`."""
    return f"{number:02}-{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')[:40]}".rstrip("-")


def clean(written: Any, most: int, *, lines: bool = False) -> str:
    """A text from outside as it may be kept and shown: nothing that turns it round, can't be seen or ends a line.

    The joiners that Hindi spelling needs stay. Of more than `most` characters, the first.
    """
    if not isinstance(written, str):
        return ""
    allowed = "\u200c\u200d\n\t" if lines else "\u200c\u200d"
    kept = "".join(c if c.isprintable() or c in allowed else " " if c.isspace() else "" for c in written[: 4 * most])
    return (kept.strip() if lines else " ".join(kept.split()))[:most].rstrip()
