"""Decoding of the formats that recorders and browsers write, and rejection of others."""

import io

import numpy as np
import pytest
import soundfile

from tests.voices.files import encode, speech, wav
from tests.voices.sounds import hum, noise, seconds
from voices.analysis.quality import bandwidth
from voices.analysis.reference_audio import AudioRejected, make_reference
from voices.analysis.vad import SAMPLE_RATE, speech_mask
from voices.intake.decoding import Limits, decode

MEDIA_RECORDER_MP4 = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
FORMATS = [
    ("wav", "pcm_u8", 48_000, {}),
    ("wav", "pcm_s16le", 8_000, {}),
    ("wav", "pcm_s24le", 44_100, {}),
    ("wav", "pcm_s32le", 192_000, {}),
    ("wav", "pcm_f32le", 96_000, {}),
    ("wav", "pcm_f64le", 11_025, {}),
    ("wav", "pcm_mulaw", 8_000, {}),
    ("wav", "adpcm_ima_wav", 16_000, {}),
    ("w64", "pcm_s16le", 22_050, {}),
    ("aiff", "pcm_s16be", 44_100, {}),
    ("au", "pcm_s16be", 44_100, {}),
    ("caf", "pcm_s16le", 44_100, {}),
    ("flac", "flac", 96_000, {}),
    ("flac", "flac", 48_000, {"seekable": False}),
    ("mp3", "libmp3lame", 44_100, {}),
    ("mp3", "libmp3lame", 22_050, {"layout": "stereo"}),
    ("ogg", "libopus", 48_000, {}),
    ("ogg", "flac", 48_000, {}),
    ("ogg", "vorbis", 44_100, {}),
    ("adts", "aac", 44_100, {}),
    ("ipod", "aac", 44_100, {}),
    ("ipod", "alac", 44_100, {}),
    ("mov", "pcm_s16le", 48_000, {}),
    ("3gp", "aac", 44_100, {}),
    ("matroska", "flac", 48_000, {}),
    ("amr", "libopencore_amrnb", 8_000, {}),
    ("wv", "wavpack", 44_100, {}),
    ("wav", "pcm_s16le", 48_000, {"seekable": False}),
    # as browsers record
    ("webm", "libopus", 48_000, {"seekable": False}),
    ("mp4", "aac", 44_100, {"seekable": False, "options": MEDIA_RECORDER_MP4}),
    ("ogg", "libopus", 48_000, {"seekable": False}),
    # more than one channel
    ("wav", "pcm_s16le", 48_000, {"layout": "stereo"}),
    ("flac", "flac", 48_000, {"layout": "5.1"}),
    ("webm", "libopus", 48_000, {"layout": "stereo"}),
]


@pytest.fixture
def decoded(tmp_path):
    def decoded(content: bytes, limits=Limits()) -> np.ndarray:  # noqa: B008
        path = tmp_path / "upload"
        path.write_bytes(content)
        return decode(path, limits)

    return decoded


@pytest.mark.parametrize(("container", "codec", "rate", "how"), FORMATS)
def test_what_recorders_and_programs_write_is_read(decoded, container, codec, rate, how):
    if codec == "vorbis":  # FFmpeg's own encoder of it is an experiment
        buffer = io.BytesIO()
        soundfile.write(buffer, speech(rate=rate), rate, format="OGG", subtype="VORBIS")
        content = buffer.getvalue()
    else:
        content = encode(speech(rate=rate), container, codec, rate, **how)
    wave = decoded(content)
    assert wave.dtype == np.float32 and np.abs(wave).max() <= 1
    assert len(wave) / SAMPLE_RATE == pytest.approx(7.1, abs=0.06)
    measured = make_reference(wave)[1]
    assert measured.speech_seconds == pytest.approx(6.6, abs=0.2)
    assert measured.loudness == pytest.approx(-24.1, abs=1.6)  # narrow telephones lose some


def test_a_sample_keeps_its_place_and_height(decoded):
    wave = speech()
    np.testing.assert_allclose(decoded(encode(wave, "wav", "pcm_f32le", SAMPLE_RATE)), wave, rtol=0, atol=1e-4)
    stereo = np.stack([0.5 * wave, 1.5 * wave])
    np.testing.assert_allclose(
        decoded(encode(stereo, "wav", "pcm_f32le", SAMPLE_RATE, "stereo")), wave, rtol=0, atol=1e-4
    )


OTHER_CHANNEL = {
    "silent": lambda wave: 0 * wave,
    "an offset": lambda wave: 0 * wave + 0.2,
    "reversed": lambda wave: -wave,
    "hiss": lambda wave: 0.02 * noise(wave),
    "a hum louder than the voice": lambda wave: hum(seconds(len(wave) / SAMPLE_RATE)) * 3,
    "faint": lambda wave: 0.1 * wave,
}


@pytest.mark.parametrize("what", OTHER_CHANNEL)
@pytest.mark.parametrize("order", [1, -1])
def test_of_two_channels_the_one_with_the_voice_is_taken_as_loud_as_it_is(decoded, what, order):
    wave = speech()
    stereo = np.stack([wave, OTHER_CHANNEL[what](wave)])[::order]
    mixed = decoded(encode(stereo, "wav", "pcm_s16le", SAMPLE_RATE, "stereo"))
    np.testing.assert_allclose(mixed * np.sign(mixed @ wave), wave, rtol=0, atol=1e-3)


