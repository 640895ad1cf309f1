"""Zip archives: written as a stream, and read with suspicion. Pure.

Written are stored members only, each with its size and checksum before it, so that every program reads them and the
length of the whole is known before the first byte. Read are stored and deflated members of an archive that is exactly
what its directory says: whatever two programs could understand in two ways is refused. Names and numbers as in
PKWARE's APPNOTE 6.3; ZIP64, for archives over 4 GB, is neither written nor read.
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from voicesite.web.rejection import Rejected

_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK, _LOCATOR_MARK = b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\7"
STORED, DEFLATED = 0, 8
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000  # flags: the data, strongly, or the directory
_SIZES_FOLLOW, _UTF8 = 0x0008, 0x0800
MOST_BYTES, MOST_MEMBERS = 2**32 - 2, 2**16 - 2
CHUNK = 64 * 1024

MEMBERS = 20_000  # that an archive of ours can need, with room
DIRECTORY = 4 * 2**20  # bytes of its table of contents
NAME = 200  # characters
RATIO, SMALL = 100, 64 * 1024  # a member may be so many times what is stored of it, once it has more than SMALL bytes


class ArchiveRejected(Rejected):
    """An archive can't be taken in, or made."""


# ---------------------------------------------------------------------------------------------------------------------
# Writing


class Writer:
    """The parts of an archive between the contents of its members, in the order in which they are asked for."""

    def __init__(self, made_at: datetime):
        self._date = made_at.day | made_at.month << 5 | (max(made_at.year, 1980) - 1980) << 9
        self._time = made_at.second // 2 | made_at.minute << 5 | made_at.hour << 11
        self._directory: list[bytes] = []
        self._at = 0

    def begin(self, name: str, size: int, crc: int) -> bytes:
        """What stands before the `size` bytes of a member of this ASCII name."""
        written = name.encode("ascii")
        shared = (0, STORED, self._time, self._date, crc, size, size, len(written), 0)
        self._directory.append(
            _CENTRAL.pack(_CENTRAL_MARK, 0x0314, 20, *shared, 0, 0, 0, (stat.S_IFREG | 0o644) << 16, self._at) + written
        )
        header = _LOCAL.pack(_LOCAL_MARK, 20, *shared) + written
        self._at += len(header) + size
        return header

    def end(self) -> bytes:
        """What stands after the last member."""
        directory = b"".join(self._directory)
        count = len(self._directory)
        return directory + _END.pack(_END_MARK, 0, 0, count, count, len(directory), self._at, 0)


def length(members: list[tuple[str, int]]) -> int:
    """How many bytes the archive of members of these names and sizes has. Raises ArchiveRejected over 4 GB."""
    total = _END.size + sum(_LOCAL.size + _CENTRAL.size + 2 * len(name) + size for name, size in members)
    if total > MOST_BYTES or len(members) > MOST_MEMBERS:
        raise ArchiveRejected("too_large", "One archive can’t hold so much: 4 GB is the most. Choose fewer voices.")
    return total


# ---------------------------------------------------------------------------------------------------------------------
# Reading


@dataclass(frozen=True)
class Member:
    name: str
    method: int
    crc: int
    packed: int  # bytes in the archive
    size: int  # bytes that it says it is
    at: int  # where its header begins


