"""What a model takes for a text, measured in its latest generations.

Work is measured where workers were busy: those of a batch are spoken side by side, and what they took together counts
once. A text takes a time of its own, however short it is, and a time for each character; both are fitted to that.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F
from django.db.models.functions import Length

from synthesis.engines import EngineError, engine_class
from synthesis.engines.base import Engine
from synthesis.models import Generation
from voicesite.jobs.job import State

MOST_MEASURED = 200  # generations that the rates come from
MOST_LOOKED_THROUGH = 1000  # finished generations, the latest, among which those are
FEW_OF_LANGUAGE = 3  # fewer generations say nothing about how fast a language is spoken

Model = tuple[str, str]  # engine and model


class Measured(NamedTuple):
    """A finished generation, by what it took."""

    characters: int
    language: str
    seconds_at_speed_1: float  # of speech
    worker: str
    claimed: datetime
    begun: datetime  # when the engine began
    spoken: datetime  # when it had ended
    ended: datetime

    @property
    def seconds(self) -> float:
        return (self.ended - self.begun).total_seconds()


@dataclass(frozen=True)
class Rates:
    """What an engine and model took for recent generations."""

    seconds_to_begin: float  # from the claim to the engine, with the model loaded
    seconds_to_load: float  # more, where it was not
    seconds_to_finish: float  # once all is spoken: joining and checking
    seconds_a_text: float  # however short it is; with those to finish
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

    def seconds_of_speaking(self, characters: float) -> float:
        """Return the seconds from the engine's beginning to its end."""
        return max(self.work_of_engine(characters) - self.seconds_to_finish, 0.0)

    def speech(self, characters: int, language: str, speed: float) -> float:
        """Return the seconds of speech that a text makes."""
        return characters * self.speech_by_language.get(language, self.speech_a_character) / speed


def measure(model: Model) -> Rates | None:
    """Return the rates of a model by its latest generations; None where there are none. One query.

    A text that was interrupted, so that it was heard before the engine began for the last time, is left out.
    """
    ended = Generation.objects.filter(state=State.COMPLETED).order_by("-created_at").values("pk")
    of_model = Generation.objects.filter(
        pk__in=ended[:MOST_LOOKED_THROUGH],
        engine=model[0],
        model=model[1],
        attempts=1,  # what was interrupted took longer than its last attempt
        revision=0,  # what was changed was not spoken as a whole
        seconds__gt=0,
        engine_started_at__isnull=False,
        engine_finished_at__isnull=False,
    )
    columns = (Length("text"), "language", F("seconds") * F("speed"), "worker")
    times = ("started_at", "engine_started_at", "engine_finished_at", "finished_at")
    heard = ("created_at", "first_audio_seconds")
    rows = of_model.order_by("-created_at").values_list(*columns, *times, *heard)[:MOST_MEASURED]
    measured = [(Measured(*row), created + timedelta(seconds=first or 1e9)) for *row, created, first in rows]
    return rates_of([one for one, heard_at in measured if heard_at >= one.begun])


def expect(model: Model) -> Rates:
    """Return the rates of a model or, where nothing was measured, what is usual for its engine. One query."""
    return measure(model) or usual(model)


def usual(model: Model) -> Rates:
    """Return what is usual for a model's engine, while nothing was measured."""
    engine = class_of(model[0])
    return Rates(0.5, engine.usual_seconds_to_load, 0.2, 0.5, engine.usual_seconds_a_character, 1.0, 0.07, {})


def class_of(engine: str) -> type[Engine]:
    """Return the class of an engine, also of one that this site has no more."""
    try:
        return engine_class(engine)
    except EngineError:
        return Engine


def rates_of(measured: Sequence[Measured]) -> Rates | None:
    """Return the rates that fit what was measured."""
    measured = [one for one in measured if one.characters and one.claimed <= one.begun <= one.spoken <= one.ended]
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
        statistics.median((one.ended - one.spoken).total_seconds() for one in measured),
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
