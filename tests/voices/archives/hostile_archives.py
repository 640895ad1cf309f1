"""Over 500 archives that are damaged, inconsistent, empty or malicious: the same ones in each run."""

import io
import json
import random
import stat
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial

import numpy as np
import soundfile

from tests.voices.archives.archive_files import (
    FILES,
    Entry,
    archive_of,
    changed,
    deflated,
    entries,
    good,
    manifest,
    originals,
    pack,
    sound,
    swapped,
    voice,
    voicebox,
)

HARMLESS = "harmless"  # taken in, and nothing bad comes of it
DAMAGE_CODES = {"truncated", "not_zip", "damaged", "contradiction", "trailing", "prepended", "empty"}


@dataclass(frozen=True)
class Hostile:
    kind: str
    what: str
    codes: set[str]  # any of these is a true reason; none: any reason is, and harmless too
    make: Callable[[], bytes] = field(repr=False)


def archives() -> list[Hostile]:
    found = list(_archives())
    assert len(found) > 500, len(found)
    return found


def _archives() -> Iterator[Hostile]:
    for kinds in (
        _broken,
        _places,
        _sizes,
        _names,
        _kinds,
        _sixty_four,
        _counts,
        _json,
        _fields,
        _sounds,
        _people,
        _others,
    ):
        yield from kinds()


def _broken() -> Iterator[Hostile]:
    chance = random.Random(1)
    yield Hostile("empty", "no bytes", {"empty"}, bytes)
    for share in [chance.random() for _ in range(19)]:
        yield Hostile(
            "truncated", f"{share:.0%} of it", DAMAGE_CODES, lambda share=share: good()[: int(share * len(good()))]
        )
    for seed in range(40):
        yield Hostile("spoilt", f"seed {seed}", set(), partial(_spoilt, seed))
    for seed in range(20):
        yield Hostile("noise", f"seed {seed}", DAMAGE_CODES | {"parts", "zip64", "too_many"}, partial(_noise, seed))
    for size in (1, 22, 100, 4096, 65_536, 200_000):
        yield Hostile(
            "trailing", f"{size} bytes", {"trailing", "not_zip", "truncated"}, lambda size=size: good() + b"x" * size
        )
        yield Hostile("prepended", f"{size} bytes", {"prepended"}, lambda size=size: b"x" * size + good())
        yield Hostile(
            "prepended",
            f"{size} bytes, counted",
            {"prepended"},
            lambda size=size: pack(entries(), before=b"#!/bin/sh\n" * size),
        )
    yield Hostile("trailing", "another archive", {"prepended", "contradiction"}, lambda: good() + good())
    yield Hostile(
        "trailing",
        "an end within the comment",
        {"trailing", "damaged", "parts", "prepended", "empty"},
        lambda: pack(entries(), comment=b"PK\5\6" + bytes(18)),
    )
    for field_, value in (
        ("count", 3),
        ("count", 9),
        ("size", 10),
        ("size", 10**6),
        ("at", 0),
        ("at", 10**6),
        ("disk", 1),
        ("disks", 1),
        ("here", 1),
        ("size", 0),
    ):
        codes = DAMAGE_CODES | {"parts"}
        lie = {field_: value} | ({"here": value} if field_ == "count" else {})
        yield Hostile("lying end", f"{field_} {value}", codes, lambda lie=lie: pack(entries(), **lie))


def _spoilt(seed: int) -> bytes:
    chance = random.Random(seed)
    spoilt = bytearray(good())
    # The ends and the manifest are where it matters most.
    places = [chance.randrange(len(spoilt)), chance.randrange(len(spoilt) - 2500, len(spoilt)), chance.randrange(60)]
    for at in places[: 1 + seed % 3]:
        spoilt[at] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def _noise(seed: int) -> bytes:
    noise = random.Random(seed).randbytes(1000 * (seed + 1))
    return (noise, b"PK\3\4" + noise, b"PK\3\4" + noise + b"PK\5\6" + noise[:18], b"PK\5\6" + noise)[seed % 4]


