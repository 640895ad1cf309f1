"""Files that people send, and backups that somebody may have changed: what their sandbox does, in this process."""

import io
import json
import tempfile
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from unittest import mock

from tests.fuzz.target import fuzzed

SECONDS = 5.0  # of sound, the longest that is read here


@cache
def _sounds() -> list[bytes]:
    """Return a moment of speech in the containers that people send: small, so that headers are most of it."""
    import av
    import numpy as np
    import soundfile
    import soxr

    from tests import FIXTURES

    wave, rate = soundfile.read(FIXTURES / "english_austen_short.wav", dtype="float32", stop=10_000)
    wave = soxr.resample(wave[4000:], rate, 8000)
    found = []
    for kind in ("WAV", "FLAC", "W64", "AIFF", "AU", "CAF"):
        file = io.BytesIO()
        soundfile.write(file, wave, 8000, format=kind, subtype="PCM_16")
        found.append(file.getvalue())
    samples = np.rint(soxr.resample(wave, 8000, 48_000) * 32767).astype(np.int16)[None]
    for kind, codec in (
        ("mp3", "libmp3lame"),
        ("ogg", "libopus"),
        ("mp4", "aac"),
        ("matroska", "libopus"),
        ("adts", "aac"),
    ):
        file = io.BytesIO()
        with av.open(file, "w", format=kind) as container:
            stream = container.add_stream(codec, rate=48_000, layout="mono", bit_rate=16_000)
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate = 48_000
            for part in av.AudioResampler(stream.format.name, "mono", 48_000, stream.frame_size or None).resample(
                frame
            ):
                container.mux(stream.encode(part))
            container.mux(stream.encode(None))
        found.append(file.getvalue())
    return found


@fuzzed(_sounds, most_bytes=12_000)
def upload(data: bytes) -> None:
    """The decoder of uploads: a wave without surprises, or a reason in words."""
    import numpy as np

    from voices.analysis.reference_audio import AudioRejected
    from voices.intake.decoding import Limits, decode

    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            wave = decode(Path(file.name), Limits(2**20, SECONDS))
        except AudioRejected as rejected:
            assert rejected.code and rejected.message
            return
    assert wave.ndim == 1 and wave.dtype == np.float32 and np.abs(wave).max(initial=0) <= 1


@cache
def _signed() -> list[bytes]:
    """Return speech with a manifest, as this site signs it."""
    from datetime import UTC, datetime

    from voicesite.provenance import certificate
    from voicesite.provenance.manifest import Claim, sign, sign_wav

    with tempfile.TemporaryDirectory() as place:
        signature = certificate.ensure(Path(place) / "certificate.pem")
    claim = Claim("1", "https://a.example", "A model", datetime(2026, 1, 2, tzinfo=UTC))
    wav = io.BytesIO(_sounds()[0])
    sign_wav(wav, claim, signature)
    found = [wav.getvalue()]
    for kind, sound in (("mp3", _sounds()[6]), ("m4a", _sounds()[8])):
        file = io.BytesIO()
        sign(io.BytesIO(sound), file, kind, claim, signature)
        found.append(file.getvalue())
    return found


@fuzzed(_signed, lambda: _sounds()[:1], most_bytes=24_000)
def signed(data: bytes) -> None:
    """What a file says of where it comes from, and the digest of its sound."""
    from voices.intake.decoding import readable_digest
    from voicesite.provenance.manifest import read

    found = read(io.BytesIO(data), [])
    assert found is None or not found.is_ours
    assert len(readable_digest(io.BytesIO(data))) in (0, 64)


def _archives() -> Iterator[bytes]:
    from tests.voices.archives.archive_files import Entry, pack

    manifest = json.dumps(_manifest()).encode()
    for method in (0, 8):
        yield pack([Entry(b"01/a.wav", _sounds()[0], method), Entry(b"manifest.json", manifest, method)])
    yield pack([Entry("ä/b.txt".encode(), b"", flags=0x800), Entry(b"manifest.json", b"{}")], comment=b"PK\5\6")


