from datetime import timedelta

import pytest
from django.utils import timezone

from synthesis.models import Generation
from voicesite import wording
from voicesite.templatetags import display


def test_a_wave_is_mirrored_about_its_middle():
    assert display.wave([100, 0]) == "M1 0V100M3 48.5V51.5", "what is silent is seen still"
    assert display.wave_width([100, 0]) == 4


@pytest.mark.parametrize("seconds, shown", [(75.2, "1:15"), (59.6, "1:00"), (0, "0:00"), (None, "0:00")])
def test_clock(seconds, shown):
    assert display.clock(seconds) == shown


@pytest.mark.parametrize(
    "seconds, shown", [(4.21, "4.2 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (185, "3 min 5 s"), (None, "")]
)
def test_duration(seconds, shown):
    assert display.duration(seconds) == shown


def test_elapsed_ends_with_the_job():
    asked = timezone.now() - timedelta(seconds=30)
    assert display.elapsed(Generation(created_at=asked)) == "30 s"
    assert display.elapsed(Generation(created_at=asked, finished_at=asked + timedelta(seconds=4))) == "4.0 s"


def test_percent():
    assert wording.percent(0.807) == "81%"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.2, "1 second"),
        (4.4, "4 seconds"),
        (23, "25 seconds"),
        (57, "60 seconds"),
        (100, "2 minutes"),
        (12 * 60 + 20, "12 minutes"),
        (27 * 60, "25 minutes"),
        (59 * 60, "1 hour"),
        (80 * 60, "1 hour 20 minutes"),
        (2 * 3600, "2 hours"),
        (11.6 * 3600, "12 hours"),
    ],
)
def test_an_estimate_is_as_precise_as_it_can_be(seconds, shown):
    assert display.roughly(seconds) == shown