def _places() -> Iterator[Hostile]:
    for number in range(3):
        yield Hostile(
            "duplicate",
            f"file {number} twice",
            {"duplicate"},
            lambda number=number: pack([*entries(), entries()[number]]),
        )
        yield Hostile("duplicate", f"file {number} in capitals", {"duplicate"}, partial(_again, number, bytes.upper))
        yield Hostile("overlap", f"file {number} twice over", {"overlap", "contradiction"}, partial(_over, number, 0))
        yield Hostile("overlap", f"file {number} within", {"overlap", "contradiction"}, partial(_over, number, 100))
        yield Hostile("overlap", f"file {number} past the end", {"overlap", "contradiction"}, partial(_past, number))
    yield Hostile(
        "duplicate", "two manifests", {"duplicate"}, lambda: pack([*entries(), entries(manifest(voice("Eve")))[-1]])
    )
    for count in (10, 1000):
        yield Hostile(
            "overlap", f"{count} members of one content", {"overlap", "contradiction"}, partial(_quine, count)
        )

    yield Hostile("member within a member", "each as the table of contents says", {"overlap"}, _within)


def _again(number: int, change: Callable[[bytes], bytes]) -> bytes:
    again = entries()[number]
    again.name = change(again.name)
    return pack([*entries(), again])


def _over(number: int, by: int) -> bytes:
    """Return an archive with a directory entry whose offset lies within the content of another member."""
    members = entries()
    return pack([*members, Entry(b"other.bin", members[number].data, at=_end(members[:number]) + by)])


def _within() -> bytes:
    """Return an archive with a stored member whose content is another whole member: only their offsets give it away."""
    outer, inner = Entry(b"outer.bin", b""), Entry(b"inner.bin", bytes(range(256)))
    outer.data = pack([inner])[: _end([inner])]
    return pack([*entries(), outer, replace(inner, at=_end(entries()) + 30 + len(outer.name))])


def _end(members: list[Entry]) -> int:
    return sum(30 + len(entry.name) + len(entry.data) for entry in members)


def _past(number: int) -> bytes:
    members = entries()
    members[number].size = members[number].packed_size = 10**6
    return pack(members)


def _quine(count: int) -> bytes:
    kernel = random.Random(7).randbytes(50_000)
    return pack([Entry(b"0.bin", kernel), *(Entry(b"%d.bin" % n, kernel, at=0) for n in range(1, count))])


def _sizes() -> Iterator[Hostile]:
    for megabytes in (1, 8, 50, 200):
        for name in ("manifest.json", "01-jane/clip-1.wav", "other.bin"):
            yield Hostile("bomb", f"{name} of {megabytes} MB", {"bomb"}, partial(_bomb, name, megabytes))
    yield Hostile("bomb", "a thousand files of 99 times their size", {"bomb"}, partial(_wide_bomb, 1000))
    yield Hostile(
        "bomb",
        "nothing but size",
        {"bomb", "zip64"},
        lambda: pack([*entries(), Entry(b"a", b"x", method=8, size=2**32 - 2)]),
    )
    for number in range(3):
        for method in (0, 8):
            for size in (0, 1, 10**6):
                codes = {"contradiction", "damaged", "overlap", "bomb", "not_audio", "problem", "no_voices"}
                yield Hostile(
                    "lying size",
                    f"file {number}, method {method}, {size} bytes",
                    codes,
                    partial(_lying, number, method, size),
                )
    yield Hostile("hidden bytes", "a manifest that goes on where it says it ends", {"damaged"}, hidden_bytes)
    for number in range(4):
        yield Hostile(
            "lying size", f"file {number}, in its own header", {"contradiction"}, partial(_local, number, size=True)
        )
        yield Hostile(
            "lying name", f"file {number}, in its own header", {"contradiction"}, partial(_local, number, size=False)
        )
        yield Hostile("wrong CRC", f"file {number}", {"damaged"}, partial(_crc, number))
        yield Hostile(
            "deflate",
            f"file {number}: bytes after its end",
            {"damaged"},
            partial(_packed, number, lambda data: deflated(data) + b"x" * 40),
        )
        yield Hostile(
            "deflate", f"file {number}: cut", {"damaged"}, partial(_packed, number, lambda data: deflated(data)[:-9])
        )
        yield Hostile(
            "deflate",
            f"file {number}: noise",
            {"damaged"},
            partial(_packed, number, lambda data: random.Random(3).randbytes(len(data))),
        )


