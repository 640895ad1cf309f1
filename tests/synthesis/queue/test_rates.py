"""What a model takes for a text, by what its latest generations took."""

from datetime import timedelta

import pytest
from django.utils import timezone

from synthesis.queue import rates
from synthesis.queue.rates import Measured, rates_of
from tests.factories import spoke
from voicesite.jobs.job import State

pytestmark = [pytest.mark.django_db, pytest.mark.backends]
NOW = timezone.now()


def measured(characters, seconds, start=0.0, begins=0.5, worker="one", language="en-us", speech=0.05) -> Measured:
    """A text that took so many seconds of the engine, a while after NOW."""
    begun = NOW + timedelta(seconds=start)
    claimed, ended = begun - timedelta(seconds=begins), begun + timedelta(seconds=seconds)
    return Measured(characters, language, speech * characters, worker, claimed, begun, ended, ended)


def test_a_text_takes_a_time_of_its_own_and_one_for_each_character():
    found = rates_of([measured(n, 2 + 0.1 * n, start=1000 * n) for n in (20, 300, 5000)])
    assert found.seconds_a_text == pytest.approx(2) and found.seconds_a_character == pytest.approx(0.1)
    assert found.work(1000) == pytest.approx(0.5 + 2 + 100)
    assert found.speech(1000, "en-us", 2.0) == pytest.approx(25)


def test_texts_of_one_length_tell_the_time_of_a_character():
    found = rates_of([measured(100, 10, start=100 * n) for n in range(3)])
    assert (found.seconds_a_text, found.seconds_a_character) == (0.0, pytest.approx(0.1))


def test_one_that_was_held_up_counts_for_little():
    found = rates_of(
        [*(measured(n, 0.1 * n, start=1000 * n) for n in (20, 300, 900, 5000)), measured(300, 900, start=-9e6)]
    )
    assert found.work(1000) == pytest.approx(100, rel=0.25)


def test_what_a_batch_spoke_side_by_side_is_counted_once():
    together = [measured(100, 10, start=0), measured(100, 10, start=1), measured(100, 9, start=2)]
    (period,) = rates._busy_periods(together)
    assert period == (together, 11.0)
    apart = [measured(100, 10, start=0), measured(100, 10, start=1, worker="two"), measured(100, 10, start=20)]
    assert len(rates._busy_periods(apart)) == 3


def test_texts_that_share_the_engine_take_longer_than_their_work():
    """Two each time, of 10 s of work, that take 20 s side by side."""
    found = rates_of([measured(100, 20, start=1000 * n) for n in (0, 0, 1, 1)])
    assert found.seconds_a_character == pytest.approx(0.1) and found.stretch == pytest.approx(2)


def test_who_has_the_engine_alone_takes_their_work():
    found = rates_of([measured(n, 2 + 0.1 * n, start=1000 * n) for n in (20, 300, 5000)])
    assert found.stretch == 1


def test_loading_the_model_counts_only_where_it_is_not_loaded():
    found = rates_of([measured(100, 10, start=100 * n, begins=30 if n == 0 else 0.5) for n in range(5)])
    assert found.work(100) == pytest.approx(10.5) and found.work(100, is_loaded=False) == pytest.approx(40)


def test_a_language_has_its_own_speed_where_enough_is_known():
    few = [measured(100, 10, start=100 * n, language="hi", speech=0.2) for n in range(2)]
    found = rates_of([*few, *(measured(100, 10, start=1000 + 100 * n) for n in range(8))])
    assert found.speech(100, "hi", 1.0) == found.speech(100, "es", 1.0) == pytest.approx(8.0)
    found = rates_of([*few, measured(100, 10, start=900, language="hi", speech=0.2)])
    assert found.speech(100, "hi", 1.0) == pytest.approx(20.0)


@pytest.mark.parametrize(
    "which",
    [
        {"state": State.FAILED},
        {"model": "overtone"},
        {"attempts": 2},
        {"revision": 1},
        {"first_audio_seconds": -7200},  # it was heard in an earlier turn
    ],
    ids=str,
)
def test_what_says_nothing_about_a_whole_text_is_not_measured(which):
    spoke(**which)
    assert rates.measure(("fake", "tone")) is None


def test_the_end_of_a_text_is_known_apart_from_its_speech():
    spoke(engine_finished_at=timezone.now() - timedelta(seconds=3605))
    found = rates.measure(("fake", "tone"))
    assert found.seconds_to_finish == pytest.approx(5, abs=0.1)
    assert found.work_of_engine(1000) == pytest.approx(100) and found.seconds_of_speaking(1000) == pytest.approx(
        95, abs=0.1
    )


def test_before_anything_was_measured_an_engine_is_expected_to_be_as_usual():
    assert rates.measure(("kokoro", "any")) is None
    usual = rates.expect(("kokoro", "any"))
    assert usual.work_of_engine(1000) < rates.expect(("one that is gone", "")).work_of_engine(1000)
    spoke()
    assert rates.expect(("fake", "tone")).seconds_a_character == pytest.approx(0.1)
