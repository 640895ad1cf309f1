"""Decode uploads, and make reference audio of recordings, in a sandbox."""

import io
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile

from voices.analysis import best_excerpts, quality
from voices.analysis.reference_audio import AudioRejected, Measured, make_reference, peaks
from voices.analysis.vad import FRAME_SAMPLES, SAMPLE_RATE, speech_mask
from voicesite.provenance.manifest import Found, read
from voicesite.texts import N_

from . import sandbox
from .decoding import Limits, check_start, decode, readable_digest

MAX_SECONDS = 20  # of the processor; a recording takes less than two
IDENTIFIED_SECONDS = 300.0  # of sound: memory for a manifest, whose reader holds all of a file of 50 MB
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


@dataclass(frozen=True)
class Decoded:
    """An upload, decoded."""

    flac: bytes  # all of it: 24 kHz mono 16-bit FLAC
    seconds: float
    speech_seconds: float


def take_in(path: Path, limits: Limits) -> Received:
    """Decode the upload at `path`, and make reference audio of it, or of a good excerpt if it is long.

    Raises AudioRejected. Blocks, on a busy machine for long.
    """
    answer, files = _ask("take_in", path.resolve(), limits.max_bytes, limits.max_seconds)
    return Received(files["flac"], answer["seconds"], answer["peaks"], _reference(answer["reference"], files))


def take_down(path: Path, limits: Limits) -> Decoded:
    """Decode the upload at `path`, to be transcribed: of any length, also when nobody speaks in it.

    Raises AudioRejected. Blocks, on a busy machine for long.
    """
    answer, files = _ask("take_down", path.resolve(), limits.max_bytes, limits.max_seconds)
    return Decoded(files["flac"], answer["seconds"], answer["speech_seconds"])


@dataclass(frozen=True)
class Identified:
    """What an upload says of where it comes from."""

    sound: str  # its digest; empty where no sound could be read
    manifest: Found | None


def identify(path: Path, limits: Limits, chains: list[str]) -> Identified:
    """Read the manifest of the upload at `path`, and the digest of its sound.

    chains: of the certificates that are ours, as PEM. Raises AudioRejected. Blocks, for MAX_SECONDS at most.
    """
    answer, _ = _ask("identify", path.resolve(), limits.max_bytes, *chains)
    return Identified(answer["sound"], Found(**answer["manifest"]) if answer["manifest"] else None)


def cut(path: Path, start: float, end: float, *, cleanup: bool = False) -> ReferenceAudio:
    """Make reference audio of the excerpt from `start` to `end`, in seconds, of the recording at `path`.

    With `cleanup`, it is denoised. Raises AudioRejected. Blocks, on a busy machine for long.
    """
    return _reference(*_ask("cut", path.resolve(), start, end, int(cleanup)))


def _reference(answer: dict, files: dict[str, bytes]) -> ReferenceAudio:
    measured = Measured(**answer["measured"])
    return ReferenceAudio(files["wav"], measured, answer["start"], answer["end"], files.get("plain", b""))


def _ask(*arguments: object) -> tuple[dict, dict[str, bytes]]:
    command = [*_COMMAND, *map(str, arguments)]
    with sandbox.start(command, AudioRejected, "file", N_("send another recording")) as child:
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


def _take_down(path: str, max_bytes: str, max_seconds: str) -> tuple[dict, dict[str, bytes]]:
    sandbox.limit_resources(float(max_seconds), MAX_SECONDS)
    wave = decode(Path(path), Limits(int(max_bytes), float(max_seconds)))
    speech_seconds = float(speech_mask(wave).sum()) * FRAME_SAMPLES / SAMPLE_RATE
    return {"seconds": len(wave) / SAMPLE_RATE, "speech_seconds": speech_seconds}, {"flac": encode(wave, "FLAC")}


def _identify(path: str, max_bytes: str, *chains: str) -> dict:
    sandbox.limit_resources(IDENTIFIED_SECONDS, MAX_SECONDS)
    check_start(Path(path), Limits(int(max_bytes)))
    with open(path, "rb") as file:
        found = read(file, chains)
        sound = readable_digest(file)
    return {"sound": sound, "manifest": asdict(found) if found else None}


def _cut(path: str, start: str, end: str, is_cleaned: str) -> tuple[dict, dict[str, bytes]]:
    first, last = round(float(start) * SAMPLE_RATE), round(float(end) * SAMPLE_RATE)
    sandbox.limit_resources(float(end), MAX_SECONDS)
    wave, _ = soundfile.read(path, start=max(first, 0), stop=last, dtype="float32")
    if not int(is_cleaned):
        return _make_reference(wave, first / SAMPLE_RATE)
    plain, measured = make_reference(wave)
    made, files = _make_reference(wave, first / SAMPLE_RATE, denoised=True)
    if measured.snr_db >= quality.QUIET_DB:
        made["measured"]["advice"].append(("hint", N_("There was hardly any noise to take away."), ""))
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
        match verb:
            case "take_in":
                sandbox.send(*_take_in(*arguments))
            case "take_down":
                sandbox.send(*_take_down(*arguments))
            case "identify":
                sandbox.send(_identify(*arguments))
            case "cut":
                sandbox.send(*_cut(*arguments))
    except AudioRejected as rejected:
        sandbox.send({"code": rejected.code, "message": rejected.message})


if __name__ == "__main__":
    main(*sys.argv[1:])