def _bomb(name: str, megabytes: int) -> bytes:
    members = [entry for entry in entries() if entry.name != name.encode()]
    return pack([*members, Entry(name.encode(), bytes(megabytes * 2**20), method=8)])


@cache
def _wide_bomb(count: int) -> bytes:
    chance, zeros = random.Random(5), bytes(90 * 2**10)
    filler = [Entry(b"%d.bin" % n, zeros, method=8, packed=chance.randbytes(1000), size=99_000) for n in range(count)]
    return pack(
        [
            *entries(),
            *filler,
            *(Entry(b"b%d.bin" % n, b"", method=8, packed=bytes(20_000), size=1_900_000) for n in range(count)),
        ]
    )


def _lying(number: int, method: int, size: int) -> bytes:
    members = entries()
    members[number].method, members[number].size = method, size
    said = json.loads(members[-1].data)
    first = said["voices"][0]
    (first["recordings"][0]["original"], first["recordings"][0]["audio"], first["clips"][0]["audio"])[number][
        "bytes"
    ] = size
    members[-1].data = json.dumps(said).encode()
    return pack(members)


def hidden_bytes() -> bytes:
    """Return an archive whose manifest inflates to more than its size, with a CRC of that size: `zipfile` accepts it."""
    members = entries()
    members[-1].method, members[-1].packed = 8, deflated(members[-1].data + b"{}" * 1000)
    return pack(members)


def _local(number: int, *, size: bool) -> bytes:
    members = entries()
    if size:
        members[number].local_size = 7
    else:
        members[number].local_name = b"other"
    return pack(members)


def _crc(number: int) -> bytes:
    members = entries()
    members[number].crc = 1
    return pack(members)


def _packed(number: int, change: Callable[[bytes], bytes]) -> bytes:
    members = entries()
    members[number].method, members[number].packed = 8, change(members[number].data)
    return pack(members)


PATHS = (
    "../manifest.json", "../../../../etc/passwd", "/etc/passwd", "//host/share", "a/../../b", "..", ".", "./a", "a/./b",
    "a//b", "/", "C:/Windows/win.ini", "C:a", "a/..", "..%2f/../a", "voices/../../../media/clips/x.wav",
)  # fmt: skip
ODD_PATHS = (
    "..\\..\\windows\\win.ini", "\\\\host\\share", "a\\b", "a\x00.wav", "a\nb", "a\rb", "a\x1b[31m", "a\u202egpj.exe",
    "x" * 201, "x" * 5000, "a\u200bb", "\ufeffa", "a\x7f", "a\u2066b",
)  # fmt: skip


def _names() -> Iterator[Hostile]:
    for path in PATHS:
        yield Hostile("path", repr(path), {"path"}, lambda path=path: pack([*entries(), Entry(path.encode(), b"x")]))
    for name in ODD_PATHS:
        yield Hostile(
            "file name",
            repr(name[:20]),
            {"name"},
            lambda name=name: pack([*entries(), Entry(name.encode(), b"x", flags=0x800)]),
        )
    yield Hostile("file name", "no UTF-8", {"name"}, lambda: pack([*entries(), Entry(b"\xff\xfe", b"x", flags=0x800)]))
    yield Hostile("file name", "none", {"path"}, lambda: pack([*entries(), Entry(b"", b"x")]))
    for path in PATHS[:6]:
        yield Hostile(
            "path",
            f"the manifest names {path!r}",
            {"no_voices"},
            lambda path=path: changed("voices", 0, "clips", 0, "audio", "path", to=path),
        )


