"""A model host, the process that holds a model: `python -m MODULE FD SECONDS`, where MODULE calls `run`. Pure.

A queue worker starts it (exec, not fork: CUDA, Metal and MLX do not survive a fork), talks to it over a socket, and
keeps it between requests, so that the model stays loaded. The main thread does all of the model's work. A second thread
reads the socket: it receives a cancel request while the model is busy, and exits the process when the worker has ended.

A request is a tuple (number, verb, ids, *arguments), where the verb is a method of the host, and `ids` say in its log what it
is about. Replies are (number, kind,
*values); the last one to a request is of kind "done", "cancelled" or "error".
"""

import contextlib
import ctypes
import logging
import os
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import ClassVar

from voicesite import logs

from .protocol import Cancelled, ModelError, Progress

logger = logging.getLogger(__name__)


class Host:
    what = "model"  # in messages to people: “The model failed …”
    # Verbs that the reading thread handles, even while a request is being answered.
    immediate_verbs: ClassVar[tuple[str, ...]] = ("cancel",)
    idle_seconds: float | None = None  # without a request, after which the process exits

    def __init__(self, connection: Connection):
        self.connection = connection
        self.requests: queue.SimpleQueue = queue.SimpleQueue()
        self.cancelled: set[int] = set()

    def read(self) -> None:
        """Receive requests from the worker; exit the process when the worker has ended."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                number, verb, ids, *arguments = self.connection.recv()
                if verb in self.immediate_verbs:
                    getattr(self, verb)(number, *arguments)
                else:
                    self.requests.put((number, verb, ids, arguments))
        os._exit(0)

    def serve(self) -> None:
        """Answer requests one by one until none has come for `idle_seconds`."""
        while True:
            try:
                number, verb, ids, arguments = self.requests.get(timeout=self.idle_seconds)
            except queue.Empty:
                return
            with logs.bound(**ids):
                self.answer(number, verb, arguments)
            self.forget(number)

    def answer(self, number: int, verb: str, arguments: list) -> None:
        try:
            self.send((number, "done", getattr(self, verb)(number, *arguments)))
        except Cancelled:
            self.send((number, "cancelled"))
        except ModelError as error:
            self.send((number, "error", error.message, error.permanent, error.code))
        except MemoryError:
            self.send((number, "error", "This machine has too little memory for that.", False))
        except ImportError as error:
            logger.exception("The %s lacks a library", self.what)
            self.send((number, "error", f"The {self.what} is not installed completely: {error}", True))
        except Exception:
            logger.exception("The %s failed at “%s”", self.what, verb)
            self.send((number, "error", f"The {self.what} failed unexpectedly; the log says more.", False))

    def send(self, message: tuple) -> None:
        try:
            self.connection.send(message)
        except OSError:  # the worker has ended
            os._exit(0)

    def cancel(self, number: int) -> None:
        self.cancelled.add(number)

    def forget(self, number: int) -> None:
        """Drop the state of a request that has been answered."""
        self.cancelled.discard(number)

    def on_progress(self, number: int):
        """Return a progress callback for a request: it reports to the worker, and raises Cancelled."""

        def on_progress(progress: Progress) -> bool:
            if number in self.cancelled:
                raise Cancelled
            self.send((number, "item", progress))
            return False

        return on_progress


def release_memory() -> None:
    """Give the system back what was freed. glibc keeps it else, below what is still in use: 30 MB after loading Kokoro."""
    with contextlib.suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def run(host_class: type[Host]) -> None:
    """Serve over the socket whose file descriptor is the first argument of the program; the second is `idle_seconds`, or 0."""
    logs.configure()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which then kills this process
    host = host_class(Connection(int(sys.argv[1])))
    host.idle_seconds = float(sys.argv[2]) or None
    threading.Thread(target=host.read, daemon=True).start()
    host.serve()
