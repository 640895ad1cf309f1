"""One person is one and two are two, by how they sound, how long each speaks, and their pitch."""

import numpy as np
import pytest

from tests.voices.files import speech
from tests.voices.sounds import in_room, music, noise, with_noise
from voices.analysis import pitch
from voices.analysis.speakers import Groups, groups
from voices.analysis.vad import SAMPLE_RATE, speech_mask

READER = ["english_austen_1", "english_austen_2", "english_austen_short"]
SPEAKER = ["english_ivr", "spanish_ivr"]


def parted(*waves: np.ndarray) -> Groups | None:
    """Part what is said in `waves`, one after the other, each as loud, with pauses of 0.3 s."""
    pause = np.zeros(SAMPLE_RATE * 3 // 10)
    wave = np.concatenate([part for each in waves for part in (each * 0.05 / each.std(), pause)]).astype(np.float32)
    return groups(wave, speech_mask(wave), pitch.track(wave, SAMPLE_RATE)[0])


def are_two(*waves: np.ndarray) -> bool:
    found = parted(*waves)
    return found is not None and found.are_two_people


@pytest.mark.parametrize("name", [*READER, *SPEAKER])
def test_one_person_is_one_also_in_noise_and_music(name):
    wave = speech(name)
    for heard in (wave, with_noise(wave, noise(wave), 15), with_noise(wave, music(), 15), in_room(wave, 0.4)):
        assert not are_two(heard)


@pytest.mark.parametrize("person", [READER, SPEAKER])
def test_one_person_is_one_in_several_recordings_and_languages(person):
    assert not are_two(*map(speech, person))


@pytest.mark.parametrize("name", [*READER, *SPEAKER])
def test_of_seconds_nothing_is_said(name):
    for start in range(0, len(speech(name)) - SAMPLE_RATE, SAMPLE_RATE):
        assert parted(speech(name)[start : start + 3 * SAMPLE_RATE]) is None


@pytest.mark.parametrize(("one", "other"), [("english_austen_1", "spanish_ivr"), ("english_ivr", "english_austen_2")])
def test_two_people_are_two_however_short_one_of_them_is(one, other):
    assert are_two(speech(one), speech(other))
    assert are_two(speech(one), speech(other)[: 2 * SAMPLE_RATE])
    turns = [speech(name)[start : start + 2 * SAMPLE_RATE] for start in (0, 2 * SAMPLE_RATE) for name in (one, other)]
    assert are_two(*turns)
    found = parted(speech(one), speech(other))
    assert found.semitones > 6 and found.seconds == pytest.approx(
        min(len(speech(one)), len(speech(other))) / SAMPLE_RATE, abs=1
    )


@pytest.mark.parametrize(
    ("similarity", "seconds", "semitones", "two"),
    [
        (0.76, 3.0, 8.0, True),  # a man and a woman in one room
        (0.76, 3.0, 1.0, False),
        (0.70, 4.0, 1.0, True),  # as much of each as one person's moods don't last
        (0.70, 1.2, 1.0, False),
        (0.55, 1.2, 0.0, True),
        (0.84, 5.0, 12.0, False),  # an actor
    ],
)
def test_pitch_and_turns_count_beside_likeness(similarity, seconds, semitones, two):
    assert Groups(similarity, seconds, semitones).are_two_people is two


def test_where_nobody_speaks_nothing_is_said():
    assert groups(np.zeros(SAMPLE_RATE, np.float32), np.zeros(31, bool), np.full(96, np.nan)) is None
