"""200 files that are no recording of speech: broken, lying, hollow, or made to harm. The same ones each time."""

import bz2
import gzip
import io
import json
import lzma
import random
import sqlite3
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

import av
import numpy as np

from tests.voices.files import encode, speech, wav

MUTATION_COUNT = 200
SIX_HOURS = 6 * 3600

UNREADABLE_CODES = {"not_audio", "damaged", "no_audio"}
CUT_CODES = {"truncated", "damaged"}
# Noise that happens to have a header can be anything but speech.
REFUSAL_CODES = UNREADABLE_CODES | CUT_CODES | {"bad_rate", "too_many_channels", "no_speech", "too_long", "too_short"}


@dataclass(frozen=True)
class Upload:
    kind: str
    name: str
    codes: set[str]  # any of these is a true reason
    make: Callable[[], bytes] = field(repr=False)


def uploads() -> list[Upload]:
    found = list(_uploads())
    assert len(found) >= MUTATION_COUNT, len(found)
    return found[:MUTATION_COUNT]


RECORDINGS = {
    "wav": ("wav", "pcm_s16le", 16_000),
    "aiff": ("aiff", "pcm_s16be", 16_000),
    "flac": ("flac", "flac", 16_000),
    "mp3": ("mp3", "libmp3lame", 16_000),
    "opus": ("ogg", "libopus", 48_000),
    "m4a": ("ipod", "aac", 44_100),
    "webm": ("webm", "libopus", 48_000),
    "mkv": ("matroska", "flac", 16_000),
    "caf": ("caf", "pcm_s16le", 16_000),
    "amr": ("amr", "libopencore_amrnb", 8_000),
    "aac": ("adts", "aac", 16_000),
}


@cache
def recording(extension: str) -> bytes:
    container, codec, rate = RECORDINGS[extension]
    return encode(speech(rate=rate), container, codec, rate)


@cache
def encoded(wave_of: Callable[[], np.ndarray], container: str, codec: str, rate: int) -> bytes:
    return encode(wave_of(), container, codec, rate)


def cut(extension: str, share: float) -> bytes:
    content = recording(extension)
    return content[: int(share * len(content))]


