"""The measurements show how a recording was degraded, and the grade follows from them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.voices.files import speech
from tests.voices.sounds import band, in_room, noise, whispered, with_noise
from voices.analysis import dnsmos, pitch, quality
from voices.analysis.quality import EXCELLENT, FAIR, GOOD, POOR, Quality, bandwidth, grade, reverberation
from voices.analysis.reference_audio import Measured, make_reference
from voices.analysis.vad import SAMPLE_RATE, speech_mask

RECORDING_NAMES = ["english_austen_1", "english_austen_2", "english_ivr", "spanish_ivr"]
MEASURED = Measured(seconds=10, speech_seconds=9.0, snr_db=40, clipping=0, loudness=-20, peaks=[])
SPOTLESS = Quality(12_000, 0.15, 0.9, False, 0.6, mos=3.3, mos_signal=3.6, mos_background=4.0)


def voiced(wave: np.ndarray) -> float:
    return quality.voiced_share(speech_mask(wave.astype("f4")), pitch.track(wave, SAMPLE_RATE)[0])


@pytest.mark.parametrize("name", RECORDING_NAMES)
def test_bandwidth_is_where_speech_ends_also_under_noise(name):
    for highest in (3400, 5000):
        for wave in (
            band(speech(name), 100, highest),
            with_noise(band(speech(name), 100, highest), noise(speech(name)), 25),
        ):
            wave = wave.astype("f4")
            assert bandwidth(wave, speech_mask(wave)) == pytest.approx(highest, abs=250)
    assert bandwidth(speech(name), speech_mask(speech(name))) == pytest.approx(7600, abs=250)  # a file of 16 kHz


@pytest.mark.parametrize("name", RECORDING_NAMES)
def test_a_room_is_heard_the_more_the_longer_it_sounds(name):
    dry = reverberation(speech(name))
    rooms = [reverberation(in_room(speech(name), rt60)) for rt60 in (0.3, 0.5, 0.8)]
    close = reverberation(in_room(speech(name), 0.5, direct_db=10))
    assert dry < 0.25 and reverberation(with_noise(speech(name), noise(speech(name)), 30).astype("f4")) < 0.25
    assert rooms > [0.3, 0.4, 0.52] and rooms < [0.37, 0.49, 0.62]
    assert sorted([dry, *rooms]) == [dry, *rooms] and dry < close < rooms[0]


def test_nothing_is_said_of_the_room_where_too_little_is_heard():
    assert reverberation(np.zeros(100, "f4")) is None
    assert reverberation(np.zeros(SAMPLE_RATE, "f4")) is None


@pytest.mark.parametrize("name", RECORDING_NAMES)
def test_whispering_is_told_from_a_voice_also_in_noise(name):
    wave, under = speech(name), noise(speech(name))
    assert (
        min(voiced(wave), voiced(with_noise(wave, under, 10)), voiced(in_room(wave, 0.5))) > 2 * quality.WHISPER_SHARE
    )
    assert max(voiced(whispered(wave)), voiced(with_noise(whispered(wave), under, 20))) < quality.WHISPER_SHARE / 2


def test_silence_is_not_voiced():
    assert quality.voiced_share(np.zeros(30, bool), np.full(100, np.nan)) == 0
    assert quality.voiced_share(np.zeros(0, bool), np.zeros(0)) == 0


def test_listeners_opinions_are_those_of_the_package():
    """The figures are those of speechmos 0.0.1.1 for the fixture that is as long as a window."""
    wave = speech("spanish_ivr", 16_000)
    opinion = dnsmos.predict_mos(wave[: dnsmos.WINDOW_SAMPLES], 16_000)
    assert (opinion.signal, opinion.background, opinion.overall) == pytest.approx((3.6744, 4.1031, 3.4107), abs=5e-4)
    noisy = dnsmos.predict_mos(with_noise(wave, noise(wave), 10)[: dnsmos.WINDOW_SAMPLES], 16_000)
    assert noisy.background < 2.7 and noisy.signal > 3.3
    with pytest.raises(ValueError, match="no sound"):
        dnsmos.predict_mos(wave[:0], 16_000)


def test_a_clean_recording_is_excellent_and_nothing_else_is_said():
    reference, measured = make_reference(speech("spanish_ivr"))
    judged = quality.judge(reference, measured)
    assert judged.grade == EXCELLENT
    assert judged.advice == [("good", f"{measured.speech_seconds:.1f} s of clear speech.", "")]
    assert set(judged.quality) == {
        "bandwidth_hz", "reverberation", "speakers", "several_speakers", "voiced", "mos", "mos_signal", "mos_background"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("measured", "found", "mark", "words"),
    [
        ({"snr_db": 5}, {}, POOR, "music or noise"),
        ({"snr_db": 15}, {}, FAIR, "music or noise"),
        ({"snr_db": 20}, {}, GOOD, "a little background noise"),
        ({"clipping": 0.002}, {}, FAIR, "distorted"),
        ({"clipping": 0.02}, {}, POOR, "distorted"),
        ({"loudness": -50}, {}, FAIR, "very quiet"),
        ({"speech_seconds": 4}, {}, GOOD, "Only 4.0 s of speech"),
        ({"speech_seconds": 2}, {}, FAIR, "Only 2.0 s of speech"),
        ({}, {"several_speakers": True}, POOR, "more than one speaker"),
        ({}, {"voiced": 0.03}, POOR, "whispered"),
        ({}, {"bandwidth_hz": 4000}, FAIR, "telephone"),
        ({}, {"bandwidth_hz": 4250}, GOOD, "nothing above 4.2 kHz"),
        ({}, {"bandwidth_hz": 3500}, FAIR, "telephone"),
        ({}, {"bandwidth_hz": 5500}, GOOD, "nothing above 5.5 kHz"),
        ({}, {"reverberation": 0.35}, GOOD, "You can hear the room"),
        ({}, {"reverberation": 0.45}, FAIR, "echoes"),
        ({}, {"reverberation": 0.6}, POOR, "echoes"),
        ({}, {"mos": 2.0}, GOOD, "listen"),
        ({}, {"speakers": None, "reverberation": None}, EXCELLENT, "clear speech"),
    ],
)
def test_each_fault_costs_its_grade_and_is_said_in_one_sentence(measured, found, mark, words):
    got, advice = grade(replace(MEASURED, **measured), replace(SPOTLESS, **found))
    assert got == mark and len(advice) == 1 and words in advice[0][1]
    assert advice[0][0] == {POOR: "warning", FAIR: "warning", GOOD: "hint", EXCELLENT: "good"}[mark]


def test_the_worst_counts_and_is_said_first():
    got, advice = grade(replace(MEASURED, snr_db=20, speech_seconds=2), replace(SPOTLESS, several_speakers=True))
    assert got == POOR
    assert [level for level, _, _ in advice] == ["warning", "warning", "hint"] and "speaker" in advice[0][1]


def test_noise_is_not_taken_for_a_telephone_or_a_room():
    noisy, found = replace(MEASURED, snr_db=8), replace(SPOTLESS, bandwidth_hz=3000, reverberation=0.6, mos=1.5)
    assert [sentence for _, sentence, _ in grade(noisy, found)[1]] == [
        "There is music or noise in the background: record in a quiet place."
    ]
