"""Encode speech in the formats that programs and people ask for: as a stream, or into a file."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

import numpy as np
import soxr

from voicesite.provenance.digest import LOSSLESS
from voicesite.web.audio_metadata import Tags

M4A_FRAME_SAMPLES = 1024
# Room for what an M4A file says of itself, which comes before its sound: a size of 4 bytes for each frame, and the rest.
M4A_HEADER_BYTES = 64 * 1024


class Hash(Protocol):
    """What hashlib makes."""

    def update(self, data: bytes, /) -> None: ...


@dataclass(frozen=True)
class Format:
    title: str  # for people
    content_type: str
    container: str  # this and the next as FFmpeg calls them
    codec: str
    rate: int = 24_000  # Hz
    bit_rate: int = 0  # per second; 0 is the codec's own
    stream_options: Mapping[str, str] | None = field(
        default_factory=dict
    )  # of the container; None: it can't be streamed
    file_options: Mapping[str, str] = field(default_factory=dict)  # of the container, where it may write back


# A stream has no header that is rewritten at the end, and no page of Ogg holds more than 100,000 µs of audio.
_SHORT_PAGES = {"page_duration": "100000"}
FORMATS = {
    "wav": Format("WAV", "audio/wav", "wav", "pcm_s16le"),
    "mp3": Format("MP3", "audio/mpeg", "mp3", "libmp3lame", bit_rate=96_000, stream_options={"write_xing": "0"}),
    "opus": Format("Opus", "audio/ogg", "ogg", "libopus", rate=48_000, bit_rate=48_000, stream_options=_SHORT_PAGES),
    "aac": Format("AAC", "audio/aac", "adts", "aac", bit_rate=96_000, file_options={"write_id3v2": "1"}),
    "flac": Format("FLAC", "audio/flac", "flac", "flac"),
    "m4a": Format("M4A", "audio/mp4", "ipod", "aac", bit_rate=96_000, stream_options=None),
    "pcm": Format("PCM", "audio/pcm", "s16le", "pcm_s16le"),  # without a header
}
STREAMED_FORMATS = tuple(name for name, target in FORMATS.items() if target.stream_options is not None)
# Finished speech is a WAV file already, and PCM is the same without its header.
FILE_FORMATS = tuple(name for name in FORMATS if name not in ("wav", "pcm"))


class _Pipe(bytearray):
    """A file that can't seek, so that FFmpeg writes as into a pipe: with unknown lengths, and never back."""

    def write(self, data: bytes) -> int:
        self.extend(data)
        return len(data)

    def take(self) -> bytes:
        data = bytes(self)
        self.clear()
        return data


def encode(
    chunks: Iterable[np.ndarray], rate: int, audio_format: str, tags: Tags, sound: Hash | None = None
) -> Generator[bytes, None, None]:
    """Encode chunks, float32 (samples,) at `rate` Hz, in one of STREAMED_FORMATS; yield bytes.

    A stream of `aac` or `pcm` holds no tags. An empty chunk becomes an empty part, or what the encoder has ready.
    sound: what the digest of voicesite.provenance will be of, once all is read.
    """
    target = FORMATS[audio_format]
    assert target.stream_options is not None, audio_format
    pipe = _Pipe()
    for has_sound in _write(pipe, target, target.stream_options, _resampled(chunks, rate, target.rate), tags, sound):
        if (data := pipe.take()) or not has_sound:
            yield data
    if data := pipe.take():
        yield data


def encode_file(
    file: BinaryIO,
    chunks: Iterable[np.ndarray],
    rate: int,
    samples: int,
    audio_format: str,
    tags: Tags,
    on_progress: Callable[[float], None],
) -> None:
    """Encode chunks, float32 (samples,) at `rate` Hz, `samples` in all, into a file that can seek, with its length.

    on_progress: called with the share that is encoded, 0 to 1, after each chunk.
    """
    target = FORMATS[audio_format]
    options = dict(target.file_options)
    if audio_format == "m4a":
        # A player must know the index before it can begin. So its room is left free and filled at the end, which saves
        # writing the file twice; what it doesn't need stays an empty box.
        frames = samples * target.rate // rate // M4A_FRAME_SAMPLES
        options["moov_size"] = str(M4A_HEADER_BYTES + 4 * frames)
    done = 0

    def counted() -> Iterator[np.ndarray]:
        nonlocal done
        for chunk in chunks:
            yield chunk
            done += len(chunk)
            on_progress(min(done / max(samples, 1), 1.0))

    for _ in _write(file, target, options, _resampled(counted(), rate, target.rate), tags):
        pass


def _write(
    file: Any,
    target: Format,
    options: Mapping[str, str],
    chunks: Iterable[np.ndarray],
    tags: Tags,
    sound: Hash | None = None,
) -> Iterator[bool]:
    """Write chunks, at the rate of the target, to `file`; yield after each whether it had any sound."""
    import av  # on first use: most web processes never encode

    with av.open(file, "w", format=target.container, options=dict(options)) as container:
        stream: Any = container.add_stream(target.codec, rate=target.rate, layout="mono")
        if target.bit_rate:
            stream.bit_rate = target.bit_rate
        container.metadata.update(tags.as_dict())
        stream.metadata.update(tags.as_dict())  # Ogg has them here
        samples_before = 0
        for chunk in chunks:
            if not len(chunk):
                yield False
                continue
            int16 = np.rint(np.clip(chunk, -1, 1) * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(int16[None], "s16", "mono")
            frame.sample_rate, frame.pts = target.rate, samples_before
            samples_before += len(chunk)
            if sound and target.codec in LOSSLESS:
                sound.update(int16.tobytes())
            container.mux(_heard(stream.encode(frame), target, sound))
            yield True
        container.mux(_heard(stream.encode(None), target, sound))


def _heard(packets: list, target: Format, sound: Hash | None) -> list:
    """Return packets, which count as the sound where the codec loses some of it: see voicesite.provenance.digest."""
    if sound and target.codec not in LOSSLESS:
        for packet in packets:
            sound.update(bytes(packet))
    return packets


def _resampled(chunks: Iterable[np.ndarray], rate: int, to: int) -> Iterator[np.ndarray]:
    if rate == to:
        yield from chunks
    else:
        resampler = soxr.ResampleStream(rate, to, 1, "float32")
        yield from map(resampler.resample_chunk, chunks)
        yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)
