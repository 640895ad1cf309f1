"""The catalogue of models: what can speak or transcribe here, where its weights are, and which class runs it. Pure."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, ClassVar, Generic, TypeVar

from . import weights
from .protocol import ModelError


@dataclass(frozen=True)
class Model:
    """A model that an engine or a transcriber can load."""

    name: str  # as `load` takes it: a name on the model hub, or of what comes with the engine
    title: str  # as people read it
    download: int = 0  # bytes to fetch before its first use, about; 0 where it comes with the engine


@dataclass(frozen=True)
class ModelOption:
    """A model that can be chosen here, at once or once it is downloaded, and what to know before."""

    key: str  # names it in a form
    engine: str  # the name of the engine or transcriber that runs it
    model: str
    title: str
    languages: tuple[str, ...]  # codes of voices.languages
    download: int  # bytes to fetch before its first use, about; 0 where it comes with the engine, or not known
    is_fetched: bool  # its files come from the hub
    is_here: bool  # it can be loaded without fetching anything
    is_default: bool = False  # it is taken unless a person chooses otherwise
    fidelity: str = ""  # of an engine's voices, see `Engine`; empty for a transcriber
    speed: float | None = None  # real-time factor: seconds of compute for a second of speech; None where not measured
    detects_language: bool = False  # a transcriber that finds out which language is spoken

    @property
    def speaks(self) -> bool:
        """Whether it turns text into speech, rather than speech into text."""
        return bool(self.fidelity)

    @property
    def language_count(self) -> int:
        """Of languages; two accents are one."""
        return len({code.split("-")[0] for code in self.languages})

    @property
    def seconds_for_ten(self) -> float | None:
        """Seconds that it takes to make ten of speech."""
        return None if self.speed is None else 10 * self.speed

    @property
    def disk_bytes(self) -> int:
        """Bytes of its files on this machine; 0 where it comes with its engine."""
        return weights.size(self.model) if self.is_fetched else 0

    @property
    def is_removable(self) -> bool:
        """Whether its files are Voicesite's own to delete, and there."""
        return self.is_fetched and weights.folder(self.model).is_dir()


class Backend(ABC):
    """An engine or a transcriber. Capabilities are class attributes, readable without importing anything heavy."""

    name: str
    languages: tuple[str, ...]  # codes of voices.languages that it knows
    models: ClassVar[tuple[Model, ...]]  # the first is the default
    runs_on: str = "CPU"  # device and number format, once a model is loaded

    @classmethod
    def unavailable(cls) -> str:
        """Return why it can't run here, in words and with what to do; empty when it can. Imports nothing heavy."""
        return ""

    @classmethod
    def languages_of(cls, model: str) -> tuple[str, ...]:
        """Return those of its languages that `model` knows."""
        return cls.languages

    @classmethod
    def is_fetched(cls, model: str) -> bool:
        """Return whether `model` comes from the hub, rather than with the backend, from a server or a folder."""
        sizes = {known.name: known.download for known in cls.models}
        return any(sizes.values()) and sizes.get(model, 1) > 0 and not weights.is_path(model)

    @classmethod
    def option(cls, model: Model, **details: Any) -> ModelOption:
        """Return `model` as one that can be chosen; `details` are what only engines, or only transcribers, have."""
        is_fetched = cls.is_fetched(model.name)
        comes_along = not is_fetched and not weights.is_path(model.name)
        return ModelOption(
            engine=cls.name,
            model=model.name,
            title=model.title,
            languages=cls.languages_of(model.name),
            download=model.download,
            is_fetched=is_fetched,
            is_here=comes_along or weights.find(model.name) is not None,
            **details,
        )

    @abstractmethod
    def load(self, model: str) -> None:
        """Make `model` ready: one of `models`, another of its kind on the hub, or a folder. Raises ModelError.

        Called once. Its files must be here: nothing is fetched.
        """


AnyBackend = TypeVar("AnyBackend", bound=Backend)


class Registry(Generic[AnyBackend]):
    """The engines, or the transcribers, best first: dotted paths by name, each imported on first use.

    The setting that chooses one, the environment variable `variable`, may hold the dotted path of another class. That
    one goes by its own `name` from then on, in this process and in the model hosts that it starts.
    """

    def __init__(self, base: type, variable: str, paths: Mapping[str, str], error: type[ModelError] = ModelError):
        self.base, self.variable, self.paths, self.error = base, variable, paths, error
        self.what = base.__name__.lower()

    def get(self, name: str) -> type[AnyBackend]:
        """Return the class of that name or dotted path. Raises `error` (permanent), in words, where there is none."""
        if path := self.paths.get(name, name if "." in name else ""):
            return self._import(path)
        configured = os.environ.get(self.variable, "")
        if "." in configured and (found := self._import(configured)).name == name:
            return found
        raise self.error(f"There is no {self.what} called “{name}”.", permanent=True)

    def short_name(self, chosen: str) -> str:
        """Return the name of what a setting chooses by its name or dotted path; “auto” and the like stay."""
        return self.get(chosen).name if "." in chosen else chosen

    def in_order(self, chosen: str) -> list[type[AnyBackend]]:
        """Return all of them, `chosen` first; that one alone where it is none of the list. Raises as `get` does."""
        listed = [self.get(name) for name in self.paths]
        if chosen == "auto":
            return listed
        first = self.get(chosen)
        return sorted(listed, key=lambda each: each is not first) if first in listed else [first]

    def _import(self, path: str) -> type[AnyBackend]:
        module, _, attribute = path.rpartition(".")
        try:
            found = getattr(import_module(module), attribute)
            if not issubclass(found, self.base):
                raise TypeError(f"it is no {self.what}")
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            words = f"The {self.what} “{path}” can’t be imported: {error}."
            raise self.error(words, permanent=True) from error
        return found


def with_default(options: Iterable[ModelOption]) -> list[ModelOption]:
    """Return `options` as a list in which the first whose model is here is the default."""
    listed = list(options)
    default = next((option for option in listed if option.is_here), None)
    return [replace(option, is_default=True) if option is default else option for option in listed]
