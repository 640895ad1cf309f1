"""Run code that reads untrusted files in a child process, limited in processor time, memory and disk. Pure.

A file made to crash, hang or bloat its reader harms nobody else there, the site's secrets are out of its reach, and no
web process loads a model. The child answers on its standard output in messages: a line of JSON, then the files that it
announces, so that no name in an upload becomes the name of a file here.

What counts is the time that the child has the processor, not that on the clock: on a busy machine a good recording takes
many times as long as on a quiet one, and is read all the same. Only a child that does nothing at all is given up by the
clock.
"""

import contextlib
import json
import logging
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import psutil

from voicesite.temporary import PREFIX
from voicesite.texts import N_

logger = logging.getLogger(__name__)

MEMORY_BYTES, MEMORY_BYTES_PER_SECOND = 380 * 2**20, 2**20  # of address space; the latter per second of sound
MAX_FILE_BYTES = 64 * 2**20
STALL_SECONDS = 60.0  # on the clock, in which a child gets no processor time or makes no use of it: it is given up
_HEARTBEAT_SECONDS = 0.2
_ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def start(command: list[str], rejection: Callable[[str, str], Exception], what: str, advice: str) -> Iterator["Child"]:
    """Run a command, which calls `limit_resources` and then `send`, until the block ends.

    rejection: makes an exception of a code and a message. what, advice: complete the message if the command takes too
    long or crashes: what it reads, and what to do then.
    """
    with (
        tempfile.TemporaryDirectory(prefix=PREFIX) as folder,
        open(f"{folder}/errors", "w+b") as errors,
        subprocess.Popen(
            command, cwd=_ROOT, env=environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        ) as process,
    ):
        try:
            yield Child(process, errors, rejection, what, advice)
        finally:
            process.kill()


def environment(folder: str) -> dict[str, str]:
    """Return the variables that Python needs, without the site's secrets. onnxruntime leaves temporary files in `folder`."""
    needed = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return needed | {"TMPDIR": folder, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


class Child:
    """The messages of a child process."""

    def __init__(self, process: subprocess.Popen, errors: IO[bytes], rejection, what: str, advice: str):
        assert process.stdout
        self._process, self._output, self._errors = process, process.stdout, errors
        self._rejection, self._what, self._advice = rejection, what, advice
        self._buffer = bytearray()

    def receive(self, seconds: float, heartbeat: Callable[[], None] = lambda: None) -> tuple[dict, dict[str, bytes]]:
        """Return the next message and its files, for which the child may take `seconds` of the processor.

        Raises a rejection if the message has a `code`, and if none arrives. `heartbeat` is called at least four times a
        second, and may raise to end the wait.
        """
        patience = _Patience(self._process.pid, seconds)
        while (end := self._buffer.find(b"\n")) < 0:
            self._read(patience, heartbeat)
        message, files = json.loads(self._take(end + 1)), {}
        for name, size in message.pop("files").items():
            while len(self._buffer) < size:
                self._read(patience, heartbeat)
            files[name] = self._take(size)
        if "code" in message:
            raise self._rejection(message["code"], message["message"])
        return message, files

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _read(self, patience: "_Patience", heartbeat: Callable[[], None]) -> None:
        is_ready = False
        while not is_ready:
            heartbeat()
            if patience.is_over():
                raise self._too_slow()
            is_ready = bool(select.select([self._output], [], [], _HEARTBEAT_SECONDS)[0])
        data = os.read(self._output.fileno(), 2**20)
        if not data:
            if self._process.wait() == -signal.SIGXCPU:  # its own limit, which it put on itself
                raise self._too_slow()
            self._errors.seek(0)
            lines = self._errors.read().decode(errors="replace").strip().splitlines() or ["it was killed"]
            # The kind of its error: what that says may quote the file.
            logger.warning("A process broke on what somebody sent: %s", lines[-1].partition(":")[0][:80])
            raise self._no_answer("damaged", N_("could not be read"))
        self._buffer += data

    def _too_slow(self) -> Exception:
        logger.warning("What somebody sent was not read in time")
        return self._no_answer("too_slow", N_("took too long to read"))

    def _no_answer(self, code: str, why: str) -> Exception:
        return self._rejection(
            code,
            N_("This {what} {why}. It may be damaged: {advice}.").format(what=self._what, why=why, advice=self._advice),
        )


class _Patience:
    """How long a message of a process is waited for: `seconds` of the processor, and STALL_SECONDS without any."""

    def __init__(self, pid: int, seconds: float):
        self._pid = pid
        self._used = self._processor_seconds()
        self._most = self._used + seconds
        self._moved_at = time.monotonic()

    def is_over(self) -> bool:
        used, now = self._processor_seconds(), time.monotonic()
        if used > self._used:
            self._used, self._moved_at = used, now
        return used > self._most or now - self._moved_at > STALL_SECONDS

    def _processor_seconds(self) -> float:
        """Return what the process has used so far; what was last known of one that has ended: its end is read next."""
        try:
            times = psutil.Process(self._pid).cpu_times()
        except psutil.Error:
            return getattr(self, "_used", 0.0)
        return times.user + times.system


# ---------------------------------------------------------------------------------------------------------------------
# In the child


def limit_resources(audio_seconds: float, cpu_seconds: int, file_bytes: int = MAX_FILE_BYTES) -> None:
    """Limit memory, CPU time and file size of this process to what reading `audio_seconds` of sound needs."""
    memory = int(MEMORY_BYTES + MEMORY_BYTES_PER_SECOND * audio_seconds)
    limits = {
        resource.RLIMIT_AS: (memory, memory),
        resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds + 1),  # the first is told by SIGXCPU, the second by SIGKILL
        resource.RLIMIT_FSIZE: (file_bytes, file_bytes),
        resource.RLIMIT_CORE: (0, 0),
    }
    for limit, values in limits.items():
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(limit, values)


def send(message: dict, files: dict[str, bytes] | None = None) -> None:
    """Send a message with its files to the process that started this one."""
    files = files or {}
    sizes = {name: len(content) for name, content in files.items()}
    sys.stdout.buffer.write(json.dumps(message | {"files": sizes}).encode() + b"\n")
    for content in files.values():
        sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
