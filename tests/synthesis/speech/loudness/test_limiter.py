import numpy as np
import pytest

from synthesis.speech.loudness import measure
from synthesis.speech.loudness.limiter import ATTACK_SECONDS, RELEASE_DB_PER_SECOND, Limiter

RATE = 24_000
CEILING = -1.0


def limited(sound: np.ndarray, size: int | None = None) -> np.ndarray:
    limiter = Limiter(RATE, CEILING)
    size = size or len(sound)
    pieces = [sound[start : start + size] for start in range(0, len(sound), size)]
    return np.concatenate([limiter.push(piece, last=piece is pieces[-1]) for piece in pieces])


def tone(level: float, seconds: float = 1.0, hertz: float = 220) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def bursts() -> np.ndarray:
    random = np.random.default_rng(0)
    level = np.repeat(10 ** random.uniform(-3, 0.5, 200), RATE // 50)
    return (level * random.normal(size=len(level))).astype(np.float32)


def spikes() -> np.ndarray:
    sound = tone(0.2)
    sound[[0, 100, 5000, 5003, 23_999]] = [3, -2, 1.5, -5, 2]
    return sound


@pytest.mark.parametrize(
    "sound",
    [bursts(), spikes(), tone(4.0), tone(1.4, hertz=RATE / 4 + 1), tone(0.95, hertz=RATE / 3 + 1)],
    ids=["bursts", "spikes", "loud", "between samples", "between samples, faint"],
)
def test_no_true_peak_exceeds_the_ceiling(sound):
    assert measure([sound], RATE).true_peak > CEILING
    assert measure([limited(sound)], RATE).true_peak <= CEILING


def test_what_does_not_exceed_it_stays_to_the_bit():
    sound = np.concatenate([tone(0.8), np.zeros(RATE, np.float32), tone(0.1)])
    assert np.array_equal(limited(sound), sound)


def test_limited_sound_hardly_changes_when_limited_again():
    once = limited(bursts())
    assert np.abs(limited(once) - once).max() < 0.01


def test_what_is_far_from_a_peak_stays_and_silence_stays_silent():
    sound = np.concatenate([tone(0.3), np.zeros(RATE, np.float32), tone(2.0), np.zeros(RATE, np.float32), tone(0.3)])
    made = limited(sound)
    assert len(made) == len(sound)
    assert np.array_equal(made[: 2 * RATE - 200], sound[: 2 * RATE - 200])
    assert not made[3 * RATE : 4 * RATE].any()
    assert np.array_equal(made[4 * RATE :], sound[4 * RATE :])


@pytest.mark.parametrize("size", [1, 50, 133, 4000, 30_000])
def test_pieces_are_limited_as_the_whole(size):
    sound = bursts()[: 3_000 if size == 1 else None]
    assert np.allclose(limited(sound, size), limited(sound), atol=1e-5)


def test_only_some_milliseconds_wait():
    limiter = Limiter(RATE, CEILING)
    assert len(limiter.push(tone(0.3), last=False)) >= RATE - 0.006 * RATE


def test_the_gain_falls_before_a_peak_and_comes_back_slowly_without_a_step():
    sound = np.full(2 * RATE, 0.4, np.float32)
    sound[RATE : RATE + 400] *= 4
    gain_db = 20 * np.log10(limited(sound) / sound)
    fall = -gain_db.min()
    attack = round(ATTACK_SECONDS * RATE)
    assert gain_db[RATE - attack - 20] == gain_db[-1] == 0
    assert -gain_db[RATE] > 0.9 * fall > 4
    assert np.diff(gain_db).min() > -2.2 * fall / attack
    assert np.diff(gain_db).max() < 1.01 * RELEASE_DB_PER_SECOND / RATE
    assert np.abs(np.diff(gain_db, 2)).max() < 0.1 * fall / attack


def test_a_voiced_sound_is_not_distorted_by_a_gain_that_follows_its_periods():
    made = limited(tone(1.6, 3.0, hertz=100))[RATE : 2 * RATE]
    spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made))))
    harmonics = spectrum[190:].max() / spectrum[100]
    assert 20 * np.log10(harmonics) < -45
