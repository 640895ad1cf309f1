"""How long a text will take, before it is spoken: from what recent generations took, and from what goes before it.

Work is measured where workers were busy: those of a batch are spoken side by side, and what they took together counts
once. A text takes a time of its own, however short it is, and a time for each character; both are fitted to that. Before
it go what is being spoken and, in the order of the queue, what waits. A text of others that is asked for later may overtake
one by that order, or share its batch: how much longer that made recent texts is all that an estimate knows of it.
"""

import heapq
import statistics
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Subquery, Sum, When
from django.db.models.functions import Coalesce, Length

from synthesis.models import Generation, LoadedModel, Segment
from voicesite.jobs.job import State
from voicesite.modelhost.catalogue import ModelOption
from voicesite.models import User

from .order import in_order

MOST_MEASURED = 200  # generations that the rates come from
MOST_LOOKED_THROUGH = 1000  # finished generations, the latest, among which those are
MOST_WAITING = 1000  # that are looked at
FEW_OF_LANGUAGE = 3  # fewer generations say nothing about how fast a language is spoken

Model = tuple[str, str]  # engine and model


@dataclass(frozen=True)
class Estimate:
    """How long a text will take, if nothing else is asked for meanwhile."""

    seconds_of_work: float  # once it is its turn
    seconds_until_ready: float
    texts_before: int  # that must be ready before its turn comes
    seconds_of_speech: float


class Measured(NamedTuple):
    """A finished generation, by what it took."""

    characters: int
    language: str
    seconds_at_speed_1: float  # of speech
    worker: str
    claimed: datetime
    begun: datetime  # when the engine began
    ended: datetime

    @property
    def seconds(self) -> float:
        return (self.ended - self.begun).total_seconds()


@dataclass(frozen=True)
class Rates:
    """What an engine and model took for recent generations."""

    seconds_to_begin: float  # from the claim to the engine, with the model loaded
    seconds_to_load: float  # more, where it was not
    seconds_a_text: float  # however short it is
    seconds_a_character: float
    stretch: float  # how many times longer a text takes that shares the engine with others
    speech_a_character: float  # seconds at speed 1
    speech_by_language: Mapping[str, float]

    def work(self, characters: float, is_loaded: bool = True) -> float:
        """Return the seconds from the claim of a text to its completion."""
        load = 0.0 if is_loaded else self.seconds_to_load
        return self.seconds_to_begin + load + self.work_of_engine(characters)

    def work_of_engine(self, characters: float) -> float:
        return self.seconds_a_text + self.seconds_a_character * characters

    def speech(self, characters: int, language: str, speed: float) -> float:
        """Return the seconds of speech that a text makes."""
        return characters * self.speech_by_language.get(language, self.speech_a_character) / speed


class Waiting(NamedTuple):
    """A generation that waits, as the queue orders it."""

    pk: uuid.UUID
    engine: str
    model: str
    characters: int  # that are not spoken yet
    owner: int
    priority: int
    round: int
    served_at: datetime | None  # its owner, last


class Running(NamedTuple):
    """A generation that is being spoken."""

    worker: str
    engine: str
    model: str
    state: str
    eta: float | None
    characters: int  # that are not spoken yet


def estimate(
    user: User, text: str | int, option: ModelOption, language: str = "", speed: float = 1.0
) -> Estimate | None:
    """Return how long a text, or one of so many characters, would take if `user` asked for it now.

    None while `option` has not spoken yet, or must be downloaded first. Six queries at most, and one for each other model
    that goes before.
    """
    characters = text if isinstance(text, int) else len(text)
    model = (option.engine, option.model)
    if not option.is_here or (rates := measure(model)) is None:
        return None
    work, until_ready, before = _simulate(model, characters, rates, _before_next_of(user))
    return Estimate(work, until_ready, before, rates.speech(characters, language, speed))


def seconds_until_ready(generation: Generation) -> float | None:
    """Return how long a pending generation will take from now on; None where that is not known.

    Its `position` is set on the way, as by `order.set_positions`: a program that polls needs both.
    """
    queue = _waiting()
    generation.position = place = next((place for place, one in enumerate(queue) if one.pk == generation.pk), None)
    if place is None or (rates := measure((generation.engine, generation.model))) is None:
        return None
    own = queue[place]
    return _simulate((own.engine, own.model), own.characters, rates, queue[:place])[1]


