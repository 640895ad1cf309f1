"""Files as programs and browsers make them, from the fixtures' speech."""

import io
import struct

import av
import numpy as np
import soundfile
import soxr

from tests import FIXTURES


def speech(name: str = "english_austen_1", rate: int = 24_000) -> np.ndarray:
    """A fixture, float32 (samples,) at `rate` Hz."""
    wave, own = soundfile.read(FIXTURES / f"{name}.wav", dtype="float32")
    return soxr.resample(wave, own, rate)


def encode(
    wave: np.ndarray,
    container: str,
    codec: str,
    rate: int = 48_000,
    layout: str = "mono",
    sample_format: str | None = None,
    seekable: bool = True,
    options: dict | None = None,
) -> bytes:
    """`wave`, float32 (samples,) or (channels, samples) at `rate` Hz, in a container of FFmpeg.

    What is not `seekable` is written as into a pipe, so that the header can't say how long the rest became.
    """
    buffer = io.BytesIO()
    if not seekable:
        buffer.seekable = lambda: False
        buffer.seek = None
    with av.open(buffer, "w", format=container, options=options or {}) as output:
        stream = output.add_stream(codec, rate=rate)
        stream.layout = layout
        wanted = sample_format or stream.codec_context.codec.audio_formats[0].name
        stream.format = wanted
        channels = len(stream.layout.channels)
        resampler = av.AudioResampler(wanted, layout, rate)
        planar = np.ascontiguousarray(np.broadcast_to(wave, (channels, wave.shape[-1])), np.float32)
        fifo = av.AudioFifo()
        for start in range(0, planar.shape[1], rate):
            frame = av.AudioFrame.from_ndarray(planar[:, start : start + rate].copy(), "fltp", layout)
            frame.sample_rate, frame.pts = rate, start
            for part in resampler.resample(frame):
                part.pts = None
                fifo.write(part)
        for part in resampler.resample(None):
            part.pts = None
            fifo.write(part)
        size = stream.codec_context.frame_size or 1024
        while (part := fifo.read(size)) or (part := fifo.read(size, partial=True)):
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def wav(
    data: bytes = bytes(64_000),
    channels=1,
    rate=16_000,
    bits=16,
    tag=1,
    size: int | None = None,
    block: int | None = None,
) -> bytes:
    """A WAV file whose header says what it is told to, true or not. `size` is that of `data`, as the header says."""
    size = len(data) if size is None else size
    block = channels * bits // 8 if block is None else block
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * block & 0xFFFFFFFF, block & 0xFFFF, bits)
    return b"".join(
        [b"RIFF", struct.pack("<I", min(size + 36, 0xFFFFFFFF)), b"WAVEfmt ", struct.pack("<I", 16), form]
        + [b"data", struct.pack("<I", size), data]
    )