class Zip:
    """An archive that somebody sent, checked as a whole before anything of it is unpacked.

    `total` bounds the bytes of all members together. Raises ArchiveRejected.
    """

    def __init__(self, file: BinaryIO, total: int):
        self._file = file
        self._size = file.seek(0, 2)
        self.members: dict[str, Member] = {}
        seen: set[str] = set()
        for member in self._directory():
            if member.name.lower() in seen:
                raise ArchiveRejected("duplicate", f"This archive has two files of the name {_quoted(member.name)}.")
            seen.add(member.name.lower())
            self.members[member.name] = member
        if sum(member.size for member in self.members.values()) > total:
            raise ArchiveRejected(
                "bomb", f"Unpacked, this archive would have more than {total / 2**20:.0f} MB. Split it into several."
            )
        self._data: dict[str, int] = self._check_places()

    def read(self, name: str, most: int) -> bytes:
        """The content of a member, of `most` bytes at most, checked against all that is said of it."""
        member = self.members.get(name)
        if member is None:
            raise ArchiveRejected("missing", f"A file is missing from this archive: {_quoted(name)}.")
        if member.size > most:
            raise ArchiveRejected("too_large", f"{_quoted(name)} is larger than {most / 2**20:.0f} MB.")
        content = b"".join(self._unpack(member))
        if len(content) != member.size or zlib.crc32(content) != member.crc:
            raise _broken(name)
        return content

    def _unpack(self, member: Member) -> Iterator[bytes]:
        self._file.seek(self._data[member.name])
        left, room = member.packed, member.size + 1  # one byte more than it says is a lie found out
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            while left and room > 0:
                packed = self._file.read(min(CHUNK, left))
                if not packed:
                    raise _broken(member.name)
                left -= len(packed)
                content = packed if member.method == STORED else inflate.decompress(packed, room)
                room -= len(content)
                yield content
        except zlib.error:
            raise _broken(member.name) from None
        if member.method == DEFLATED and (left or not inflate.eof or inflate.unused_data):
            raise _broken(member.name)

    def _directory(self) -> Iterator[Member]:
        """What the table of contents says."""
        if self._size == 0:
            raise ArchiveRejected("empty", "This file is empty. Choose another.")
        self._file.seek(0)
        head = self._file.read(4)
        tail_at = max(self._size - _END.size - 0xFFFF, 0)
        self._file.seek(tail_at)
        tail = self._file.read()
        found = tail.rfind(_END_MARK)
        is_cut = found < 0 or len(tail) - found < _END.size
        if is_cut and head == _LOCAL_MARK:
            raise ArchiveRejected("truncated", "This archive is cut off: its end is missing. Send it again.")
        if is_cut:
            raise ArchiveRejected("not_zip", "This is not a zip archive. Choose one that was exported from a site.")
        _, disk, disks, here, count, size, at, comment = _END.unpack_from(tail, found)
        end = tail_at + found
        if disk or disks or here != count:
            raise ArchiveRejected("parts", "This is one part of an archive in several. Make one archive of it.")
        if 0xFFFFFFFF in (size, at) or count == 0xFFFF or tail[:found][-20:].startswith(_LOCATOR_MARK):
            raise ArchiveRejected(
                "zip64", "This archive is of the kind for more than 4 GB (ZIP64). Make a smaller one."
            )
        if end + _END.size + comment != self._size:
            raise ArchiveRejected("trailing", "Something follows the end of this archive. Export it again.")
        if count == 0:
            raise ArchiveRejected("empty", "There is nothing in this archive.")
        if count > MEMBERS or size > DIRECTORY:
            raise ArchiveRejected("too_many", f"This archive has more than {MEMBERS:,} files.")
        if at + size != end or head != _LOCAL_MARK:
            raise ArchiveRejected("prepended", "This archive does not begin where it says. Export it again.")
        self._end = at
        self._file.seek(at)
        directory = memoryview(self._file.read(size))
        for _ in range(count):
            member, directory = _entry(directory)
            yield member
        if directory:
            raise _damaged()

    def _check_places(self) -> dict[str, int]:
        """Where each member's content begins. Each has a place of its own, and says there what the directory says."""
        begins, free = {}, 0
        for member in sorted(self.members.values(), key=lambda member: member.at):
            if member.at < free:
                raise ArchiveRejected("overlap", "Files in this archive lie over one another: it was made to do harm.")
            if not free and member.at:
                raise ArchiveRejected(
                    "prepended", "Something stands before the start of this archive. Export it again."
                )
            self._file.seek(member.at)
            header = self._file.read(_LOCAL.size)
            if len(header) < _LOCAL.size:
                raise _damaged()
            mark, _, flags, method, _, _, crc, packed, size, name, extra = _LOCAL.unpack(header)
            said = _decoded(self._file.read(name), flags)
            told = (crc, packed, size) in [(member.crc, member.packed, member.size)] + [(0, 0, 0)] * bool(
                flags & _SIZES_FOLLOW
            )
            if mark != _LOCAL_MARK or (said, method) != (member.name, member.method) or flags & _ENCRYPTED or not told:
                raise ArchiveRejected(
                    "contradiction", f"This archive says two things of {_quoted(member.name)}. Export it again."
                )
            begins[member.name] = member.at + _LOCAL.size + name + extra
            free = begins[member.name] + member.packed
            if free > self._end:
                raise ArchiveRejected("overlap", "A file in this archive reaches past its end. Export it again.")
        return begins


