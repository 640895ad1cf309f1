"""Turns: a batch is one, so that nobody waits for the whole of somebody else's text. With a real engine process."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from synthesis.delivery import live_audio
from synthesis.models import Generation, SegmentTake
from synthesis.queue import loaded_model, processes
from synthesis.queue import order as queue
from synthesis.segments import editing
from synthesis.segments.timeline import RATE
from synthesis.speech import batch
from synthesis.speech.batch import BatchRun
from synthesis.workers import tasks
from tests.factories import GenerationFactory, UserFactory
from tests.fakes.engine import FakeEngine
from voicesite.jobs.job import State
from voicesite.modelhost.protocol import Progress

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def text(name: str, parts: int, end: str = "") -> str:
    return "\n".join(f"{name} {part}{end}." for part in "abcdefghijklmnopqrstuvwxyz"[:parts])


def fresh(row) -> Generation:
    return Generation.objects.get(pk=row.pk)


def work() -> None:
    """What rings do, until nothing waits."""
    while Generation.objects.claimable().exists():
        tasks.run_next()


def is_once(row) -> bool:
    """Whether it is completed by one attempt, and each sentence was spoken once."""
    row = fresh(row)
    takes = SegmentTake.objects.filter(segment__generation=row).count()
    return (row.state, row.attempts, row.failures) == (State.COMPLETED, 1, 0) and takes == row.segments.count()


@pytest.fixture
def one_at_a_time(monkeypatch):
    monkeypatch.setattr(FakeEngine, "max_batch", 1)


@pytest.fixture
def at_once(monkeypatch):
    """A model makes way for another after each batch."""
    monkeypatch.setattr(queue, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(batch, "TURN_LOADS", 0.0)


class Batches(list[list[str]]):
    """The first words of what the engine is given, batch by batch."""

    def __init__(self):
        super().__init__()
        self.acts: dict[int, Callable[[], object]] = {}

    def during(self, number: int, act: Callable[[], object]) -> None:
        """Let something happen while a batch is spoken, which is the first, second …"""
        self.acts[number] = act


@pytest.fixture
def batches(monkeypatch):
    seen = Batches()
    synthesize = processes.synthesis_process.synthesize

    def spy(utterances, beat):
        seen.append([utterance.text.split()[0] for utterance in utterances])
        seen.acts.pop(len(seen), lambda: None)()
        return synthesize(utterances, beat)

    monkeypatch.setattr(processes.synthesis_process, "synthesize", spy)
    return seen


def test_a_short_text_of_somebody_else_is_in_the_next_batch_of_a_long_one(batches):
    long = GenerationFactory(text=text("Long", 20))
    batches.during(1, lambda: GenerationFactory(text="Short one. Short two."))
    work()
    assert batches[0] == ["Long"] * 8 and sorted(batches[1]) == ["Long"] * 6 + ["Short"] * 2
    short = Generation.objects.exclude(pk=long.pk).get()
    assert is_once(short) and is_once(long) and short.finished_at < fresh(long).finished_at


def test_owners_share_a_batch_by_what_is_spoken_for_them(batches):
    GenerationFactory(text=text("Long", 12, end=" and as much again as that"))
    GenerationFactory(text=text("Brief", 12))
    work()
    assert batches[0].count("Long") < batches[0].count("Brief")


def test_whoever_asks_for_many_texts_gets_no_more_of_a_batch(batches, monkeypatch):
    monkeypatch.setattr(FakeEngine, "max_batch", 4)
    long = GenerationFactory(text=text("Long", 8))
    eager = UserFactory()
    batches.during(1, lambda: GenerationFactory.create_batch(12, text="Short.", owner=eager))
    work()
    assert is_once(long) and all("Long" in batch for batch in batches[:2])
    assert len(batches) <= 6 and batches[1].count("Long") >= 2


@pytest.mark.usefixtures("one_at_a_time")
def test_where_the_engine_takes_one_sentence_the_texts_take_turns(batches):
    rows = [GenerationFactory(text=text(name, 4)) for name in ("Ada", "Eve")]
    work()
    assert [batch[0] for batch in batches] == ["Ada", "Eve"] * 4
    assert all(map(is_once, rows))


@pytest.mark.usefixtures("one_at_a_time")
def test_one_owner_with_many_texts_delays_another_by_one_sentence(batches):
    eager = UserFactory()
    GenerationFactory.create_batch(10, text="Eager.", owner=eager)
    late = GenerationFactory(text=text("Late", 3))
    work()
    assert [batch[0] for batch in batches[:6]] == ["Eager.", "Late"] * 3 and is_once(late)


@pytest.mark.usefixtures("one_at_a_time")
def test_an_owners_own_text_waits_for_the_one_before_it(batches):
    owner = UserFactory()
    GenerationFactory(text=text("First", 3), owner=owner)
    batches.during(1, lambda: GenerationFactory(text="Second.", owner=owner))
    tasks.run_next()
    assert [batch[0] for batch in batches] == ["First"] * 3


@pytest.mark.usefixtures("at_once")
def test_another_model_takes_over_once_the_turn_is_over(batches, monkeypatch):
    monkeypatch.setattr(FakeEngine, "max_batch", 2)
    GenerationFactory(text=text("Tone", 6))
    batches.during(1, lambda: GenerationFactory(text=text("Over", 4), model="overtone"))
    work()
    assert [batch[0] for batch in batches] == ["Tone", "Over", "Tone", "Over", "Tone"]
    assert all(map(is_once, Generation.objects.all()))


def test_a_model_is_not_changed_before_its_turn_is_over(batches, monkeypatch):
    monkeypatch.setattr(FakeEngine, "max_batch", 2)
    monkeypatch.setattr(queue, "TURN_SECONDS", 3600.0)
    GenerationFactory(text=text("Tone", 6))
    batches.during(1, lambda: GenerationFactory(text="Over.", model="overtone"))
    tasks.run_next()
    assert batches == [["Tone", "Tone"]] * 3


def test_the_longer_loading_takes_the_longer_is_a_turn(batches, monkeypatch):
    monkeypatch.setattr(FakeEngine, "max_batch", 2)
    monkeypatch.setattr(queue, "TURN_SECONDS", 0.0)
    GenerationFactory(text=text("Tone", 4))

    def come():
        monkeypatch.setattr(loaded_model, "load_seconds", 3600.0)
        GenerationFactory(text="Over.", model="overtone")

    batches.during(1, come)
    tasks.run_next()
    assert batches == [["Tone", "Tone"]] * 2


@pytest.mark.usefixtures("at_once", "one_at_a_time")
def test_what_goes_back_to_the_queue_keeps_what_is_spoken_and_costs_no_attempt(batches):
    long = GenerationFactory(text=text("Long", 3))
    batches.during(1, lambda: GenerationFactory(text="Over.", model="overtone"))
    BatchRun(queue.claim_next()).speak()
    row = fresh(long)
    assert (row.state, row.attempts, row.failures, row.claim_token) == (State.PENDING, 0, 0, None)
    assert row.segments.filter(state="completed").count() == 1
    assert [each.text for each in queue.in_order()][0] == "Over.", "who has just had a turn is behind"

    # Killed in its next turn: the lease runs out.
    Generation.objects.exclude(pk=long.pk).delete()
    assert queue.claim_next() == long
    Generation.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    work()
    row = fresh(long)
    assert (row.state, row.attempts) == (State.COMPLETED, 2) and SegmentTake.objects.count() == 3
    assert [batch[0] for batch in batches] == ["Long"] * 3


@pytest.fixture
def between_turns(at_once, one_at_a_time, batches) -> Generation:
    """A text of which one sentence is spoken, while others have their turn."""
    long = GenerationFactory(text=text("Long", 3))
    batches.during(1, lambda: GenerationFactory(text="Over.", model="overtone"))
    BatchRun(queue.claim_next()).speak()
    Generation.objects.exclude(pk=long.pk).delete()
    return fresh(long)


def test_between_two_turns_it_is_cancelled_at_once(between_turns):
    assert between_turns.request_cancel() and fresh(between_turns).state == State.CANCELLED


def test_between_two_turns_a_sentence_is_changed(between_turns, batches):
    editing.change(between_turns, 0, text="Other words.")
    work()
    row = fresh(between_turns)
    assert row.state == State.COMPLETED and [batch[0] for batch in batches] == ["Long", "Other", "Long", "Long"]


def test_between_two_turns_who_listens_waits_for_the_rest(between_turns):
    heard: Iterator[np.ndarray] = live_audio.follow(between_turns)
    parts = [next(heard)]
    work()
    parts.extend(heard)
    assert sum(map(len, parts)) == round(fresh(between_turns).seconds * RATE)


def test_a_sentence_that_is_tried_again_is_not_left(batches, monkeypatch):
    monkeypatch.setattr(FakeEngine, "max_batch", 1)
    GenerationFactory(text="Do-empty-once one.\nTwo.")
    batches.during(1, lambda: GenerationFactory(text="Short."))
    work()
    assert [batch[0] for batch in batches] == ["Do-empty-once", "Do-empty-once", "Short.", "Two."]


def test_what_the_engine_has_not_begun_is_put_back_for_somebody_else(batches, monkeypatch):
    monkeypatch.setattr(batch, "LOOK_SECONDS", 0.0)
    process, dropped = processes.synthesis_process, set()
    synthesize = process.synthesize

    def one_after_another(utterances, beat):
        for index, utterance in enumerate(utterances):
            beat()
            if index in dropped:
                continue
            yield Progress(index, 0, 1)
            for item in synthesize([utterance], beat):
                yield replace(item, index=index)
        dropped.clear()

    monkeypatch.setattr(process, "synthesize", one_after_another)
    monkeypatch.setattr(process, "drop", dropped.add)
    long = GenerationFactory(text=text("Long", 8))
    batches.during(2, lambda: GenerationFactory(text="Short."))
    work()
    assert [each for (each,) in batches] == ["Long"] * 2 + ["Short."] + ["Long"] * 6
    assert all(map(is_once, Generation.objects.all()))
    assert not long.segments.filter(state="generating").exists()


def test_a_sample_makes_nobody_wait(batches, monkeypatch):
    monkeypatch.setattr(FakeEngine, "max_batch", 1)
    GenerationFactory(text=text("Long", 2))
    batches.during(1, lambda: GenerationFactory(text="Sample.", is_sample=True, priority=-100))
    tasks.run_next()
    assert [batch[0] for batch in batches] == ["Long"] * 2
