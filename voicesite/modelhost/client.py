"""A client of a model host: start the process, send requests, and notice when it dies or hangs. Pure."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, ClassVar

import psutil

from voicesite import logs

from .protocol import Cancelled, ModelError

POLL_SECONDS = 0.25  # between two calls of `beat` while the host computes
LOAD_SECONDS = 600  # without an answer, that loading may take: reading gigabytes from a slow disk takes long

_ROOT = Path(__file__).resolve().parents[2]

Beat = Callable[[], None]  # a heartbeat, called about four times a second while waiting; raises to cancel the request


class ModelProcess:
    """One model host, started on first use and restarted after it died. Subclasses have a method for each verb.

    stall_seconds: without an answer, after which a working host is considered hung, and killed.
    nice: added to its niceness, so that background work yields the processor to requests that people wait for.
    idle_seconds: without a request, after which it exits, which frees its memory; 0: never.
    """

    module: ClassVar[str]  # which `python -m` starts
    what: ClassVar[str] = "model"  # in messages to people
    error: ClassVar[type[ModelError]] = ModelError

    def __init__(
        self,
        stall_seconds: float = 120,
        nice: int = 0,
        environment: dict[str, str] | None = None,
        idle_seconds: float = 0,
    ):
        self.stall_seconds, self.nice, self.idle_seconds = stall_seconds, nice, idle_seconds
        self.environment = environment or {}
        self.process: subprocess.Popen | None = None
        self.connection: Connection | None = None
        self.number = 0  # of the last request
        self.loaded = ("", "")  # engine or transcriber, and model
        self._owner = os.getpid()

    @property
    def lives(self) -> bool:
        """Whether a host that this process started is running."""
        return self._owner == os.getpid() and self.process is not None and self.process.poll() is None

    def memory(self) -> int:
        """Return the resident memory of the host in bytes; 0 if none is running."""
        try:
            return psutil.Process(self.process.pid).memory_info().rss if self.process else 0
        except psutil.Error:
            return 0

    def result(self, beat: Beat, verb: str, *arguments, on_progress: Callable[[Any], None] | None = None) -> Any:
        """Send a request and return its result; items before it go to `on_progress`.

        Raises `error`, which is not permanent if the host died or hung, and Cancelled.
        """
        for kind, value in self.ask(beat, verb, *arguments):
            if kind == "done":
                return value
            if on_progress:
                on_progress(value)
        raise AssertionError("an answer ends with “done”, or by an exception")

    def ask(self, beat: Beat, verb: str, *arguments) -> Iterator[tuple[str, Any]]:
        """Send a request and yield the answers as they arrive: ("item", value) …, ("done", value). Raises as `result`.

        Closing the generator early, or an exception from `beat`, cancels the request.
        """
        connection = self._start()
        self.number += 1
        number = self.number
        finished = False
        try:
            connection.send((number, verb, logs.ids_now(), *arguments))
            received_at = time.monotonic()
            stall_seconds = max(self.stall_seconds, LOAD_SECONDS) if verb == "load" else self.stall_seconds
            while not finished:
                beat()
                if not connection.poll(POLL_SECONDS):
                    if time.monotonic() - received_at > stall_seconds:
                        self.end()
                        raise self.error(f"The {self.what} said nothing for {stall_seconds:.0f} seconds and was ended.")
                    continue
                answer, kind, *values = connection.recv()
                received_at = time.monotonic()
                if answer != number:
                    continue  # it belongs to a request that was cancelled
                finished = kind in ("done", "error", "cancelled")
                if kind == "error":
                    raise self.error(*values)
                if kind == "cancelled":
                    raise Cancelled
                yield kind, values[0]
        except (EOFError, OSError) as error:
            raise self.error(self._clean_up()) from error
        finally:
            if not finished:
                self.tell(number, "cancel")

    def tell(self, number: int, verb: str, *arguments) -> None:
        """Send one of the host's immediate verbs, about request `number`. Does nothing once the host has ended."""
        if self.connection:
            with contextlib.suppress(OSError):
                self.connection.send((number, verb, {}, *arguments))

    def end(self) -> None:
        """Kill the host, which frees the memory of its model."""
        if self.connection:
            self.connection.close()
        if self.process and self._owner == os.getpid():  # otherwise it belongs to the process that forked this one
            self.process.kill()
            self.process.wait()
        self._owner = os.getpid()
        self.process = self.connection = None
        self.loaded = ("", "")

    def _clean_up(self) -> str:
        """Clean up after a host that died, and return how it ended, in words."""
        try:
            code = self.process.wait(timeout=1) if self.process else 0  # its socket closes a moment before it ends
        except subprocess.TimeoutExpired:
            code = 0
        self.end()
        if code == -signal.SIGKILL:
            return f"The {self.what} was killed: this machine may have too little memory for it."
        if code < 0:
            return f"The {self.what} crashed ({signal.Signals(-code).name})."
        return f"The {self.what} stopped unexpectedly. The log may say more."

    def _start(self) -> Connection:
        if self.connection and self.lives:
            return self.connection
        self.end()
        ours, theirs = Pipe()
        host = [sys.executable, "-m", self.module, str(theirs.fileno()), str(self.idle_seconds)]
        self.process = subprocess.Popen(  # noqa: S603
            ["nice", "-n", str(self.nice), *host],
            cwd=_ROOT,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, **self.environment},
        )
        theirs.close()
        self.connection = ours
        return ours