def noise(count: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(count)


def spoilt(extension: str, share: float, seed: int) -> bytes:
    """The recording with this share of its bytes replaced at random."""
    content, chance = bytearray(recording(extension)), random.Random(seed)
    for index in chance.sample(range(len(content)), int(share * len(content))):
        content[index] = chance.randrange(256)
    return bytes(content)


def pcm(wave: np.ndarray) -> bytes:
    return (np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes()


def sine(pitch: float = 440, length: float = 5, rate: int = 16_000) -> np.ndarray:
    return 0.3 * np.sin(2 * np.pi * pitch * np.arange(round(length * rate)) / rate)


def floats(value: float, kind: str = "<f4") -> bytes:
    return wav(np.full(32_000, value, kind).tobytes(), bits=8 * np.dtype(kind).itemsize, tag=3)


def archive(make: Callable) -> bytes:
    buffer = io.BytesIO()
    make(buffer)
    return buffer.getvalue()


def zipped(buffer) -> None:
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("speech.wav", recording("wav"))


def bomb(buffer) -> None:
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(20_000_000))


def tarred(buffer) -> None:
    with tarfile.open(fileobj=buffer, mode="w") as file:
        content = recording("wav")
        entry = tarfile.TarInfo("speech.wav")
        entry.size = len(content)
        file.addfile(entry, io.BytesIO(content))


@cache
def picture(codec: str, container: str) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=25)
        stream.width, stream.height = 320, 240
        stream.pix_fmt = {"mjpeg": "yuvj420p", "png": "rgb24", "gif": "rgb8", "bmp": "bgr24"}.get(codec, "yuv420p")
        for number in range(1 if container in ("image2pipe", "gif") else 50):
            image = np.full((240, 320, 3), number * 5, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def database() -> bytes:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE speech (words TEXT)")
        return connection.serialize()


# --- hours of silence in little room: a frame of silence, again and again


def repeated(container: str, codec: str, rate: int, frame_seconds: float, keep_head: bool = False) -> bytes:
    """Six hours of a frame of silence, which the encoder gave for the middle of a short one."""
    buffer = io.BytesIO()
    sizes = []
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        stream.layout = "mono"
        stream.format = stream.codec_context.codec.audio_formats[0].name
        count = stream.codec_context.frame_size or 4096
        for number in range(20):
            frame = av.AudioFrame(stream.format.name, "mono", count)
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.sample_rate, frame.pts = rate, number * count
            for packet in stream.encode(frame):
                sizes.append((packet.size, bytes(packet)))
                output.mux(packet)
        output.mux(stream.encode(None))
    content = buffer.getvalue()
    size, packet = sizes[10]
    at = content.index(packet)
    if container == "adts":
        at, size = at - 7, size + 7
    frames = content[at : at + size] * int(SIX_HOURS / frame_seconds)
    return (content[:at] if keep_head else b"") + frames


def no_amr() -> bytes:
    """Six hours of frames of one byte that say "no data", of 20 ms each."""
    return b"#!AMR\n" + b"\x7c" * (SIX_HOURS * 50)


# --- boxes and elements that lie


def box(kind: bytes, content: bytes = b"", size: int | None = None) -> bytes:
    return struct.pack(">I", len(content) + 8 if size is None else size) + kind + content


def nested(depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = box(b"moov", content)
    return box(b"ftyp", b"isom\0\0\2\0isom") + content


def patched(extension: str, mark: bytes, offset: int, value: bytes) -> bytes:
    """The recording with `value` written `offset` bytes behind the first `mark`."""
    content = bytearray(recording(extension))
    at = content.index(mark) + len(mark) + offset
    content[at : at + len(value)] = value
    return bytes(content)


def ogg_without_sums() -> bytes:
    content, at = bytearray(recording("opus")), 0
    while (at := content.find(b"OggS", at)) >= 0:
        content[at + 22 : at + 26] = b"\xde\xad\xbe\xef"
        at += 4
    return bytes(content)


def external_reference() -> bytes:
    """An MP4 whose sound is said to be in another file."""
    content = recording("m4a")
    url = b"url \0\0\0\1"
    where = b"file:///etc/passwd\0"
    at = content.index(url)
    return content[: at + 4] + b"\0\0\0\0" + where + content[at + 8 :]


PLAYLISTS = {
    "list.m3u": "#EXTM3U\n{address}\n",
    "list.m3u8": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{address}\n#EXT-X-ENDLIST\n",
    "key.m3u8": '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-KEY:METHOD=AES-128,URI="{address}"\n#EXTINF:9,\n{address}\n',
    "concat.txt": "ffconcat version 1.0\nfile {address}\n",
    "list.pls": "[playlist]\nFile1={address}\nNumberOfEntries=1\n",
    "list.xspf": '<?xml version="1.0"?><playlist><trackList><track><location>{address}</location></track></trackList></playlist>',
    "list.mpd": '<?xml version="1.0"?><MPD type="static"><Period><AdaptationSet mimeType="audio/mp4"><Representation id="1">'
    "<BaseURL>{address}</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "stream.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\na=control:{address}\n",
    "list.asx": '<asx version="3.0"><entry><ref href="{address}"/></entry></asx>',
    "list.ram": "{address}\n",
    "list.imf": "#EXTM3U8\n#EXT-X-MEDIA-SEQUENCE:0\n{address}\n",
    "late.m3u8": "\n\n\n#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{address}\n",
}
SECRET = "file:///etc/hostname"  # what the playlists point to; a test puts an address of its own there


def _uploads() -> Iterator[Upload]:
    for name in ("nothing.wav", "nothing.webm", "nothing.mp3", "nothing"):
        yield Upload("empty", name, {"empty"}, lambda: b"")

    for seed, size in enumerate(
        [1, 2, 3, 7, 10, 40, 100, 400, 1_000, 4_000, 10_000, 60_000, 100_000, 500_000, 2_000_000]
    ):
        extension = list(RECORDINGS)[seed % len(RECORDINGS)]
        yield Upload("random bytes", f"x.{extension}", REFUSAL_CODES, lambda size=size, seed=seed: noise(size, seed))
    for seed, extension in enumerate(RECORDINGS):
        for length in (12, 64):
            yield Upload(
                "random bytes behind a true beginning",
                f"x.{extension}",
                REFUSAL_CODES,
                lambda e=extension, n=length, s=seed: recording(e)[:n] + noise(50_000, s),
            )

    for extension in ("wav", "aiff", "flac", "m4a", "webm", "mkv"):
        for share in (0.1, 0.3, 0.6, 0.85):
            yield Upload("cut off", f"half.{extension}", CUT_CODES, lambda e=extension, s=share: cut(e, s))
    for extension in RECORDINGS:
        for size in (9, 80):
            yield Upload(
                "only the beginning",
                f"head.{extension}",
                REFUSAL_CODES,
                lambda e=extension, n=size: recording(e)[:n],
            )
    for seed, extension in enumerate(("flac", "opus", "m4a", "webm", "mkv", "aac")):
        yield Upload("spoilt", f"spoilt.{extension}", REFUSAL_CODES, lambda e=extension, s=seed: spoilt(e, 0.6, s))

    others: dict[str, Callable[[], bytes]] = {
        "zip": lambda: archive(zipped),
        "zip bomb": lambda: archive(bomb),
        "tar": lambda: archive(tarred),
        "gzip": lambda: gzip.compress(recording("wav"), mtime=0),
        "bzip2": lambda: bz2.compress(recording("wav")),
        "xz": lambda: lzma.compress(recording("amr")),
        "7z": lambda: b"7z\xbc\xaf\x27\x1c" + noise(500, 1),
        "rar": lambda: b"Rar!\x1a\x07\x01\0" + noise(500, 2),
        "png": lambda: picture("png", "image2pipe"),
        "jpeg": lambda: picture("mjpeg", "image2pipe"),
        "bmp": lambda: picture("bmp", "image2pipe"),
        "gif": lambda: picture("gif", "gif"),
        "webp": lambda: b"RIFF\x24\0\0\0WEBPVP8 " + noise(28, 3),
        "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "html": lambda: b"<!DOCTYPE html><title>speech.wav</title><audio src='file:///etc/passwd'>",
        "pdf": lambda: b"%PDF-1.7\n" + noise(900, 4),
        "elf": lambda: b"\x7fELF\x02\x01\x01" + noise(5000, 5),
        "exe": lambda: b"MZ\x90\0" + noise(5000, 6),
        "sqlite": database,
        "json": lambda: json.dumps({"audio": "speech.wav"}).encode(),
        "text": lambda: b"Ladies and gentlemen, " * 400,
        "midi": lambda: b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0",
        "subtitles": lambda: b"1\n00:00:01,000 --> 00:00:02,000\nSpeak!\n" * 50,
        "zeros": lambda: bytes(100_000),
        "ones": lambda: b"\xff" * 100_000,
    }
    for kind, make in others.items():
        yield Upload("another kind of file", f"{kind.replace(' ', '-')}.wav", UNREADABLE_CODES, make)
    for codec, container in (("mpeg4", "mp4"), ("mpeg4", "matroska"), ("mpeg4", "avi"), ("mpeg1video", "mpeg")):
        yield Upload(
            "a film without sound", f"film.{container}", UNREADABLE_CODES, lambda c=codec, o=container: picture(c, o)
        )

    for name, text in PLAYLISTS.items():
        yield Upload("a playlist", name, UNREADABLE_CODES, lambda t=text: t.format(address=SECRET).encode())
    yield Upload("a reference to another file", "outside.m4a", REFUSAL_CODES, external_reference)

    for channels in (0, 9, 32, 255, 65_535):
        yield Upload(
            "channels",
            f"{channels}.wav",
            {"too_many_channels", "no_audio", "damaged"},
            lambda n=channels: wav(channels=n),
        )
    for rate in (0, 1, 2, 100, 3_999, 400_000, 3_000_000_000, 0xFFFFFFFF):
        yield Upload("rates", f"{rate}.wav", {"bad_rate", "damaged", "no_audio"}, lambda n=rate: wav(rate=n))
    for bits in (0, 1, 3, 7, 65, 65_535):
        yield Upload("bits", f"{bits}.wav", REFUSAL_CODES, lambda n=bits: wav(bits=n, data=noise(64_000, n)))
    for tag in (0, 0x9999, 0xFFFE):
        yield Upload("unknown codes", f"{tag}.wav", REFUSAL_CODES, lambda n=tag: wav(tag=n))
    yield Upload("lengths", "four-gigabytes.wav", {"no_speech"}, lambda: wav(size=0xFFFFFFFF))
    yield Upload("lengths", "one-gigabyte.wav", {"truncated"}, lambda: wav(size=2**30))
    yield Upload("lengths", "no-data.wav", UNREADABLE_CODES, lambda: wav(b""))
    yield Upload("lengths", "zero-block.wav", REFUSAL_CODES, lambda: wav(block=0))
    yield Upload("lengths", "rf64.wav", REFUSAL_CODES, lambda: b"RF64" + wav()[4:])
    for value in (np.nan, np.inf, -np.inf, 3e38, 1e-42):
        yield Upload("numbers", f"{value}.wav", {"damaged", "no_speech"}, lambda v=value: floats(v))
    yield Upload("numbers", "nan64.wav", {"damaged"}, lambda: floats(np.nan, "<f8"))

    yield Upload("6 hours of silence", "a.mp3", {"too_long"}, lambda: repeated("mp3", "libmp3lame", 8_000, 576 / 8_000))
    yield Upload("6 hours of silence", "a.aac", {"too_long"}, lambda: repeated("adts", "aac", 8_000, 1024 / 8_000))
    yield Upload(
        "6 hours of silence", "a.flac", {"too_long"}, lambda: repeated("flac", "flac", 8_000, 0.5, keep_head=True)
    )
    yield Upload("6 hours of silence", "a.amr", {"damaged", "too_long"}, no_amr)
    yield Upload(
        "6 hours of silence", "a.wav", {"too_large"}, lambda: wav(bytes(SIX_HOURS * 8_000), bits=8, rate=8_000)
    )

    sounds: dict[str, Callable[[], np.ndarray]] = {
        "silence": lambda: np.zeros(80_000),
        "tone": sine,
        "noise": lambda: 0.1 * np.random.default_rng(1).standard_normal(80_000),
        "beeps": lambda: sine() * (np.arange(80_000) % 16_000 < 4_000),
        "click": lambda: np.where(np.arange(80_000) // 30 == 900, 0.9, 0.0),
        "constant": lambda: np.full(80_000, 0.5),
    }
    for kind, make in sounds.items():
        yield Upload("sound without speech", f"{kind}.wav", {"no_speech"}, lambda m=make: wav(pcm(m())))
    for container, codec, rate in (("flac", "flac", 16_000), ("ogg", "libopus", 48_000), ("ipod", "aac", 44_100)):
        yield Upload(
            "sound without speech",
            f"tone.{container}",
            {"no_speech"},
            lambda c=container, k=codec, r=rate: encode(sine(rate=r).astype("f4"), c, k, r),
        )
    for milliseconds in (10, 200, 500, 900):
        yield Upload(
            "too little speech",
            f"{milliseconds}.wav",
            {"too_short", "no_speech", "damaged"},
            lambda n=milliseconds: wav(pcm(speech(rate=16_000)[8_000 : 8_000 + 16 * n])),
        )

    yield Upload("tags", "junk.mp3", UNREADABLE_CODES, lambda: b"ID3\4\0\0\x0e\x10\0\0" + noise(0x70000 * 66, 7))
    yield Upload("tags", "endless.mp3", UNREADABLE_CODES, lambda: b"ID3\4\0\0\x7f\x7f\x7f\x7f" + noise(5_000, 8))
    yield Upload("pages", "sums.ogg", REFUSAL_CODES, ogg_without_sums)
    yield Upload("pages", "channels.opus", REFUSAL_CODES, lambda: patched("opus", b"OpusHead", 1, b"\xff"))
    yield Upload("boxes", "deep.m4a", UNREADABLE_CODES, lambda: nested(5_000))
    yield Upload("boxes", "size-1.m4a", UNREADABLE_CODES, lambda: box(b"ftyp", b"isom") + box(b"moov", b"", 1))
    yield Upload("boxes", "times.m4a", REFUSAL_CODES, lambda: patched("m4a", b"stts", 4, b"\xff" * 12))
    yield Upload("boxes", "samples.m4a", REFUSAL_CODES, lambda: patched("m4a", b"stsz", 8, b"\xff\xff\xff\xff"))
    yield Upload("boxes", "chunks.m4a", REFUSAL_CODES, lambda: patched("m4a", b"stco", 8, b"\xff" * 40))
    yield Upload(
        "elements",
        "segment.webm",
        REFUSAL_CODES,
        lambda: recording("webm")[:60] + b"\x18\x53\x80\x67\x01" + b"\xff" * 99,
    )

    for seed in range(MUTATION_COUNT):  # as many as are missing
        size = 10 ** (2 + seed % 4)
        yield Upload("random bytes", f"{seed}.ogg", REFUSAL_CODES, lambda s=seed, n=size: noise(n, 1000 + s))
