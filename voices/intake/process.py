"""Decode uploads, and make reference audio of recordings, in a sandbox."""

import io
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile

from voices.analysis import best_excerpts, quality
from voices.analysis.reference_audio import AudioRejected, Measured, make_reference, peaks
from voices.analysis.vad import SAMPLE_RATE

from . import sandbox
from .decoding import Limits, decode

MAX_SECONDS = 20  # of wall time, and of CPU time; a recording takes less than one
RECORDING_PEAKS = 600  # of the waveform of a whole recording
_COMMAND = [sys.executable, "-m", "voices.intake.process"]


@dataclass(frozen=True)
class ReferenceAudio:
    """Reference audio made of an excerpt of a recording."""

    wav: bytes  # 24 kHz mono 16-bit WAV
    measured: Measured
    start: float  # seconds of the recording
    end: float
    plain: bytes = b""  # the same before denoising; empty if it was not denoised


@dataclass(frozen=True)
class Received:
    """An upload, decoded, with reference audio of its first excerpt."""

    flac: bytes  # all of it: 24 kHz mono 16-bit FLAC
    seconds: float
    peaks: list[int]  # of all of it
    reference: ReferenceAudio


def take_in(path: Path, limits: Limits) -> Received:
    """Decode the upload at `path`, and make reference audio of it, or of a good excerpt if it is long.

    Raises AudioRejected. Blocks, for MAX_SECONDS at most.
    """
    answer, files = _ask("take_in", path.resolve(), limits.max_bytes, limits.max_seconds)
    return Received(files["flac"], answer["seconds"], answer["peaks"], _reference(answer["reference"], files))


def cut(path: Path, start: float, end: float, *, cleanup: bool = False) -> ReferenceAudio:
    """Make reference audio of the excerpt from `start` to `end`, in seconds, of the recording at `path`.

    With `cleanup`, it is denoised. Raises AudioRejected. Blocks, for MAX_SECONDS at most.
    """
    return _reference(*_ask("cut", path.resolve(), start, end, int(cleanup)))


def _reference(answer: dict, files: dict[str, bytes]) -> ReferenceAudio:
    measured = Measured(**answer["measured"])
    return ReferenceAudio(files["wav"], measured, answer["start"], answer["end"], files.get("plain", b""))


def _ask(*arguments: object) -> tuple[dict, dict[str, bytes]]:
    command = [*_COMMAND, *map(str, arguments)]
    with sandbox.start(command, AudioRejected, "file", "send another recording") as child:
        return child.receive(MAX_SECONDS)


# ---------------------------------------------------------------------------------------------------------------------
# In the sandbox


def _take_in(path: str, max_bytes: str, max_seconds: str) -> tuple[dict, dict[str, bytes]]:
    sandbox.limit_resources(float(max_seconds), MAX_SECONDS)
    wave = decode(Path(path), Limits(int(max_bytes), float(max_seconds)))
    start, end = best_excerpts.quick_excerpt(wave)
    reference, files = _make_reference(wave[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)], start)
    answer = {"seconds": len(wave) / SAMPLE_RATE, "peaks": peaks(wave, RECORDING_PEAKS), "reference": reference}
    return answer, files | {"flac": encode(wave, "FLAC")}


def _cut(path: str, start: str, end: str, is_cleaned: str) -> tuple[dict, dict[str, bytes]]:
    first, last = round(float(start) * SAMPLE_RATE), round(float(end) * SAMPLE_RATE)
    sandbox.limit_resources(float(end), MAX_SECONDS)
    wave, _ = soundfile.read(path, start=max(first, 0), stop=last, dtype="float32")
    if not int(is_cleaned):
        return _make_reference(wave, first / SAMPLE_RATE)
    plain, measured = make_reference(wave)
    made, files = _make_reference(wave, first / SAMPLE_RATE, denoised=True)
    if measured.snr_db >= quality.QUIET_DB:
        made["measured"]["advice"].append(("hint", "There was hardly any noise to take away."))
    return made, files | {"plain": encode(plain, "WAV")}


def _make_reference(wave: np.ndarray, start: float, *, denoised: bool = False) -> tuple[dict, dict[str, bytes]]:
    """Return what `_reference` reads of an excerpt that starts `start` seconds into its recording."""
    reference, measured = make_reference(wave, denoised=denoised)
    measured = quality.judge(reference, measured)
    made = {"measured": asdict(measured), "start": start, "end": start + len(wave) / SAMPLE_RATE}
    return made, {"wav": encode(reference, "WAV")}


def encode(wave: np.ndarray, kind: str) -> bytes:
    """Return samples as a 16-bit audio file. kind: "WAV" or "FLAC"."""
    file = io.BytesIO()
    soundfile.write(file, np.rint(np.clip(wave, -1, 1) * 32767).astype(np.int16), SAMPLE_RATE, format=kind)
    return file.getvalue()


def main(verb: str, *arguments: str) -> None:
    try:
        answer, files = _take_in(*arguments) if verb == "take_in" else _cut(*arguments)
        sandbox.send(answer, files)
    except AudioRejected as rejected:
        sandbox.send({"code": rejected.code, "message": rejected.message})


if __name__ == "__main__":
    main(*sys.argv[1:])
