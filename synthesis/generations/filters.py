"""Filter and order lists of generations, for pages and programs."""

from collections.abc import Mapping

from django.db.models import Q

from synthesis.models import GenerationQuerySet
from voicesite.jobs.job import ACTIVE, State
from voicesite.people.requests import as_uuid

ORDER_FIELDS = {"similarity": "-similarity", "accuracy": "word_error_rate"}  # by default, the newest first


def filter_generations(
    generations: GenerationQuerySet, params: Mapping[str, str]
) -> tuple[GenerationQuerySet, dict[str, str]]:
    """Return the generations that match, in the requested order, and the filters that apply. Ignores invalid values."""
    names = ("q", "state", "voice", "order")
    chosen = {name: (params.get(name) or "").replace("\x00", "").strip()[:200] for name in names}
    if words := chosen["q"]:
        generations = generations.filter(Q(text__icontains=words) | Q(voice_name__icontains=words))
    if chosen["state"] == "moving":
        generations = generations.filter(state__in=ACTIVE)
    elif chosen["state"] in State.values:
        generations = generations.filter(state=chosen["state"])
    if voice := as_uuid(chosen["voice"]):
        generations = generations.filter(voice=voice)
    chosen["order"] = chosen["order"] if chosen["order"] in ORDER_FIELDS else ""
    if measure := ORDER_FIELDS.get(chosen["order"]):
        generations = generations.filter(**{f"{measure.lstrip('-')}__isnull": False}).order_by(measure, "-created_at")
    return generations, chosen
