"""Which engine and model speak here, why, and which others can be chosen.

Nothing is remembered between calls: a download that ended in another process counts from the next page on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from voicesite.modelhost import weights

from . import ENGINES, Engine, EngineError, Model, engine_class

# Best first: `auto` takes the first that works on this machine and has its model here. A remote server's address is
# set on purpose only, so where there is one it goes first.
AUTO_ORDER = ("remote", "mlx", "torch", "kokoro")


@dataclass(frozen=True)
class EngineChoice:
    """What speaks unless a person chooses otherwise."""

    name: str
    model: str
    title: str
    fidelity: str
    languages: tuple[str, ...]
    reason: str  # as in “Kokoro 82M speaks here: …”, without a full stop


@dataclass(frozen=True)
class Offer:
    """A model that can be chosen here, at once or once it is downloaded, and what to know before."""

    engine: str
    model: str
    title: str
    fidelity: str
    languages: tuple[str, ...]
    download: int  # bytes to fetch before its first use, about; 0 where it comes with the engine
    is_here: bool
    is_default: bool
    speed: float | None  # real-time factor: seconds of compute for a second of speech; None where none was measured

    @property
    def key(self) -> str:
        """Names it in a form."""
        return key(self.engine, self.model)

    @property
    def language_count(self) -> int:
        """Of languages; two accents are one."""
        return len({code.split("-")[0] for code in self.languages})

    @property
    def seconds_for_ten(self) -> float | None:
        """Seconds that it takes to make ten of speech."""
        return None if self.speed is None else 10 * self.speed


def key(engine: str, model: str) -> str:
    return f"{engine}:{model}"


def current() -> EngineChoice:
    """What speaks here by itself: the first of what could, whose model is on this machine.

    Raises EngineError when VOICESITE_ENGINE names no engine, or nothing can speak at all.
    """
    able = _in_order()
    here = next(((engine, model) for engine, model in able if is_here(model)), None)
    if here is None:
        raise _silence()
    engine, model = here
    _, missing = able[0]
    if model != missing:
        reason = f"{missing.title} is installed but its model is not downloaded yet"
        if weights.is_path(missing.name):
            reason = "the folder that VOICESITE_MODEL names holds no complete model"
        reason += f", so {'the embedded voice' if engine.name == 'kokoro' else model.title} speaks"
    elif settings.ENGINE not in ("auto", engine.name):
        reason = f"VOICESITE_ENGINE is {settings.ENGINE}, which cannot run here"
    elif settings.ENGINE == "auto" and engine.name == "remote":
        reason = "chosen by VOICESITE_REMOTE_URL"
    elif settings.ENGINE == "auto" and model.name != settings.MODEL:
        reason = "the best that works on this machine"
    else:
        reason = f"chosen by {'VOICESITE_MODEL' if model.name == settings.MODEL else 'VOICESITE_ENGINE'}"
    return EngineChoice(engine.name, model.name, model.title, engine.fidelity, engine.languages, reason)


def offers(speeds: Mapping[tuple[str, str], float] | None = None) -> list[Offer]:
    """Every model that can be chosen here, preferred ones first. Raises EngineError as `current` does.

    speeds: what `pace.real_time_factors` measured.
    """
    choices = [(engine, model, is_here(model)) for engine, model in _in_order()]
    default = next(((engine, model) for engine, model, here in choices if here), None)
    if default is None:
        raise _silence()
    return [
        Offer(
            engine.name,
            model.name,
            model.title,
            engine.fidelity,
            engine.languages,
            model.download,
            here,
            (engine, model) == default,
            (speeds or {}).get((engine.name, model.name)),
        )
        for engine, model, here in choices
    ]


def offer(name: str) -> Offer | None:
    """The offer of that key; None when it is none that is offered here (any more)."""
    return next((offer for offer in offers() if offer.key == name), None)


def unavailable() -> dict[str, str]:
    """Why the engines that can't run here can't, by name."""
    return {engine.name: why for engine in _engines() if (why := engine.unavailable())}


def fidelity(name: str) -> str:
    """How true to the recording that engine's voices are; empty for one that there is no more."""
    return engine_class(name).fidelity if name in ENGINES else ""


def is_here(model: Model) -> bool:
    """Whether `model` can be loaded without fetching anything. Looks at the disk only."""
    return model in _built_in() or weights.find(model.name) is not None


def _silence() -> EngineError:
    return EngineError("No engine can speak on this machine. “manage.py check” says why.", permanent=True)


def _built_in() -> set[Model]:
    """The models that come with their engine, or are another machine's. Another engine's of that name is not one."""
    return {model for engine in _engines() for model in engine.models if not model.download}


def _engines() -> list[type[Engine]]:
    """All that may speak on a site with these settings, preferred ones first, whether they can run here or not.

    One that `auto` never takes is made for tests, and speaks alone.
    """
    if settings.ENGINE not in ("auto", *AUTO_ORDER):
        return [engine_class(settings.ENGINE)]
    names = [name for name in AUTO_ORDER if name in ENGINES]
    names.sort(key=lambda name: name != settings.ENGINE)
    return [engine_class(name) for name in names]


def _in_order() -> list[tuple[type[Engine], Model]]:
    """The models of the engines that can run here, preferred ones first.

    VOICESITE_MODEL names the first of VOICESITE_ENGINE's. One that the engine does not list, as one in a folder, is
    given to it all the same, unless it brings all of its models along.
    """
    able = [engine for engine in _engines() if not engine.unavailable()]
    choices = [(engine, model) for engine in able for model in engine.models]
    if not settings.MODEL:
        return choices
    meant = [engine for engine in able if settings.ENGINE in ("auto", engine.name)]
    named = [(engine, model) for engine, model in choices if engine in meant and model.name == settings.MODEL]
    if not named:
        loads_others = [engine for engine in meant if any(model.download for model in engine.models)]
        named = [(engine, Model(settings.MODEL, Path(settings.MODEL).name)) for engine in loads_others[:1]]
    return named + [choice for choice in choices if choice not in named]
