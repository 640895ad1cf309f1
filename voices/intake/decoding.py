"""Decode uploads to samples, within limits of bytes and seconds. Pure.

PyAV (FFmpeg) decodes. `voices.intake.process` runs this in a sandbox, since a file may be made to crash or choke the
decoder.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import IO

import numpy as np
import soxr

from voices.analysis.reference_audio import AudioRejected
from voices.analysis.vad import SAMPLE_RATE
from voicesite.provenance.digest import digest
from voicesite.texts import N_

from .channels import mix

# What FFmpeg may open as an upload: no playlists or image sequences, which name other files and addresses.
_CONTAINERS = "wav,w64,aiff,flac,mp3,ogg,mov,matroska,aac,caf,au,amr,asf,wv"
_DEMUXER_OPTIONS = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "none"}
_GUESSED_LENGTHS = {"mp3", "aac", "amr"}  # containers whose length FFmpeg guesses from the size
MAX_CHANNELS = 8

_AUDIO_STARTS = (
    b"RIFF", b"RF64", b"FORM", b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\x1aE\xdf\xa3", b"caff", b".snd", b"#!AMR",
)  # fmt: skip
_OTHER_FILES: dict[bytes | tuple[bytes, ...], str] = {  # by their first bytes
    b"PK\x03\x04": N_("an archive (zip)"),
    b"\x1f\x8b": N_("an archive (gzip)"),
    b"BZh": N_("an archive (bzip2)"),
    b"7z\xbc\xaf": N_("an archive (7z)"),
    b"\xfd7zXZ": N_("an archive (xz)"),
    b"Rar!": N_("an archive (rar)"),
    b"\x89PNG": N_("a picture (PNG)"),
    b"\xff\xd8\xff": N_("a picture (JPEG)"),
    b"GIF8": N_("a picture (GIF)"),
    b"%PDF": N_("a document (PDF)"),
    (b"\x7fELF", b"MZ", b"#!/"): N_("a program"),
    b"SQLite": N_("a database"),
    (b"<", b"\xef\xbb\xbf<"): N_("a web page, a drawing or text"),
    (b"#EXTM3U", b"ffconcat", b"[playlist]"): N_("a playlist"),
}


@dataclass(frozen=True)
class Limits:
    max_bytes: int = 50 * 1024 * 1024
    max_seconds: float = 120.0


def decode(path: Path, limits: Limits) -> np.ndarray:
    """Return the best audio track of the file, float32 (samples,), mono, 24 kHz, within -1 and 1. Raises AudioRejected."""
    import av

    head = check_start(path, limits)
    try:
        with path.open("rb") as file, av.open(file, options=_DEMUXER_OPTIONS, metadata_errors="ignore") as container:
            return _decode(container, limits)
    except (av.FFmpegError, ValueError) as error:
        if head.startswith(_AUDIO_STARTS) or head[4:8] == b"ftyp":
            raise AudioRejected(
                "damaged", N_("This file is damaged or cut off: it can’t be read. Send it again.")
            ) from error
        raise AudioRejected(
            "not_audio", N_("This is not a recording that can be read. Choose an audio file.")
        ) from error


def check_size(size: int, limits: Limits) -> None:
    """Raise AudioRejected for an upload of `size` bytes that is empty or too large."""
    if size == 0:
        raise AudioRejected("empty", N_("This file is empty. Choose another recording."))
    if size > limits.max_bytes:
        raise AudioRejected(
            "too_large",
            N_("This file is {size} MB; the limit is {max_bytes} MB. Send a shorter one.").format(
                size=f"{size / 2**20:.0f}", max_bytes=f"{limits.max_bytes / 2**20:.0f}"
            ),
        )


def other_kind(head: bytes) -> str:
    """Return what kind of file begins with `head` (512 bytes), as in “an archive (zip)”; empty if it may be audio."""
    if head[257:262] == b"ustar":
        return N_("an archive (tar)")
    return next((kind for start, kind in _OTHER_FILES.items() if head.startswith(start)), "")


def check_start(path: Path, limits: Limits) -> bytes:
    """Return the first 512 bytes of the file. Raises AudioRejected if they or its size show that it can't be decoded."""
    size = path.stat().st_size
    check_size(size, limits)
    with path.open("rb") as file:
        head = file.read(512)
    if kind := other_kind(head):
        raise AudioRejected("not_audio", N_("This is {kind}, not a recording. Choose an audio file.").format(kind=kind))
    if head.startswith((b"RIFF", b"FORM")):
        # FFmpeg ignores that a WAV or AIFF is shorter than its header says. A program that writes to a pipe can't know
        # the length, and declares the greatest possible.
        declared = 8 + int.from_bytes(head[4:8], "little" if head.startswith(b"RIFF") else "big")
        if size < 0.9 * declared and declared < 0x7FFF_0000:
            share = size / declared
            raise AudioRejected(
                "truncated",
                N_("This file is cut off: {share} of it is here. Send it again.").format(share=f"{share:.0%}"),
            )
    return head


