"""Tags about engines and their models, and for pages of voices about what was spoken in them."""

from collections.abc import Iterable
from contextlib import suppress

from django import template
from django.urls import reverse

from synthesis.engines import EngineError, engine_class
from synthesis.engines import choice as engine_choice
from synthesis.generations.samples import audition, sample_address
from synthesis.speech.conditioning import best_clip
from voices.models import VoiceProfile
from voicesite.modelhost import weights
from voicesite.modelhost.catalogue import ModelOption

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


register.simple_tag(audition)


@register.simple_tag
def sound_of(voice: VoiceProfile) -> str:
    """Return where a voice of `with_sample` is heard: its sample or, before there is one, its recording."""
    return sample_address(voice) or reverse("voices:clip_audio", args=[voice.clip_id])


@register.simple_tag
def any_being_prepared(voices: Iterable[VoiceProfile]) -> bool:
    return any(audition(voice).is_preparing for voice in voices)
