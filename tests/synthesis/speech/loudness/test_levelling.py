import numpy as np
import pytest

from synthesis.engines import EngineError
from synthesis.speech import loudness
from synthesis.speech.loudness import CEILING_DBTP, TARGET_LUFS

RATE = 24_000


def speech(lufs: float, seconds: float = 3.0, hertz: float = 220) -> np.ndarray:
    """A tone as loud as that, with a silence of 0.1 s at each end, as engines leave it."""
    wave = np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE).astype(np.float32)
    wave *= 10 ** ((lufs - own(wave)) / 20)
    return np.pad(wave, RATE // 10).astype(np.float32)


def own(samples: np.ndarray) -> float:
    return loudness.measure([samples[samples != 0]], RATE).integrated


@pytest.mark.parametrize("lufs", [-45.0, -24.0, -12.0])
def test_a_voice_comes_to_the_target_however_loud_its_engine_is(lufs):
    assert own(loudness.level(speech(lufs), RATE, lufs)) == pytest.approx(TARGET_LUFS, abs=0.1)


@pytest.mark.parametrize("lufs", [-45.0, -24.0, -12.0])
def test_an_utterance_of_an_unknown_voice_comes_to_the_target_itself(lufs):
    assert own(loudness.level(speech(lufs), RATE, None)) == pytest.approx(TARGET_LUFS, abs=0.1)


@pytest.mark.parametrize(("off", "stays"), [(-6, -1.5), (-1.6, -1.5), (-1, -1), (0, 0), (1.2, 1.2), (6, 1.5)])
def test_an_utterance_keeps_its_dynamics_as_far_as_the_spread_may_be(off, stays):
    levelled = loudness.level(speech(-25 + off), RATE, -25)
    assert own(levelled) == pytest.approx(TARGET_LUFS + stays, abs=0.1)


def test_one_word_is_levelled_too():
    word = speech(-30, seconds=0.25)
    assert own(loudness.level(word, RATE, -25)) == pytest.approx(TARGET_LUFS - 1.5, abs=0.3)


def test_silence_around_speech_makes_it_no_louder():
    quiet = np.pad(speech(-30), RATE * 3)
    assert own(loudness.level(quiet, RATE, None)) == pytest.approx(TARGET_LUFS, abs=0.1)


def test_peaks_are_limited_and_the_loudness_stays():
    peaky = speech(-25)
    peaky[RATE :: RATE // 4] = 0.4  # 24 dB above the rest
    levelled = loudness.level(peaky, RATE, -25)
    assert len(levelled) == len(peaky)
    assert loudness.measure([levelled], RATE).true_peak <= CEILING_DBTP
    assert own(levelled) == pytest.approx(TARGET_LUFS, abs=1)


def test_silence_and_nothing_stay_as_they_are():
    for length in (0, 10, RATE):
        assert np.array_equal(loudness.level(np.zeros(length, np.float32), RATE, -25), np.zeros(length))


def known(*sentences: np.ndarray, lufs: float | None = None) -> list[float | None]:
    """What is known of a voice after each of its sentences."""
    voice = loudness.VoiceMeter(RATE, lufs)
    found = []
    for sentence in sentences:
        voice.push(sentence)
        found.append(voice.lufs)
    return found


@pytest.mark.parametrize("seconds", [1.1, 0.8])
def test_how_loud_a_voice_is_takes_a_second_of_speech(seconds):
    expected = pytest.approx(-27, abs=0.1) if seconds > 1 else None
    assert known(speech(-27, seconds)) == known(np.pad(speech(-27, seconds), RATE)) == [expected]


def test_two_words_say_what_one_does_not():
    assert known(speech(-27, 0.6), speech(-27, 0.6)) == [None, pytest.approx(-27, abs=0.2)]


def test_silence_says_nothing_of_a_voice():
    assert known(np.zeros(RATE * 2, np.float32), np.zeros(0, np.float32)) == [None, None]


def test_the_first_sentence_sets_the_gain_of_a_voice_and_ten_seconds_set_it_once_more():
    found = known(speech(-21, 3), speech(-25, 3), speech(-25, 5), speech(-30, 30))
    assert found[0] == found[1] == pytest.approx(-21, abs=0.1)
    assert found[2] == found[3] == pytest.approx(-23.4, abs=0.3), "of all it said until then"


def test_what_earlier_texts_told_of_a_voice_sets_its_gain():
    assert known(speech(-21, 3), speech(-25, 30), lufs=-24.0) == [-24.0, -24.0]


def in_pieces(samples: np.ndarray, voice_lufs: float | None, size: int = 1000) -> tuple[list[np.ndarray], float | None]:
    leveller = loudness.Leveller(RATE, voice_lufs)
    starts = range(0, len(samples), size)
    pieces = [leveller.push(samples[at : at + size], last=at == starts[-1]) for at in starts]
    return pieces, leveller.voice_lufs


def test_a_stream_has_the_gain_of_its_voice():
    samples = speech(-24)
    samples[RATE : RATE + 100] *= 8
    pieces, _ = in_pieces(samples, -25)
    assert np.allclose(np.concatenate(pieces), loudness.level(samples, RATE, -25), atol=1e-5)
    assert len(pieces[0]) > 800


def test_a_stream_of_an_unknown_voice_waits_until_that_is_heard_and_tells_it():
    samples = speech(-24)
    samples[RATE * 12 // 10 :] *= 10 ** (-2 / 20)  # a sentence begins louder than it goes on
    pieces, heard = in_pieces(samples, None)
    assert heard == pytest.approx(-26, abs=0.2)
    assert not any(map(len, pieces[:25]))
    assert all(map(len, pieces[27:]))
    whole = np.concatenate(pieces)
    assert len(whole) == len(samples)
    assert own(whole[2 * RATE : 3 * RATE]) == pytest.approx(TARGET_LUFS, abs=0.2)


def test_a_stream_that_comes_at_once_is_levelled_by_all_of_it():
    leveller = loudness.Leveller(RATE, None)
    assert own(leveller.push(speech(-24), last=True)) == pytest.approx(TARGET_LUFS, abs=0.1)
    assert leveller.voice_lufs == pytest.approx(-24, abs=0.1)


def test_a_stream_that_ends_before_the_voice_is_known_comes_at_its_end():
    samples = speech(-30, 0.5)
    pieces, heard = in_pieces(samples, None)
    assert heard is None
    assert own(np.concatenate(pieces)) == pytest.approx(TARGET_LUFS, abs=0.2)


def test_a_stream_of_silence_stays_silent():
    pieces, _ = in_pieces(np.zeros(5000, np.float32), None)
    assert np.array_equal(np.concatenate(pieces), np.zeros(5000))


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
