"""Write zip archives as a stream, and read untrusted ones. Pure.

Python's `zipfile` reads the central directory. The checks here are those that it lacks: what two programs could read in
two ways is refused. Members are inflated here, since `zipfile` ignores data after the end of a deflate stream and a size
that is too small. Its own check for overlapping members came only with Python 3.11.8 and 3.12.2.

Writing is by hand: to a stream that can't seek, `zipfile` writes size and checksum after the content, and a reader of a
stream can't find the end of a stored member. Here both come first, and the total length is known before any byte.

Records follow PKWARE's APPNOTE 6.3. ZIP64, for archives over 4 GB, is neither written nor read.
"""

import stat
import struct
import zipfile
import zlib
from datetime import datetime
from typing import BinaryIO

from voicesite.texts import N_
from voicesite.web.rejection import Rejected

_LOCAL_HEADER = struct.Struct("<4s5H3L2H")
_CENTRAL_HEADER = struct.Struct("<4s6H3L5H2L")
_END_RECORD = struct.Struct("<4s4H2LH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK, _LOCATOR_MARK = b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\7"
_ENCRYPTED_FLAGS = 0x0001 | 0x0040 | 0x2000  # flags: the data, strongly, or the directory
_SIZES_FOLLOW_FLAG, _UTF8_FLAG = 0x0008, 0x0800
_MAX_BYTES, _MAX_WRITTEN_MEMBERS = 2**32 - 2, 2**16 - 2  # without ZIP64

MAX_MEMBERS = 20_000  # more than the largest archive of ours needs
MAX_DIRECTORY_BYTES = 4 * 2**20
MAX_MEMBER_NAME_CHARACTERS = 200
MAX_RATIO = 100  # of a member's size to what is stored of it
RATIO_FREE_BYTES = 64 * 1024  # smaller members may have any ratio


class ArchiveRejected(Rejected):
    """An archive can't be imported, or made."""


# ---------------------------------------------------------------------------------------------------------------------
# Writing


class Writer:
    """Make the records of an archive of stored members; call `member_header` in the order of the members."""

    def __init__(self, made_at: datetime):
        self._date = made_at.day | made_at.month << 5 | (max(made_at.year, 1980) - 1980) << 9
        self._time = made_at.second // 2 | made_at.minute << 5 | made_at.hour << 11
        self._directory: list[bytes] = []
        self._offset = 0

    def member_header(self, name: str, size: int, crc: int) -> bytes:
        """Return the local header of a member of `size` bytes with this name; its content follows."""
        encoded = name.encode()
        flags = 0 if name.isascii() else _UTF8_FLAG
        shared = (flags, zipfile.ZIP_STORED, self._time, self._date, crc, size, size, len(encoded), 0)
        mode = (stat.S_IFREG | 0o644) << 16
        entry = _CENTRAL_HEADER.pack(_CENTRAL_MARK, 0x0314, 20, *shared, 0, 0, 0, mode, self._offset) + encoded
        self._directory.append(entry)
        header = _LOCAL_HEADER.pack(_LOCAL_MARK, 20, *shared) + encoded
        self._offset += len(header) + size
        return header

    def directory(self) -> bytes:
        """Return the central directory and the end record, which follow the last member."""
        directory, count = b"".join(self._directory), len(self._directory)
        return directory + _END_RECORD.pack(_END_MARK, 0, 0, count, count, len(directory), self._offset, 0)


def archive_bytes(members: list[tuple[str, int]]) -> int:
    """Return the length in bytes of an archive of these (name, size) members. Raises ArchiveRejected over 4 GB."""
    total = _END_RECORD.size + sum(
        _LOCAL_HEADER.size + _CENTRAL_HEADER.size + 2 * len(name.encode()) + size for name, size in members
    )
    if total > _MAX_BYTES or len(members) > _MAX_WRITTEN_MEMBERS:
        raise ArchiveRejected("too_large", N_("This is more than one archive can hold (4 GB). Choose fewer voices."))
    return total


# ---------------------------------------------------------------------------------------------------------------------
# Reading


class Zip:
    """An untrusted archive, checked as a whole before any member is unpacked.

    `max_total_bytes` bounds the unpacked size of all members together. Raises ArchiveRejected.
    """

    def __init__(self, file: BinaryIO, max_total_bytes: int):
        self._file = file
        count, self._directory_start = _check_ends(file)
        try:
            members = zipfile.ZipFile(file).infolist()
        except zipfile.BadZipFile:
            raise _damaged_directory() from None
        except UnicodeDecodeError:
            raise ArchiveRejected("name", N_("A file in this archive has a name that can’t be read.")) from None
        except NotImplementedError:
            raise _unknown_method() from None
        if len(members) != count:
            raise _damaged_directory()
        self.members: dict[str, zipfile.ZipInfo] = {}
        names: set[str] = set()
        for member in members:
            _check_member(member)
            name = member.orig_filename  # `filename` is cut at a zero byte
            if name.lower() in names:
                raise ArchiveRejected(
                    "duplicate", N_("This archive has two files of the name {file}.").format(file=_quoted(name))
                )
            names.add(name.lower())
            self.members[name] = member
        if sum(member.file_size for member in members) > max_total_bytes:
            megabytes = max_total_bytes / 2**20
            raise ArchiveRejected(
                "bomb",
                N_("Unpacked, this archive would have more than {megabytes} MB. Split it into several.").format(
                    megabytes=f"{megabytes:.0f}"
                ),
            )
        self._content_starts = self._check_places()

    def read(self, name: str, max_bytes: int) -> bytes:
        """Return the content of one of `members`; size and CRC must match its header. Raises ArchiveRejected."""
        member = self.members[name]
        if max(member.file_size, member.compress_size) > max_bytes:
            raise ArchiveRejected(
                "too_large",
                N_("{file} is larger than {max_bytes} MB.").format(
                    file=_quoted(name), max_bytes=f"{max_bytes / 2**20:.0f}"
                ),
            )
        self._file.seek(self._content_starts[name])
        content, is_whole = self._file.read(member.compress_size), True
        if member.compress_type == zipfile.ZIP_DEFLATED:
            inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            try:  # with room for one surplus byte, so that a size that is too small shows
                content = inflate.decompress(content, member.file_size + 1)
                is_whole = inflate.eof and not inflate.unused_data
            except zlib.error:
                is_whole = False
        if not is_whole or len(content) != member.file_size or zlib.crc32(content) != member.CRC:
            raise ArchiveRejected(
                "damaged", N_("{file} in this archive is damaged. Export it again.").format(file=_quoted(name))
            )
        return content

    def _check_places(self) -> dict[str, int]:
        """Return the offset of each member's content.

        Raises ArchiveRejected if members overlap, by which a small archive could unpack to any size, or if a local
        header contradicts the central directory.
        """
        starts, free = {}, 0
        for name, member in sorted(self.members.items(), key=lambda item: item[1].header_offset):
            if member.header_offset < free:
                raise ArchiveRejected("overlap", N_("Files in this archive overlap. It may be malicious."))
            if not free and member.header_offset:
                raise ArchiveRejected(
                    "prepended", N_("There is extra data before the start of this archive. Export it again.")
                )
            self._file.seek(member.header_offset)
            header = self._file.read(_LOCAL_HEADER.size)
            if len(header) < _LOCAL_HEADER.size:
                raise _damaged_directory()
            mark, _, flags, method, _, _, crc, packed, size, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
            local_name = self._file.read(name_bytes).decode("utf-8" if flags & _UTF8_FLAG else "cp437", "replace")
            sizes = {(member.CRC, member.compress_size, member.file_size)}
            if flags & _SIZES_FOLLOW_FLAG:
                sizes.add((0, 0, 0))
            if (
                (mark, local_name, method) != (_LOCAL_MARK, name, member.compress_type)
                or (crc, packed, size) not in sizes
                or flags & _ENCRYPTED_FLAGS
            ):
                raise _contradiction(name)
            starts[name] = member.header_offset + _LOCAL_HEADER.size + name_bytes + extra_bytes
            free = starts[name] + member.compress_size
            if free > self._directory_start:
                raise ArchiveRejected("overlap", N_("A file in this archive runs past its end. Export it again."))
        return starts


def _check_ends(file: BinaryIO) -> tuple[int, int]:
    """Return the number of members and the offset of the central directory, both from the end record.

    Raises ArchiveRejected unless the archive fills the file and its central directory is small enough to be read.
    """
    total = file.seek(0, 2)
    if total == 0:
        raise ArchiveRejected("empty", N_("This file is empty. Choose another."))
    file.seek(0)
    head = file.read(4)
    tail_start = max(total - _END_RECORD.size - 0xFFFF, 0)
    file.seek(tail_start)
    tail = file.read()
    end_at = tail.rfind(_END_MARK)
    is_cut = end_at < 0 or len(tail) - end_at < _END_RECORD.size
    if is_cut and head == _LOCAL_MARK:
        raise ArchiveRejected("truncated", N_("This archive is incomplete: its end is missing. Upload it again."))
    if is_cut:
        raise ArchiveRejected("not_zip", N_("This is not a zip archive. Choose one that was exported from a site."))
    _, disk, directory_disk, count_here, count, size, start, comment_bytes = _END_RECORD.unpack_from(tail, end_at)
    end = tail_start + end_at
    if disk or directory_disk or count_here != count:
        raise ArchiveRejected("parts", N_("This is one part of a split archive. Combine the parts into one."))
    if 0xFFFFFFFF in (size, start) or count == 0xFFFF or tail[:end_at][-20:].startswith(_LOCATOR_MARK):
        raise _zip64()
    if end + _END_RECORD.size + comment_bytes != total:
        raise ArchiveRejected("trailing", N_("There is extra data after the end of this archive. Export it again."))
    if count == 0:
        raise ArchiveRejected("empty", N_("This archive contains no files at all."))
    if count > MAX_MEMBERS or size > MAX_DIRECTORY_BYTES:
        raise ArchiveRejected(
            "too_many", N_("This archive has more than {max_members} files.").format(max_members=f"{MAX_MEMBERS:,}")
        )
    if start + size != end or head != _LOCAL_MARK:
        raise ArchiveRejected("prepended", N_("This archive doesn’t start where it says it does. Export it again."))
    return count, start


def _check_member(member: zipfile.ZipInfo) -> None:
    """Raise ArchiveRejected if an entry of the central directory is not allowed."""
    name, size, packed = member.orig_filename, member.file_size, member.compress_size
    _check_name(name)
    if member.flag_bits & _ENCRYPTED_FLAGS:
        raise ArchiveRejected("encrypted", N_("This archive is password-protected. Make one without a password."))
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _unknown_method()
    if max(size, packed, member.header_offset) > _MAX_BYTES:
        raise _zip64()
    kind = stat.S_IFMT(member.external_attr >> 16)
    if member.create_system == 3 and kind not in (0, stat.S_IFREG, stat.S_IFDIR):  # 3: Unix
        raise ArchiveRejected(
            "link", N_("{file} in this archive is a link or device, not a file.").format(file=_quoted(name))
        )
    if member.volume or (name.endswith("/") and size):
        raise _damaged_directory()
    if member.compress_type == zipfile.ZIP_STORED and packed != size:
        raise _contradiction(name)
    if size > RATIO_FREE_BYTES and size > MAX_RATIO * packed:
        raise ArchiveRejected(
            "bomb",
            N_("{file} would unpack to more than {max_ratio} times its size. It may be malicious.").format(
                file=_quoted(name), max_ratio=MAX_RATIO
            ),
        )


def _check_name(name: str) -> None:
    parts = name.removesuffix("/").split("/")
    if len(name) > MAX_MEMBER_NAME_CHARACTERS or not name.isprintable() or "\\" in name:
        raise ArchiveRejected(
            "name", N_("A file in this archive has a name that is not allowed: {file}.").format(file=_quoted(name))
        )
    if ".." in parts or "." in parts or "" in parts or ":" in name:
        raise ArchiveRejected(
            "path", N_("A file in this archive would be written outside it: {file}.").format(file=_quoted(name))
        )


def _quoted(name: str) -> str:
    """Return the first 60 characters of a name in quotes, without control and bidirectional characters."""
    shown = "".join(c if c.isprintable() else "�" for c in name[:60])
    return f"“{shown}{'…' if len(name) > 60 else ''}”"


def _contradiction(name: str) -> ArchiveRejected:
    return ArchiveRejected(
        "contradiction", N_("This archive says two things of {file}. Export it again.").format(file=_quoted(name))
    )


def _damaged_directory() -> ArchiveRejected:
    return ArchiveRejected("damaged", N_("The table of contents of this archive is damaged. Export it again."))


def _unknown_method() -> ArchiveRejected:
    return ArchiveRejected("method", N_("This archive uses a compression method this site can’t read. Use plain zip."))


def _zip64() -> ArchiveRejected:
    return ArchiveRejected("zip64", N_("This archive uses ZIP64 (more than 4 GB). Make a smaller one."))