def _entry(directory: memoryview) -> tuple[Member, memoryview]:
    """The first entry of the table of contents, and the rest of it."""
    if len(directory) < _CENTRAL.size:
        raise _damaged()
    (mark, made_by, _, flags, method, _, _, crc, packed, size, name, extra, comment, disk, _, mode, at) = (
        _CENTRAL.unpack_from(directory)
    )
    end = _CENTRAL.size + name + extra + comment
    if mark != _CENTRAL_MARK or len(directory) < end or disk:
        raise _damaged()
    written = _decoded(bytes(directory[_CENTRAL.size :][:name]), flags)
    _check_name(written)
    if flags & _ENCRYPTED:
        raise ArchiveRejected("encrypted", "This archive is locked with a password. Make one without.")
    if method not in (STORED, DEFLATED):
        raise ArchiveRejected("method", "This archive is packed in a way that this site can’t read. Use plain zip.")
    if 0xFFFFFFFF in (packed, size, at):
        raise ArchiveRejected("zip64", "This archive is of the kind for more than 4 GB (ZIP64). Make a smaller one.")
    kind = stat.S_IFMT(mode >> 16)
    if made_by >> 8 == 3 and kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveRejected("link", f"{_quoted(written)} in this archive is a link or device, not a file.")
    if written.endswith("/") and size:
        raise _damaged()
    if method == STORED and packed != size:
        raise ArchiveRejected("contradiction", f"This archive says two things of {_quoted(written)}. Export it again.")
    if size > SMALL and size > RATIO * packed:
        raise ArchiveRejected(
            "bomb", f"{_quoted(written)} would unpack to more than {RATIO} times its size: it was made to do harm."
        )
    return Member(written, method, crc, packed, size, at), directory[end:]


def _check_name(name: str) -> None:
    parts = name.removesuffix("/").split("/")
    if len(name) > NAME or not name.isprintable() or "\\" in name:
        raise ArchiveRejected("name", f"A file in this archive has a name that is not allowed: {_quoted(name)}.")
    if ".." in parts or "." in parts or "" in parts or ":" in name:
        raise ArchiveRejected("path", f"A file in this archive wants to lie outside of it: {_quoted(name)}.")


def _decoded(name: bytes, flags: int) -> str:
    try:
        return name.decode("utf-8" if flags & _UTF8 else "cp437")
    except UnicodeDecodeError:
        raise ArchiveRejected("name", "A file in this archive has a name that can’t be read.") from None


def _quoted(name: str) -> str:
    """A name as it may be shown: what turns text round or can't be seen is left out, and only its start is said."""
    shown = "".join(c if c.isprintable() else "�" for c in name[:60])
    return f"“{shown}{'…' if len(name) > 60 else ''}”"


def _broken(name: str) -> ArchiveRejected:
    return ArchiveRejected("damaged", f"{_quoted(name)} in this archive is damaged. Export it again.")


def _damaged() -> ArchiveRejected:
    return ArchiveRejected("damaged", "The table of contents of this archive is damaged. Export it again.")
