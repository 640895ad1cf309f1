"""Speech in the formats that programs ask for, as a whole or while it is made."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr

from voicesite.web.audio_metadata import Tags


@dataclass(frozen=True)
class Format:
    content_type: str
    container: str = ""  # FFmpeg's names; empty where nothing is encoded
    codec: str = ""
    rate: int = 24_000  # Hz
    bit_rate: int = 0  # a second; 0 is the codec's own


FORMATS = {
    "wav": Format("audio/wav"),
    "mp3": Format("audio/mpeg", "mp3", "libmp3lame", bit_rate=96_000),
    "opus": Format("audio/ogg", "ogg", "libopus", rate=48_000, bit_rate=48_000),
    "aac": Format("audio/aac", "adts", "aac", bit_rate=96_000),
    "flac": Format("audio/flac", "flac", "flac"),
    "pcm": Format("audio/pcm"),  # 24 kHz, 16 bits, little-endian, without a header
}
# For a stream: no header is written anew at the end, and no page of Ogg waits for more than it needs.
OPTIONS = {"mp3": {"write_xing": "0"}, "ogg": {"page_duration": "100000"}}  # microseconds
UNKNOWN = b"\xff\xff\xff\xff"  # the length of what has not been spoken yet


class _Pipe:
    """What FFmpeg writes to: it can't go back, as in a stream, so that no header waits for the end."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data, self.parts = b"".join(self.parts), []
        return data


def encode(chunks: Iterable[np.ndarray], rate: int, name: str, tags: Tags) -> Iterator[bytes]:
    """The bytes of a file of the format `name`, as they come, of chunks of sound, float32 (samples,) at `rate` Hz.

    The tags are in the file where the format has a place for them: `aac` and `pcm` have none.
    """
    form = FORMATS[name]
    resampler = soxr.ResampleStream(rate, form.rate, 1, "float32") if rate != form.rate else None

    def resampled() -> Iterator[np.ndarray]:
        for chunk in chunks:
            yield resampler.resample_chunk(chunk) if resampler else chunk
        if resampler:
            yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)

    if not form.codec:
        if name == "wav":
            yield _wav_header(form.rate, tags)
        for chunk in resampled():
            yield _int16(chunk).astype("<i2").tobytes()
        return
    yield from _by_ffmpeg(resampled(), form, tags)


def _by_ffmpeg(chunks: Iterator[np.ndarray], form: Format, tags: Tags) -> Iterator[bytes]:
    import av  # here: a web process that nobody asks for other formats does without

    pipe = _Pipe()
    with av.open(pipe, "w", format=form.container, options=OPTIONS.get(form.container, {})) as file:
        stream: Any = file.add_stream(form.codec, rate=form.rate)
        stream.layout = "mono"
        if form.bit_rate:
            stream.bit_rate = form.bit_rate
        file.metadata.update(tags.as_dict())
        stream.metadata.update(tags.as_dict())  # Ogg has them there
        wanted = stream.codec_context.codec.audio_formats[0].name
        stream.format = wanted
        to_codec = av.AudioResampler(wanted, "mono", form.rate)
        fifo = av.AudioFifo()
        placed = 0

        def fill(frame: Any) -> None:
            for part in to_codec.resample(frame):
                part.pts = None
                fifo.write(part)

        def drain(*, last: bool = False) -> None:
            size = stream.codec_context.frame_size or 1152
            while (part := fifo.read(size)) or (last and (part := fifo.read(size, partial=True))):
                file.mux(stream.encode(part))

        for chunk in chunks:
            if not len(chunk):
                continue
            frame = av.AudioFrame.from_ndarray(_int16(chunk)[None], "s16", "mono")
            frame.sample_rate, frame.pts = form.rate, placed
            placed += len(chunk)
            fill(frame)
            drain()
            if data := pipe.take():
                yield data
        fill(None)
        drain(last=True)
        file.mux(stream.encode(None))
    if data := pipe.take():
        yield data


def _int16(samples: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(samples, -1, 1) * 32767).astype(np.int16)


def _wav_header(rate: int, tags: Tags) -> bytes:
    """Of a file whose length nobody knows yet, as programs that write into a pipe leave it."""
    info = b"INFO" + b"".join(_chunk(name, text.encode() + b"\0") for name, text in tags.as_riff().items())
    form = np.array([1, 1], "<u2").tobytes() + np.array([rate, 2 * rate], "<u4").tobytes() + b"\x02\0\x10\0"
    return b"RIFF" + UNKNOWN + b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"LIST", info) + b"data" + UNKNOWN


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + np.array([len(data)], "<u4").tobytes() + data + b"\0" * (len(data) % 2)
