"""Read archives of voices in a sandboxed process.

No member is ever unpacked to the disk, and the name of a member never becomes the name of a file here.
"""

import io
import json
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import numpy as np

from voices.analysis import best_excerpts, quality
from voices.analysis.reference_audio import AudioRejected, make_reference, peaks
from voices.analysis.vad import SAMPLE_RATE, speech_mask
from voices.intake import sandbox
from voices.intake.decoding import Limits, decode, other_kind
from voices.intake.process import RECORDING_PEAKS, encode
from voicesite.texts import N_

from . import manifest
from .format import MAX_CLIPS
from .manifest import Bounds, ClipEntry, File, RecordingEntry
from .zipfiles import ArchiveRejected, Zip

PREVIEW_SECONDS = 20  # of the processor, for a preview
FILE_SECONDS = 60  # … for each file of an import
CPU_SECONDS, CPU_SECONDS_PER_CLIP = 20, 5
MAX_CLIP_SECONDS = 60.0  # no site makes longer ones
ROUNDING_SECONDS = 0.1  # by which a clip may end after its recording
_COMMAND = [sys.executable, "-m", "voices.archives.process"]


@dataclass(frozen=True)
class Unpacked:
    """A voice, recording or clip that the sandbox has checked."""

    kind: str  # a "voice", then for each of its recordings a "recording" and its "clip"s
    details: dict
    files: dict[str, bytes]
    done: float  # share of the work, 0 to 1


def preview(path: Path, bounds: Bounds) -> dict:
    """Return the contents of the archive at `path`, as `Contents.preview` does. Raises ArchiveRejected.

    Blocks, on a busy machine for long.
    """
    with _start("preview", path, bounds) as child:
        return child.receive(PREVIEW_SECONDS)[0]["preview"]


def unpack(path: Path, bounds: Bounds, chosen: list[int], heartbeat: Callable[[], None]) -> Iterator[Unpacked]:
    """Yield the voices at the `chosen` indices of the archive, with their recordings and clips. Raises ArchiveRejected.

    `heartbeat` is called at least four times a second; if it raises, the process ends.
    """
    with _start("unpack", path, bounds, json.dumps(chosen)) as child:
        while True:
            message, files = child.receive(FILE_SECONDS, heartbeat)
            if message["kind"] == "end":
                return
            yield Unpacked(**message, files=files)


def _start(verb: str, path: Path, bounds: Bounds, *arguments: str) -> AbstractContextManager[sandbox.Child]:
    command = [*_COMMAND, verb, str(path.resolve()), json.dumps(asdict(bounds)), *arguments]
    return sandbox.start(command, ArchiveRejected, "archive", N_("export it again"))


# ---------------------------------------------------------------------------------------------------------------------
# In the sandbox


