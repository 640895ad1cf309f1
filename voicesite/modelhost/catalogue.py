"""The catalogue of models: which can speak or transcribe here, and the class that runs each. Pure."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, ClassVar, Generic, TypeVar

from voicesite.texts import N_

from . import weights
from .protocol import ModelError


@dataclass(frozen=True)
class Model:
    """A model that an engine or a transcriber can load."""

    name: str  # as `load` takes it: on the model hub, or of a model that comes with the engine
    title: str  # for people
    download: int = 0  # about how many bytes to download before its first use; 0 if it comes with the engine


@dataclass(frozen=True)
class ModelOption:
    """A model that can be chosen here, perhaps once it is downloaded, with what helps to choose."""

    key: str  # its value in a form
    engine: str  # the name of the engine or transcriber that runs it
    model: str
    title: str
    languages: tuple[str, ...]  # codes of voices.languages
    download: int  # about how many bytes to download before its first use; 0 if it comes with the engine or is unknown
    is_fetched: bool  # its files come from the hub
    is_here: bool  # it can be loaded without downloading anything
    is_default: bool = False  # it is used unless a person chooses otherwise
    fidelity: str = ""  # of an engine's voices, see `Engine`; empty for a transcriber
    speed: float | None = None  # real-time factor: seconds of compute per second of speech; None if not measured
    detects_language: bool = False  # a transcriber that detects the spoken language

    @property
    def speaks(self) -> bool:
        """Whether it turns text into speech, rather than speech into text."""
        return bool(self.fidelity)

    @property
    def language_count(self) -> int:
        """The number of languages; two accents of one count once."""
        return len({code.split("-")[0] for code in self.languages})

    @property
    def seconds_for_ten(self) -> float | None:
        """The seconds of compute for ten seconds of speech."""
        return None if self.speed is None else 10 * self.speed

    @property
    def disk_bytes(self) -> int:
        """The bytes of its files on this machine; 0 if it comes with its engine."""
        return weights.size(self.model) if self.is_fetched else 0

    @property
    def is_removable(self) -> bool:
        """Whether its files are in the store, where Voicesite may delete them."""
        return self.is_fetched and weights.folder(self.model).is_dir()


class Backend(ABC):
    """An engine or a transcriber. Capabilities are class attributes, readable without importing anything heavy."""

    name: str
    languages: tuple[str, ...]  # codes of voices.languages
    models: ClassVar[tuple[Model, ...]]  # the first is the default
    runs_on: str = "CPU"  # device and number format, once a model is loaded

    @classmethod
    def unavailable(cls) -> str:
        """Return why it can't run here and what to do about it; empty if it can. Imports nothing heavy."""
        return ""

    @classmethod
    def languages_of(cls, model: str) -> tuple[str, ...]:
        """Return the languages that `model` knows."""
        return cls.languages

    @classmethod
    def is_fetched(cls, model: str) -> bool:
        """Return whether `model` comes from the hub rather than with the backend, from a server or a folder."""
        sizes = {known.name: known.download for known in cls.models}
        return any(sizes.values()) and sizes.get(model, 1) > 0 and not weights.is_path(model)

    @classmethod
    def option(cls, model: Model, **details: Any) -> ModelOption:
        """Return `model` as an option; `details` are the fields that only engines, or only transcribers, have."""
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
        """Load `model`: one of `models`, another of its kind on the hub, or a folder. Raises ModelError.

        Called once. Downloads nothing: its files must be here.
        """


AnyBackend = TypeVar("AnyBackend", bound=Backend)


class Registry(Generic[AnyBackend]):
    """The engines or the transcribers, the best first: dotted paths by name, each imported on first use.

    The environment variable `variable`, which chooses one, may hold the dotted path of another class instead. That class
    is then known by its own `name`, in this process and in the model hosts that it starts.
    """

    def __init__(self, base: type, variable: str, paths: Mapping[str, str], error: type[ModelError] = ModelError):
        self.base, self.variable, self.paths, self.error = base, variable, paths, error
        self.what = base.__name__.lower()

    def get(self, name: str) -> type[AnyBackend]:
        """Return the class of that name or dotted path. Raises `error` (permanent) if there is none."""
        if path := self.paths.get(name, name if "." in name else ""):
            return self._import(path)
        configured = os.environ.get(self.variable, "")
        if "." in configured and (found := self._import(configured)).name == name:
            return found
        raise self.error(N_("There is no {what} called “{name}”.").format(what=self.what, name=name), permanent=True)

    def short_name(self, chosen: str) -> str:
        """Return the name of the class that a setting chooses by name or dotted path; “auto” and the like stay."""
        return self.get(chosen).name if "." in chosen else chosen

    def in_order(self, chosen: str) -> list[type[AnyBackend]]:
        """Return all classes, `chosen` first; `chosen` alone if it is not listed. Raises as `get` does."""
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
            words = N_("The {what} “{path}” can’t be imported: {error}.").format(what=self.what, path=path, error=error)
            raise self.error(words, permanent=True) from error
        return found


def with_default(options: Iterable[ModelOption]) -> list[ModelOption]:
    """Return `options` as a list, in which the first whose model is here is the default."""
    listed = list(options)
    default = next((option for option in listed if option.is_here), None)
    return [replace(option, is_default=True) if option is default else option for option in listed]
