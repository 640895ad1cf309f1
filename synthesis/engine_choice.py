"""Which engine speaks here, and why."""

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from .engines import engine_class

# Best first. `auto` takes the first that works on this machine.
AUTO = ("kokoro",)


@dataclass(frozen=True)
class EngineChoice:
    name: str
    model: str
    fidelity: str
    languages: tuple[str, ...]
    reason: str


@lru_cache
def choose(name: str) -> EngineChoice:
    """The engine that the setting `name` stands for. Raises EngineError when there is none of that name."""
    reason = "chosen by VOICESITE_ENGINE"
    if name == "auto":
        name, reason = AUTO[0], "the best that works on this machine"
    engine = engine_class(name)
    return EngineChoice(engine.name, engine.models[0].name, engine.fidelity, engine.languages, reason)


def current() -> EngineChoice:
    return choose(settings.ENGINE)
