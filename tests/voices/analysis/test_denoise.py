"""Denoising attenuates noise, keeps the voice, and can be undone."""

import numpy as np
import pytest
import soundfile

from tests import FIXTURES
from tests.voices.files import speech
from tests.voices.sounds import hum, noise, seconds, with_noise
from voices.analysis import denoise, speaker_encoder
from voices.analysis.reference_audio import make_reference
from voices.analysis.vad import FRAME_SAMPLES, SAMPLE_RATE, speech_mask
from voices.clips import service as clips
from voices.models import Clip

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")


def levels(wave):
    """Return the power of the speech and of the pauses, in dB."""
    frames = (wave[: len(wave) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES) ** 2).mean(1)
    spoken = speech_mask(speech())[: len(frames)]
    quiet = ~(np.convolve(spoken, np.ones(9), "same") > 0)
    return tuple(10 * np.log10(frames[which].mean() + 1e-12) for which in (spoken, quiet))


def cleaned(wave):
    wave = np.asarray(wave, np.float32)
    return denoise.clean(wave, speech_mask(wave))


@pytest.mark.parametrize(
    ("spoil", "db"), [(noise, 20), (noise, 10), (lambda wave: hum(seconds(len(wave) / SAMPLE_RATE)), 10)]
)
def test_noise_becomes_weaker_and_speech_does_not(spoil, db):
    wave = with_noise(speech(), spoil(speech()), db)
    result = cleaned(wave)
    (spoken, quiet), (voice, rest) = levels(wave), levels(result)
    assert quiet - rest > 9, "dB"
    assert abs(spoken - voice) < 1.5, "dB"


def test_it_sounds_more_like_the_person_than_before():
    original, wave = speech(), with_noise(speech(), noise(speech()), 10)
    before, after = (
        speaker_encoder.similarity(
            speaker_encoder.embed(original, SAMPLE_RATE), speaker_encoder.embed(each.astype(np.float32), SAMPLE_RATE)
        )
        for each in (wave, cleaned(wave))
    )
    assert after > before + 0.05


def test_a_clean_recording_stays_as_good_as_it_is():
    wave = speech()
    assert (
        speaker_encoder.similarity(
            speaker_encoder.embed(wave, SAMPLE_RATE), speaker_encoder.embed(cleaned(wave), SAMPLE_RATE)
        )
        > 0.95
    )
    assert abs(levels(wave)[0] - levels(cleaned(wave))[0]) < 0.5, "dB"


@pytest.mark.parametrize(
    "wave",
    [
        np.zeros(SAMPLE_RATE),
        np.zeros(10),
        np.zeros(0),
        np.sign(np.sin(np.arange(SAMPLE_RATE))),
        np.random.default_rng(1).standard_normal(SAMPLE_RATE) * 0.01,
        np.full(SAMPLE_RATE, 1e-7),
    ],
    ids=["silence", "next to nothing", "nothing", "full scale", "noise alone", "a constant"],
)
def test_whatever_comes_it_stays_sound_of_the_same_length(wave):
    wave = wave.astype(np.float32)
    result = cleaned(wave)
    assert result.shape == wave.shape and result.dtype == np.float32
    assert np.isfinite(result).all() and np.abs(result).max(initial=0) <= 1.5


def test_a_stretch_keeps_its_ends_and_its_length():
    wave = with_noise(speech(), noise(speech()), 15).astype(np.float32)
    assert len(make_reference(wave)[0]) == len(make_reference(wave, denoised=True)[0])


def test_a_clip_is_cleaned_beside_what_it_was_and_goes_back_to_it(user, tmp_path, django_capture_on_commit_callbacks):
    path = tmp_path / "noisy.wav"
    soundfile.write(path, with_noise(speech(), noise(speech()), 12), SAMPLE_RATE)
    first = clips.store_recording(user, path, "noisy.wav")
    first.transcript, first.words = "And so on.", [[" And so on.", 0.0, 7.0, 0.9]]
    first.save()
    clean = clips.recut(first, first.start, first.end, cleanup=True)
    assert clean.snr_db > first.snr_db + 8 and clean.transcript == "And so on."
    assert clean.original_audio.read() == first.audio.read() != clean.audio.read()
    assert clean.grade > first.grade
    plain = clips.recut(clean, clean.start, clean.end)
    assert plain.sha256 == first.sha256 and not plain.original_audio
    files = [clean.audio, clean.original_audio]
    with django_capture_on_commit_callbacks(execute=True):
        clips.delete_clip(clean)
    assert not any(file.storage.exists(file.name) for file in files)
    assert Clip.objects.count() == 2


def test_where_there_is_hardly_any_noise_that_is_said(user, tmp_path):
    first = clips.store_recording(user, FIXTURES / "english_ivr.wav", "clean.wav")
    clean = clips.recut(first, first.start, first.end, cleanup=True)
    assert ["hint", "There was hardly any noise to take away.", ""] in [list(each) for each in clean.advice]
