"""Takes an upload in, in a process of its own: a file made to crash, hang or bloat the decoder harms nobody else."""

import contextlib
import json
import logging
import resource
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from .audio import AudioRejected, Limits, Measured

logger = logging.getLogger(__name__)

TIMEOUT = 30  # seconds
MEMORY = 1500 * 2**20  # bytes of address space; what is really used stays far below
_TURNS = threading.BoundedSemaphore(2)  # so many uploads are decoded at once; others wait
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class ReferenceAudio:
    wav: bytes  # 24 kHz mono 16-bit WAV
    measured: Measured


def take_in(path: Path, limits: Limits) -> ReferenceAudio:
    """Decode, trim, level and measure the upload at `path`. Raises AudioRejected. Blocks, for TIMEOUT at most."""
    with _TURNS, tempfile.TemporaryDirectory(prefix="voicesite-") as folder:
        out = Path(folder) / "reference.wav"
        arguments = [str(path), str(out), str(limits.max_bytes), str(limits.max_seconds)]
        child = None
        try:
            child = subprocess.run(  # noqa: S603
                [sys.executable, "-m", "voices.intake", *arguments],
                cwd=_ROOT,
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
            answer = json.loads(child.stdout or "{}")
        except (subprocess.TimeoutExpired, ValueError):
            answer = {}
        if "code" in answer:
            raise AudioRejected(answer["code"], answer["message"])
        if "measured" not in answer or not out.exists():
            logger.warning(
                "The intake of an upload failed: %s",
                child.stderr.decode(errors="replace")[-300:] if child else "too slow",
            )
            raise AudioRejected("damaged", "This file could not be read. It may be damaged: send another recording.")
        return ReferenceAudio(out.read_bytes(), Measured(**answer["measured"]))


def main(path: str, out: str, max_bytes: str, max_seconds: str) -> None:
    from .audio import RATE, take_in

    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, TIMEOUT), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(limit, (value, value))
    import soundfile

    try:
        wave, measured = take_in(Path(path), Limits(int(max_bytes), float(max_seconds)))
    except AudioRejected as rejected:
        print(json.dumps({"code": rejected.code, "message": rejected.message}))
        return
    soundfile.write(out, wave, RATE, subtype="PCM_16")
    print(json.dumps({"measured": measured.as_dict()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
