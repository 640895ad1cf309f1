"""Makes recordings of uploads, and clips of recordings, in a process of its own.

A file made to crash, hang or bloat the decoder harms nobody else there, and no web process loads a model.
"""

import contextlib
import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voices.analysis import best_excerpts, denoise, quality
from voices.analysis.reference_audio import AudioRejected, Clean, Measured, make_reference, peaks
from voices.analysis.vad import SAMPLE_RATE

from .decoding import Limits, decode

logger = logging.getLogger(__name__)

TIMEOUT = 20  # seconds, of a clock and of a processor; a recording takes less than one
MEMORY = 380 * 2**20, 2**20  # bytes of address space, and of it for each second that a recording may have
DISK = 64 * 2**20  # bytes of a file that it writes
_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = [sys.executable, "-m", "voices.intake.process"]
FLAC, WAV, PLAIN = "recording.flac", "reference.wav", "plain.wav"
RECORDING_PEAKS = 600


@dataclass(frozen=True)
class ReferenceAudio:
    """A stretch of a recording, as reference audio."""

    wav: bytes  # 24 kHz mono 16-bit WAV
    measured: Measured
    start: float  # seconds of the recording
    end: float
    plain: bytes = b""  # the same before the clean-up; empty where there was none


@dataclass(frozen=True)
class Received:
    """An upload, decoded, and the reference audio that can be made of it at once."""

    flac: bytes  # all of it: 24 kHz mono 16-bit FLAC
    seconds: float
    peaks: list[int]  # of all of it
    reference: ReferenceAudio


def take_in(path: Path, limits: Limits) -> Received:
    """Decode the upload at `path`, and make reference audio of it, or of its first good stretch where it is long.

    Raises AudioRejected. Blocks, for TIMEOUT at most.
    """
    with tempfile.TemporaryDirectory(prefix="voicesite-") as folder:
        answer = _ask(folder, "take", path.resolve(), limits.max_bytes, limits.max_seconds)
        flac = (Path(folder) / FLAC).read_bytes()
        return Received(flac, answer["seconds"], answer["peaks"], _reference(folder, answer["reference"]))


def cut(path: Path, start: float, end: float, *, cleanup: bool = False) -> ReferenceAudio:
    """Make reference audio of the stretch from `start` to `end`, in seconds, of the recording at `path`; with `cleanup`,
    noise is taken out of it.

    Raises AudioRejected. Blocks, for TIMEOUT at most.
    """
    with tempfile.TemporaryDirectory(prefix="voicesite-") as folder:
        return _reference(folder, _ask(folder, "cut", path.resolve(), start, end, int(cleanup)))


def _reference(folder: str, answer: dict) -> ReferenceAudio:
    wav, plain = Path(folder) / WAV, Path(folder) / PLAIN
    return ReferenceAudio(
        wav.read_bytes(),
        Measured(**answer["measured"]),
        answer["start"],
        answer["end"],
        plain.read_bytes() if plain.exists() else b"",
    )


def _ask(folder: str, verb: str, *arguments) -> dict:
    try:
        child = subprocess.run(
            [*_COMMAND, verb, folder, *map(str, arguments)],
            cwd=_ROOT,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        logger.warning("An upload was not decoded in %d s", TIMEOUT)
        raise AudioRejected(
            "too_slow", "This file took too long to read. It may be damaged: send another recording."
        ) from None
    answer = json.loads(child.stdout) if child.returncode == 0 else {}
    if "code" in answer:
        raise AudioRejected(answer["code"], answer["message"])
    if not answer:
        logger.warning("The decoder broke on an upload: %s", child.stderr.decode(errors="replace")[-300:])
        raise AudioRejected("damaged", "This file could not be read. It may be damaged: send another recording.")
    return answer


def _environment(folder: str) -> dict[str, str]:
    """What Python needs, and none of the site's secrets. Temporary files go to `folder`: onnxruntime leaves some."""
    needed = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return needed | {"TMPDIR": folder, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


def bound(max_seconds: float) -> None:
    """Take from this process what decoding a recording never needs."""
    bounds = {
        resource.RLIMIT_AS: int(MEMORY[0] + MEMORY[1] * max_seconds),
        resource.RLIMIT_CPU: TIMEOUT,
        resource.RLIMIT_FSIZE: DISK,
        resource.RLIMIT_CORE: 0,
    }
    for what, value in bounds.items():
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(what, (value, value))


# ---------------------------------------------------------------------------------------------------------------------
# In the process of its own


def take(folder: str, path: str, max_bytes: str, max_seconds: str) -> dict:
    bound(float(max_seconds))
    wave = decode(Path(path), Limits(int(max_bytes), float(max_seconds)))
    start, end = best_excerpts.quick_excerpt(wave)
    reference = _make_reference(folder, wave, start, end)
    _write(Path(folder) / FLAC, wave)
    return {"seconds": len(wave) / SAMPLE_RATE, "peaks": peaks(wave, RECORDING_PEAKS), "reference": reference}


def cut_out(folder: str, path: str, start: str, end: str, is_cleaned: str) -> dict:
    import soundfile

    first, last = round(float(start) * SAMPLE_RATE), round(float(end) * SAMPLE_RATE)
    bound(float(end))
    wave, _ = soundfile.read(path, start=max(first, 0), stop=last, dtype="float32")
    offset, seconds = first / SAMPLE_RATE, len(wave) / SAMPLE_RATE
    if not int(is_cleaned):
        return _make_reference(folder, wave, 0, seconds, offset)
    plain, measured = make_reference(wave)
    _write(Path(folder) / PLAIN, plain)
    made = _make_reference(folder, wave, 0, seconds, offset, clean=denoise.clean)
    if measured.snr_db >= quality.QUIET_DB:
        made["measured"]["advice"].append(("hint", "There was hardly any noise to take away."))
    return made


def _make_reference(
    folder: str,
    wave: np.ndarray,
    start: float,
    end: float,
    offset: float = 0.0,
    clean: Clean | None = None,
) -> dict:
    reference, measured = make_reference(wave[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)], clean)
    _write(Path(folder) / WAV, reference)
    measured = quality.judge(reference, measured)
    return {"measured": measured.as_dict(), "start": offset + start, "end": offset + end}


def _write(path: Path, wave: np.ndarray) -> None:
    import soundfile

    soundfile.write(path, np.rint(np.clip(wave, -1, 1) * 32767).astype(np.int16), SAMPLE_RATE)


def main(verb: str, *arguments: str) -> None:
    try:
        answer = take(*arguments) if verb == "take" else cut_out(*arguments)
    except AudioRejected as rejected:
        answer = {"code": rejected.code, "message": rejected.message}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
