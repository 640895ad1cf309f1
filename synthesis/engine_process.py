"""The worker's side of the engine host: start it, ask it, notice when it dies or hangs. Knows nothing of Django."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from .engines import Audio, Cancelled, Conditioning, EngineError, Progress, Reference, Rejected, Utterance

LOAD_SECONDS = 600  # that a load may take: it says nothing meanwhile, and gigabytes come slowly from a slow disk

_ROOT = Path(__file__).resolve().parent.parent


class EngineProcess:
    """One engine host, started on first use and again after it died.

    `stall_seconds` is how long a host may say nothing while it works; then it is taken for hung and ended.
    `nice` is added to its scheduling priority: background work leaves the processor to what people wait for.
    """

    def __init__(self, stall_seconds: float = 120, nice: int = 0, environment: dict[str, str] | None = None):
        self.stall_seconds = stall_seconds
        self.nice = nice
        self.environment = environment or {}
        self.process: subprocess.Popen | None = None
        self.connection: Connection | None = None
        self.number = 0
        self.loaded = ("", "")  # engine and model
        self.runs_on, self.device_memory = "", 0  # bytes
        self.failed = False  # the last load: only someone who waits for speech is worth another try
        self._owner = os.getpid()

    @property
    def is_cold(self) -> bool:
        """Whether loading a model ahead would spare the next request time."""
        return not self.failed and not self.lives

    @property
    def lives(self) -> bool:
        """Whether a host of this process runs."""
        return self._owner == os.getpid() and self.process is not None and self.process.poll() is None

    def memory(self) -> int:
        """Bytes that the host fills, on its device too; 0 when there is none."""
        try:
            return psutil.Process(self.process.pid).memory_info().rss + self.device_memory if self.process else 0
        except psutil.Error:
            return 0

    def load(self, engine: str, model: str, beat: Callable[[], None]) -> bool:
        """Make `model` of `engine` ready, and say whether it was not before. What was loaded ends first, and all of its
        memory comes back. `beat` is called about four times a second; what it raises ends the wait.
        """
        if self.lives and self.loaded == (engine, model):
            return False
        self.end()
        try:
            self.runs_on, self.device_memory = self._result(beat, "load", engine, model)
        except EngineError:
            self.failed = True
            raise
        self.failed = False
        self.loaded = (engine, model)
        return True

    def condition(self, reference: Reference, beat: Callable[[], None]) -> Conditioning:
        return self._result(beat, "condition", reference)

    def refine(
        self,
        reference: Reference,
        conditioning: Conditioning,
        on_progress: Callable[[Progress], None],
        beat: Callable[[], None],
    ) -> Conditioning:
        for kind, value in self._ask(beat, "refine", reference, conditioning):
            if kind == "done":
                return value
            on_progress(value)
        raise AssertionError("an answer ends with “done”, or by an exception")

    def download(self, model: str, on_progress: Callable[[Progress], None], beat: Callable[[], None]) -> None:
        """Fetch the weights of `model`; see `weights.download`. Needs no model to be loaded."""
        for kind, value in self._ask(beat, "download", model):
            if kind == "item":
                on_progress(value)

    def synthesize(
        self, utterances: list[Utterance], beat: Callable[[], None]
    ) -> Generator[Progress | Audio | Rejected]:
        """Progress and audio of a batch as they come. Closing the iterator, or an exception of `beat`, cancels it.

        Raises EngineError, not permanent when the host died or hung: another attempt may do better.
        """
        for kind, value in self._ask(beat, "synthesize", utterances):
            if kind == "item":
                yield value

    def drop(self, index: int) -> None:
        """Nobody wants the utterance at `index` of the batch that is being spoken: the engine goes on without it."""
        if self.connection:
            with contextlib.suppress(OSError):
                self.connection.send((self.number, "drop", index))

    def end(self) -> None:
        """End the host at once. The memory of its model comes back with it."""
        if self.connection:
            self.connection.close()
        if self.process and self._owner == os.getpid():  # otherwise it is the host of the process that forked this one
            self.process.kill()
            self.process.wait()
        self._owner = os.getpid()
        self.process = self.connection = None
        self.loaded, self.runs_on, self.device_memory = ("", ""), "", 0

    def _result(self, beat, verb, *arguments):
        for kind, value in self._ask(beat, verb, *arguments):
            if kind == "done":
                return value

    def _ask(self, beat, verb, *arguments) -> Iterator[tuple]:
        connection = self._start()
        self.number += 1
        number = self.number
        finished = False
        try:
            connection.send((number, verb, *arguments))
            heard_at = time.monotonic()
            patience = max(self.stall_seconds, LOAD_SECONDS) if verb == "load" else self.stall_seconds
            while not finished:
                beat()
                if not connection.poll(0.25):
                    if time.monotonic() - heard_at > patience:
                        self.end()
                        finished = True
                        raise EngineError(f"The engine said nothing for {patience:.0f} seconds and was ended.")
                    continue
                answer, kind, *values = connection.recv()
                heard_at = time.monotonic()
                if answer != number:
                    continue  # the rest of a request that was cancelled
                finished = kind in ("done", "error", "cancelled")
                if kind == "error":
                    raise EngineError(*values)
                if kind == "cancelled":
                    raise Cancelled
                yield kind, values[0]
        except (EOFError, OSError) as error:
            finished = True
            raise EngineError(self._bury()) from error
        finally:
            if not finished and self.connection:
                with contextlib.suppress(OSError):
                    self.connection.send((number, "cancel"))

    def _bury(self) -> str:
        """Clear away a host that is gone, and say in words how it ended."""
        try:
            code = self.process.wait(timeout=1) if self.process else 0  # its socket closes a moment before it is dead
        except subprocess.TimeoutExpired:
            code = 0
        self.end()
        if code == -signal.SIGKILL:
            return "The engine was killed: this machine may have too little memory for it."
        if code < 0:
            return f"The engine crashed ({signal.Signals(-code).name})."
        return "The engine stopped unexpectedly. The log may say why."

    def _start(self) -> Connection:
        if self.connection and self.lives:
            return self.connection
        self.end()
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "synthesis.engine_host", str(theirs.fileno())]
        if self.nice:
            command = ["nice", "-n", str(self.nice), *command]
        self.process = subprocess.Popen(  # noqa: S603
            command,
            cwd=_ROOT,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, **self.environment},
        )
        theirs.close()
        self.connection = Connection(ours.detach())
        return self.connection
