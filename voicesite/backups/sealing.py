"""Content sealed with a key, so that nobody without it reads a backup, or changes one unnoticed.

Each content has a key of its own, derived from a fresh salt, and is sealed piece by piece as STREAM does it (Hoang,
Reyhanitabar, Rogaway and Vizár, 2015): a piece's nonce is its number and whether it is the last, so that none can be
left out, put elsewhere or cut off. Memory does not grow with the length.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE_BYTES = 2**20
# Of scrypt: 64 MiB and some 0.2 s for each guess of a passphrase. With another one, no backup of today is opened.
GUESS_COST = 2**16
_TAG_BYTES = 16
_SALT_BYTES = 16


class Damaged(Exception):
    """Something in a backup is not what was written. The message says what, in words."""


class Key:
    """What seals and opens the contents of a backup."""

    def __init__(self, passphrase: str, salt: bytes):
        derived = hashlib.scrypt(passphrase.encode(), salt=salt, n=GUESS_COST, r=8, p=1, maxmem=2**27, dklen=64)
        self._sealing, self._naming = derived[:32], derived[32:]

    def fingerprint(self) -> str:
        """Return what tells this key from another one, and tells nobody the key."""
        return hmac.digest(self._naming, b"fingerprint", "sha256").hex()

    def digest(self) -> hmac.HMAC:
        """Return an empty hash, by which only who has the key finds out whether a content is there."""
        return hmac.new(self._naming, digestmod="sha256")

    def seal(self, content: Iterable[bytes]) -> Iterator[bytes]:
        """Yield `content`, sealed."""
        salt = os.urandom(_SALT_BYTES)
        cipher = self._cipher(salt)
        yield salt
        pieces = _in_pieces(content)
        number, piece = 0, next(pieces, b"")
        for following in pieces:
            yield cipher.encrypt(_nonce(number, last=False), piece, None)
            number, piece = number + 1, following
        yield cipher.encrypt(_nonce(number, last=True), piece, None)

    def open(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield the content that was sealed into `file`. Raises Damaged."""
        cipher = self._cipher(file.read(_SALT_BYTES))
        number, piece = 0, file.read(PIECE_BYTES + _TAG_BYTES)
        while True:
            following = file.read(PIECE_BYTES + _TAG_BYTES)
            try:
                yield cipher.decrypt(_nonce(number, last=not following), piece, None)
            except (InvalidTag, ValueError):
                raise Damaged("a sealed file was changed or cut off") from None
            if not following:
                return
            number, piece = number + 1, following

    def _cipher(self, salt: bytes) -> AESGCM:
        return AESGCM(hmac.digest(self._sealing, salt, "sha256"))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _in_pieces(content: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces of PIECE_BYTES, of which the last may be shorter."""
    waiting = bytearray()
    for part in content:
        waiting += part
        while len(waiting) >= PIECE_BYTES:
            yield bytes(waiting[:PIECE_BYTES])
            del waiting[:PIECE_BYTES]
    if waiting:
        yield bytes(waiting)
