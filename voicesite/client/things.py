"""What the server tells of: frozen dataclasses, read from its JSON.

A field that a server leaves out has its default, and one that this client does not know is left out: so a client and a
server of different versions understand each other.
"""

import dataclasses
import os
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Self

from .errors import stranger

ENDS = ("completed", "failed", "cancelled")


class Thing:
    """A dataclass that can be read from JSON."""

    @classmethod
    def read(cls, data: Any) -> Self:
        """Return what the server's JSON object tells. Raises VoicesiteError if it tells no such thing."""
        if not isinstance(data, Mapping):
            raise stranger()
        kind_of_thing: Any = cls
        try:
            found = {
                name: _value(kind, data[key])
                for name, (key, kind) in _fields(kind_of_thing).items()
                if data.get(key) is not None
            }
            return cls(**found)
        except (TypeError, ValueError) as error:
            raise stranger() from error


@cache
def _fields(cls: Any) -> dict[str, tuple[str, Any]]:
    """The key in JSON and the type of each field."""
    kinds = typing.get_type_hints(cls)
    return {each.name: (each.metadata.get("key", each.name), kinds[each.name]) for each in dataclasses.fields(cls)}


def _value(kind: Any, value: Any) -> Any:
    if isinstance(kind, types.UnionType):  # … | None
        kind = typing.get_args(kind)[0]
    if typing.get_origin(kind) is tuple:
        return tuple(_value(typing.get_args(kind)[0], each) for each in value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    return kind.read(value) if isinstance(kind, type) and issubclass(kind, Thing) else value


@dataclass(frozen=True)
class Advice(Thing):
    """What is good about a recording, or could be better."""

    level: str  # good, hint or warning
    text: str


@dataclass(frozen=True)
class Clip(Thing):
    """The recording that a voice is cloned from."""

    id: str
    seconds: float = 0.0
    grade: str | None = None
    transcript: str = ""
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True)
class Voice(Thing):
    """A cloned voice, or a built-in one."""

    id: str
    name: str
    language: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    owner: str | None = None
    is_mine: bool = False
    is_builtin: bool = False
    visibility: str = "private"
    is_usable: bool = True  # whether it may speak
    is_being_fitted: bool = False  # it can speak, and will come closer
    clip: Clip | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class Generation(Thing):
    """A text, spoken in a voice."""

    id: str
    status: str = ""
    progress: int = 0
    error: str = ""
    title: str = ""
    text: str = ""
    voice: str | None = None
    voice_name: str = ""
    language: str = ""
    engine: str = ""
    model: str = ""
    speed: float = 1.0
    seed: int | None = None
    seconds: float | None = None
    similarity: float | None = None  # of its speaker to the voice's clip, -1 to 1
    word_error_rate: float | None = None
    folder: str | None = None  # by its id
    tags: tuple[str, ...] = ()
    starred: bool = False
    created_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Task(Thing):
    """A generation while it is made. They have the same id."""

    id: str = field(metadata={"key": "task_id"})
    status: str = "pending"
    progress: int = 0
    stage: str = ""
    message: str = ""
    queue_position: int | None = None
    eta_seconds: float | None = None
    error: str | None = None
    result: Generation | None = None

    @property
    def has_ended(self) -> bool:
        return self.status in ENDS


@dataclass(frozen=True)
class Speech:
    """Finished speech: its generation, and its sound in `format`."""

    generation: Generation
    audio: bytes = field(repr=False)
    format: str = "wav"

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the sound to a file, and return its path. Raises OSError."""
        saved = Path(path)
        saved.write_bytes(self.audio)
        return saved


@dataclass(frozen=True)
class Segment(Thing):
    """A stretch of what was said. Times are in seconds."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Word(Thing):
    """A word, and when it was said, in seconds."""

    start: float
    end: float
    text: str = field(metadata={"key": "word"})


@dataclass(frozen=True)
class Transcription(Thing):
    """What is said in a recording."""

    text: str
    language: str = ""
    seconds: float = field(default=0.0, metadata={"key": "duration"})
    segments: tuple[Segment, ...] = ()
    words: tuple[Word, ...] = ()  # where they were asked for


@dataclass(frozen=True)
class Model(Thing):
    """A model that can speak."""

    id: str
    title: str = ""
    engine: str = ""
    model: str = ""
    fidelity: str = ""  # zero-shot: it clones the recording; approximate: it comes near
    languages: tuple[str, ...] = ()
    is_default: bool = False
    is_here: bool = True  # whether it speaks at once; others are downloaded first
    is_loaded: bool = False
    real_time_factor: float | None = None  # seconds of compute a second of speech


@dataclass(frozen=True)
class Usage(Thing):
    """What you used of what you may. A limit that is None is none."""

    speech_seconds_today: float
    stored_bytes: int
    speech_seconds_reserved: float = 0.0  # of what waits or is made, as estimated: it counts too
    speech_seconds_limit: int | None = None
    stored_bytes_limit: int | None = None
    renews_at: datetime | None = None  # when the day ends
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book(Thing):
    """A long text in chapters, where the server has such projects."""

    id: str
    title: str = ""
