"""How long a text will take, before it is spoken."""

from datetime import timedelta

import pytest
from django.utils import timezone

from synthesis.engines import choice as engine_choice
from synthesis.models import Generation, LoadedModel, Segment
from synthesis.queue import estimates
from synthesis.queue.estimates import Measured, estimate, rates_of, seconds_until_ready
from tests.factories import GenerationFactory, SegmentFactory, UserFactory, VoiceFactory
from voicesite.jobs.job import State

pytestmark = [pytest.mark.django_db, pytest.mark.backends]
NOW = timezone.now()


def measured(characters, seconds, start=0.0, begins=0.5, worker="one", language="en-us", speech=0.05) -> Measured:
    """A text that took so many seconds of the engine, a while after NOW."""
    begun = NOW + timedelta(seconds=start)
    claimed, ended = begun - timedelta(seconds=begins), begun + timedelta(seconds=seconds)
    return Measured(characters, language, speech * characters, worker, claimed, begun, ended)


def spoke(characters=1000, seconds=100.0, ago=3600.0, **fields):
    """A generation that was spoken: 0.1 s of compute, and 0.05 s of speech, a character."""
    end = timezone.now() - timedelta(seconds=ago)
    defaults = {
        "text": "x" * characters,
        "seconds": characters * 0.05,
        "attempts": 1,
        "worker": "one",
        "audio": "speech.wav",
        "started_at": end - timedelta(seconds=seconds),
        "engine_started_at": end - timedelta(seconds=seconds),
        "finished_at": end,
    }
    return GenerationFactory(completed=True, **defaults | fields)


@pytest.fixture
def option():
    return engine_choice.current()


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user)


# ---------------------------------------------------------------------------------------------------------------------
# Rates


def test_a_text_takes_a_time_of_its_own_and_one_for_each_character():
    rates = rates_of([measured(n, 2 + 0.1 * n, start=1000 * n) for n in (20, 300, 5000)])
    assert rates.seconds_a_text == pytest.approx(2) and rates.seconds_a_character == pytest.approx(0.1)
    assert rates.work(1000) == pytest.approx(0.5 + 2 + 100)
    assert rates.speech(1000, "en-us", 2.0) == pytest.approx(25)


def test_texts_of_one_length_tell_the_time_of_a_character():
    rates = rates_of([measured(100, 10, start=100 * n) for n in range(3)])
    assert (rates.seconds_a_text, rates.seconds_a_character) == (0.0, pytest.approx(0.1))


def test_one_that_was_held_up_counts_for_little():
    rates = rates_of(
        [*(measured(n, 0.1 * n, start=1000 * n) for n in (20, 300, 900, 5000)), measured(300, 900, start=-9e6)]
    )
    assert rates.work(1000) == pytest.approx(100, rel=0.25)


def test_what_a_batch_spoke_side_by_side_is_counted_once():
    together = [measured(100, 10, start=0), measured(100, 10, start=1), measured(100, 9, start=2)]
    (period,) = estimates._busy_periods(together)
    assert period == (together, 11.0)
    apart = [measured(100, 10, start=0), measured(100, 10, start=1, worker="two"), measured(100, 10, start=20)]
    assert len(estimates._busy_periods(apart)) == 3


def test_texts_that_share_the_engine_take_longer_than_their_work(user, option):
    start = timezone.now() - timedelta(hours=1)
    for begun in (start, start + timedelta(minutes=10)):
        for _ in range(2):  # 20 s for both, of which each is 10
            row = spoke(characters=100, seconds=20.0)
            times = {"started_at": begun, "engine_started_at": begun, "finished_at": begun + timedelta(seconds=20)}
            Generation.objects.filter(pk=row.pk).update(**times)
    assert estimates.measure(("fake", "tone")).stretch == pytest.approx(2)
    assert estimate(user, 100, option).seconds_until_ready == pytest.approx(10), "if nobody else is there"
    GenerationFactory(running=True, eta_seconds=30.0)
    assert estimate(user, 100, option).seconds_until_ready == pytest.approx(30 + 20)


def test_who_has_the_engine_alone_takes_their_work():
    rates = rates_of([measured(n, 2 + 0.1 * n, start=1000 * n) for n in (20, 300, 5000)])
    assert rates.stretch == 1


def test_loading_the_model_counts_only_where_it_is_not_loaded():
    rates = rates_of([measured(100, 10, start=100 * n, begins=30 if n == 0 else 0.5) for n in range(5)])
    assert rates.work(100) == pytest.approx(10.5) and rates.work(100, is_loaded=False) == pytest.approx(40)


def test_a_language_has_its_own_speed_where_enough_is_known():
    few = [measured(100, 10, start=100 * n, language="hi", speech=0.2) for n in range(2)]
    rates = rates_of([*few, *(measured(100, 10, start=1000 + 100 * n) for n in range(8))])
    assert rates.speech(100, "hi", 1.0) == rates.speech(100, "es", 1.0) == pytest.approx(8.0)
    rates = rates_of([*few, measured(100, 10, start=900, language="hi", speech=0.2)])
    assert rates.speech(100, "hi", 1.0) == pytest.approx(20.0)


@pytest.mark.parametrize(
    "which",
    [
        {"state": State.FAILED},
        {"model": "overtone"},
        {"attempts": 2},
        {"revision": 1},
    ],
    ids=str,
)
def test_what_says_nothing_about_a_whole_text_is_not_measured(user, option, which):
    spoke(**which)
    assert estimate(user, 1000, option) is None


# ---------------------------------------------------------------------------------------------------------------------
# Estimates