def _kinds() -> Iterator[Hostile]:
    for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK):
        for name, data in ((b"link", b"/etc/passwd"), (b"01-jane/clip-2.wav", b"../../secret_key")):
            yield Hostile(
                "link",
                f"{kind:o} {name.decode()}",
                {"link"},
                lambda kind=kind, name=name, data=data: pack([*entries(), Entry(name, data, mode=kind | 0o777)]),
            )
    for flag in (0x0001, 0x0041, 0x2000):
        for number in range(3):
            yield Hostile(
                "encrypted", f"flag {flag:x} of file {number}", {"encrypted"}, partial(_flagged, number, flag)
            )
    for method in (1, 6, 9, 12, 14, 93, 95, 98, 99):
        yield Hostile(
            "method",
            str(method),
            {"method"},
            lambda method=method: pack([*entries(), Entry(b"a", b"x", method=method)]),
        )
    for wrapped in (
        b"\x1f\x8b" + bytes(99),
        b"BZh9" + bytes(99),
        b"Rar!\x1a\x07" + bytes(99),
        b"7z\xbc\xaf\x27\x1c" + bytes(99),
        b"%PDF-1.7" + bytes(99),
        b"<html>" + bytes(99),
        b"\x7fELF" + bytes(99),
    ):
        yield Hostile("no zip", repr(wrapped[:4]), {"not_zip"}, lambda wrapped=wrapped: wrapped)
    for depth in (1, 5):
        yield Hostile(
            "nested", f"{depth} deep, as a recording", {"not_audio"}, lambda depth=depth: swapped(0, _nested(depth))
        )
        yield Hostile(
            "nested",
            f"{depth} deep, beside",
            {HARMLESS},
            lambda depth=depth: pack([*entries(), Entry(b"inner.zip", _nested(depth))]),
        )


def _flagged(number: int, flag: int) -> bytes:
    members = entries()
    members[number].flags = flag
    return pack(members)


def _nested(depth: int) -> bytes:
    inner = good()
    for _ in range(depth):
        inner = pack([Entry(b"inner.zip", inner), Entry(b"again.zip", inner)])
    return inner


def _sixty_four() -> Iterator[Hostile]:
    most = 0xFFFFFFFF
    extra = struct.pack("<HHQQQ", 1, 24, 10**12, 10**12, 0)
    for number in range(3):
        for lie in (
            {"size": most, "extra": extra},
            {"packed_size": most, "extra": extra},
            {"at": most, "extra": extra},
        ):
            yield Hostile(
                "zip64", f"{next(iter(lie))} of file {number}", {"zip64", "contradiction"}, partial(_lied, number, lie)
            )
    for lie in ({"count": 0xFFFF, "here": 0xFFFF}, {"size": most}, {"at": most}):
        yield Hostile("zip64", f"the end's {next(iter(lie))}", {"zip64"}, lambda lie=lie: pack(entries(), **lie))
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, 10**9, 0)
    for at in (0, 10**15):
        yield Hostile(
            "zip64",
            f"a locator of {at}",
            {"zip64"},
            lambda at=at: pack(entries(), locator=record + struct.pack("<4sLQL", b"PK\6\7", 0, at, 1)),
        )


def _lied(number: int, lie: dict) -> bytes:
    members = entries()
    for name, value in lie.items():
        setattr(members[number], name, value)
    return pack(members)


