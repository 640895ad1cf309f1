import numpy as np
import pytest

from voices.analysis.pitch import median_pitch

RATE = 24_000


@pytest.mark.parametrize("hertz", [80, 120, 210, 330])
def test_the_pitch_of_a_buzz(hertz):
    time = np.arange(RATE) / RATE
    buzz = sum(np.sin(2 * np.pi * hertz * number * time) / number for number in range(1, 8))

    assert median_pitch(buzz, RATE) == pytest.approx(hertz, rel=0.03)


@pytest.mark.parametrize("samples", [np.zeros(RATE), np.zeros(0), np.random.default_rng(0).standard_normal(RATE)])
def test_what_has_no_voice_has_no_pitch(samples):
    assert np.isnan(median_pitch(samples, RATE))
