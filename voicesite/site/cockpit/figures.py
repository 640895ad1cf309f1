"""What the cockpit plots: the site's work of the last days, and what it holds, as plain numbers.

However many rows there are, it takes the same few queries. The daily ones read `created_at` backwards by its index and group
in the database, so that they cost by what was asked for in those days and not by what is kept; speeds and failures are of
the latest rows only, and speech by person is in `UsageDay`, a row a person and day. The sums of files read a table each.
All of it is kept for a minute in the cache that the site's processes share: a page that is opened again costs nothing.
Rows that their owners delete are gone from here too.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.core.cache import cache
from django.db.models import (
    Case,
    Count,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Floor, Greatest, Least, Ln
from django.utils import timezone

from synthesis.generations.storage import storage
from synthesis.models import Generation
from voices.models import Clip, Recording, SpokenConsent, VoiceImport
from voicesite import resources
from voicesite.jobs.job import State
from voicesite.limits import quotas
from voicesite.modelhost import weights
from voicesite.models import UsageDay, User
from voicesite.site.metrics import reason

DAYS = (14, 30)  # of which one is plotted
KEPT_SECONDS = 60
MOST_MEASURED = 1000  # texts, the latest, of which the real-time factors are
MOST_FAILURES = 1000  # the latest, of which the reasons are
MOST_PEOPLE = 5
STEPS = 20  # of a wait, by which it grows e-fold
SHORTEST, FOREVER = 0.02, 1e9  # seconds


Model = tuple[str, str]  # engine and model


class Wait(NamedTuple):
    """Seconds from asking to the beginning of the work, of the texts of a day."""

    median: float
    late: float  # of 20 texts, 19 waited less


class Factor(NamedTuple):
    """The real-time factor of a model: seconds of compute per second of audio, below 1 faster than real time."""

    engine: str
    model: str
    factor: float
    texts: int


class Person(NamedTuple):
    pk: int
    name: str
    seconds: float  # of speech


@dataclass(frozen=True)
class Figures:
    days: Sequence[date]  # from the first to today
    completed: Sequence[int]  # texts, by the day on which they were asked for
    failed: Sequence[int]
    waits: Sequence[Wait | None]
    factors: Sequence[Factor]
    reasons: Sequence[tuple[str, int]]  # as voicesite.site.metrics names them, and how many texts failed so
    uploads: int  # bytes
    speech: int
    renditions: int
    models: int
    free: int
    total: int
    people: int
    active_in_week: int  # who were spoken something
    active_in_month: int
    most: Sequence[Person]  # who were spoken most this month


class Seconds(Func):
    """The seconds between two moments, computed by the database itself: Django's own difference is Python in SQLite."""

    output_field = FloatField()

    def as_sqlite(self, compiler, connection, **context):
        template = "((julianday(%(expressions)s)) * 86400)"
        return super().as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "EXTRACT(EPOCH FROM (%(expressions)s))::double precision"
        return super().as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)


def figures(days: int) -> Figures:
    """Return the figures of so many days until today, at most a minute old."""
    name = f"cockpit:{days}:{quotas.today()}"
    found = cache.get(name)
    if found is None:
        cache.set(name, found := measured(days), KEPT_SECONDS)
    return found


def measured(days: int) -> Figures:
    """Return the figures of so many days until today, by the site's TIME_ZONE. 14 queries."""
    today = quotas.today()
    shown = [today - timedelta(days=ago) for ago in reversed(range(days))]
    begins = [datetime.combine(day, time.min, timezone.get_default_timezone()) for day in shown]
    completed, failed, waits = _texts(begins)
    spoken = storage()
    disk = resources.disk()
    uploads = sum(
        kind.objects.aggregate(sum=Sum("bytes"))["sum"] or 0 for kind in (Recording, Clip, SpokenConsent, VoiceImport)
    )
    return Figures(
        shown,
        completed,
        failed,
        waits,
        _factors(begins[0]),
        _reasons(begins[0]),
        uploads,
        spoken.wholes + spoken.sentences,
        spoken.renditions,
        sum(map(weights.size, weights.stored())),
        disk.free,
        disk.total,
        User.objects.filter(is_active=True).count(),
        *_active(today),
        _most(today.replace(day=1)),
    )