def test_two_people_on_two_channels_are_both_heard(decoded):
    one, other = speech(), np.resize(np.roll(speech("english_ivr"), SAMPLE_RATE), len(speech()))
    mixed = decoded(encode(np.stack([one, other]), "wav", "pcm_s16le", SAMPLE_RATE, "stereo"))
    np.testing.assert_allclose(mixed, (one + other) / 2, rtol=0, atol=1e-3)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000])
def test_nothing_is_heard_above_what_the_file_can_hold(decoded, rate):
    wave = decoded(encode(speech("english_ivr", rate), "wav", "pcm_s16le", rate))
    assert rate / 2 - 500 <= bandwidth(wave, speech_mask(wave)) <= rate / 2


def test_eight_channels_are_mixed(decoded):
    wave = speech(rate=16_000)
    eight = np.repeat((wave * 32767).astype("<i2")[:, None], 8, axis=1)
    np.testing.assert_allclose(decoded(wav(eight.tobytes(), channels=8)), speech(), rtol=0, atol=0.02)


def test_floats_beyond_full_scale_are_turned_down_not_clipped(decoded):
    wave = speech()
    wave = decoded(encode(wave * (4 / np.abs(wave).max()), "wav", "pcm_f32le", SAMPLE_RATE))
    assert make_reference(wave)[1].clipping < 0.001


def test_a_broken_place_is_skipped_as_players_do(decoded):
    content = bytearray(encode(speech(rate=44_100), "mp3", "libmp3lame", 44_100))
    content[20_000:20_200] = bytes(200)
    assert make_reference(decoded(bytes(content)))[1].speech_seconds > 6


def test_two_tracks_after_each_other_may_differ(decoded):
    chained = encode(speech(rate=48_000), "ogg", "flac", 48_000) + encode(speech(rate=16_000), "ogg", "flac", 16_000)
    assert len(decoded(chained)) / SAMPLE_RATE > 7


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFF000])
def test_a_wav_written_into_a_pipe_cannot_say_how_long_it_is(decoded, size):
    data = (speech(rate=16_000) * 32767).astype("<i2").tobytes()
    assert len(decoded(wav(data, size=size))) / SAMPLE_RATE == pytest.approx(7.1, abs=0.01)


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


REFUSED_UPLOADS = {
    "nothing": (lambda: b"", "empty"),
    "text": (lambda: b"Dear diary, today I spoke.\n" * 99, "not_audio"),
    "zip": (lambda: b"PK\x03\x04" + bytes(999), "not_audio"),
    "png": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(999), "not_audio"),
    "tar": (lambda: b"name".ljust(257, b"\0") + b"ustar" + bytes(999), "not_audio"),
    "page": (lambda: b"<!DOCTYPE html><audio src=x>", "not_audio"),
    "playlist": (lambda: b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "not_audio"),
    "unknown codec": (lambda: wav(tag=0x9999), "not_audio"),
    "no channels": (lambda: wav(channels=0), "no_audio"),
    "1 Hz": (lambda: wav(rate=1), "bad_rate"),
    "9 channels": (lambda: wav(bytes(180_000), channels=9), "too_many_channels"),
    "32 channels": (lambda: wav(channels=32), "too_many_channels"),
    "half a wav": (lambda: _half(encode(speech(rate=16_000), "wav", "pcm_s16le", 16_000)), "truncated"),
    "half an aiff": (lambda: _half(encode(speech(rate=16_000), "aiff", "pcm_s16be", 16_000)), "truncated"),
    "half a flac": (lambda: _half(encode(speech(rate=48_000), "flac", "flac", 48_000)), "truncated"),
    "half an m4a": (lambda: _half(encode(speech(rate=44_100), "ipod", "aac", 44_100)), "damaged"),
    "half a webm": (lambda: _half(encode(speech(rate=48_000), "webm", "libopus", 48_000)), "truncated"),
    "not numbers": (lambda: wav(np.full(48_000, np.nan, "<f4").tobytes(), bits=32, tag=3), "damaged"),
    "nothing but a header": (lambda: encode(speech(rate=48_000), "flac", "flac", 48_000)[:8_000][:90], "damaged"),
    "hours": (lambda: encode(np.zeros(200 * 8_000, np.float32), "flac", "flac", 8_000), "too_long"),
}


@pytest.mark.parametrize("kind", REFUSED_UPLOADS)
def test_what_cannot_be_reference_audio_is_refused_with_its_reason(decoded, kind):
    make, code = REFUSED_UPLOADS[kind]
    with pytest.raises(AudioRejected) as rejected:
        decoded(make())
    assert rejected.value.code == code
    assert len(rejected.value.message) > 30


def test_what_is_too_large_is_not_even_opened(decoded):
    with pytest.raises(AudioRejected, match="This file is 2 MB; the limit is 1 MB") as rejected:
        decoded(bytes(2 * 2**20), Limits(max_bytes=2**20))
    assert rejected.value.code == "too_large"
