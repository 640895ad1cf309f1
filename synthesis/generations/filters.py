"""Filter and order lists of generations, for pages and programs."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date

from synthesis.models import GenerationQuerySet
from voices.curation.tags import tag_name
from voices.languages import LANGUAGES
from voicesite.jobs.job import ACTIVE, State
from voicesite.people.requests import as_uuid

ORDER_FIELDS = {"similarity": "-similarity", "accuracy": "word_error_rate"}  # by default, the newest first
NAMES = ("q", "state", "starred", "voice", "language", "folder", "tag", "since", "until", "order")
_YEARS = range(1970, 2255)


def filter_generations(
    generations: GenerationQuerySet, params: Mapping[str, str]
) -> tuple[GenerationQuerySet, dict[str, str]]:
    """Return the generations that match, in the requested order, and the filters that apply. Ignores invalid values.

    `since` and `until` are days, of the time zone that is active; `folder` is an id, or “none”.
    """
    chosen = {name: (params.get(name) or "").replace("\x00", "").strip()[:200] for name in NAMES}
    for name, is_valid in _VALID.items():
        if not is_valid(chosen[name]):
            chosen[name] = ""
    chosen["tag"] = tag_name(chosen["tag"])
    if words := chosen["q"]:
        generations = generations.filter(
            Q(text__icontains=words) | Q(title__icontains=words) | Q(voice_name__icontains=words)
        )
    if chosen["state"] == "moving":
        generations = generations.filter(state__in=ACTIVE)
    elif chosen["state"]:
        generations = generations.filter(state=chosen["state"])
    if chosen["starred"]:
        chosen["starred"] = "1"
        generations = generations.filter(is_favourite=True)
    if chosen["voice"]:
        generations = generations.filter(voice=chosen["voice"])
    if chosen["language"]:
        generations = generations.filter(language=chosen["language"])
    if chosen["folder"]:
        generations = generations.filter(folder=None if chosen["folder"] == "none" else chosen["folder"])
    if chosen["tag"]:
        generations = generations.filter(tags__name=chosen["tag"])  # a text has a tag once
    if since := _day(chosen["since"]):
        generations = generations.filter(created_at__gte=_begin(since))
    if until := _day(chosen["until"]):
        generations = generations.filter(created_at__lt=_begin(until + timedelta(days=1)))
    if measure := ORDER_FIELDS.get(chosen["order"]):
        generations = generations.filter(**{f"{measure.lstrip('-')}__isnull": False}).order_by(measure, "-created_at")
    return generations, chosen


def _day(written: str) -> date | None:
    try:
        found = parse_date(written)
    except ValueError:  # as 2026-02-30
        return None
    return found if found and found.year in _YEARS else None


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))


_VALID = {
    "state": {"moving", *State.values}.__contains__,
    "starred": {"1", "true", "True"}.__contains__,
    "voice": as_uuid,
    "language": LANGUAGES.__contains__,
    "folder": lambda written: written == "none" or as_uuid(written),
    "since": _day,
    "until": _day,
    "order": ORDER_FIELDS.__contains__,
}