def _counts() -> Iterator[Hostile]:
    yield Hostile("counts", "20,001 files", {"too_many"}, lambda: pack([Entry(b"%d" % n, b"") for n in range(20_001)]))
    yield Hostile(
        "counts",
        "65,534 files that are not there",
        {"damaged", "too_many"},
        lambda: pack(entries(), count=65_534, here=65_534),
    )
    yield Hostile("counts", "501 voices", {"too_many"}, lambda: archive_of(manifest(*([voice()] * 501))))
    yield Hostile("counts", "100,000 voices of nothing", {"too_many"}, lambda: archive_of(manifest(*([{}] * 100_000))))
    yield Hostile("counts", "no voices", {"no_voices"}, lambda: changed("voices", to=[]))
    for place, one, count in (
        ("clips", {}, 101),
        ("recordings", {}, 101),
        ("tags", "x", 31),
        ("clips", {}, 0),
        ("recordings", {}, 0),
    ):
        yield Hostile(
            "counts",
            f"{count} {place}",
            {"no_voices"},
            lambda place=place, one=one, count=count: changed("voices", 0, place, to=[one] * count),
        )
    yield Hostile(
        "counts",
        "2,001 words",
        {"no_voices"},
        lambda: changed("voices", 0, "clips", 0, "words", to=[["a", 0, 1, 1]] * 2001),
    )
    yield Hostile("counts", "one file for 100 clips", {"no_voices"}, _shared_file)
    yield Hostile(
        "counts", "one voice 400 times", {"no_voices", HARMLESS}, lambda: archive_of(manifest(*([voice()] * 400)))
    )


def _shared_file() -> bytes:
    said = manifest()
    clip = said["voices"][0]["clips"][0]
    said["voices"][0]["clips"] = [clip | {"id": str(number)} for number in range(100)]
    return archive_of(said)


