"""How far a generation is, and how long it will take: of what an attempt has to do."""

from types import SimpleNamespace

import pytest

from synthesis.models import Segment
from synthesis.speech import progress
from synthesis.speech.progress import GenerationProgress
from tests.factories import GenerationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """`clock(seconds)`: time goes by."""
    now = [1000.0]
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def pass_by(seconds: float):
        now[0] += seconds

    return pass_by


def begin(generation=None, spoken=0, unspoken=0, characters=100) -> tuple[GenerationProgress, list[Segment]]:
    """The progress of an attempt at a text, of which so many segments are spoken; and those that are not."""
    states = [Segment.State.COMPLETED] * spoken + [Segment.State.PENDING] * unspoken
    segments = [
        Segment(pk=index + 1, index=index, text="x" * characters, state=state) for index, state in enumerate(states)
    ]
    return GenerationProgress(generation or GenerationFactory(), segments), segments[spoken:]


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
    assert state.percent() == 66 and state.eta() == 10.0


def test_a_changed_sentence_of_a_long_text_is_measured_by_itself(clock):
    state, segments = begin(GenerationFactory(completed=True), spoken=499, unspoken=1)
    assert state.percent() == 30
    clock(2)
    state.advance(segments[0], 0.5)
    assert state.percent() == 50 and state.eta() == 2.0
    state.advance(segments[0], 1.0)
    assert state.percent() == 70 and state.eta() == 0.0


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


def test_the_time_counts_down_between_two_signs_and_not_below_0(clock):
    state, segments = begin(unspoken=10)
    assert state.eta() is None, "nothing was measured"
    clock(10)
    state.advance(segments[0], 1.0)
    assert state.eta() == 90.0
    clock(4)
    assert state.eta() == 86.0
    clock(1000)
    assert state.eta() == 0.0


def test_before_the_first_sign_earlier_generations_tell(clock):
    GenerationFactory(completed=True, text="x" * 200, compute_seconds=20.0)
    state, segments = begin(unspoken=10)
    assert state.eta() == 100.0
    clock(30)
    state.advance(segments[0], 1.0)
    assert 100 < state.eta() < 270, "between what was and what is"


def test_utterances_side_by_side_take_the_time_once(clock):
    state, segments = begin(unspoken=10)
    for _ in range(4):
        clock(1)
        for segment in segments[:4]:
            state.advance(segment, state.spoken.get(segment.pk, 0.0) / 100 + 0.25)
    assert state.eta() == 6.0


def test_a_slow_start_is_forgotten(clock):
    state, segments = begin(unspoken=1000)
    clock(100)
    state.advance(segments[0], 1.0)
    for segment in segments[1:600]:
        clock(1)
        state.advance(segment, 1.0)
    assert state.eta() == pytest.approx(400, rel=0.05), "and not 467"


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
        assert state.percent() == 30 and state.eta() is not None and state.measures()


def test_a_text_that_is_all_spoken_is_done():
    state, _ = begin(spoken=3)
    assert state.percent() == 70
    state, _ = begin(GenerationFactory(completed=True), spoken=3)
    assert state.percent() == 70
