"""Run code that reads untrusted files in a child process, limited in time, memory and disk. Pure.

A file made to crash, hang or bloat its reader harms nobody else there, the site's secrets are out of its reach, and no
web process loads a model. The child answers on its standard output in messages: a line of JSON, then the files that it
announces, so that no name in an upload becomes the name of a file here.
"""

import contextlib
import json
import logging
import os
import resource
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

logger = logging.getLogger(__name__)

MEMORY_BYTES, MEMORY_BYTES_PER_SECOND = 380 * 2**20, 2**20  # of address space; the latter per second of sound
MAX_FILE_BYTES = 64 * 2**20
_HEARTBEAT_SECONDS = 0.2
_ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def start(command: list[str], rejection: Callable[[str, str], Exception], what: str, advice: str) -> Iterator["Child"]:
    """Run a command, which calls `limit_resources` and then `send`, until the block ends.

    rejection: makes an exception of a code and a message. what, advice: complete the message if the command takes too
    long or crashes: what it reads, and what to do then.
    """
    with (
        tempfile.TemporaryDirectory(prefix="voicesite-") as folder,
        open(f"{folder}/errors", "w+b") as errors,
        subprocess.Popen(
            command, cwd=_ROOT, env=environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        assert process.stdout
        try:
            yield Child(process.stdout, errors, rejection, what, advice)
        finally:
            process.kill()


def environment(folder: str) -> dict[str, str]:
    """Return the variables that Python needs, without the site's secrets. onnxruntime leaves temporary files in `folder`."""
    needed = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return needed | {"TMPDIR": folder, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


class Child:
    """The messages of a child process."""

    def __init__(self, output: IO[bytes], errors: IO[bytes], rejection, what: str, advice: str):
        self._output, self._errors = output, errors
        self._rejection, self._what, self._advice = rejection, what, advice
        self._buffer = bytearray()

    def receive(self, seconds: float, heartbeat: Callable[[], None] = lambda: None) -> tuple[dict, dict[str, bytes]]:
        """Return the next message and its files, which must arrive within `seconds`.

        Raises a rejection if the message has a `code`, and if none arrives. `heartbeat` is called at least four times a
        second, and may raise to end the wait.
        """
        deadline = time.monotonic() + seconds
        while (end := self._buffer.find(b"\n")) < 0:
            self._read(deadline, heartbeat)
        message, files = json.loads(self._take(end + 1)), {}
        for name, size in message.pop("files").items():
            while len(self._buffer) < size:
                self._read(deadline, heartbeat)
            files[name] = self._take(size)
        if "code" in message:
            raise self._rejection(message["code"], message["message"])
        return message, files

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _read(self, deadline: float, heartbeat: Callable[[], None]) -> None:
        is_ready = False
        while not is_ready:
            heartbeat()
            if time.monotonic() > deadline:
                logger.warning("What somebody sent was not read in time")
                raise self._no_answer("too_slow", "took too long to read")
            is_ready = bool(select.select([self._output], [], [], _HEARTBEAT_SECONDS)[0])
        data = os.read(self._output.fileno(), 2**20)
        if not data:
            self._errors.seek(0)
            errors = self._errors.read().decode(errors="replace")[-300:]
            logger.warning("A process broke on what somebody sent: %s", errors or "it was killed")
            raise self._no_answer("damaged", "could not be read")
        self._buffer += data

    def _no_answer(self, code: str, why: str) -> Exception:
        return self._rejection(code, f"This {self._what} {why}. It may be damaged: {self._advice}.")


# ---------------------------------------------------------------------------------------------------------------------
# In the child


def limit_resources(audio_seconds: float, cpu_seconds: int, file_bytes: int = MAX_FILE_BYTES) -> None:
    """Limit memory, CPU time and file size of this process to what reading `audio_seconds` of sound needs."""
    limits = {
        resource.RLIMIT_AS: int(MEMORY_BYTES + MEMORY_BYTES_PER_SECOND * audio_seconds),
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(limit, (value, value))


def send(message: dict, files: dict[str, bytes] | None = None) -> None:
    """Send a message with its files to the process that started this one."""
    files = files or {}
    sizes = {name: len(content) for name, content in files.items()}
    sys.stdout.buffer.write(json.dumps(message | {"files": sizes}).encode() + b"\n")
    for content in files.values():
        sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
