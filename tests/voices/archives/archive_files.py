"""Build a valid archive of voices, and invalid variants of it."""

import io
import json
import stat
import struct
import zipfile
import zlib
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from hashlib import sha256

import numpy as np
import soundfile
import soxr

from tests import FIXTURES
from voices.analysis.reference_audio import make_reference
from voices.archives.format import Archive, Part


@cache
def sound(
    kind: str = "WAV", rate: int = 24_000, channels: int = 1, subtype: str = "PCM_16", seconds: float = 0
) -> bytes:
    """Return speech as an audio file; with `seconds`, silence of that length."""
    wave, original = soundfile.read(FIXTURES / "english_austen_short.wav", dtype="float32")
    wave = soxr.resample(wave, original, rate)
    if kind == "reference":
        wave, kind = make_reference(wave)[0], "WAV"
    if seconds:
        wave = np.zeros(round(seconds * rate), np.float32)
    buffer = io.BytesIO()
    soundfile.write(buffer, np.stack([wave] * channels, axis=1), rate, format=kind, subtype=subtype)
    return buffer.getvalue()


FILES = ("01-jane/recording-1/original.wav", "01-jane/recording-1/audio.flac", "01-jane/clip-1.wav")


@cache
def originals() -> tuple[bytes, ...]:
    return (FIXTURES / "english_austen_short.wav").read_bytes(), sound("FLAC"), sound("reference")


def content() -> dict[str, bytes]:
    return dict(zip(FILES, originals(), strict=True))


def voice(name: str = "Jane", files: tuple[str, ...] = FILES) -> dict:
    parts = [
        {"path": path, "bytes": len(data), "sha256": sha256(data).hexdigest()}
        for path, data in zip(files, originals(), strict=True)
    ]
    clip = {"id": "c", "recording": "r", "start": 0.0, "end": 2.9, "audio": parts[2], "plain_audio": None}
    clip |= {
        "language": "en-gb",
        "transcript": "He was not an ill disposed young man.",
        "words": [["He", 0.1, 0.3, 0.9]],
    }
    return {
        "id": "v",
        "name": name,
        "description": "Warm.",
        "language": "en-gb",
        "tags": ["story"],
        "consent": {"wording": "I agree.", "at": "2026-01-02T03:04:05+00:00", "by": "ada"},
        "clip": "c",
        "clips": [clip],
        "recordings": [{"id": "r", "name": "morning.wav", "original": parts[0], "audio": parts[1]}],
    }


def manifest(*voices: dict) -> dict:
    head = {
        "format": "voicesite voices",
        "version": 1,
        "made_at": "2026-01-02T03:04:05+00:00",
        "made_by": {"site": "a.example"},
    }
    return head | {"voices": list(voices or [voice()])}


@dataclass
class Entry:
    """A member of a zip; fields that are not None override the true values."""

    name: bytes
    data: bytes
    method: int = 0
    flags: int = 0
    mode: int = stat.S_IFREG | 0o644
    extra: bytes = b""
    packed: bytes | None = None  # instead of what `method` makes of the data
    size: int | None = None
    packed_size: int | None = None
    crc: int | None = None
    at: int | None = None
    local_name: bytes | None = None
    local_size: int | None = None


def deflated(data: bytes) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflate.compress(data) + deflate.flush()


def pack(entries: list[Entry], *, before: bytes = b"", comment: bytes = b"", **end) -> bytes:
    out, directory = io.BytesIO(), b""
    out.write(before)
    for entry in entries:
        at = out.tell() if entry.at is None else entry.at
        data = entry.packed if entry.packed is not None else deflated(entry.data) if entry.method == 8 else entry.data
        crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
        size = len(entry.data) if entry.size is None else entry.size
        packed = len(data) if entry.packed_size is None else entry.packed_size
        shared = (entry.flags, entry.method, 0, 0x5C21, crc, packed, size, len(entry.name), len(entry.extra))
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 0x0314, 20, *shared, 0, 0, 0, (entry.mode << 16) & 0xFFFFFFFF, at
        )
        directory += entry.name + entry.extra
        if entry.at is None:
            local = entry.local_name or entry.name
            size = size if entry.local_size is None else entry.local_size
            head = (entry.flags, entry.method, 0, 0x5C21, crc, packed, size, len(local), len(entry.extra))
            out.write(struct.pack("<4s5H3L2H", b"PK\3\4", 20, *head) + local + entry.extra + data)
    record = {
        "disk": 0,
        "disks": 0,
        "here": len(entries),
        "count": len(entries),
        "size": len(directory),
        "at": out.tell(),
    }
    record |= end
    locator = record.pop("locator", b"")
    out.write(directory + locator + struct.pack("<4s4H2LH", b"PK\5\6", *record.values(), len(comment)) + comment)
    return out.getvalue()


def entries(described: dict | bytes | None = None, files: dict[str, bytes] | None = None) -> list[Entry]:
    described = manifest() if described is None else described
    written = described if isinstance(described, bytes) else json.dumps(described).encode()
    members = content() if files is None else files
    return [*(Entry(name.encode(), data) for name, data in members.items()), Entry(b"manifest.json", written)]


def archive_of(changed: dict | bytes, files: dict[str, bytes] | None = None) -> bytes:
    return pack(entries(changed, files))


def changed(*path, to) -> bytes:
    """Return the valid archive with the value at `path` of its manifest changed."""
    said = manifest()
    place = said
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return archive_of(said)


def swapped(number: int, data: bytes) -> bytes:
    """Return the valid archive with other content for one file, which the manifest describes correctly."""
    files = content() | {FILES[number]: data}
    said = manifest()
    first = said["voices"][0]
    part = (first["recordings"][0]["original"], first["recordings"][0]["audio"], first["clips"][0]["audio"])[number]
    part |= {"bytes": len(data), "sha256": sha256(data).hexdigest()}
    return archive_of(said, files)


def good() -> bytes:
    """Return the valid archive as a site writes it."""
    said = deepcopy(voice())
    parts = []
    for place, key, path in (
        (said["recordings"][0], "original", 0),
        (said["recordings"][0], "audio", 1),
        (said["clips"][0], "audio", 2),
    ):
        data = originals()[path]
        parts.append(Part(FILES[path], len(data), partial(io.BytesIO, data)))
        place[key] = parts[-1].entry
    return b"".join(Archive([said], parts, datetime(2026, 1, 2, tzinfo=UTC), "a.example", "Voicesite"))


def voicebox(profile: object = None, samples: object = None, files: dict[str, bytes] | None = None) -> bytes:
    """Return an archive as voicebox writes it (backend/services/export_import.py of jamiepine/voicebox, read in 2026)."""
    profile = {"name": "Jane", "description": "Warm.", "language": "en"} if profile is None else profile
    samples = {"one.wav": "He was not an ill disposed young man."} if samples is None else samples
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("avatar.png", b"\x89PNG")
        written.writestr(
            "manifest.json", json.dumps({"version": "1.0", "profile": profile, "has_avatar": True}, indent=2)
        )
        for name, data in ({"samples/one.wav": originals()[0]} if files is None else files).items():
            written.writestr(name, data)
        written.writestr("samples.json", json.dumps(samples, indent=2))
    return buffer.getvalue()
