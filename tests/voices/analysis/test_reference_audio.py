"""Speech is detected however it was recorded, and nothing else is; the measurements are right."""

import numpy as np
import pytest
import soxr

from tests.voices.files import speech
from tests.voices.sounds import band, clipped, echoed, hum, music, noise, seconds, whispered, with_noise
from voices.analysis.quality import EXCELLENT, Quality, grade
from voices.analysis.reference_audio import MAX_SNR_DB, PEAK_LEVEL, TARGET_DBFS, AudioRejected, make_reference, peaks
from voices.analysis.vad import FRAME_SAMPLES, SAMPLE_RATE, speech_mask

VOICES = ["english_austen_1", "english_austen_short", "english_ivr", "spanish_ivr"]
NOISY, QUIET, CLIPPED = "music or noise in the background", "very quiet", "distorted"

SPOTLESS = Quality(12_000, 0.15, 0.9, False, 0.6, mos=3.3, mos_signal=3.6, mos_background=4.0)


def said(measured) -> str:
    """Return the advice that follows from the measurements of `make_reference` alone."""
    return " ".join(sentence for _, sentence, _ in grade(measured, SPOTLESS)[1])


SPOKEN = {
    "as it is": lambda wave: wave,
    "very quiet": lambda wave: 0.01 * wave,
    "in noise at 10 dB": lambda wave: with_noise(wave, noise(wave), 10),
    "in noise as loud": lambda wave: with_noise(wave, noise(wave), 0),
    "over music": lambda wave: with_noise(wave, music(), 3),
    "in hum that is louder": lambda wave: with_noise(wave, hum(seconds(8)), -5),
    "on a telephone": lambda wave: band(wave, 300, 3400),
    "on a bad radio": lambda wave: band(wave, 300, 1500),
    "by a child": lambda wave: soxr.resample(wave, 1.5 * SAMPLE_RATE, SAMPLE_RATE),
    "by a mouse": lambda wave: soxr.resample(wave, 2.2 * SAMPLE_RATE, SAMPLE_RATE),
    "by a giant": lambda wave: soxr.resample(wave, 0.7 * SAMPLE_RATE, SAMPLE_RATE),
    "whispered": whispered,
    "clipped hard": lambda wave: np.clip(30 * wave, -1, 1),
    "compressed": lambda wave: np.sign(wave) * np.abs(wave) ** 0.5,
    "with an offset": lambda wave: 0.3 * wave + 0.4,
    "in a church": echoed,
    "after a minute of silence": lambda wave: np.concatenate(
        [np.zeros(60 * SAMPLE_RATE), wave, np.zeros(9 * SAMPLE_RATE)]
    ),
    "before a loud click": lambda wave: np.concatenate([0.1 * wave, np.zeros(SAMPLE_RATE), np.ones(200)]),
}


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("how", SPOKEN)
def test_speech_is_found_however_it_was_spoken(how, voice):
    wave = np.clip(SPOKEN[how](speech(voice)), -1, 1).astype(np.float32)
    reference, measured = make_reference(wave)
    whole = len(speech(voice)) / SAMPLE_RATE / {"by a child": 1.5, "by a mouse": 2.2, "by a giant": 0.7}.get(how, 1)
    assert measured.speech_seconds > (0.45 if how == "whispered" else 0.78) * whole
    assert measured.seconds < whole + 0.5  # silence and clicks around it are gone
    assert reference.dtype == np.float32 and np.abs(reference).max() <= PEAK_LEVEL + 1e-6


