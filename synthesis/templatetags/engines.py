"""Tags about engines and their models, and for pages of voices about what was spoken in them."""

from collections.abc import Iterable
from contextlib import suppress

from django import template

from synthesis.engines import EngineError, engine_class
from synthesis.engines import choice as engine_choice
from synthesis.models import Generation
from synthesis.speech.conditioning import best_clip
from voices.extensions import is_being_fitted
from voices.models import VoiceProfile
from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import ModelOption
from voicesite.models import User

register = template.Library()

register.filter("in_words", weights.in_words)


@register.simple_tag
def copying_model() -> ModelOption | None:
    """Return the model that copies voices here; None where voices are only approximated."""
    with suppress(EngineError):
        for option in engine_choice.options():
            if option.is_here and option.fidelity == "zero-shot":
                return option
    return None


@register.simple_tag
def clip_in_use(voice: VoiceProfile) -> dict:
    """Return the `clip` that the current engine copies a voice from, and the `title` of its model, empty without one."""
    try:
        engine = engine_choice.current()
    except EngineError:
        return {"clip": voice.clip, "title": ""}
    return {"clip": best_clip(voice, engine_class(engine.engine)), "title": engine.title}


@register.simple_tag
def any_being_fitted(voices: Iterable[VoiceProfile]) -> bool:
    return any(map(is_being_fitted, voices))


@register.simple_tag
def count_spoken(voice: VoiceProfile, user: User) -> int:
    """Return how many generations `user` has made with a voice. A query."""
    return Generation.objects.visible_to(user).filter(voice=voice).count()
