"""What pages, also those of voices, say about engines and their models."""

from django import template

from synthesis import engine_choice
from synthesis.engine_choice import Offer
from synthesis.engines import EngineError
from voicesite import weights

register = template.Library()

register.filter("in_words", weights.in_words)


@register.simple_tag
def copying_model() -> Offer | None:
    """The model that copies voices here; None where voices are only approximated."""
    try:
        return next(
            (offer for offer in engine_choice.offers() if offer.is_here and offer.fidelity == "zero-shot"), None
        )
    except EngineError:
        return None
