"""Every format is what it says, as long as the sound, sounds the same, and says that it was made."""

import io
from datetime import UTC, datetime

import av
import numpy as np
import pytest
import soundfile

from synthesis.delivery import encoding
from synthesis.delivery.encoding import FILE_FORMATS, STREAMED_FORMATS, encode, encode_file
from voicesite.web.audio_metadata import tags

RATE = 24_000
TIME = np.arange(3 * RATE) / RATE
WAVE = (0.3 * np.sin(2 * np.pi * 440 * TIME) * np.minimum(1, TIME * 10)).astype(np.float32)
TAGS = tags("Good “morning” नमस्ते", "Zoë", datetime(2026, 3, 1, tzinfo=UTC))


def parts(name, wave=WAVE, rate=RATE, step=7_000):
    chunks = (wave[start : start + step] for start in range(0, len(wave), step))
    return list(encode(chunks, rate, name, TAGS))


def decoded(data: bytes, name: str) -> tuple[np.ndarray, int]:
    if name == "pcm":
        return np.frombuffer(data, "<i2") / 32767, RATE
    with av.open(io.BytesIO(data)) as file:
        rate = file.streams.audio[0].rate
        to_float = av.AudioResampler("fltp", "mono", rate)
        frames = [*file.decode(audio=0), None]
        return np.concatenate([part.to_ndarray()[0] for frame in frames for part in to_float.resample(frame)]), rate


@pytest.mark.parametrize("name", STREAMED_FORMATS)
def test_it_holds_the_sound(name):
    sound, rate = decoded(b"".join(parts(name)), name)
    assert abs(len(sound) / rate - 3) < 0.12, "seconds, but for what a codec adds"
    spectrum = np.abs(np.fft.rfft(sound[rate : 2 * rate]))
    assert abs(int(spectrum.argmax()) - 440) < 3
    assert abs(np.sqrt((sound[rate : 2 * rate] ** 2).mean()) - 0.3 / np.sqrt(2)) < 0.02


@pytest.mark.parametrize("name", STREAMED_FORMATS)
def test_it_comes_while_it_is_made(name):
    assert len(parts(name)) > 3 and all(parts(name))


@pytest.mark.parametrize("name", [name for name in STREAMED_FORMATS if name not in ("aac", "pcm")])
def test_it_says_that_it_is_ai_generated(name):
    with av.open(io.BytesIO(b"".join(parts(name)))) as file:
        found = {key.lower(): text for key, text in {**file.metadata, **file.streams.audio[0].metadata}.items()}
    assert found["title"] == TAGS.title and "AI-generated speech" in found["artist"]
    assert "AI-generated speech, made with Voicesite" in (found.get("comment") or found["description"])
    assert found["date"].startswith("2026-03-01")


def test_a_wav_stream_has_its_tags_before_sound_of_unknown_length():
    first = parts("wav")[0]
    header, _, sound = first.partition(b"data")
    assert header.startswith(b"RIFF\xff\xff\xff\xffWAVEfmt ") and b"LIST" in header and TAGS.title.encode() in header
    assert sound.startswith(b"\xff\xff\xff\xff") and len(sound) == 4 + 2 * 7_000
    read, rate = soundfile.read(io.BytesIO(b"".join(parts("wav"))), dtype="float32")
    assert rate == RATE and np.abs(read - WAVE).max() < 2**-14


@pytest.mark.parametrize("name", ["flac", "wav", "pcm"])
def test_what_loses_nothing_loses_nothing(name):
    sound, _ = decoded(b"".join(parts(name)), name)
    assert len(sound) == len(WAVE) and np.abs(sound - WAVE).max() < 2**-14


def test_another_rate_becomes_that_of_the_format():
    wave = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000).astype(np.float32) * 0.3
    sound, rate = decoded(b"".join(parts("pcm", wave, 16_000)), "pcm")
    assert abs(len(sound) - rate) < 50 and abs(int(np.abs(np.fft.rfft(sound[:rate])).argmax()) - 440) < 3


def test_what_is_too_loud_is_cut_off_and_not_turned_over():
    sound, _ = decoded(b"".join(parts("pcm", WAVE * 10)), "pcm")
    assert np.abs(sound).max() <= 1 and np.abs(np.diff(sound)).max() < 1


def filed(name, seconds=3, progress=None) -> bytes:
    file, wave = io.BytesIO(), np.resize(WAVE, seconds * RATE)
    chunks = (wave[start : start + 7_000] for start in range(0, len(wave), 7_000))
    encode_file(file, chunks, RATE, len(wave), name, TAGS, [].append if progress is None else progress.append)
    return file.getvalue()


@pytest.mark.parametrize("name", FILE_FORMATS)
def test_a_file_holds_the_sound_its_length_and_its_tags(name):
    data = filed(name)
    sound, rate = decoded(data, name)
    assert abs(len(sound) / rate - 3) < (0.1 if name == "aac" else 0.05), (
        "seconds; AAC by itself can’t say what it adds"
    )
    assert abs(int(np.abs(np.fft.rfft(sound[rate : 2 * rate])).argmax()) - 440) < 3
    with av.open(io.BytesIO(data)) as file:
        found = {key.lower(): text for key, text in {**file.metadata, **file.streams.audio[0].metadata}.items()}
        assert abs(file.duration / 1e6 - 3) < (0.3 if name == "aac" else 0.05), "nor how long it is"
    assert found["title"] == TAGS.title and found["artist"] == TAGS.artist
    assert "AI-generated speech" in (found.get("comment") or found["description"])


@pytest.mark.parametrize("seconds", [1, 60])
def test_an_m4a_file_says_what_is_in_it_before_its_sound(monkeypatch, seconds):
    """However long it is: a minute needs more room than is left here for what doesn't grow."""
    monkeypatch.setattr(encoding, "M4A_HEADER_BYTES", 4096)
    data = filed("m4a", seconds)
    assert data[4:12] == b"ftypM4A " and 0 < data.find(b"moov") < data.find(b"mdat")


def test_progress_is_the_share_that_is_encoded():
    shares: list[float] = []
    filed("flac", progress=shares)
    assert shares == sorted(shares) and len(shares) == 11 and shares[-1] == 1.0 and abs(shares[4] - 5 / 11) < 0.05
