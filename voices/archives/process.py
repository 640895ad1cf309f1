"""Reads archives of voices in a process of its own: one made to choke the reader harms nobody, and holds up no page.

Nothing of an archive is ever unpacked to the disk. The process sends what it has checked through a pipe, a line of
JSON and the files that it announces; the name of a file in the archive never becomes the name of a file here.
"""

import contextlib
import io
import json
import logging
import os
import resource
import select
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from voices.analysis import best_excerpts, quality
from voices.analysis.reference_audio import AudioRejected, make_reference, peaks
from voices.analysis.vad import SAMPLE_RATE, speech_mask
from voices.intake.process import MEMORY, RECORDING_PEAKS, _environment

from . import manifest
from .format import CLIPS, Bounds, ClipEntry, File, RecordingEntry
from .zipfiles import ArchiveRejected, Zip

logger = logging.getLogger(__name__)

LOOK = 20  # seconds that the reading of a table of contents and a manifest may take
SILENCE = 60  # seconds in which the next file must have been checked
CPU = 20, 5  # seconds of a processor, and for each clip
LONGEST = 60.0  # seconds of a clip: sites make none that is longer
SLACK = 0.1  # seconds by which a clip may end after its recording: rounding
_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = [sys.executable, "-m", "voices.archives.process"]
_SLOW = ArchiveRejected("too_slow", "This archive took too long to read. It may be damaged: export it again.")
_DAMAGED = ArchiveRejected("damaged", "This archive could not be read. It may be damaged: export it again.")


@dataclass(frozen=True)
class Unpacked:
    """A voice, a recording or a clip, as the process sends it: what is known of it, and its files."""

    kind: str  # "voice"; then for each of its recordings a "recording" and its "clip"s
    told: dict
    files: dict[str, bytes]
    done: float  # share of the work, 0 to 1


def look(path: Path, bounds: Bounds) -> dict:
    """What is in the archive at `path`, as `Contents.preview`. Raises ArchiveRejected. Blocks, for LOOK s at most."""
    with _child("look", path, bounds) as child:
        answer = _next(_Pipe(child, LOOK, lambda: None))
    return answer["preview"]


def unpack(path: Path, bounds: Bounds, chosen: list[int], beat: Callable[[], None]) -> Iterator[Unpacked]:
    """All of the `chosen` voices, by their places in the archive, checked. Raises ArchiveRejected.

    `beat` is called at least four times a second, and may raise: the process ends then.
    """
    with _child("unpack", path, bounds, json.dumps(chosen)) as child:
        pipe = _Pipe(child, SILENCE, beat)
        while (answer := _next(pipe))["kind"] != "end":
            files = {name: pipe.read(size) for name, size in answer["files"].items()}
            yield Unpacked(answer["kind"], answer["told"], files, answer["done"])


@contextlib.contextmanager
def _child(verb: str, path: Path, bounds: Bounds, *arguments: str) -> Iterator[subprocess.Popen]:
    with tempfile.TemporaryDirectory(prefix="voicesite-") as folder:
        child = subprocess.Popen(
            [*_COMMAND, verb, str(path.resolve()), json.dumps(asdict(bounds)), *arguments],
            cwd=_ROOT,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield child
        finally:
            child.kill()
            child.wait()
            assert child.stdout
            child.stdout.close()


def _next(pipe: "_Pipe") -> dict:
    answer = json.loads(pipe.line())
    if "code" in answer:
        raise ArchiveRejected(answer["code"], answer["message"])
    return answer


class _Pipe:
    """What a child writes, read without ever waiting for longer than a heartbeat."""

    def __init__(self, child: subprocess.Popen, silence: float, beat: Callable[[], None]):
        assert child.stdout
        self._child, self._file = child, child.stdout.fileno()
        self._silence, self._beat = silence, beat
        self._kept = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._kept) < size:
            self._more()
        taken = bytes(self._kept[:size])
        del self._kept[:size]
        return taken

    def line(self) -> bytes:
        while (end := self._kept.find(b"\n")) < 0:
            self._more()
        return self.read(end + 1)

    def _more(self) -> None:
        heard = time.monotonic()
        while not select.select([self._file], [], [], 0.2)[0]:
            self._beat()
            if time.monotonic() - heard > self._silence:
                logger.warning("An archive was not read in %d s", self._silence)
                raise _SLOW
        self._beat()
        data = os.read(self._file, 2**20)
        if not data:
            logger.warning("The reader broke on an archive: it ended with %s", self._child.wait())
            raise _DAMAGED
        self._kept += data


