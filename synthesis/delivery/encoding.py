"""Encode speech in the formats that programs ask for, whole or as a stream."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import soxr

from voicesite.web.audio_metadata import Tags


@dataclass(frozen=True)
class Format:
    content_type: str
    container: str  # this and the next as FFmpeg calls them
    codec: str
    rate: int = 24_000  # Hz
    bit_rate: int = 0  # per second; 0 is the codec's own
    options: Mapping[str, str] = field(default_factory=dict)  # of the container


# Fit for streaming: no header is rewritten at the end, and no page of Ogg holds more than 100,000 µs of audio.
FORMATS = {
    "wav": Format("audio/wav", "wav", "pcm_s16le"),
    "mp3": Format("audio/mpeg", "mp3", "libmp3lame", bit_rate=96_000, options={"write_xing": "0"}),
    "opus": Format("audio/ogg", "ogg", "libopus", rate=48_000, bit_rate=48_000, options={"page_duration": "100000"}),
    "aac": Format("audio/aac", "adts", "aac", bit_rate=96_000),
    "flac": Format("audio/flac", "flac", "flac"),
    "pcm": Format("audio/pcm", "s16le", "pcm_s16le"),  # without a header
}


class _Pipe(bytearray):
    """A file that can't seek, so that FFmpeg writes as into a pipe: with unknown lengths, and never back."""

    def write(self, data: bytes) -> int:
        self.extend(data)
        return len(data)

    def take(self) -> bytes:
        data = bytes(self)
        self.clear()
        return data


def encode(chunks: Iterable[np.ndarray], rate: int, audio_format: str, tags: Tags) -> Iterator[bytes]:
    """Encode chunks, float32 (samples,) at `rate` Hz, in one of FORMATS; yield bytes. `aac` and `pcm` hold no tags."""
    import av  # on first use: most web processes never encode

    target = FORMATS[audio_format]
    pipe = _Pipe()
    with av.open(pipe, "w", format=target.container, options=dict(target.options)) as file:
        stream: Any = file.add_stream(target.codec, rate=target.rate, layout="mono")
        if target.bit_rate:
            stream.bit_rate = target.bit_rate
        file.metadata.update(tags.as_dict())
        stream.metadata.update(tags.as_dict())  # Ogg has them here
        samples_before = 0
        for chunk in filter(len, _resampled(chunks, rate, target.rate)):
            int16 = np.rint(np.clip(chunk, -1, 1) * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(int16[None], "s16", "mono")
            frame.sample_rate, frame.pts = target.rate, samples_before
            samples_before += len(chunk)
            file.mux(stream.encode(frame))
            if data := pipe.take():
                yield data
        file.mux(stream.encode(None))
    if data := pipe.take():
        yield data


def _resampled(chunks: Iterable[np.ndarray], rate: int, to: int) -> Iterator[np.ndarray]:
    if rate == to:
        yield from chunks
    else:
        resampler = soxr.ResampleStream(rate, to, 1, "float32")
        yield from map(resampler.resample_chunk, chunks)
        yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)
