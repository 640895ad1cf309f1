"""Decode a file that a stranger sent to samples, within bounds of bytes, seconds and memory. Pure.

PyAV (FFmpeg) decodes. `voices.intake.process` runs this in a sandbox, since a file may be made to crash or choke the
decoder.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from voices.analysis.reference_audio import AudioRejected
from voices.analysis.vad import SAMPLE_RATE

# What FFmpeg may open as an upload. Playlists and image sequences name other files and addresses: none of those.
_CONTAINERS = "wav,w64,aiff,flac,mp3,ogg,mov,matroska,aac,caf,au,amr,asf,wv"
_OPTIONS = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "none"}
_GUESSED_LENGTHS = {"mp3", "aac", "amr"}  # of which FFmpeg guesses the length from the size
MAX_CHANNELS = 8

_AUDIO_STARTS = (
    b"RIFF", b"RF64", b"FORM", b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\x1aE\xdf\xa3", b"caff", b".snd", b"#!AMR",
)  # fmt: skip
OTHER_FILES = {  # by how they start
    b"PK\x03\x04": "an archive (zip)",
    b"\x1f\x8b": "an archive (gzip)",
    b"BZh": "an archive (bzip2)",
    b"7z\xbc\xaf": "an archive (7z)",
    b"\xfd7zXZ": "an archive (xz)",
    b"Rar!": "an archive (rar)",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"%PDF": "a document (PDF)",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"#!/": "a program",
    b"SQLite": "a database",
    b"<": "a web page, a drawing or text",
    b"\xef\xbb\xbf<": "a web page, a drawing or text",
    b"#EXTM3U": "a playlist",
    b"ffconcat": "a playlist",
    b"[playlist]": "a playlist",
}


@dataclass(frozen=True)
class Limits:
    max_bytes: int = 50 * 1024 * 1024
    max_seconds: float = 120.0


def decode(path: Path, limits: Limits) -> np.ndarray:
    """Return the best sound track of the file, float32 (samples,), mono, 24 kHz, within -1 and 1. Raises AudioRejected."""
    import av

    head = _check_start(path, limits)
    try:
        with path.open("rb") as file, av.open(file, options=_OPTIONS, metadata_errors="ignore") as container:
            return _decode(container, limits)
    except (av.FFmpegError, ValueError) as error:
        if head.startswith(_AUDIO_STARTS) or head[4:8] == b"ftyp":
            rejected = AudioRejected("damaged", "This file is damaged or cut off: it can’t be read. Send it again.")
        else:
            rejected = AudioRejected("not_audio", "This is not a recording that can be read. Choose an audio file.")
        raise rejected from error


def check_size(size: int, limits: Limits) -> None:
    """Raise AudioRejected for an upload of `size` bytes that is empty or too large."""
    if size == 0:
        raise AudioRejected("empty", "This file is empty. Choose another recording.")
    if size > limits.max_bytes:
        raise AudioRejected(
            "too_large",
            f"This file has {size / 2**20:.0f} MB; {limits.max_bytes / 2**20:.0f} MB is the most. Send a shorter one.",
        )


def _check_start(path: Path, limits: Limits) -> bytes:
    """Return the first bytes of the file. Raises AudioRejected for what needs no decoder to be refused."""
    size = path.stat().st_size
    check_size(size, limits)
    with path.open("rb") as file:
        head = file.read(512)
    for magic, what in OTHER_FILES.items():
        if head.startswith(magic):
            raise AudioRejected("not_audio", f"This is {what}, not a recording. Choose an audio file.")
    if head[257:262] == b"ustar":
        raise AudioRejected("not_audio", "This is an archive (tar), not a recording. Choose an audio file.")
    # FFmpeg overlooks it when a WAV or AIFF is shorter than it says. A program that writes into a pipe can't know how
    # long it will be, and says the most there is.
    orders: dict[bytes, Literal["little", "big"]] = {b"RIFF": "little", b"FORM": "big"}
    order = orders.get(head[:4])
    declared = 8 + int.from_bytes(head[4:8], order) if order else 0
    if size < 0.9 * declared and declared < 0x7FFF_0000:
        raise AudioRejected("truncated", f"This file is cut off: {size / declared:.0%} of it is here. Send it again.")
    return head


def _decode(container, limits: Limits) -> np.ndarray:
    import av

    stream = container.streams.best("audio")
    if stream is None:
        raise AudioRejected("no_audio", "There is no sound in this file. Choose an audio file.")
    if stream.codec_context is None:
        raise AudioRejected("not_audio", "The sound in this file is coded in a way that this site can’t read.")
    stream.codec_context.thread_count = 1
    _check_shape(stream.codec_context.sample_rate, stream.codec_context.channels)
    mono, first, samples = [], [], 0
    resampler: av.AudioResampler | None = None
    shape = None

    def take(resampled) -> None:
        nonlocal samples
        for frame in resampled:
            channels = frame.to_ndarray().reshape(frame.samples, -1)
            mono.append(channels.mean(1))
            first.append(channels[:, 0].copy())
            samples += frame.samples
        if samples > limits.max_seconds * SAMPLE_RATE:
            raise AudioRejected(
                "too_long",
                f"This recording is longer than {limits.max_seconds:.0f} s. Cut out its best part and send that.",
            )

    for frame in _frames(container, stream):
        now = (frame.sample_rate, frame.layout.nb_channels, frame.format.name)
        if resampler is None or now != shape:  # the first frame, or one of another track that follows in the same file
            _check_shape(*now[:2])
            take(resampler.resample(None) if resampler else [])
            resampler, shape = av.AudioResampler("flt", rate=SAMPLE_RATE), now
        take(resampler.resample(frame))
    if resampler is None:
        raise AudioRejected("damaged", "There is no sound in this file that can be read. Send it again.")
    take(resampler.resample(None))

    seconds, declared = samples / SAMPLE_RATE, _declared_seconds(container, stream)
    if seconds < 0.9 * declared - 0.3:
        raise AudioRejected(
            "truncated",
            f"This file is cut off: it should have {declared:.1f} s, and has {seconds:.1f} s. Send it again.",
        )
    wave, left = np.concatenate(mono), np.concatenate(first)
    if not np.isfinite(wave).all():
        raise AudioRejected("damaged", "This recording holds numbers that are no sound. Export it again.")
    if wave.var(dtype=np.float64) < 0.1 * left.var(dtype=np.float64):
        wave = left  # the channels cancel out, as from a microphone that is wired the wrong way round
    loudest = np.abs(wave).max(initial=0.0)
    if loudest > 1.5:  # a file of floats that are meant to be turned down; less is what resampling adds to clipping
        wave = wave / loudest
    return np.clip(wave, -1.0, 1.0)


def _declared_seconds(container, stream) -> float:
    """Return how many seconds of sound the file says it has; 0 where it does not say."""
    import av

    if container.format.name in _GUESSED_LENGTHS:
        return 0.0
    if stream.duration:
        return float(stream.duration * stream.time_base)
    # The container's is that of its longest stream, which may be a film.
    return (container.duration or 0) / av.time_base if len(container.streams) == 1 else 0.0


def _check_shape(rate: int, channels: int) -> None:
    if not 4000 <= rate <= 384_000:
        raise AudioRejected("bad_rate", f"A sample rate of {rate} Hz is not one of a recording. Export it again.")
    if not 1 <= channels <= MAX_CHANNELS:
        raise AudioRejected("too_many_channels", f"This recording has {channels} channels. Send it in mono or stereo.")


def _frames(container, stream) -> Iterator:
    """Yield the frames that can be decoded, as players do it: past a broken place, unless there are many."""
    import av

    packets = broken = 0
    try:
        for packet in container.demux(stream):
            packets += 1
            try:
                yield from packet.decode()
            except av.FFmpegError:
                broken += 1
            if broken > 50 and broken > packets / 2:
                break
    except av.FFmpegError:  # what follows can't even be found: judged by the length that is there
        broken += 1
    if broken > 1 + 0.1 * packets:
        raise AudioRejected("damaged", "This file is damaged: too much of it can’t be read. Send it again.")