# ---------------------------------------------------------------------------------------------------------------------
# In the process of its own


def _bound(bounds: Bounds, cpu: int) -> None:
    limits = {
        resource.RLIMIT_AS: int(MEMORY[0] + MEMORY[1] * bounds.seconds),
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_FSIZE: bounds.file,
        resource.RLIMIT_CORE: 0,
    }
    for what, value in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(what, (value, value))


class _Reader:
    """Reads the chosen voices of an archive, and sends them."""

    def __init__(self, file: BinaryIO, bounds: Bounds, out: BinaryIO):
        self.bounds, self.out = bounds, out
        self.archive = Zip(file, bounds.total)
        self.contents = manifest.read(self.archive, bounds)
        self.sent = 0

    def send(self, kind: str, told: dict, files: dict[str, bytes], done: float) -> None:
        self.sent += sum(map(len, files.values()))
        if self.sent > self.bounds.total:  # what was decoded is larger than what it was decoded from
            raise ArchiveRejected("too_large", f"This archive holds more than {self.bounds.total / 2**20:.0f} MB.")
        sizes = {name: len(content) for name, content in files.items()}
        line = json.dumps({"kind": kind, "told": told, "files": sizes, "done": done})
        self.out.write(b"".join([line.encode(), b"\n", *files.values()]))
        self.out.flush()

    def voices(self, chosen: list[int]) -> None:
        entries = [self.contents.voices[number] for number in chosen]
        if any(entry.problem for entry in entries):
            raise ArchiveRejected("problem", "A voice was chosen that can’t be taken in.")
        steps = sum(len(entry.recordings) + len(entry.clips) for entry in entries)
        step = 0
        for number, entry in zip(chosen, entries, strict=True):
            told: dict[str, Any] = asdict(entry) | {"number": number}
            del told["recordings"], told["clips"]
            self.send("voice", told, {}, step / steps)
            try:
                for place, recording in enumerate(entry.recordings):
                    step += 1
                    clips = [(at, clip) for at, clip in enumerate(entry.clips) if clip.recording == place]
                    if not clips:
                        continue
                    wave = self.recording(recording, step / steps)
                    for at, clip in clips:
                        step += 1
                        self.clip(at, clip, wave, step / steps)
            except (ArchiveRejected, AudioRejected) as rejected:
                raise ArchiveRejected(rejected.code, f"{entry.name}: {rejected.message}") from None
        self.send("end", {}, {}, 1.0)

    def recording(self, entry: RecordingEntry, done: float):
        """Send a recording. All of it, float32 (samples,)."""
        original = self.content(entry.original)
        if original.startswith(_OTHER):
            raise ArchiveRejected("not_audio", "What it calls a recording is an archive or a program.")
        audio = self.content(entry.audio) if entry.audio else _decode(original, self.bounds)
        wave = _wave(audio, self.bounds.seconds)
        told = {"name": entry.name, "seconds": round(len(wave) / SAMPLE_RATE, 3), "peaks": peaks(wave, RECORDING_PEAKS)}
        self.send("recording", told, {"original": original, "audio": audio}, done)
        return wave

    def clip(self, at: int, entry: ClipEntry, whole, done: float) -> None:
        """Send a clip of the last recording with what is measured now, whatever the archive says of it."""
        start, end = (entry.start, entry.end) if entry.audio else best_excerpts.quick_excerpt(whole)
        if end > len(whole) / SAMPLE_RATE + SLACK:
            raise ArchiveRejected("contradiction", "One of its clips ends after its recording.")
        if end - start > LONGEST:
            raise ArchiveRejected("too_long", f"One of its clips is longer than {LONGEST:.0f} s.")
        reference, measured = make_reference(whole[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)])
        told = {name: getattr(entry, name) for name in ("language", "transcript", "words")}
        told |= {"number": at, "start": round(start, 3), "end": round(end, 3)}
        files = {"audio": self.content(entry.audio) if entry.audio else _encode(reference, "WAV")}
        if entry.audio:
            reference = _wave(files["audio"], LONGEST, "WAV")
            measured = replace(measured, seconds=round(len(reference) / SAMPLE_RATE, 2), peaks=peaks(reference))
        if entry.original_audio:
            files["plain_audio"] = self.content(entry.original_audio)
            _wave(files["plain_audio"], LONGEST, "WAV")
        if not speech_mask(reference).any():
            raise ArchiveRejected("no_speech", "There is no speech in one of its clips.")
        told["measured"] = quality.judge(reference, measured).as_dict()
        self.send("clip", told, files, done)

    def content(self, file: File) -> bytes:
        content = self.archive.read(file.path, self.bounds.file)
        if file.sha256 and sha256(content).hexdigest() != file.sha256:
            raise ArchiveRejected("checksum", f"“{file.path}” is not what the manifest says: its checksum is another.")
        return content