# ---------------------------------------------------------------------------------------------------------------------
# What recent generations took


def measure(model: Model) -> Rates | None:
    """Return the rates of a model by its latest generations; None where there are none. One query."""
    ended = Generation.objects.filter(state=State.COMPLETED).order_by("-created_at").values("pk")
    of_model = Generation.objects.filter(
        pk__in=ended[:MOST_LOOKED_THROUGH],
        engine=model[0],
        model=model[1],
        attempts=1,  # what was interrupted took longer than its last attempt
        revision=0,  # what was changed was not spoken as a whole
        seconds__gt=0,
        engine_started_at__isnull=False,
    )
    columns = (Length("text"), "language", F("seconds") * F("speed"), "worker")
    times = ("started_at", "engine_started_at", "finished_at")
    rows = of_model.order_by("-created_at").values_list(*columns, *times)[:MOST_MEASURED]
    return rates_of([Measured(*row) for row in rows])


def rates_of(measured: Sequence[Measured]) -> Rates | None:
    """Return the rates that fit what was measured."""
    measured = [one for one in measured if one.characters and one.claimed <= one.begun <= one.ended]
    if not measured:
        return None
    begins = sorted((one.begun - one.claimed).total_seconds() for one in measured)
    usual = begins[len(begins) // 4]  # those that had to load the model took longer
    periods = _busy_periods(measured)
    of_text, of_character = _fit([(len(ones), sum(one.characters for one in ones), took) for ones, took in periods])
    by_language: dict[str, list[Measured]] = defaultdict(list)
    for one in measured:
        by_language[one.language].append(one)
    return Rates(
        usual,
        begins[-1] - usual,
        of_text,
        of_character,
        _stretch([ones for ones, _ in periods], of_text, of_character),
        _speech_a_character(measured),
        {name: _speech_a_character(ones) for name, ones in by_language.items() if len(ones) >= FEW_OF_LANGUAGE},
    )


def _speech_a_character(measured: Sequence[Measured]) -> float:
    return sum(one.seconds_at_speed_1 for one in measured) / sum(one.characters for one in measured)


def _busy_periods(measured: Iterable[Measured]) -> list[tuple[list[Measured], float]]:
    """Return the times in which a worker's engine was busy: the texts that it spoke, and how many seconds it took."""
    periods: list[tuple[list[Measured], float]] = []
    end = worker = None
    for one in sorted(measured, key=lambda one: (one.worker, one.begun)):
        if worker == one.worker and end is not None and one.begun < end:
            ones, before = periods[-1]
            periods[-1] = [*ones, one], before + max((one.ended - end).total_seconds(), 0.0)
            end = max(end, one.ended)
        else:
            periods.append(([one], one.seconds))
            worker, end = one.worker, one.ended
    return [period for period in periods if period[1] > 0]


def _stretch(periods: Iterable[list[Measured]], of_text: float, of_character: float) -> float:
    """Return how many times longer than their work the texts took that shared the engine, by median; 1 where none did."""
    shared = [one for ones in periods if len(ones) > 1 for one in ones]
    stretched = [one.seconds / max(of_text + of_character * one.characters, 1e-6) for one in shared]
    return max(statistics.median(stretched), 1.0) if stretched else 1.0


def _fit(periods: Sequence[tuple[int, int, float]]) -> tuple[float, float]:
    """Return the seconds a text and a character, by least squares of the relative errors; neither below 0.

    Relative, since an estimate is as wrong as its factor; and so one that was held up for long counts for little.
    """
    tt = tc = cc = t1 = c1 = 0.0
    for texts, characters, seconds in periods:
        text, character = texts / seconds, characters / seconds
        tt, tc, cc, t1, c1 = tt + text**2, tc + text * character, cc + character**2, t1 + text, c1 + character
    determinant = tt * cc - tc**2
    if determinant > 1e-6 * tt * cc:  # else all are of one length
        of_text, of_character = (t1 * cc - c1 * tc) / determinant, (c1 * tt - t1 * tc) / determinant
        if of_text >= 0 and of_character >= 0:
            return of_text, of_character
        if of_character < 0:
            return t1 / tt, 0.0
    return 0.0, c1 / cc if cc else 0.0


# ---------------------------------------------------------------------------------------------------------------------
# What goes before


def _unspoken() -> Case:
    """Return the characters of a generation that are not spoken yet. What is being spoken is half spoken, on average."""
    length = Case(When(state=Segment.State.GENERATING, then=Length("text") / 2), default=Length("text"))
    unspoken = Segment.objects.unspoken().filter(generation=OuterRef("pk")).order_by().values("generation")
    left = Coalesce(Subquery(unspoken.annotate(n=Sum(length)).values("n")), 0)
    was_begun = Exists(Segment.objects.filter(generation=OuterRef("pk")))
    return Case(When(was_begun, then=left), default=Length("text"))


def _waiting() -> list[Waiting]:
    """Return what waits, the next one first. One query."""
    columns = ("pk", "engine", "model", _unspoken(), "owner", "priority", "round", "served_at")
    return [Waiting(*row) for row in in_order().values_list(*columns)[:MOST_WAITING]]


def _before_next_of(user: User) -> list[Waiting]:
    """Return what waits and would go before a text that `user` asked for now, by the rule of `order.in_order`."""
    queue = _waiting()
    mine = [one for one in queue if one.owner == user.pk]
    running = Generation.objects.alive().filter(owner=user, is_sample=False).count()
    own_round = running + 1 + sum(one.priority == 0 for one in mine)
    served_at = mine[0].served_at if mine else _served_at(user)

    def goes_before(one: Waiting) -> bool:
        if one.priority:
            return one.priority > 0
        if one.round != own_round:
            return one.round < own_round
        return one.served_at is None or (served_at is not None and one.served_at <= served_at)

    return [one for one in queue if goes_before(one)]


def _served_at(user: User) -> datetime | None:
    mine = Generation.objects.filter(owner=user, is_sample=False, started_at__isnull=False)
    return mine.order_by("-started_at").values_list("started_at", flat=True).first()


def _simulate(model: Model, characters: int, rates: Rates, waiting: Sequence[Waiting]) -> tuple[float, float, int]:
    """Return the seconds of work, those until it is ready, and how many texts must be ready before it begins."""
    known: dict[Model, Rates | None] = {model: rates}

    def rates_of_model(other: Model) -> Rates:
        if other not in known:
            known[other] = measure(other)
        return known[other] or rates

    workers = settings.SYNTHESIS_WORKERS
    loaded = set(LoadedModel.objects.exclude(model="").values_list("engine", "model"))
    columns = ("worker", "engine", "model", "state", "eta_seconds", _unspoken())
    running = [Running(*row) for row in Generation.objects.alive().values_list(*columns)]
    by_worker: dict[str, list[Running]] = defaultdict(list)
    for text in running:
        by_worker[text.worker].append(text)
    busy = [_left(texts, rates_of_model((texts[0].engine, texts[0].model))) for texts in by_worker.values()]
    free = sorted([*busy, *[0.0] * workers])[-workers:]  # when each worker will be free
    heapq.heapify(free)
    for one in waiting:
        its_model = (one.engine, one.model)
        work = rates_of_model(its_model).work(one.characters, its_model in loaded)
        heapq.heapreplace(free, free[0] + work)
        loaded.add(its_model)
    work = rates.work(characters, model in loaded)
    # Who shares the engine also waits for those who come later, as often as that happens here.
    shared = (rates.stretch - 1) * rates.work_of_engine(characters) if running or waiting else 0.0
    return work, free[0] + work + shared, max(len(running) + len(waiting) - (workers - 1), 0)


def _left(texts: Sequence[Running], rates: Rates) -> float:
    """Return the seconds until a worker is free that speaks these.

    An engine that speaks one text tells how long it still takes. Those of a batch take their time together: what the
    engine tells of each runs out while it speaks the others.
    """
    if len(texts) == 1 and (texts[0].eta or texts[0].state == State.PROCESSING):
        return (texts[0].eta or 0.0) + rates.seconds_a_text
    begins = rates.seconds_to_begin if any(one.state == State.INITIALIZING for one in texts) else 0.0
    return begins + sum(rates.work_of_engine(one.characters) for one in texts)