class _Reader:
    """Check the chosen voices of an archive and send them to the parent process. Raises ArchiveRejected."""

    def __init__(self, file: BinaryIO, bounds: Bounds):
        self.bounds = bounds
        self.archive = Zip(file, bounds.total_bytes)
        self.contents = manifest.read(self.archive, bounds)
        self._sent_bytes = self._sent = 0
        self._total = 1  # messages that are sent, with the one that ends them

    def send(self, kind: str, details: dict, files: dict[str, bytes]) -> None:
        self._sent += 1
        self._sent_bytes += sum(map(len, files.values()))
        if self._sent_bytes > self.bounds.total_bytes:  # decoded audio can be larger than the upload
            raise ArchiveRejected(
                "too_large",
                N_("This archive holds more than {total_bytes} MB.").format(
                    total_bytes=f"{self.bounds.total_bytes / 2**20:.0f}"
                ),
            )
        sandbox.send({"kind": kind, "details": details, "done": self._sent / self._total}, files)

    def send_voices(self, chosen: list[int]) -> None:
        entries = [self.contents.voices[number] for number in chosen]
        if any(problem for _, problem in entries):
            raise ArchiveRejected("problem", N_("One of the voices you chose can’t be imported."))
        self._total += sum(1 + len(entry.recordings) + len(entry.clips) for entry, _ in entries)
        for number, (entry, _) in zip(chosen, entries, strict=True):
            details = entry.model_dump(exclude={"recordings", "clips"}) | {"number": number, "shown": entry.shown}
            self.send("voice", details, {})
            try:
                for recording in entry.recordings:
                    clips = [(place, clip) for place, clip in enumerate(entry.clips) if clip.recording == recording.id]
                    if clips:
                        wave = self.send_recording(recording)
                        for place, clip in clips:
                            self.send_clip(place, clip, wave)
            except (ArchiveRejected, AudioRejected) as rejected:
                raise ArchiveRejected(rejected.code, f"{entry.name}: {rejected.message}") from None
        self.send("end", {}, {})

    def send_recording(self, entry: RecordingEntry) -> np.ndarray:
        """Send a recording and return its samples, float32 (samples,)."""
        original = self.content(entry.original)
        if other_kind(original):
            raise ArchiveRejected("not_audio", N_("One of its recordings is not an audio file."))
        audio = self.content(entry.audio) if entry.audio else _decode(original, self.bounds)
        wave = _wave(audio, self.bounds.seconds)
        seconds = round(len(wave) / SAMPLE_RATE, 3)
        details = {"name": entry.name, "seconds": seconds, "peaks": peaks(wave, RECORDING_PEAKS)}
        self.send("recording", details, {"original": original, "audio": audio})
        return wave

    def send_clip(self, number: int, entry: ClipEntry, recording: np.ndarray) -> None:
        """Send a clip of a recording, measured anew: the archive's own measures are not trusted."""
        start, end = (entry.start, entry.end) if entry.audio else best_excerpts.quick_excerpt(recording)
        if end > len(recording) / SAMPLE_RATE + ROUNDING_SECONDS:
            raise ArchiveRejected("contradiction", N_("One of its clips ends after its recording."))
        if end - start > MAX_CLIP_SECONDS:
            raise ArchiveRejected(
                "too_long",
                N_("One of its clips is longer than {max_clip_seconds} s.").format(
                    max_clip_seconds=f"{MAX_CLIP_SECONDS:.0f}"
                ),
            )
        reference, measured = make_reference(recording[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)])
        details = entry.model_dump(include={"language", "transcript", "words"})
        details |= {"number": number, "start": round(start, 3), "end": round(end, 3)}
        files = {"audio": self.content(entry.audio) if entry.audio else encode(reference, "WAV")}
        if entry.audio:
            reference = _wave(files["audio"], MAX_CLIP_SECONDS, ("WAV",))
            measured = replace(measured, seconds=round(len(reference) / SAMPLE_RATE, 2), peaks=peaks(reference))
        if entry.original_audio:
            files["plain_audio"] = self.content(entry.original_audio)
            _wave(files["plain_audio"], MAX_CLIP_SECONDS, ("WAV",))
        if not speech_mask(reference).any():
            raise ArchiveRejected("no_speech", N_("There is no speech in one of its clips."))
        details["measured"] = asdict(quality.judge(reference, measured))
        self.send("clip", details, files)

    def content(self, file: File) -> bytes:
        """Return the content of a file; it must match the checksum in the manifest."""
        content = self.archive.read(file.path, self.bounds.file_bytes)
        if file.sha256 and sha256(content).hexdigest() != file.sha256:
            raise ArchiveRejected(
                "checksum",
                N_("“{path}” is not what the manifest says: its checksum is another.").format(path=file.path),
            )
        return content


def _wave(content: bytes, max_seconds: float, formats: tuple[str, ...] = ("WAV", "FLAC")) -> np.ndarray:
    """Return the samples of a 24 kHz mono 16-bit audio file, float32 (samples,). Raises ArchiveRejected."""
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            layout = (file.samplerate, file.channels, file.subtype)
            if layout != (SAMPLE_RATE, 1, "PCM_16") or file.format not in formats:
                raise ArchiveRejected("not_audio", N_("One of its files is not 24 kHz mono 16-bit audio."))
            if not 0 < file.frames <= max_seconds * SAMPLE_RATE:
                raise ArchiveRejected(
                    "too_long",
                    N_("One of its recordings is empty, or longer than {max_seconds} s.").format(
                        max_seconds=f"{max_seconds:.0f}"
                    ),
                )
            data = struct.pack("<4sL", b"data", 2 * file.frames)
            is_exact = file.format != "WAV" or (content[36:44] == data and len(content) == 44 + 2 * file.frames)
            wave = file.read(dtype="float32")
            if not is_exact or len(wave) != file.frames:
                raise ArchiveRejected("damaged", N_("One of its audio files is shorter or longer than it claims."))
            return wave
    except (soundfile.SoundFileError, RuntimeError):
        raise ArchiveRejected("not_audio", N_("One of its audio files can’t be read.")) from None


def _decode(original: bytes, bounds: Bounds) -> bytes:
    """Return an upload, decoded, as a FLAC file."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(original)
        file.flush()
        return encode(decode(Path(file.name), Limits(bounds.file_bytes, bounds.seconds)), "FLAC")


def main(verb: str, path: str, bounds: str, chosen: str = "[]") -> None:
    limits, places = Bounds(**json.loads(bounds)), json.loads(chosen)
    cpu_seconds = CPU_SECONDS + CPU_SECONDS_PER_CLIP * MAX_CLIPS * max(len(places), 1)
    sandbox.limit_resources(limits.seconds, cpu_seconds, limits.file_bytes)
    try:
        with open(path, "rb") as file:
            reader = _Reader(file, limits)
            if verb == "unpack":
                reader.send_voices(places)
            else:
                sandbox.send({"preview": reader.contents.preview()})
    except ArchiveRejected as rejected:
        sandbox.send({"code": rejected.code, "message": rejected.message})


if __name__ == "__main__":
    main(*sys.argv[1:])