TIME = seconds(8)
NO_SPEECH = {
    "silence": 0 * TIME,
    "noise": 0.1 * noise(TIME),
    "faint noise": 0.001 * noise(TIME),
    "a tone": 0.3 * np.sin(2 * np.pi * 440 * TIME),
    "a dial tone": 0.2 * np.sin(2 * np.pi * 350 * TIME) + 0.2 * np.sin(2 * np.pi * 440 * TIME),
    "a sweep": 0.3 * np.sin(2 * np.pi * (100 * TIME + 20 * TIME**2)),
    "a siren": 0.3 * np.sin(2 * np.pi * np.cumsum(600 + 200 * np.sin(np.pi * TIME)) / SAMPLE_RATE),
    "beeps": 0.3 * np.sin(2 * np.pi * 1000 * TIME) * (TIME % 1 < 0.3),
    "dialling": 0.2 * (np.sin(2 * np.pi * 770 * TIME) + np.sin(2 * np.pi * 1336 * TIME)) * (TIME % 0.4 < 0.2),
    "hum": hum(TIME) + 0.003 * noise(TIME),
    "surf": 0.1 * noise(TIME) * (1 + np.sin(2 * np.pi * 4 * TIME)),
    "clicks": np.where(np.random.default_rng(3).random(len(TIME)) < 1e-4, 0.9, 0.0),
    "silence and one click": np.where(np.arange(len(TIME)) // 200 == 300, 0.9, 0.0),
    "drums": np.sin(2 * np.pi * 60 * TIME) * np.exp(-20 * (TIME % 0.5))
    + 0.2 * noise(TIME) * np.exp(-30 * (TIME % 0.25)),
    "music": music(),
    "the highest there is": np.where(np.arange(len(TIME)) % 2, 0.9, -0.9),
    "a square wave": 0.3 * np.sign(np.sin(2 * np.pi * 200 * TIME)),
    "a constant": np.full(len(TIME), 0.7),
}


@pytest.mark.parametrize("what", NO_SPEECH)
def test_what_is_no_speech_is_refused(what):
    with pytest.raises(AudioRejected, match="No speech was found") as rejected:
        make_reference(np.clip(NO_SPEECH[what], -1, 1).astype(np.float32))
    assert rejected.value.code == "no_speech"


@pytest.mark.parametrize("samples", [0, 1, 100, 2400])
def test_next_to_nothing_is_refused(samples):
    with pytest.raises(AudioRejected):
        make_reference(np.zeros(samples, np.float32))


def test_too_little_speech_is_refused_saying_how_much_there_is():
    with pytest.raises(
        AudioRejected, match=r"only 0\.[5-9] s of speech.*At least 1 s is needed, and 6 s or more"
    ) as no:
        make_reference(
            np.concatenate(
                [np.zeros(SAMPLE_RATE), speech()[SAMPLE_RATE // 2 : SAMPLE_RATE // 2 + 17_000], np.zeros(SAMPLE_RATE)]
            ).astype("f4")
        )
    assert no.value.code == "too_short"


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("db", [0, 5, 10])
def test_noise_is_measured_as_it_was_added(voice, db):
    measured = make_reference(with_noise(speech(voice), noise(TIME), db).astype("f4") * 0.3)[1]
    assert measured.snr_db == pytest.approx(db, abs=1)
    assert NOISY in said(measured)


@pytest.mark.parametrize("voice", ["english_ivr", "spanish_ivr"])
def test_a_studio_is_not_called_noisy(voice):
    for wave in (speech(voice), with_noise(speech(voice), noise(TIME), 30), with_noise(speech(voice), noise(TIME), 24)):
        measured = make_reference(wave.astype("f4"))[1]
        assert 22 < measured.snr_db <= MAX_SNR_DB
        assert grade(measured, SPOTLESS) == (
            EXCELLENT,
            [("good", f"{measured.speech_seconds:.1f} s of clear speech.", "")],
        )


def test_music_behind_the_voice_is_a_warning():
    assert NOISY in said(make_reference(with_noise(speech(), music(), 10).astype("f4"))[1])


def test_silence_made_by_a_program_does_not_hide_the_noise():
    noisy = with_noise(speech(), noise(TIME), 8).astype("f4") * 0.3
    padded = np.concatenate([np.zeros(5 * SAMPLE_RATE, "f4"), noisy, np.zeros(5 * SAMPLE_RATE, "f4")])
    assert make_reference(padded)[1].snr_db == pytest.approx(8, abs=1)


@pytest.mark.parametrize("share", [0.003, 0.03])
def test_clipping_is_measured_as_it_was_made(share):
    measured = make_reference(clipped(speech("english_ivr"), share))[1]
    assert measured.clipping == pytest.approx(share, rel=0.25)
    assert CLIPPED in said(measured)


def test_what_is_as_loud_as_can_be_is_not_clipped():
    wave = speech("english_ivr")
    assert CLIPPED not in said(make_reference(wave / np.abs(wave).max())[1])


def test_loudness_is_measured_and_levelled():
    loud, quiet = make_reference(speech()), make_reference(speech() * np.float32(0.1))
    assert loud[1].loudness - quiet[1].loudness == pytest.approx(20, abs=0.2)
    assert QUIET in said(quiet[1]) and QUIET not in said(loud[1])
    for reference, _ in (loud, quiet):
        frames = reference[: len(reference) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
        spoken = (frames[speech_mask(reference)] ** 2).mean()
        assert 10 * np.log10(spoken) == pytest.approx(TARGET_DBFS, abs=0.5)


def test_little_speech_is_said_in_words():
    measured = make_reference(speech("english_austen_short"))[1]
    assert said(measured) == f"Only {measured.speech_seconds:.1f} s of speech: 6 s or more is much better."


def test_of_a_long_pause_only_the_ends_are_kept():
    wave = speech("english_austen_short")
    quiet = 1e-3 * noise(seconds(20)).astype("f4")
    reference, measured = make_reference(np.concatenate([wave, quiet, wave]))
    assert measured.seconds < 2 * len(wave) / SAMPLE_RATE + 1
    pause = reference[len(reference) // 2 - SAMPLE_RATE // 10 :][: SAMPLE_RATE // 5]
    assert np.abs(np.diff(pause)).max() < 0.05  # the ends run together without a click
    untouched, _ = make_reference(np.concatenate([wave, quiet[: SAMPLE_RATE // 2], wave]))
    assert len(untouched) / SAMPLE_RATE > 2 * len(wave) / SAMPLE_RATE - 0.5


def test_the_waveform_is_drawn_in_percent():
    peaks = make_reference(speech())[1].peaks
    assert len(peaks) == 240 and max(peaks) == 100 and min(peaks) >= 0


def test_peaks_follow_the_sound():
    wave = np.sin(2 * np.pi * 220 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    drawn = peaks(np.concatenate([0.1 * wave, 0.5 * wave]), 10)
    assert len(drawn) == 10 and max(drawn) == 100 and drawn[0] == pytest.approx(20, abs=1)
    assert peaks(np.zeros(0, np.float32)) == []