def _manifest() -> dict:
    from hashlib import sha256

    sound = _sounds()[0]
    file = {"path": "01/a.wav", "bytes": len(sound), "sha256": sha256(sound).hexdigest()}
    clip = {
        "id": "c",
        "recording": "r",
        "start": 0,
        "end": 0.3,
        "audio": None,
        "language": "en",
        "words": [["He", 0, 0.1, 1]],
    }
    voice = {"name": "Jane", "language": "en-gb", "tags": ["a"], "clip": "c", "clips": [clip]}
    voice |= {"consent": {"wording": "I agree.", "at": "2026-01-02T03:04:05Z", "by": "ada"}}
    voice |= {"recordings": [{"id": "r", "name": "a.wav", "original": file}]}
    return {"format": "voicesite voices", "version": 1, "made_by": {"site": "a.example"}, "voices": [voice]}


@fuzzed(_archives, most_bytes=12_000)
def archive(data: bytes) -> None:
    """An archive of voices, from its first byte to the voices that would be taken in."""
    from voices.archives.manifest import Bounds
    from voices.archives.process import _Reader
    from voices.archives.zipfiles import ArchiveRejected
    from voices.intake import sandbox

    try:
        reader = _Reader(io.BytesIO(data), Bounds(2**20, 2**19, SECONDS))
        json.dumps(reader.contents.preview(), allow_nan=False)
        with mock.patch.object(sandbox, "send", lambda message, files=None: json.dumps(message, allow_nan=False)):
            reader.send_voices([number for number, (_, problem) in enumerate(reader.contents.voices) if not problem])
    except ArchiveRejected as rejected:
        assert rejected.code and rejected.message


@fuzzed(
    lambda: [json.dumps(_manifest()).encode()],
    b'{"name": "Jane", "language": "en", "description": null}\0{"a.wav": "He was not."}',
    most_bytes=4000,
)
def manifest(data: bytes) -> None:
    """The manifest of an archive that is whole otherwise: of this site, or of voicebox, whose samples follow a zero."""
    from tests.voices.archives.archive_files import Entry, pack

    head, _, samples = data.partition(b"\0")
    entries = [Entry(b"01/a.wav", _sounds()[0]), Entry(b"samples/a.wav", _sounds()[0]), Entry(b"manifest.json", head)]
    archive(pack([*entries, Entry(b"samples.json", samples)]))


def _snapshots() -> Iterator[bytes]:
    import gzip

    snapshot = {
        "made_at": "2026-11-26T20:45:00+00:00",
        "migrations": [["voicesite", "0001_initial"]],
        "tables": {"voicesite.User": "ab" * 32},
        "files": {"a/b.wav": ["ab" * 32, 3, 1.5]},
        "data_folder": {"secret_key": ["ab" * 32, 384]},
        "secret": "ab" * 32,
        "lost": [],
    }
    yield b"\0" + gzip.compress(json.dumps(snapshot).encode(), mtime=0)
    yield b"\1" + json.dumps(snapshot).encode()
    yield b"\2" + json.dumps({"format": 1, "made_by": "voicesite", "salt": "00", "key": "00"}).encode()


@fuzzed(_snapshots, most_bytes=4000)
def snapshot(data: bytes) -> None:
    """A folder of backups that is not what was written: its list of contents, or what it says of itself."""
    import gzip

    from voicesite.backups import restoring
    from voicesite.backups.repository import Repository, Unusable
    from voicesite.backups.sealing import Damaged

    kind, data = data[:1], data[1:]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "snapshots").mkdir()
        about = data if kind == b"\2" else b'{"format": 1}'
        (folder / "backups.json").write_bytes(about)
        (folder / "snapshots" / "one").write_bytes(gzip.compress(data) if kind == b"\1" else data)
        try:
            repository = Repository(folder)
            restoring.check(repository, "one", lambda *said: None)
        except (Unusable, Damaged) as error:
            assert str(error)


@fuzzed(
    lambda: [
        zlib.compress(b'["id", "person_id", "address", "at"]\n[1, null, "1", "2026-01-02T03:04:05Z"]\n', wbits=31)
    ],
    b'\0["id", "person_id", "address", "at"]\n[1, null, "1", "2026-01-02T03:04:05Z"]\n',
    needs_site=True,
)
def rows(data: bytes) -> None:
    """The rows of a table in a backup that somebody has changed: put in, or refused by the database or in words."""
    from django.db import DatabaseError, transaction

    from voicesite.backups import database
    from voicesite.backups.sealing import Damaged
    from voicesite.models import FailedSignIn

    content = zlib.compress(data[1:], wbits=31) if data[:1] == b"\0" else data
    with transaction.atomic():
        try:
            with transaction.atomic():
                database.load(FailedSignIn, [content])
        except (Damaged, DatabaseError) as error:
            assert str(error)
        transaction.set_rollback(True)
