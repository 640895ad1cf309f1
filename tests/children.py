"""The processes that read what strangers sent, run in the process of the tests: no start, each model loaded once.

What is replaced is the border to the operating system, `subprocess.Popen`, for the commands in IN_PROCESS_MODULES only: the code on
both sides of it is the site's own, from the command's arguments to the bytes on its standard output. Only the limits
that a process puts on itself are left out. A test whose subject is the process itself is marked `own_process`.
"""

import contextlib
import importlib
import io
import resource
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from hashlib import sha256
from pathlib import Path
from unittest import mock

from voices.analysis import quality

IN_PROCESS_MODULES = ("voices.intake.process", "voices.archives.process")
_Popen = subprocess.Popen
_measure = quality.measure
_measured: dict[str, quality.Quality] = {}


class Popen(subprocess.Popen):
    """`subprocess.Popen`, but for the commands in IN_PROCESS_MODULES."""

    def __new__(cls, command, *arguments, **options):
        if isinstance(command, list) and command[:2] == [sys.executable, "-m"] and command[2] in IN_PROCESS_MODULES:
            return Child(command)
        return super().__new__(cls)


class Child:
    """What a caller sees of a process that has ended: its standard output and its return code."""

    pid = 0  # of no process

    def __init__(self, command: list[str]):
        self.args, (module, *arguments) = command, command[2:]
        self.returncode, output, self.errors = _run(module, arguments)
        self.stdout = tempfile.TemporaryFile()  # noqa: SIM115 -- its caller closes it, as it closes a pipe
        self.stdout.write(output)
        self.stdout.seek(0)

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *error) -> None:
        self.stdout.close()

    def communicate(self, input=None, timeout=None) -> tuple[bytes, bytes]:
        return self.stdout.read(), self.errors

    def poll(self) -> int:
        return self.returncode

    def wait(self, timeout=None) -> int:
        return self.returncode

    def kill(self) -> None:
        pass


def _run(module: str, arguments: list[str]) -> tuple[int, bytes, bytes]:
    """Return code, standard output and errors of `python -m module …`. Equal recordings are taken in once."""
    if module != "voices.intake.process":
        return _main(module, arguments)
    verb, path, *rest = arguments
    return _take_in(verb, sha256(Path(path).read_bytes()).digest(), tuple(rest), _Place(path))


class _Place(str):
    """A path that is as good as any other: what lies there is what counts."""

    def __eq__(self, other) -> bool:
        return isinstance(other, _Place)

    def __hash__(self) -> int:
        return 0


@cache
def _take_in(verb: str, digest: bytes, rest: tuple[str, ...], path: _Place) -> tuple[int, bytes, bytes]:
    return _main("voices.intake.process", [verb, path, *rest])


def _main(module: str, arguments: list[str]) -> tuple[int, bytes, bytes]:
    output, code, errors = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), 0, ""
    with (
        contextlib.redirect_stdout(output),
        mock.patch.object(resource, "setrlimit", lambda *limit: None),
        mock.patch.object(quality, "measure", _judge_once),
    ):
        try:
            importlib.import_module(module).main(*map(str, arguments))
        except Exception:
            code, errors = 1, traceback.format_exc()
    output.flush()
    return code, output.detach().getvalue(), errors.encode()


def _judge_once(reference) -> quality.Quality:
    key = sha256(reference.tobytes()).hexdigest()
    if key not in _measured:
        _measured[key] = _measure(reference)
    return _measured[key]