_OTHER = (b"PK\3\4", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"\xfd7zXZ", b"Rar!", b"\x7fELF", b"MZ", b"#!", b"<")


def _wave(content: bytes, seconds: float, kind: str = ""):
    """The samples of an audio file of ours, float32 (samples,). Raises ArchiveRejected."""
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            form = (file.samplerate, file.channels, file.subtype)
            if form != (SAMPLE_RATE, 1, "PCM_16") or file.format not in ((kind,) if kind else ("WAV", "FLAC")):
                raise ArchiveRejected("not_audio", "One of its files is not 24 kHz mono 16-bit sound.")
            if not 0 < file.frames <= seconds * SAMPLE_RATE:
                raise ArchiveRejected("too_long", f"One of its recordings is empty, or longer than {seconds:.0f} s.")
            data = struct.pack("<4sL", b"data", 2 * file.frames)
            if file.format == "WAV" and (content[36:44] != data or len(content) != 44 + 2 * file.frames):
                raise ArchiveRejected("damaged", "One of its sound files is not as long as it says.")
            wave = file.read(dtype="float32")
            if len(wave) != file.frames:
                raise ArchiveRejected("damaged", "One of its sound files is not as long as it says.")
            return wave
    except (soundfile.SoundFileError, RuntimeError):
        raise ArchiveRejected("not_audio", "One of its sound files can’t be read.") from None


def _decode(original: bytes, bounds: Bounds) -> bytes:
    """All of an upload, as a FLAC file."""
    from voices.intake.decoding import Limits, decode

    with tempfile.NamedTemporaryFile() as file:
        file.write(original)
        file.flush()
        return _encode(decode(Path(file.name), Limits(bounds.file, bounds.seconds)), "FLAC")


def _encode(wave, kind: str) -> bytes:
    import numpy as np
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, np.rint(np.clip(wave, -1, 1) * 32767).astype(np.int16), SAMPLE_RATE, format=kind)
    return file.getvalue()


def main(verb: str, path: str, bounds: str, chosen: str = "[]") -> None:
    limits, out = Bounds(**json.loads(bounds)), sys.stdout.buffer
    _bound(limits, CPU[0] + CPU[1] * CLIPS * max(len(json.loads(chosen)), 1))
    try:
        with open(path, "rb") as file:
            reader = _Reader(file, limits, out)
            if verb == "unpack":
                reader.voices(json.loads(chosen))
            else:
                out.write(json.dumps({"preview": reader.contents.preview()}).encode() + b"\n")
    except ArchiveRejected as rejected:
        out.write(json.dumps({"code": rejected.code, "message": rejected.message}).encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
