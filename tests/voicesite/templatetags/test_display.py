from datetime import timedelta

import pytest
from django.utils import timezone

from synthesis.models import Generation
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
    assert display.percent(0.807) == "81 %"