def _texts(begins: Sequence[datetime]) -> tuple[list[int], list[int], list[Wait | None]]:
    """Return the texts that were completed and that failed, and how long those waited that were spoken at once, by day.

    One query. Waits are counted in steps of 5%, so that its rows are at most some hundreds a day.
    """
    # A text that was heard before its work began for the last time had its turn, and others had theirs in between.
    heard = Coalesce(F("first_audio_seconds"), Value(FOREVER))
    wait = Greatest(Least(Seconds(F("started_at"), F("created_at")), heard), Value(SHORTEST))
    step = Cast(Floor(Ln(wait, output_field=FloatField()) * STEPS), IntegerField())
    at_once = Q(attempts=1, revision=0, started_at__isnull=False)
    rows = (
        Generation.objects.filter(created_at__gte=begins[0], is_sample=False)
        .order_by()
        .values(place=_place(begins), ended=F("state"), waited=Case(When(at_once, then=step)))
        .annotate(texts=Count("pk"))
    )
    # All states: asked for two of them, SQLite would go by its index of states, through rows of all times.
    counted: dict[State, Counter[int]] = defaultdict(Counter)
    by_day: dict[int, Counter[float]] = defaultdict(Counter)
    for row in rows:
        counted[State(row["ended"])][row["place"]] += row["texts"]
        if row["waited"] is not None:
            by_day[row["place"]][math.exp((row["waited"] + 0.5) / STEPS)] += row["texts"]
    places = range(len(begins))
    return (
        [counted[State.COMPLETED][place] for place in places],
        [counted[State.FAILED][place] for place in places],
        [wait_of(by_day[place]) if by_day[place] else None for place in places],
    )


def _place(begins: Sequence[datetime], first: int = 0) -> Case | Value:
    """Return which of the days a row was created on, by halves: exact in every time zone, and five comparisons a row."""
    if len(begins) == 1:
        return Value(first, output_field=IntegerField())
    middle = len(begins) // 2
    earlier, later = _place(begins[:middle], first), _place(begins[middle:], first + middle)
    return Case(When(created_at__lt=begins[middle], then=earlier), default=later, output_field=IntegerField())


def wait_of(waits: Counter[float]) -> Wait:
    """Return the median and the 95th percentile of waits, of each of which so many texts had it."""

    def quantile(share: float) -> float:
        left = share * waits.total()
        for seconds in sorted(waits):
            left -= waits[seconds]
            if left <= 0:
                return seconds
        return max(waits)

    return Wait(quantile(0.5), quantile(0.95))


def _factors(since: datetime) -> list[Factor]:
    """Return the real-time factors of the latest texts, the fastest model first."""
    spoken = Generation.objects.filter(created_at__gte=since, compute_seconds__gt=0, seconds__gt=0)
    measures = spoken.order_by("-created_at").values_list("engine", "model", "compute_seconds", "seconds")
    by_model: dict[Model, list[tuple[float, float]]] = defaultdict(list)
    for engine, model, compute, audio in measures[:MOST_MEASURED]:
        by_model[engine, model].append((compute or 0.0, audio or 0.0))
    found = [
        Factor(*model, sum(compute for compute, _ in texts) / sum(audio for _, audio in texts), len(texts))
        for model, texts in by_model.items()
    ]
    return sorted(found, key=lambda one: one.factor)


def _reasons(since: datetime) -> list[tuple[str, int]]:
    """Return why the latest texts failed, and how many of them, the most frequent reason first."""
    failed = Generation.objects.filter(created_at__gte=since, state=State.FAILED)
    counted: Counter[str] = Counter()
    for error in failed.order_by("-created_at").values_list("error", flat=True)[:MOST_FAILURES]:
        counted[reason(error)] += 1
    return counted.most_common()


def _active(today: date) -> tuple[int, int]:
    """Return how many people were spoken something in the last 7 and 30 days."""
    week = Q(day__gt=today - timedelta(days=7))
    spoken = UsageDay.objects.filter(day__gt=today - timedelta(days=30), speech_seconds__gt=0)
    found = spoken.aggregate(week=Count("person", distinct=True, filter=week), month=Count("person", distinct=True))
    return found["week"], found["month"]


def _most(since: date) -> list[Person]:
    spoken = UsageDay.objects.filter(day__gte=since, speech_seconds__gt=0).order_by()
    rows = spoken.values("person", name=F("person__username")).annotate(seconds=Sum("speech_seconds"))
    most = rows.order_by("-seconds", "name")[:MOST_PEOPLE]
    return [Person(row["person"], row["name"], row["seconds"]) for row in most]
