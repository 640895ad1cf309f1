"""Takes an upload in, in a process of its own: a file made to crash, hang or bloat the decoder harms nobody else."""

import contextlib
import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .audio import AudioRejected, Measured, process
from .decoding import Limits, decode
from .speech import RATE

logger = logging.getLogger(__name__)

TIMEOUT = 20  # seconds, of a clock and of a processor; a recording takes less than one
MEMORY = 380 * 2**20, 2**20  # bytes of address space, and of it for each second that a recording may have
DISK = 64 * 2**20  # bytes of a file that it writes
_ROOT = Path(__file__).resolve().parent.parent
_COMMAND = [sys.executable, "-m", "voices.intake"]


@dataclass(frozen=True)
class ReferenceAudio:
    wav: bytes  # 24 kHz mono 16-bit WAV
    measured: Measured


def take_in(path: Path, limits: Limits) -> ReferenceAudio:
    """Decode, trim, level and measure the upload at `path`. Raises AudioRejected. Blocks, for TIMEOUT at most."""
    with tempfile.TemporaryDirectory(prefix="voicesite-") as folder:
        out = Path(folder) / "reference.wav"
        arguments = [str(path.resolve()), str(out), str(limits.max_bytes), str(limits.max_seconds)]
        try:
            child = subprocess.run(
                [*_COMMAND, *arguments],
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
        return ReferenceAudio(out.read_bytes(), Measured(**answer))


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


def main(path: str, out: str, max_bytes: str, max_seconds: str) -> None:
    bound(float(max_seconds))
    try:
        reference, measured = process(decode(Path(path), Limits(int(max_bytes), float(max_seconds))))
    except AudioRejected as rejected:
        print(json.dumps({"code": rejected.code, "message": rejected.message}))
        return
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.rint(reference * 32767).astype("<i2").tobytes())
    print(json.dumps(measured.as_dict()))


if __name__ == "__main__":
    main(*sys.argv[1:])
