"""One line that says how far a command is."""

import time

from django.core.management.base import OutputWrapper


class ProgressLine:
    """On a terminal a line that is written over itself; elsewhere, as in a log, a line now and then."""

    def __init__(self, out: OutputWrapper):
        self.out, self.on_terminal = out, out.isatty()
        self.seconds = 0.2 if self.on_terminal else 30.0
        self.said, self.what = time.monotonic(), ""

    def __call__(self, what: str, done: int, total: int) -> None:
        """what: is being done, and of `total` steps, `done` are."""
        if time.monotonic() - self.said < self.seconds and (what == self.what or not self.on_terminal):
            return
        self.said, self.what = time.monotonic(), what
        line = f"{what}: {done:,} of {total:,}"
        self.out.write(f"\r\033[K{line}" if self.on_terminal else f"{line}\n", ending="")
        self.out.flush()

    def clear(self) -> None:
        if self.on_terminal:
            self.out.write("\r\033[K", ending="")
