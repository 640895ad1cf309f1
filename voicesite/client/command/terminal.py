"""What a person sees: lines, tables and a bar, on terminals of every width, and on none."""

import os
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any, TextIO

from tqdm import tqdm

from voicesite.client.things import Task


class Usage(Exception):
    """The command was called wrongly; the message says how to call it."""


def plain(text: object) -> str:
    """Return a text as one line without control characters, which could do anything to a terminal."""
    return " ".join("".join(each if each.isprintable() else " " for each in str(text)).split())


def complain(error: object) -> None:
    """Say what is wrong, in one line."""
    note(f"voicesite: {plain(error)}")


def note(text: str) -> None:
    """Say something that is not the result."""
    print(text, file=sys.stderr)


def is_interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> str:
    """Ask a person, on standard error, as the result may be in a pipe. An end of the input is an empty answer."""
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows in columns. Where it would be wider than the terminal, the first column is cut short."""
    cells = [[plain(cell) for cell in row] for row in (titles, *rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    if sys.stdout.isatty():
        too_wide = sum(widths) + 2 * (len(widths) - 1) - _columns(sys.stdout)
        widths[0] = max(widths[0] - max(too_wide, 0), 8)
    lines = ("  ".join(_fitted(cell, width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def _columns(terminal: TextIO) -> int:
    """Return how wide a terminal is; 80 where it doesn't know."""
    try:
        return int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size(terminal.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _width(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def _fitted(text: str, width: int) -> str:
    if _width(text) > width:
        while _width(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - _width(text))


class Bar:
    """How far a task is, on standard error where that is a terminal; elsewhere nothing."""

    def __init__(self, name: str, quiet: bool = False):
        shown = not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        encoding = (sys.stderr.encoding or "").lower().replace("-", "")
        self._bar: Any = tqdm(
            desc=plain(name),
            total=100,
            disable=not shown,
            ncols=_columns(sys.stderr) - 1,
            nrows=24,  # there is one bar: a terminal that doesn't know its size shows it too
            ascii=None if encoding == "utf8" else True,
            leave=False,
            bar_format="{desc} {percentage:3.0f}% |{bar}|{postfix}",
        )
        self.task: Task | None = None  # as last heard of

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._bar.close()

    def show(self, task: Task) -> None:
        self.task = task
        if not self._bar.disable and task.status != "cancelled":
            left = f", {task.eta_seconds:.0f} s left" if task.eta_seconds and not task.has_ended else ""
            self._bar.ncols = _columns(sys.stderr) - 1  # a window may have changed since
            narrow = self._bar.ncols < 60
            self._bar.set_postfix_str("" if narrow else plain(task.stage) + left, refresh=False)
            self._bar.n = task.progress
            self._bar.refresh()
