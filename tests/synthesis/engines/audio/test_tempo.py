"""Faster and slower at the same pitch."""

import numpy as np
import pytest
import soundfile

from synthesis.engines.audio.tempo import Tempo
from tests import FIXTURES
from voices.analysis import speaker_encoder
from voices.analysis.pitch import median_pitch

RATE = 24_000


def change(samples: np.ndarray, rate: int, speed: float) -> np.ndarray:
    """All of it at once."""
    tempo = Tempo(rate, speed)
    return np.concatenate([tempo.push(samples), tempo.finish()])


def tone(seconds: float, hertz: float = 220) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


@pytest.mark.parametrize("speed", [0.25, 0.5, 0.8, 1.25, 2.0, 4.0])
def test_the_length_changes_and_the_pitch_stays(speed):
    changed = change(tone(3.0), RATE, speed)

    assert changed.dtype == np.float32
    assert len(changed) / RATE == pytest.approx(3.0 / speed, abs=0.06)
    spectrum = np.abs(np.fft.rfft(changed * np.hanning(len(changed))))
    assert spectrum.argmax() * RATE / len(changed) == pytest.approx(220, abs=2)
    assert np.abs(changed).max() == pytest.approx(0.3, rel=0.1)


@pytest.mark.parametrize("speed", [0.75, 1.3])
def test_a_voice_stays_the_same_voice(speed):
    samples, rate = soundfile.read(FIXTURES / "english_ivr.wav", dtype="float32")

    changed = change(samples, rate, speed)

    assert median_pitch(changed, rate) == pytest.approx(median_pitch(samples, rate), rel=0.06)
    assert speaker_encoder.similarity(speaker_encoder.embed(changed, rate), speaker_encoder.embed(samples, rate)) > 0.85


def test_chunks_say_what_the_whole_does():
    samples = np.concatenate([tone(1.0), tone(1.0, 330)])
    tempo = Tempo(RATE, 1.25)

    parts = [tempo.push(samples[start : start + 1920]) for start in range(0, len(samples), 1920)]

    assert sum(len(part) for part in parts) > 0.9 * len(samples) / 1.25, "it comes while it is spoken"
    np.testing.assert_allclose(np.concatenate([*parts, tempo.finish()]), change(samples, RATE, 1.25), atol=1e-6)


def test_the_usual_speed_changes_nothing():
    samples = tone(0.1)

    assert Tempo(RATE, 1.0).push(samples) is samples
    assert len(Tempo(RATE, 1.0).finish()) == 0


def test_no_sound_stays_none_and_no_speed_is_refused():
    assert len(change(np.zeros(0, np.float32), RATE, 2.0)) == 0
    assert len(Tempo(RATE, 2.0).finish()) == 0
    with pytest.raises(ValueError, match="none"):
        Tempo(RATE, 0.0)


def test_a_click_of_sound_is_no_error():
    assert len(change(tone(0.004), RATE, 1.5)) < 0.01 * RATE
