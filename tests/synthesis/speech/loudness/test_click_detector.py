import numpy as np
import pytest

from synthesis.speech.loudness import clicks

RATE = 24_000
PAUSE = RATE // 4


@pytest.fixture(params=range(6))
def take(request) -> np.ndarray:
    """Something like speech, with the breath of a room before and after it, faded at its ends."""
    random = np.random.default_rng(request.param)
    time = np.arange(RATE) / RATE
    hertz = random.uniform(90, 250)
    voice = sum(np.sin(2 * np.pi * hertz * number * time) / number for number in range(1, 20))
    envelope = np.interp(time, [0, 0.06, 0.15, 0.5, 0.6, 0.9, 1], [0, 0, 1, 0.3, 1, 0, 0])
    sound = 0.2 * envelope * voice + 0.05 * envelope * random.normal(size=RATE) + random.normal(0, 3e-4, RATE)
    fade = RATE // 200
    sound[:fade] *= np.linspace(0, 1, fade)
    sound[-fade:] *= np.linspace(1, 0, fade)
    return sound.astype(np.float32)


def joined(take: np.ndarray) -> tuple[np.ndarray, int, int]:
    """The take between two pauses, and the places where it begins and ends."""
    return np.pad(take, PAUSE), PAUSE, PAUSE + len(take)


def test_clean_joins_and_speech_itself_do_not_click(take):
    sound, start, end = joined(take)
    assert clicks(sound, RATE, [start, end, *range(start, end, 97)]) == []


@pytest.mark.parametrize("step", [0.01, -0.05])
def test_a_step_clicks(take, step):
    sound, start, end = joined(take)
    decay = (step * np.exp(-np.arange(PAUSE) / 480)).astype(np.float32)
    sound[end:] += decay
    sound[:start] += decay[::-1]
    assert clicks(sound, RATE, [start, start + 5000, end]) == [start, end]


@pytest.mark.parametrize("offset", [0.01, 0.03])
def test_a_take_with_a_constant_offset_clicks_at_both_ends(take, offset):
    sound, start, end = joined(take + np.float32(offset))
    assert clicks(sound, RATE, [start, end]) == [start, end]


@pytest.mark.parametrize("place", [0.12, 0.2, 0.55, 0.7])
def test_speech_that_is_cut_clicks(take, place):
    at = round(place * RATE)
    for piece, where in ((take[:at], PAUSE + at), (take[at:], PAUSE)):
        assert clicks(np.pad(piece, PAUSE), RATE, [where]) == [where]


def test_the_ends_of_a_file_are_places_too():
    sound = np.full(100, 0.2, np.float32)
    assert clicks(sound, RATE, [0, 50, 100]) == [0, 100]
