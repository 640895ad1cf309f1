"""What a call does, step by step, without doing it: so that one description serves `Client` and `AsyncClient`.

A call is a generator, a flow: it yields steps, is sent what came of each, and returns the result. Whatever fails or is
interrupted while a step is done is thrown into the flow, which may then yield further steps to clean up.
"""

import io
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, TypeVar

Source: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO
READ_SECONDS = 60.0


@dataclass(frozen=True)
class Upload:
    """A file to send: a path, its bytes, or an open file that can seek."""

    source: Source
    name: str = ""

    def __post_init__(self) -> None:
        found = self.source if isinstance(self.source, str | os.PathLike) else getattr(self.source, "name", "")
        name = Path(found).name if isinstance(found, str | os.PathLike) else ""
        object.__setattr__(self, "name", self.name or name or "recording")

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it at its beginning: a request that is repeated sends it again. Raises OSError."""
        if isinstance(self.source, bytes):
            yield io.BytesIO(self.source)
        elif isinstance(self.source, str | os.PathLike):
            with open(self.source, "rb") as file:
                yield file
        else:
            self.source.seek(0)
            yield self.source


@dataclass(frozen=True)
class Request:
    """Ask the server. An `Answer` comes of it, whatever its status; httpx.RequestError if there is none."""

    method: str
    path: str  # relative to the server's address, without a slash before it
    params: Mapping[str, str | int] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str | list[str]] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    read_seconds: float = READ_SECONDS  # of silence, at most
    streamed: bool = False  # leave the body of a success to be read by `Read`
    last: bool = False  # it cleans up: do it even in a task that was cancelled


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # by names in any case
    body: bytes = b""


@dataclass(frozen=True)
class Read:
    """Read of the streamed answer. The next bytes come of it, none at its end."""


@dataclass(frozen=True)
class Sleep:
    seconds: float
    last: bool = False  # as of a request


@dataclass(frozen=True)
class Give:
    """Give a value to who iterates over the call."""

    value: Any


class Abandoned(BaseException):
    """Who iterated over the call wants no more of it."""


T = TypeVar("T")
Step: TypeAlias = Request | Read | Sleep | Give
Flow: TypeAlias = Generator[Step, Any, T]
