"""Passwords that leaked: 400,000 of them, in a Bloom filter on the disk, of which a look-up reads ten bytes.

`scripts/make_leaked_passwords.py` says where they are from. A filter knows all that were put into it, and takes about one in
9,000 others for one of them: that person chooses another password.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

FILTER = Path(__file__).parent / "data" / "leaked_passwords.bloom"
BITS, LOOKS = 8_000_000, 10


def is_leaked(password: str) -> bool:
    """Return whether a password, in whatever case, is one that leaked."""
    with FILTER.open("rb") as file:
        for place in places(password):
            file.seek(place // 8)
            if not file.read(1)[0] & 1 << place % 8:
                return False
    return True


def places(password: str) -> Iterator[int]:
    """Yield the bits of the filter that a password sets."""
    digest = hashlib.blake2b(password.strip().lower().encode(), digest_size=4 * LOOKS).digest()
    for start in range(0, len(digest), 4):
        yield int.from_bytes(digest[start : start + 4]) % BITS
