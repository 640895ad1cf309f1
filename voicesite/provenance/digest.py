"""A digest of the sound in a file: the same whatever its container is, and its tags and manifest say. Pure.

Of sound that was coded without loss (WAV, FLAC, ALAC), the SHA-256 of its samples; of any other, that of what the encoder
made. So a file is recognised when its tags are stripped, a WAV file also as FLAC. Sound that was encoded anew, cut, or
made louder has another digest.
"""

import hashlib
from collections.abc import Callable
from typing import Any

LOSSLESS = ("pcm_s16le", "flac", "alac")
# What FFmpeg may open: no playlists, which name other files and addresses.
_OPTIONS = {"format_whitelist": "wav,w64,aiff,flac,mp3,ogg,mov,matroska,aac", "protocol_whitelist": "none"}


def digest(file: Any, on_progress: Callable[[], None] = lambda: None) -> str:
    """Return the digest of the sound in a file that can seek, in hexadecimal; "" where there is none.

    on_progress: called for each packet, and may raise to end it. Raises av.FFmpegError and ValueError for what can't be
    read: only read what somebody sent in a sandbox.
    """
    import av

    made = hashlib.sha256()
    file.seek(0)
    with av.open(file, "r", options=_OPTIONS, metadata_errors="ignore") as container:
        stream: Any = container.streams.best("audio")
        if stream is None or stream.codec_context is None:
            return ""
        is_lossless = stream.codec_context.name in LOSSLESS
        to_samples = av.AudioResampler("s16")
        for packet in container.demux(stream):
            on_progress()
            if is_lossless:
                for frame in packet.decode():
                    for part in to_samples.resample(frame):
                        made.update(part.to_ndarray().tobytes())
            elif packet.size:
                made.update(_without_adts(bytes(packet)) if container.format.name == "aac" else bytes(packet))
    return made.hexdigest()


def _without_adts(packet: bytes) -> bytes:
    """Return a packet of bare AAC as M4A holds it: without the header, of 7 bytes, or 9 where it has a checksum."""
    return packet[7 if packet[1] & 1 else 9 :] if len(packet) > 9 else packet