def _json() -> Iterator[Hostile]:
    written = json.dumps(manifest()).encode()

    def json_of(what: str, data: Callable[[], bytes], codes: set[str] | None = None) -> Hostile:
        return Hostile("JSON", what, codes or {"manifest"}, lambda: archive_of(data()))

    for depth in (1000, 100_000, 1_000_000):
        yield json_of(f"{depth} lists", lambda depth=depth: b"[" * depth)
        yield json_of(f"{depth} lists, closed", lambda depth=depth: b"[" * depth + b"]" * depth)
        yield json_of(f"{depth} objects", lambda depth=depth: b'{"a":' * depth)
    for digits in (19, 5000, 1_000_000):
        yield json_of(
            f"{digits} digits",
            lambda digits=digits: b'{"format": "voicesite voices", "version": ' + b"9" * digits + b"}",
        )
    for number in (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1e-" + b"9" * 100):
        yield json_of(number.decode()[:9], lambda number=number: written.replace(b"2.9", number))
    yield json_of("the same key twice", lambda: b'{"version": 1, ' + written[1:])
    yield json_of("the same key twice, inside", lambda: written.replace(b'"name"', b'"language": "es", "name"', 1))
    yield json_of(
        "9 MB",
        lambda: written[:-1] + b', "a": "' + random.Random(2).randbytes(9 * 2**19).hex().encode() + b'"}',
        {"too_large"},
    )
    yield json_of(
        "7 MB of nothing",
        lambda: b'{"format": "voicesite voices", "version": 1, "voices": [' + b"[]," * 2_300_000 + b"[]]}",
        {"too_many", "manifest"},
    )
    for what, data in (
        ("nothing", b""),
        ("a list", b"[]"),
        ("a text", b'"voices"'),
        ("null", b"null"),
        ("a number", b"7"),
        ("cut", written[:-5]),
        ("no JSON", b"<xml/>"),
        ("two", written * 2),
        ("comments", b"//\n" + written),
        ("single quotes", written.replace(b'"', b"'")),
        ("NUL", bytes(100)),
    ):
        yield json_of(what, lambda data=data: data)
    for encoding in ("utf-16", "utf-32"):
        yield json_of(encoding, lambda encoding=encoding: written.decode().encode(encoding))
    yield json_of("no UTF-8", lambda: written.replace(b"Jane", b"\xff\xfe\xc0"))
    yield json_of("a mark before it", lambda: b"\xef\xbb\xbf" + written, {HARMLESS})
    yield Hostile("no manifest", "none", {"no_manifest"}, lambda: pack(entries()[:-1]))
    yield Hostile(
        "no manifest",
        "in a folder",
        {"no_manifest"},
        lambda: pack([*entries()[:-1], Entry(b"a/manifest.json", written)]),
    )
    for version in (2, 99, 10**17):
        yield Hostile("version", str(version), {"version"}, lambda version=version: changed("version", to=version))
    for version in (0, -1, "1", 1.0, True, None, [1], {}):
        yield Hostile("version", repr(version), {"manifest"}, lambda version=version: changed("version", to=version))
    for form in ("", "voices", "voicebox", None, 7, ["voicesite voices"]):
        yield Hostile("foreign", repr(form), {"foreign"}, lambda form=form: changed("format", to=form))
    for voices in (None, {}, "Jane", 7):
        yield Hostile(
            "manifest", f"voices are {voices!r}", {"manifest"}, lambda voices=voices: changed("voices", to=voices)
        )


TEXT_FIELDS = [
    ("name",),
    ("description",),
    ("language",),
    ("clip",),
    ("clips", 0, "transcript"),
    ("clips", 0, "recording"),
    ("recordings", 0, "name"),
    ("consent", "wording"),
    ("consent", "by"),
]
NUMBER_FIELDS = [("clips", 0, "start"), ("clips", 0, "end")]
OBJECT_FIELDS = [
    ("consent",),
    ("clips", 0),
    ("recordings", 0),
    ("clips", 0, "audio"),
    ("recordings", 0, "original"),
    ("recordings", 0, "audio"),
]
LIST_FIELDS = [("tags",), ("clips",), ("recordings",), ("clips", 0, "words")]


def _fields() -> Iterator[Hostile]:
    def field_of(path, value, codes=frozenset({"no_voices"})) -> Hostile:
        what = f"{'.'.join(map(str, path))} = {value!r}"[:60]
        return Hostile("field", what, set(codes), lambda: changed("voices", 0, *path, to=value))

    for path in TEXT_FIELDS:
        codes = {HARMLESS} if path == ("name",) else {"no_voices"}
        for value in (7, [], {"a": 1}):
            yield field_of(path, value, codes)
        if path not in (("name",), ("description",)):
            yield field_of(path, "x" * 20_000)
    for path in NUMBER_FIELDS:
        for value in (None, "1", -1, 1e15, True, [], 10**17):
            yield field_of(path, value)
    for path in OBJECT_FIELDS:
        for value in (7, "x", []):
            yield field_of(path, value)
    for path in LIST_FIELDS:
        for value in (7, "x", {"a": 1}):
            yield field_of(path, value)
    for word in (
        "a",
        7,
        [],
        ["a"],
        ["a", 0, 1],
        ["a", 0, 1, 1, 1],
        [7, 0, 1, 1],
        ["a", "0", 1, 1],
        ["a", -1, 1, 1],
        ["a", 0, 1e12, 1],
        ["a", True, 1, 1],
        ["a", 0, None, 1],
    ):
        yield field_of(("clips", 0, "words"), [word])
    yield field_of(("clips", 0, "end"), 0)
    yield field_of(("clips", 0, "end"), 500, {"contradiction"})
    yield field_of(("clips", 0, "recording"), "other")
    for language in ("xx", "tlh", "", "../en"):
        yield field_of(("language",), language)
    for digest in ("", "0" * 63, "0" * 65, "g" * 64, "A" * 64, 7, None):
        yield field_of(("clips", 0, "audio", "sha256"), digest)
    for path in (("recordings", 0, "original"), ("recordings", 0, "audio"), ("clips", 0, "audio")):
        yield field_of((*path, "sha256"), "0" * 64, {"checksum"})
        for size in (0, -1, 10**12, "7", None, 100_001):
            yield field_of((*path, "bytes"), size)
        yield field_of((*path, "path"), "not-there.wav")


def _sounds() -> Iterator[Hostile]:
    wrong: dict[str, Callable[[], bytes]] = {
        "nothing": bytes,
        "noise": lambda: random.Random(4).randbytes(5000),
        "a web page": lambda: b"<html>" + b" " * 500,
        "a program": lambda: b"\x7fELF" + bytes(500),
        "a zip": good,
        "16 kHz": lambda: sound(rate=16_000),
        "stereo": lambda: sound(channels=2),
        "24 bit": lambda: sound(subtype="PCM_24"),
        "floats": lambda: sound(subtype="FLOAT"),
        "8 bit": lambda: sound(subtype="PCM_U8"),
        "an hour": lambda: sound("FLAC", seconds=3600),
        "silence": lambda: sound(seconds=2.9),
        "ogg": lambda: sound("OGG", subtype="VORBIS"),
        "cut": lambda: originals()[2][:-1000],
        "a lying length": lambda: originals()[2][:40] + struct.pack("<L", 10**9) + originals()[2][44:],
        "megabytes behind": lambda: originals()[2] + bytes(10**6),
    }
    codes = {"not_audio", "too_long", "damaged", "contradiction", "no_speech", "too_short"}
    for what, data in wrong.items():
        for number in (1, 2):
            yield Hostile(
                "sound", f"{what} as {FILES[number]}", codes, lambda number=number, data=data: swapped(number, data())
            )


PERSON_NAMES = (
    "Jane\x00",
    "\u202eenaJ",
    "J" * 5000,
    "",
    "   ",
    "\n\n",
    "<script>alert(1)</script>",
    "'; DROP TABLE voices; --",
    "{{ secret }}",
    "../../etc/passwd",
    "\ud800",
    "Zoë\u0301\u200d",
    "\x1b[31mred",
)


def _people() -> Iterator[Hostile]:
    for name in PERSON_NAMES:
        yield Hostile("name", ascii(name)[:30], {HARMLESS}, lambda name=name: changed("voices", 0, "name", to=name))
    for text in PERSON_NAMES[:6]:
        yield Hostile(
            "name",
            f"tag {ascii(text)[:20]}",
            {HARMLESS, "no_voices"},
            lambda text=text: changed("voices", 0, "tags", to=[text]),
        )
        yield Hostile(
            "name",
            f"transcript {ascii(text)[:20]}",
            {HARMLESS, "no_voices"},
            lambda text=text: changed("voices", 0, "clips", 0, "transcript", to=text),
        )


def _others() -> Iterator[Hostile]:
    def sample(data: Callable[[], bytes]) -> Callable[[], bytes]:
        return lambda: voicebox(files={"samples/one.wav": data()})

    boxes: list[tuple[str, set[str], dict]] = [
        ("no profile", {HARMLESS}, {"profile": "Jane"}),
        ("no language of ours", {"no_voices"}, {"profile": {"name": "Jane", "language": "xx"}}),
        ("no samples", {"no_voices"}, {"samples": {}}),
        ("samples in a list", {"manifest"}, {"samples": ["one.wav"]}),
        ("a sample that is not there", {"no_voices"}, {"samples": {"two.wav": "x"}}),
        ("a path", {"no_voices"}, {"samples": {"../manifest.json": "x"}}),
        ("200 samples", {"no_voices"}, {"samples": {f"{n}.wav": "x" for n in range(200)}}),
        ("a long transcript", {"no_voices"}, {"samples": {"one.wav": "x" * 5000}}),
        ("a name of 5,000", {HARMLESS}, {"profile": {"name": "x" * 5000, "language": "en"}}),
        ("a name that is none", {HARMLESS}, {"profile": {"name": ["x"], "language": "en"}}),
    ]
    for what, codes, given in boxes:
        yield Hostile("voicebox", what, codes, lambda given=given: voicebox(**given))
    noise = partial(random.Random(6).randbytes, 9000)
    yield Hostile("voicebox", "a sample of noise", {"not_audio", "damaged"}, sample(noise))
    yield Hostile("voicebox", "a sample of silence", {"no_speech"}, sample(_noisy_silence))
    yield Hostile("voicebox", "a zip as a sample", {"not_audio"}, sample(good))


def _noisy_silence() -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, 0.001 * np.random.default_rng(1).standard_normal(48_000), 24_000, format="WAV")
    return buffer.getvalue()
