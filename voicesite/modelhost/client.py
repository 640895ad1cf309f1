"""The worker's side of a model host: start it, ask it, notice when it dies or hangs. Knows nothing of Django."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, ClassVar

import psutil

from .protocol import Cancelled, ModelError

LOAD_SECONDS = 600  # that a load may take: it says nothing meanwhile, and gigabytes come slowly from a slow disk

_ROOT = Path(__file__).resolve().parents[2]

Beat = Callable[[], None]  # called about four times a second while one waits; what it raises ends the wait


class ModelProcess:
    """One model host, started on first use and again after it died. Its subclasses have a method for each verb.

    `stall_seconds` is how long a host may say nothing while it works; then it is taken for hung and ended.
    `nice` is added to its scheduling priority: background work leaves the processor to what people wait for.
    `idle_seconds` without a request end it, and its memory comes back; 0: never.
    """

    module: ClassVar[str]  # that `python -m` starts
    what: ClassVar[str] = "model"  # as people are told of it
    error: ClassVar[type[ModelError]] = ModelError

    def __init__(
        self,
        stall_seconds: float = 120,
        nice: int = 0,
        environment: dict[str, str] | None = None,
        idle_seconds: float = 0,
    ):
        self.stall_seconds = stall_seconds
        self.nice = nice
        self.idle_seconds = idle_seconds
        self.environment = environment or {}
        self.process: subprocess.Popen | None = None
        self.connection: Connection | None = None
        self.number = 0
        self._owner = os.getpid()

    @property
    def lives(self) -> bool:
        """Whether a host of this process runs."""
        return self._owner == os.getpid() and self.process is not None and self.process.poll() is None

    def memory(self) -> int:
        """Bytes that the host fills; 0 when there is none."""
        try:
            return psutil.Process(self.process.pid).memory_info().rss if self.process else 0
        except psutil.Error:
            return 0

    def result(self, beat: Beat, verb: str, *arguments, on_progress: Callable[[Any], None] | None = None) -> Any:
        """What the host answers in the end, `on_progress` having been given what came before.

        Raises `error`, not permanent when the host died or hung: another attempt may do better.
        """
        for kind, value in self.ask(beat, verb, *arguments):
            if kind == "done":
                return value
            if on_progress:
                on_progress(value)
        raise AssertionError("an answer ends with “done”, or by an exception")

    def ask(self, beat: Beat, verb: str, *arguments) -> Iterator[tuple[str, Any]]:
        """The answers as they come: ("item", value) …, ("done", value). Closing the iterator, or an exception of
        `beat`, cancels the request. Raises as `result` does.
        """
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
                        raise self.error(f"The {self.what} said nothing for {patience:.0f} seconds and was ended.")
                    continue
                answer, kind, *values = connection.recv()
                heard_at = time.monotonic()
                if answer != number:
                    continue  # the rest of a request that was cancelled
                finished = kind in ("done", "error", "cancelled")
                if kind == "error":
                    raise self.error(*values)
                if kind == "cancelled":
                    raise Cancelled
                yield kind, values[0]
        except (EOFError, OSError) as error:
            finished = True
            raise self.error(self._bury()) from error
        finally:
            if not finished:
                self.tell(number, "cancel")

    def tell(self, number: int, verb: str, *arguments) -> None:
        """Say something about request `number` that the host takes note of at once, and does not answer."""
        if self.connection:
            with contextlib.suppress(OSError):
                self.connection.send((number, verb, *arguments))

    def end(self) -> None:
        """End the host at once. The memory of its model comes back with it."""
        if self.connection:
            self.connection.close()
        if self.process and self._owner == os.getpid():  # otherwise it is the host of the process that forked this one
            self.process.kill()
            self.process.wait()
        self._owner = os.getpid()
        self.process = self.connection = None

    def _bury(self) -> str:
        """Clear away a host that is gone, and say in words how it ended."""
        try:
            code = self.process.wait(timeout=1) if self.process else 0  # its socket closes a moment before it is dead
        except subprocess.TimeoutExpired:
            code = 0
        self.end()
        if code == -signal.SIGKILL:
            return f"The {self.what} was killed: this machine may have too little memory for it."
        if code < 0:
            return f"The {self.what} crashed ({signal.Signals(-code).name})."
        return f"The {self.what} stopped unexpectedly. The log may say why."

    def _start(self) -> Connection:
        if self.connection and self.lives:
            return self.connection
        self.end()
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", self.module, str(theirs.fileno())]
        if self.idle_seconds:
            command.append(str(self.idle_seconds))
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
