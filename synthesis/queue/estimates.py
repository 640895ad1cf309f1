"""How long a text will take, before it is spoken: from what recent generations took, and from what is asked for beside it.

Each owner's texts are spoken one after another, by the order of the queue, and owners share the workers evenly: turns of a
batch each come to that. What is asked for later makes them share with more: how much longer that made recent texts is all
that an estimate knows of it.
"""

import heapq
import threading
import time
import uuid
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, Length

from synthesis.models import Generation, LoadedModel, Segment
from voicesite.jobs.job import State
from voicesite.modelhost.catalogue import ModelOption
from voicesite.models import User

from .order import TURN_SECONDS, in_order
from .rates import Model, Rates, class_of, measure, usual

MOST_WAITING = 1000  # that are looked at
CHARACTERS_AN_UTTERANCE = 80  # about
OUTLOOK_SECONDS = 1.0  # for which all who ask are told of one outlook

_lock = threading.Lock()
_latest: tuple[float, "Outlook"] | None = None  # when it was made, by the monotonic clock


@dataclass(frozen=True)
class Estimate:
    """How long a text will take, if nothing else is asked for meanwhile."""

    seconds_of_work: float  # once it is its turn
    seconds_until_ready: float
    texts_before: int  # that are being spoken, or go before it
    seconds_of_speech: float


class Waiting(NamedTuple):
    """A generation that waits, as the queue orders it."""

    pk: uuid.UUID | None  # None: one that may be asked for
    engine: str
    model: str
    characters: int  # that are not spoken yet
    owner: int
    priority: int = 0
    round: int = 1
    served_at: datetime | None = None  # its owner, last


class Running(NamedTuple):
    """A generation that is being spoken."""

    engine: str
    model: str
    characters: int  # that are not spoken yet
    owner: int
    worker: str
    state: str
    eta: float | None


class Times(NamedTuple):
    """When a text begins and is ready, in seconds from now."""

    begins: float
    ready: float


def estimate(
    user: User, text: str | int, option: ModelOption, language: str = "", speed: float = 1.0
) -> Estimate | None:
    """Return how long a text, or one of so many characters, would take if `user` asked for it now.

    None while `option` has not spoken yet, or must be downloaded first. Six queries at most, and one for each other model
    that is spoken or waits.
    """
    characters = text if isinstance(text, int) else len(text)
    model = (option.engine, option.model)
    if not option.is_here or (rates := measure(model)) is None:
        return None
    queue = _waiting()
    place = _place_of_next(user, queue)
    asked = Waiting(None, *model, characters, user.pk)
    outlook = Outlook([*queue[:place], asked, *queue[place:]], {model: rates})
    work = rates.work(characters, model in outlook.loaded)
    before = max(len(outlook.running) + place - (settings.SYNTHESIS_WORKERS - 1), 0)
    return Estimate(work, outlook.times[None].ready, before, rates.speech(characters, language, speed))


def set_waits(*generations: Generation) -> None:
    """Set of each that waits its `position`, how many go before it, and in how many seconds it begins and is ready.

    None where it does not wait, nor is among the first thousand, and of seconds where its model has not spoken yet. However
    many they are, three queries, and one for each model that is spoken or waits; none where none of them waits, or where
    somebody was told a moment ago.
    """
    pending = [generation for generation in generations if generation.state == State.PENDING]
    outlook = _outlook(pending) if pending else None
    for generation in generations:
        generation.position = generation.begins_in = generation.ready_in = None
        if outlook and generation.state == State.PENDING and generation.pk in outlook.times:
            generation.position = outlook.places[generation.pk]
            if outlook.measured[generation.engine, generation.model]:
                generation.begins_in, generation.ready_in = outlook.times[generation.pk]


def _outlook(pending: Iterable[Generation]) -> "Outlook":
    """Return the latest outlook, of OUTLOOK_SECONDS ago at most, that knows of those that wait.

    All of the queue is looked at for it, and hundreds of programs may ask each second.
    """
    global _latest
    with _lock:
        now = time.monotonic()
        if _latest and now - _latest[0] < OUTLOOK_SECONDS:
            known = _latest[1].times
            if len(known) >= MOST_WAITING or all(generation.pk in known for generation in pending):
                return _latest[1]
        _latest = now, Outlook(_waiting())
        return _latest[1]


# ---------------------------------------------------------------------------------------------------------------------
# What is asked for


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
    return [Waiting(*row) for row in _asked_for(in_order()).values_list(*columns)[:MOST_WAITING]]


def _asked_for(rows: QuerySet[Generation]) -> QuerySet[Generation]:
    """Return generations without samples of voices: these make way for whatever is asked for."""
    return rows.filter(is_sample=False)


def _place_of_next(user: User, queue: Sequence[Waiting]) -> int:
    """Return how many would go before a text that `user` asked for now, by the rule of `order.in_order`."""
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

    return sum(map(goes_before, queue))


def _served_at(user: User) -> datetime | None:
    mine = Generation.objects.filter(owner=user, is_sample=False, started_at__isnull=False)
    return mine.order_by("-started_at").values_list("started_at", flat=True).first()


