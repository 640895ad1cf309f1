"""How long a text will take, before it is spoken."""

from datetime import timedelta

import pytest
from django.utils import timezone

from synthesis.engines import choice as engine_choice
from synthesis.models import Generation, LoadedModel, Segment
from synthesis.queue.estimates import Times, estimate, set_waits, share
from synthesis.queue.order import in_order
from tests.factories import GenerationFactory, SegmentFactory, UserFactory, VoiceFactory, spoke
from voicesite.jobs.job import State

pytestmark = [pytest.mark.django_db, pytest.mark.backends]


def ready_in(generation) -> float | None:
    set_waits(generation)
    return generation.ready_in


@pytest.fixture
def option():
    return engine_choice.current()


@pytest.fixture
def voice(user):
    return VoiceFactory(owner=user)


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
        assert ready_in(asked) == pytest.approx(found.seconds_until_ready)
        order = list(in_order().values_list("pk", flat=True))
        assert found.texts_before == order.index(asked.pk)


def test_of_a_text_that_was_begun_only_what_is_left_counts(user, option, voice):
    spoke()
    begun = GenerationFactory(owner=user, voice=voice, text="x" * 5000, revision=1)
    for index, state in enumerate((Segment.State.COMPLETED, Segment.State.PENDING)):
        Segment.objects.create(generation=begun, index=index, text="x" * 70, state=state)
    assert ready_in(begun) == pytest.approx(7)


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
    assert ready_in(spoke(owner=user, voice=voice)) is None
    assert ready_in(GenerationFactory(running=True)) is None


def test_an_estimate_costs_few_queries_however_much_waits(user, option, voice, django_assert_num_queries):
    spoke()
    for _ in range(2):
        with django_assert_num_queries(6):
            estimate(user, 100, option)
        GenerationFactory.create_batch(5, text="x" * 100)
        spoke()


# ---------------------------------------------------------------------------------------------------------------------
# Turns


def test_owners_share_a_worker_each_with_one_text_at_a_time():
    texts = [("ada", 30.0), ("eve", 10.0), ("ada", 10.0)]
    assert share(texts, 1) == [Times(0, 40), Times(0, 20), Times(40, 50)]


def test_workers_that_are_left_speak_an_owners_next_text(settings):
    settings.SYNTHESIS_WORKERS = 2
    assert share([("ada", 30.0), ("ada", 10.0), ("ada", 5.0)], 0) == [Times(0, 30), Times(0, 10), Times(10, 15)]
    assert share([("ada", 30.0), ("eve", 10.0), ("ada", 5.0)], 0) == [Times(0, 30), Times(0, 10), Times(10, 15)]


def test_a_thousand_texts_are_looked_through_at_once():
    times = share([(number % 300, 1.0) for number in range(1000)], 0)
    assert max(each.ready for each in times) == pytest.approx(1000)


def test_a_short_text_waits_for_a_batch_of_a_long_one_and_not_for_the_whole(user, option, voice):
    spoke()
    GenerationFactory(running=True, eta_seconds=3000.0, text="x" * 30_000)
    short = GenerationFactory(owner=user, voice=voice, text="x" * 100)
    set_waits(short)
    assert short.position == 0 and short.begins_in < 40 and short.ready_in < 60
    assert estimate(UserFactory(), 100, option).seconds_until_ready < 80


def test_another_model_waits_for_the_end_of_a_turn(user, option, voice):
    spoke()
    spoke(model="overtone")
    GenerationFactory(running=True, eta_seconds=3000.0, text="x" * 30_000)
    other = GenerationFactory(owner=user, voice=voice, text="x" * 100, model="overtone")
    set_waits(other)
    assert other.begins_in == pytest.approx(15.0)


def test_ones_own_text_waits_for_the_one_before_it(user, voice):
    spoke(owner=user, voice=voice)
    GenerationFactory(owner=user, voice=voice, running=True, eta_seconds=30.0)
    own = GenerationFactory(owner=user, voice=voice, text="x" * 100)
    set_waits(own)
    assert (own.begins_in, own.ready_in) == (pytest.approx(30), pytest.approx(40))


def test_positions_say_how_many_go_before_and_cost_the_same_for_one_and_for_many(django_assert_num_queries):
    ada, eve = UserFactory(), UserFactory()
    rows = [GenerationFactory(owner=owner) for owner in (ada, ada, eve)]
    ended = spoke(owner=eve)
    for some in (rows[:1], [*rows, ended]):
        with django_assert_num_queries(4):
            set_waits(*some)
    assert [row.position for row in (*rows, ended)] == [0, 2, 1, None]
    assert rows[1].begins_in > rows[0].begins_in == 0.0
    with django_assert_num_queries(0):
        set_waits(ended)


def test_samples_make_nobody_wait(user, option, voice):
    spoke()
    GenerationFactory(running=True, eta_seconds=30.0, is_sample=True)
    GenerationFactory(text="x" * 1000, is_sample=True, priority=-100)
    assert estimate(user, 100, option).seconds_until_ready == pytest.approx(10)


def test_a_model_that_has_not_spoken_is_said_to_begin_at_no_time(user, voice):
    row = GenerationFactory(owner=user, voice=voice)
    set_waits(row)
    assert (row.position, row.begins_in, row.ready_in) == (0, None, None)
