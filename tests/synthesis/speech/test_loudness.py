import numpy as np
import pytest

from synthesis.engines import EngineError
from synthesis.speech import loudness

RATE = 24_000


def tone(level: float, seconds: float = 1.0) -> np.ndarray:
    return (level * np.sin(2 * np.pi * 220 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


@pytest.mark.parametrize("level", [0.01, 0.1, 0.9])
def test_speech_is_brought_to_the_same_loudness_whatever_its_pauses(level):
    speech = np.concatenate([tone(level), np.zeros(RATE * 3, np.float32)])
    levelled = loudness.normalize_loudness(speech, RATE)
    rms = 20 * np.log10(np.sqrt((levelled[:RATE] ** 2).mean()))
    assert rms == pytest.approx(loudness.TARGET_DBFS, abs=0.2)


def test_a_peak_is_never_clipped():
    click = tone(0.001)
    click[100] = 0.9
    assert np.abs(loudness.normalize_loudness(click, RATE)).max() <= 10 ** (loudness.PEAK_DBFS / 20) + 1e-6


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (np.zeros(0, np.float32), "no sound"),
        (np.zeros(RATE, np.float32), "silence"),
        (np.full(RATE, np.nan, np.float32), "broken"),
    ],
)
def test_what_cannot_be_speech_is_refused(samples, words):
    with pytest.raises(EngineError, match=words):
        loudness.check_speech(samples, RATE)
