"""What pages say about engines and their models, and pages of voices about speech."""

from collections.abc import Iterable
from typing import NamedTuple

from django import template

from synthesis.engines import EngineError, engine_class
from synthesis.engines import choice as engine_choice
from synthesis.models import Generation
from synthesis.speech.conditioning import best_clip
from voices.extensions import is_being_fitted
from voices.models import Clip, VoiceProfile
from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import ModelOption
from voicesite.models import User

register = template.Library()

register.filter("in_words", weights.in_words)


@register.simple_tag
def copying_model() -> ModelOption | None:
    """The model that copies voices here; None where voices are only approximated."""
    try:
        return next(
            (offer for offer in engine_choice.options() if offer.is_here and offer.fidelity == "zero-shot"), None
        )
    except EngineError:
        return None


class ClipInUse(NamedTuple):
    clip: Clip
    title: str  # of the model that copies the voice from it; empty where none can speak


@register.simple_tag
def clip_in_use(voice: VoiceProfile) -> ClipInUse:
    """The clip that a voice is copied from by what speaks here."""
    try:
        engine = engine_choice.current()
    except EngineError:
        return ClipInUse(voice.clip, "")
    return ClipInUse(best_clip(voice, engine_class(engine.engine)), engine.title)


@register.simple_tag
def any_being_fitted(voices: Iterable[VoiceProfile]) -> bool:
    return any(map(is_being_fitted, voices))


@register.simple_tag
def count_spoken(voice: VoiceProfile, user: User) -> int:
    """Return how many generations `user` has made with a voice. A query."""
    return Generation.objects.filter(voice=voice, owner=user, is_sample=False).count()