def readable_digest(file: IO[bytes]) -> str:
    """Return the digest of the sound in an open file, by which what was made here is known; "" if it can't be read."""
    import av

    try:
        return digest(file)
    except (av.FFmpegError, ValueError):
        return ""


def _decode(container, limits: Limits) -> np.ndarray:
    stream = container.streams.best("audio")
    if stream is None:
        raise AudioRejected("no_audio", N_("There is no sound in this file. Choose an audio file."))
    if stream.codec_context is None:
        raise AudioRejected("not_audio", N_("The sound in this file is coded in a way that this site can’t read."))
    stream.codec_context.thread_count = 1
    _check_shape(stream.codec_context.sample_rate, stream.codec_context.channels)
    tracks: list[list[np.ndarray]] = []  # their number of channels may differ
    samples = 0
    for block in _resampled(container, stream):
        if not tracks or tracks[-1][0].shape[1] != block.shape[1]:
            tracks.append([])
        tracks[-1].append(block)
        samples += len(block)
        if samples > limits.max_seconds * SAMPLE_RATE:
            raise AudioRejected(
                "too_long",
                N_("This recording is longer than {max_seconds} s. Cut out its best part and send that.").format(
                    max_seconds=f"{limits.max_seconds:.0f}"
                ),
            )
    if not tracks:
        raise AudioRejected("damaged", N_("There is no sound in this file that can be read. Send it again."))

    seconds, declared = samples / SAMPLE_RATE, _declared_seconds(container, stream)
    if seconds < 0.9 * declared - 0.3:
        raise AudioRejected(
            "truncated",
            N_("This file is cut off: it should have {declared} s, and has {seconds} s. Send it again.").format(
                declared=f"{declared:.1f}", seconds=f"{seconds:.1f}"
            ),
        )
    wave = np.concatenate([mix(track) for track in tracks])
    if not np.isfinite(wave).all():
        raise AudioRejected("damaged", N_("This recording holds invalid samples. Export it again."))
    loudest = np.abs(wave).max(initial=0.0)
    if loudest > 1.5:  # floats beyond full scale; resampling of clipped sound overshoots by less
        wave = wave / loudest
    return np.clip(wave, -1.0, 1.0)


def _declared_seconds(container, stream) -> float:
    """Return the length that the file declares, in seconds; 0 if it declares none."""
    import av

    if container.format.name in _GUESSED_LENGTHS:
        return 0.0
    if stream.duration:
        return float(stream.duration * stream.time_base)
    # The container's length is that of its longest stream, which may be video.
    return (container.duration or 0) / av.time_base if len(container.streams) == 1 else 0.0


def _check_shape(rate: int, channels: int) -> None:
    if not 4000 <= rate <= 384_000:
        raise AudioRejected(
            "bad_rate", N_("A sample rate of {rate} Hz is not one of a recording. Export it again.").format(rate=rate)
        )
    if not 1 <= channels <= MAX_CHANNELS:
        raise AudioRejected(
            "too_many_channels",
            N_("This recording has {channels} channels. Send it in mono or stereo.").format(channels=channels),
        )


def _resampled(container, stream) -> Iterator[np.ndarray]:
    """Yield the sound in blocks, resampled: float32 (samples, channels).

    By soxr, whose filter is steep: nothing remains above half the sample rate of the file, so that the bandwidth of
    8 kHz measures 4 kHz, as it should.
    """
    import av

    frames = _frames(container, stream)
    # The shape may change within a file, where another track follows.
    for shape, track in groupby(frames, lambda frame: (frame.sample_rate, frame.layout.nb_channels, frame.format.name)):
        _check_shape(*shape[:2])
        rate, channels, _ = shape
        converter = av.AudioResampler("flt")
        resampler = soxr.ResampleStream(rate, SAMPLE_RATE, channels, dtype="float32")
        for frame in chain(track, [None]):  # None flushes the converter
            for part in converter.resample(frame):
                block = resampler.resample_chunk(part.to_ndarray().reshape(part.samples, channels))
                if len(block):
                    yield block
        rest = resampler.resample_chunk(np.zeros((0, channels), np.float32), last=True)
        if len(rest):
            yield rest


def _frames(container, stream) -> Iterator:
    """Yield the frames that can be decoded, skipping broken packets. Raises AudioRejected if too many are broken."""
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
    except av.FFmpegError:  # the rest can't be demuxed: `_decode` compares the length with the declared one
        broken += 1
    if broken > 1 + 0.1 * packets:
        raise AudioRejected("damaged", N_("This file is damaged: too much of it can’t be read. Send it again."))
