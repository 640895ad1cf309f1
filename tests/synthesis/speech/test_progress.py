"""How far a generation is, and how long it will take: of what an attempt has to do."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from synthesis.models import Generation, Segment
from synthesis.queue.rates import Rates
from synthesis.speech import progress
from synthesis.speech.progress import GenerationProgress, WorkTime
from tests.factories import GenerationFactory, spoke

pytestmark = pytest.mark.django_db

# 0.1 s a character; what was measured soon counts more.
RATES = Rates(1.0, 10.0, 2.0, 2.0, 0.1, 1.0, 0.07, {})


@pytest.fixture
def clock(monkeypatch):
    """`clock(seconds)`: time goes by."""
    now = [1000.0]
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def pass_by(seconds: float):
        now[0] += seconds

    return pass_by


def begin(
    generation=None, spoken=0, unspoken=0, characters=100, rates=RATES
) -> tuple[GenerationProgress, list[Segment]]:
    """The progress of an attempt at a text, of which so many segments are spoken; and those that are not."""
    states = [Segment.State.COMPLETED] * spoken + [Segment.State.PENDING] * unspoken
    segments = [
        Segment(pk=index + 1, index=index, text="x" * characters, state=state) for index, state in enumerate(states)
    ]
    return GenerationProgress(generation or GenerationFactory(), segments, rates), segments[spoken:]


def test_the_bar_goes_with_the_characters_that_are_spoken(clock):
    state, segments = begin(unspoken=4)
    assert state.percent() == 30
    state.advance(segments[0], 1.0)
    state.advance(segments[1], 0.5)
    assert state.percent() == 45
    for segment in segments:
        state.advance(segment, 7.0)
    assert state.percent() == 70


def test_what_an_interrupted_attempt_has_spoken_counts_in_the_bar_and_not_in_the_time(clock):
    state, segments = begin(spoken=8, unspoken=2)
    assert state.percent() == 62
    clock(10)
    state.advance(segments[0], 1.0)
    assert state.percent() == 66 and state.eta() == 10.0 + 2.0


def test_a_changed_sentence_of_a_long_text_is_measured_by_itself(clock):
    state, segments = begin(GenerationFactory(completed=True), spoken=499, unspoken=1)
    assert state.percent() == 30
    clock(2)
    state.advance(segments[0], 0.5)
    assert state.percent() == 50 and 2.0 < state.eta() - 2.0 < 5.0
    state.advance(segments[0], 1.0)
    assert state.percent() == 70 and state.eta() == 2.0


def test_the_bar_never_goes_back_and_the_time_does_when_a_sentence_begins_again(clock):
    state, segments = begin(unspoken=2)
    clock(10)
    state.advance(segments[0], 0.8)
    before = state.percent(), state.eta()
    state.advance(segments[0], 0.0)
    assert state.percent() == before[0]
    clock(5)
    state.advance(segments[0], 0.4)
    assert state.percent() == before[0] and state.eta() > before[1]


def test_the_time_counts_down_between_two_signs_and_never_to_0(clock):
    state, segments = begin(unspoken=10)
    assert state.eta() == 100.0 + 2.0, "as earlier generations tell"
    clock(10)
    state.advance(segments[0], 1.0)
    assert state.eta() == 90.0 + 2.0
    clock(4)
    assert state.eta() == 86.0 + 2.0
    clock(84)
    late = state.eta()
    clock(100)
    assert 2.0 < late < state.eta(), "the later it is, the less is known"


def test_before_the_first_sign_earlier_generations_tell_and_then_what_is_measured(clock):
    state, segments = begin(unspoken=10)
    clock(30)
    state.advance(segments[0], 1.0)
    assert 100 < state.eta() < 270, "between what was and what is"


def test_utterances_side_by_side_take_the_time_once(clock):
    state, segments = begin(unspoken=10, rates=replace(RATES, seconds_a_character=0.01))
    for _ in range(4):
        clock(1)
        for segment in segments[:4]:
            state.advance(segment, state.spoken.get(segment.pk, 0.0) / 100 + 0.25)
    assert state.eta() == pytest.approx(6.0 + 2.0)


def test_a_slow_start_is_forgotten(clock):
    state, segments = begin(unspoken=1000, rates=replace(RATES, seconds_a_character=0.01))
    clock(100)
    state.advance(segments[0], 1.0)
    for segment in segments[1:600]:
        clock(1)
        state.advance(segment, 1.0)
    assert state.eta() == pytest.approx(400 + 2.0, rel=0.05), "and not 467"


def test_the_compute_time_of_a_changed_text_stays_that_of_the_whole(clock):
    whole = GenerationFactory(completed=True, compute_seconds=100.0)
    state, segments = begin(whole, spoken=9, unspoken=1)
    clock(12)
    state.advance(segments[0], 1.0)
    assert state.measures()["compute_seconds"] == 102.0
    resumed = GenerationFactory(compute_seconds=100.0)
    state, _ = begin(resumed, spoken=9, unspoken=1)
    assert state.measures()["compute_seconds"] == 100.0


def test_a_heartbeat_costs_the_same_for_one_segment_and_for_thousands(clock, django_assert_num_queries, monkeypatch):
    state, segments = begin(unspoken=5000)
    state.advance(segments[0], 1.0)
    monkeypatch.setattr(Segment, "text", property(lambda segment: pytest.fail("It looks at segments.")))
    with django_assert_num_queries(0):
        assert state.percent() == 30 and state.eta() and state.measures()


def test_a_text_that_is_all_spoken_is_done():
    state, _ = begin(spoken=3)
    assert state.percent() == 70
    state, _ = begin(GenerationFactory(completed=True), spoken=3)
    assert state.percent() == 70


# ---------------------------------------------------------------------------------------------------------------------
# The bar of the page


@pytest.fixture
def history():
    """Generations that took 2 s, and 0.1 s a character; 2 s of it at the end."""
    for characters in (20, 300, 5000):
        row = spoke(characters, 2 + 0.1 * characters, worker=str(characters))
        Generation.objects.filter(pk=row.pk).update(
            started_at=row.engine_started_at - timedelta(seconds=1),
            engine_finished_at=row.finished_at - timedelta(seconds=2),
        )


def share(time: WorkTime) -> float:
    return time.fields()["time_share"]


@pytest.mark.usefixtures("history")
def test_the_bar_goes_with_the_time_through_all_stages(clock):
    time = WorkTime(GenerationFactory())
    time.prepare(100, is_loaded=True)
    assert share(time) == 0.0
    clock(1)
    assert share(time) == pytest.approx(1 / 13, abs=0.01)
    state, segments = begin(unspoken=1)
    state = GenerationProgress(GenerationFactory(), segments, time.rates)
    time.speak(state)
    for second in range(1, 9):
        clock(1)
        assert share(time) == pytest.approx((1 + second) / 13, abs=0.02)
    clock(2)
    state.advance(segments[0], 1.0)
    time.end()
    clock(1)
    assert share(time) == pytest.approx(12 / 13, abs=0.02)
    assert time.fields()["eta_seconds"] == pytest.approx(1, abs=0.1)
    clock(100)
    assert share(time) < 1


@pytest.mark.usefixtures("history")
def test_a_model_that_must_be_loaded_is_part_of_the_time(clock):
    time, cold = WorkTime(GenerationFactory()), WorkTime(GenerationFactory())
    time.rates = cold.rates = RATES
    time.prepare(100, is_loaded=True)
    cold.prepare(100, is_loaded=False)
    clock(1)
    assert share(cold) < share(time) / 1.5


@pytest.mark.usefixtures("history")
def test_the_bar_never_goes_back_when_there_is_more_to_do(clock):
    time = WorkTime(GenerationFactory())
    state, segments = begin(unspoken=1)
    time.speak(state)
    clock(6)
    before = share(time)
    state, segments = begin(unspoken=20)
    time.speak(state)
    assert before > 0.3 and share(time) == before and time.fields()["eta_seconds"] > 100


@pytest.mark.usefixtures("history")
def test_the_bar_goes_on_where_an_earlier_turn_left_it(clock):
    time = WorkTime(GenerationFactory(time_share=0.5))
    state, segments = begin(spoken=10, unspoken=10)
    time.speak(state)
    assert share(time) == 0.5
    clock(51)
    state.advance(segments[0], 1.0)
    for segment in segments[1:5]:
        state.advance(segment, 1.0)
    assert share(time) == pytest.approx(0.75, abs=0.02)


def test_before_anything_was_measured_the_bar_goes_by_what_is_usual(clock):
    time = WorkTime(GenerationFactory())
    time.prepare(100, is_loaded=False)
    seen = [share(time)]
    for _ in range(20):
        clock(1)
        seen.append(share(time))
    assert seen[0] == 0.0 and seen == sorted(seen) and 0.5 < seen[-1] < 1


def test_one_that_begins_anew_begins_with_an_empty_bar():
    row = GenerationFactory(failed=True, time_share=0.7)
    row.retry()
    assert Generation.objects.get().bar == 0.0
    assert GenerationFactory(running=True, time_share=0.314).bar == 31.4
    assert GenerationFactory(completed=True, time_share=0.7).bar == 100
