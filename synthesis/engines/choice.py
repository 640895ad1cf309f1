"""The choice of engine and model, never cached: a download that ended in another process counts at once."""

from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import Model, ModelOption, with_default

from . import ENGINES, Engine, EngineError, engine_class


def key(engine: str, model: str) -> str:
    return f"{engine}:{model}"


def options(speeds: Mapping[tuple[str, str], float] | None = None) -> list[ModelOption]:
    """Return every model that can be chosen here, preferred ones first; one of them is the default.

    speeds: measured real-time factors by engine and model, of `progress.real_time_factors`. Raises EngineError if
    VOICESITE_ENGINE names no engine, or no engine can run here.
    """
    found = with_default(
        engine.option(
            model,
            key=key(engine.name, model.name),
            fidelity=engine.fidelity,
            speed=(speeds or {}).get((engine.name, model.name)),
        )
        for engine, model in _in_order()
    )
    if not any(option.is_default for option in found):
        raise EngineError(_("No engine can speak on this machine. Run “manage.py check” to see why."), permanent=True)
    return found


def option(name: str) -> ModelOption | None:
    """Return the option with this key; None if it can't be chosen here (any more). Raises as `options` does."""
    return next((option for option in options() if option.key == name), None)


def current() -> ModelOption:
    """Return the default. Raises as `options` does."""
    return next(option for option in options() if option.is_default)


def reason() -> str:
    """Return why the default was chosen, as in “Kokoro 82M speaks here: …”, without a full stop. Raises as `options`."""
    chosen, available = ENGINES.short_name(settings.ENGINE), options()
    first, now = available[0], next(option for option in available if option.is_default)
    if not first.is_here:
        why = _("{title} is installed but its model is not downloaded yet").format(title=first.title)
        if weights.is_path(first.model):
            why = _("the folder that VOICESITE_MODEL names holds no complete model")
        return f"{why}, so {'the embedded voice' if now.engine == 'kokoro' else now.title} speaks"
    if chosen not in ("auto", now.engine):
        return _("VOICESITE_ENGINE is {engine}, which cannot run here").format(engine=settings.ENGINE)
    if chosen == "auto" and now.engine == "remote":
        return _("chosen by VOICESITE_REMOTE_URL")
    if now.model == settings.MODEL:
        return _("chosen by VOICESITE_MODEL")
    return _("the best that works on this machine") if chosen == "auto" else _("chosen by VOICESITE_ENGINE")


def unavailable() -> dict[str, str]:
    """Return why engines can't run here, by the name of the engine."""
    return {engine.name: why for engine in ENGINES.in_order(settings.ENGINE) if (why := engine.unavailable())}


def fidelity(name: str) -> str:
    """Return the fidelity of an engine's voices; empty if that engine no longer exists."""
    try:
        return engine_class(name).fidelity
    except EngineError:
        return ""


def _in_order() -> list[tuple[type[Engine], Model]]:
    """Return the models of the engines that can run here, preferred ones first.

    VOICESITE_MODEL comes first, with VOICESITE_ENGINE. A model that the engine does not list, such as a folder, is
    tried with it all the same, unless all of its models come with it.
    """
    available = [engine for engine in ENGINES.in_order(settings.ENGINE) if not engine.unavailable()]
    choices = [(engine, model) for engine in available for model in engine.models]
    if not settings.MODEL:
        return choices
    meant = [engine for engine in available if ENGINES.short_name(settings.ENGINE) in ("auto", engine.name)]
    named = [(engine, model) for engine, model in choices if engine in meant and model.name == settings.MODEL]
    if not named:
        loads_others = [engine for engine in meant if any(model.download for model in engine.models)]
        named = [(engine, Model(settings.MODEL, Path(settings.MODEL).name)) for engine in loads_others[:1]]
    return named + [choice for choice in choices if choice not in named]
