"""The process that an engine lives in: `python -m synthesis.engine_host FD`. It knows nothing of Django.

A queue worker starts it (exec, not fork: CUDA, Metal and MLX do not survive a fork), talks to it over one socket, and
keeps it between requests, so that models stay loaded. The main thread does all of the engine's work. A second thread
reads the socket: it notices a cancel while the engine is busy, and ends the process when the worker is gone.

Requests are tuples (number, verb, *arguments); replies are (number, kind, *values), of which the last for a request is
of kind "done", "cancelled" or "error".
"""

import contextlib
import logging
import os
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection

from .engines import Cancelled, Engine, EngineError, Progress, engine_class, weights

logger = logging.getLogger(__name__)


class Host:
    def __init__(self, connection: Connection):
        self.connection = connection
        self.requests: queue.SimpleQueue = queue.SimpleQueue()
        self.cancelled: set[int] = set()
        self.dropped: set[tuple[int, int]] = set()  # request, index of an utterance in its batch
        self.engine: Engine | None = None
        self.loaded = ("", "")

    def read(self) -> None:
        """Take requests from the worker, until it ends: then nobody wants this process any more."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                number, verb, *arguments = self.connection.recv()
                if verb == "cancel":
                    self.cancelled.add(number)
                    interrupt = getattr(self.engine, "interrupt", None)
                    if interrupt:
                        interrupt()
                elif verb == "drop":
                    self.dropped.add((number, *arguments))
                else:
                    self.requests.put((number, verb, arguments))
        os._exit(0)

    def serve(self) -> None:
        """Answer requests one by one, for ever."""
        while True:
            number, verb, arguments = self.requests.get()
            try:
                self._send((number, "done", getattr(self, verb)(number, *arguments)))
            except Cancelled:
                self._send((number, "cancelled"))
            except EngineError as error:
                self._send((number, "error", error.message, error.permanent))
            except MemoryError:
                self._send((number, "error", "This machine has too little memory for that.", False))
            except ImportError as error:
                logger.exception("The engine lacks a library")
                self._send((number, "error", f"The engine is not installed completely: {error}", True))
            except Exception:
                logger.exception("The engine failed at “%s”", verb)
                self._send((number, "error", "The engine failed unexpectedly; the log says more.", False))
            self.cancelled.discard(number)
            self.dropped.clear()

    def _send(self, message: tuple) -> None:
        try:
            self.connection.send(message)
        except OSError:  # the worker is gone
            os._exit(0)

    def load(self, number: int, engine: str, model: str) -> tuple[str, int]:
        """What the model runs on, in words, and the bytes that it holds there outside of this process's memory."""
        if self.engine is None or self.loaded != (engine, model):
            if self.engine:
                self.engine.unload()
            self.loaded = ("", "")
            self.engine = engine_class(engine)()
            self.engine.load(model)
            self.loaded = (engine, model)
        return self.engine.runs_on, self.engine.device_memory()

    def _engine(self) -> Engine:
        if self.engine is None:
            raise EngineError("No model is loaded.")
        return self.engine

    def condition(self, number, reference):
        return self._engine().condition(reference)

    def refine(self, number, reference, conditioning):
        return self._engine().refine(reference, conditioning, self._on_progress(number))

    def synthesize(self, number, utterances):
        for item in self._engine().synthesize(utterances, self._on_progress(number)):
            self._send((number, "item", item))

    def download(self, number, model):
        weights.download(model, self._on_progress(number))

    def _on_progress(self, number: int):
        def on_progress(progress: Progress) -> bool:
            if number in self.cancelled:
                raise Cancelled
            if (number, progress.index) in self.dropped:
                return True
            self._send((number, "item", progress))
            return False

        return on_progress


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which ends this process
    host = Host(Connection(int(sys.argv[1])))
    threading.Thread(target=host.read, daemon=True).start()
    host.serve()


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # It warns of each text with a number in it, and sets its own level again whenever it is used.
    logging.getLogger("phonemizer").addFilter(lambda record: record.levelno >= logging.ERROR)
    main()