# ---------------------------------------------------------------------------------------------------------------------
# When it will be ready


class Outlook:
    """When each text that waits will begin and be ready: `times`, by primary key."""

    def __init__(self, waiting: Sequence[Waiting], known: dict[Model, Rates] | None = None):
        """waiting: the next one first. known: rates that were measured already."""
        self.places = {one.pk: place for place, one in enumerate(waiting)}
        columns = ("engine", "model", _unspoken(), "owner", "worker", "state", "eta_seconds")
        self.running = [Running(*row) for row in _asked_for(Generation.objects.alive()).values_list(*columns)]
        self.loaded = set(LoadedModel.objects.exclude(model="").values_list("engine", "model"))
        self.measured: dict[Model, Rates | None] = dict(known or {})
        models = [(one.engine, one.model) for one in waiting] + [(one.engine, one.model) for one in self.running]
        for model in models:
            if model not in self.measured:
                self.measured[model] = measure(model)
        self.left = [self._left(one) for one in self.running]
        self.times = self._times(waiting)

    def _rates(self, one: Waiting | Running) -> Rates:
        model = (one.engine, one.model)
        return self.measured[model] or usual(model)

    def _left(self, one: Running) -> float:
        """Return the seconds of work that a text still takes which is being spoken.

        An engine that speaks one text tells how long it still takes. Of several it tells how long each takes beside the
        others.
        """
        if one.eta is not None and sum(other.worker == one.worker for other in self.running) == 1:
            return one.eta
        rates = self._rates(one)
        if one.state == State.PROCESSING:
            return rates.seconds_to_finish
        begins = rates.seconds_to_begin if one.state == State.INITIALIZING else 0.0
        return begins + rates.work_of_engine(one.characters)

    def _times(self, waiting: Sequence[Waiting]) -> dict[uuid.UUID | None, Times]:
        loaded, work = set(self.loaded), []
        for one in waiting:
            work.append(self._rates(one).work(one.characters, (one.engine, one.model) in loaded))
            loaded.add((one.engine, one.model))
        running = [(one.owner, seconds) for one, seconds in zip(self.running, self.left, strict=True)]
        shared = share([*running, *zip((one.owner for one in waiting), work, strict=True)], len(running))
        times = {}
        for one, own, (begins, ready) in zip(waiting, work, shared[len(running) :], strict=True):
            begins = max(begins, self._until_turn(one))
            # Who shares the engine also waits for those who come later, as often as that happens here.
            stretch = self._rates(one).stretch if len(shared) > 1 else 1.0
            times[one.pk] = Times(begins, max(ready, begins + own * stretch))
        return times

    def _until_turn(self, one: Waiting) -> float:
        """Return the seconds until what is being spoken makes way for a text that is next."""
        if len({other.worker for other in self.running}) < settings.SYNTHESIS_WORKERS:
            return 0.0
        model = (one.engine, one.model)
        if all((other.engine, other.model) != model for other in self.running):
            return min(TURN_SECONDS, *self.left)
        engine = class_of(one.engine)
        utterances = engine.at_once or engine.max_batch
        batch = CHARACTERS_AN_UTTERANCE * utterances * self._rates(one).seconds_a_character
        return min(batch / 2, *self.left)  # half of it is over, on average


def share(texts: Iterable[tuple[int, float]], running: int) -> list[Times]:
    """Return the times of texts by their owner and work, the first of which are `running`.

    Each owner has one text spoken at a time, the first one; more where workers are left. All that are spoken get as much of
    the workers, and none more than one.
    """
    workers = settings.SYNTHESIS_WORKERS
    texts = list(texts)
    now = given = 0.0  # seconds from now, and seconds of a worker that each had which was spoken since
    begins, ready = [0.0] * len(texts), [0.0] * len(texts)
    spoken: list[tuple[float, int]] = []  # a heap: what will have been given when it is ready, and its number
    of_owner: Counter[int] = Counter()  # of those
    waiting: dict[int, deque[int]] = {}  # by owner
    for number, (owner, _) in enumerate(texts[running:], running):
        waiting.setdefault(owner, deque()).append(number)
    order = deque(range(running, len(texts)))

    def begin(number: int) -> None:
        owner, work = texts[number]
        begins[number] = now
        heapq.heappush(spoken, (given + work, number))
        of_owner[owner] += 1

    def begin_next(owner: int) -> None:
        if not of_owner[owner] and waiting.get(owner):
            begin(waiting[owner].popleft())

    for number in range(running):
        begin(number)
    for owner in list(waiting):
        begin_next(owner)
    while True:
        while len(spoken) < workers and order:
            number = order.popleft()
            mine = waiting[texts[number][0]]
            if mine and mine[0] == number:
                begin(mine.popleft())
        if not spoken:
            return [Times(*times) for times in zip(begins, ready, strict=True)]
        speed = min(workers / len(spoken), 1.0)
        until, number = heapq.heappop(spoken)
        now, given = now + (until - given) / speed, until
        ready[number] = now
        of_owner[texts[number][0]] -= 1
        begin_next(texts[number][0])