def test_with_an_empty_queue_a_text_takes_its_work(user, option):
    assert estimate(user, "Hello.", option) is None, "nothing was measured"
    spoke()
    found = estimate(user, "x" * 500, option, speed=2.0)
    assert found.seconds_until_ready == found.seconds_of_work == pytest.approx(50)
    assert (found.texts_before, found.seconds_of_speech) == (0, pytest.approx(12.5))


def test_what_is_spoken_and_what_waits_goes_before(user, option, voice):
    spoke(owner=user, voice=voice)
    GenerationFactory(owner=user, voice=voice, running=True, eta_seconds=30.0)
    GenerationFactory(owner=user, voice=voice, text="x" * 200)
    found = estimate(user, 100, option)
    assert found.texts_before == 2 and found.seconds_until_ready == pytest.approx(30 + 20 + 10)


def test_only_what_goes_first_by_the_rule_of_the_queue_counts(user, option, voice):
    spoke()
    other = UserFactory()
    theirs = [GenerationFactory(owner=other, text="x" * 100) for _ in range(5)]
    assert estimate(user, 100, option).texts_before == 1, "their first; the others are in later rounds"
    Generation.objects.filter(pk=theirs[4].pk).update(priority=5)
    Generation.objects.filter(pk=theirs[3].pk).update(priority=-5)
    assert estimate(user, 100, option).texts_before == 2
    GenerationFactory(owner=user, voice=voice, text="x" * 100)
    assert estimate(user, 100, option).texts_before == 4, "mine, and two rounds of theirs"


def test_who_was_served_longest_ago_goes_first(user, option, voice):
    spoke(owner=user, voice=voice, ago=10)
    other = UserFactory()
    spoke(owner=other, ago=10_000)
    GenerationFactory(owner=other, text="x" * 100)
    assert estimate(user, 100, option).texts_before == 1
    assert estimate(UserFactory(), 100, option).texts_before == 0, "who was never served goes first"
    Generation.objects.filter(owner=other, state=State.COMPLETED).update(started_at=timezone.now())
    assert estimate(user, 100, option).texts_before == 0


def test_the_estimate_is_the_place_that_the_queue_then_gives(user, option, voice):
    """Whatever waits: the same number goes before it, once it is there."""
    spoke(owner=user, voice=voice, ago=50)
    for number in range(3):
        other = UserFactory()
        spoke(owner=other, ago=40 + 10 * number)
        GenerationFactory.create_batch(number + 1, owner=other, text="x" * 100)
    for _ in range(3):
        found = estimate(user, 100, option)
        asked = GenerationFactory(owner=user, voice=voice, text="x" * 100)
        assert seconds_until_ready(asked) == pytest.approx(found.seconds_until_ready)
        order = list(estimates.in_order().values_list("pk", flat=True))
        assert found.texts_before == order.index(asked.pk)


def test_of_a_text_that_was_begun_only_what_is_left_counts(user, option, voice):
    spoke()
    begun = GenerationFactory(owner=user, voice=voice, text="x" * 5000, revision=1)
    for index, state in enumerate((Segment.State.COMPLETED, Segment.State.PENDING)):
        Segment.objects.create(generation=begun, index=index, text="x" * 70, state=state)
    assert seconds_until_ready(begun) == pytest.approx(7)


def test_several_workers_share_the_queue(user, option, voice, settings):
    settings.SYNTHESIS_WORKERS = 2
    spoke()
    GenerationFactory(owner=user, voice=voice, running=True, eta_seconds=100.0)
    assert (
        estimate(user, 100, option).seconds_until_ready == pytest.approx(10)
        and not estimate(user, 1, option).texts_before
    )
    GenerationFactory(owner=user, voice=voice, running=True, eta_seconds=20.0, worker="elsewhere:2")
    found = estimate(user, 100, option)
    assert found.texts_before == 1 and found.seconds_until_ready == pytest.approx(30)


def test_texts_of_a_batch_take_their_time_together(user, option):
    spoke()
    for state in (Segment.State.GENERATING, Segment.State.PENDING):
        running = GenerationFactory(running=True, eta_seconds=0.0, text="x" * 200)
        for each in (Segment.State.COMPLETED, state):
            SegmentFactory(generation=running, text="x" * 100, state=each)
    assert estimate(user, 100, option).seconds_until_ready == pytest.approx(10 + 5 + 10), "one is half spoken"


def test_a_text_whose_time_ran_out_still_takes_what_is_left_of_it(user, option):
    spoke()
    GenerationFactory(running=True, eta_seconds=0.0, text="x" * 200)
    assert estimate(user, 100, option).seconds_until_ready == pytest.approx(20 + 10)


def test_a_model_that_no_worker_holds_is_loaded_first(user, option):
    started = timezone.now() - timedelta(seconds=1000)
    spoke(ago=900, seconds=100)
    slow = spoke(ago=800, seconds=100)
    Generation.objects.filter(pk=slow.pk).update(started_at=started)
    assert estimate(user, 1000, option).seconds_of_work == pytest.approx(200, rel=0.01)
    LoadedModel.objects.create(worker="one", engine="fake", model="tone")
    assert estimate(user, 1000, option).seconds_of_work == pytest.approx(100, rel=0.01)


def test_what_must_be_downloaded_first_has_no_estimate(user, option):
    spoke()
    assert estimate(user, 100, type(option)(**vars(option) | {"is_here": False})) is None


def test_what_does_not_wait_has_no_time_until_it_is_ready(user, voice):
    assert seconds_until_ready(spoke(owner=user, voice=voice)) is None
    assert seconds_until_ready(GenerationFactory(running=True)) is None


def test_an_estimate_costs_few_queries_however_much_waits(user, option, voice, django_assert_num_queries):
    spoke()
    for _ in range(2):
        with django_assert_num_queries(6):
            estimate(user, 100, option)
        GenerationFactory.create_batch(5, text="x" * 100)
        spoke()
