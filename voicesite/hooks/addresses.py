"""Which addresses a webhook may have: public ones, in whatever spelling, and those that the operator permits.

Whoever may name an address that the site then calls could look around in its network, so a name is judged by what it
leads to at the moment of sending, all of it, and the connection goes to an address that was judged (`post.py`).
"""

import re
import socket
import threading
import unicodedata
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

PORTS = {"http": 80, "https": 443}
# What a resolver may say of these is the network's own business.
LOCAL_NAMES = tuple(
    f".{name}"
    for name in [
        "localhost",
        "localdomain",
        "local",
        "internal",
        "intranet",
        "private",
        "lan",
        "home",
        "corp",
        "home.arpa",
    ]
)
LOOK_UP_SECONDS = 2.0

# Of IPv6, one eighth is for the public; of that not what is reserved, or holds an IPv4 address (Teredo, 6to4). Of the
# rest that also goes for mapped addresses and NAT64, for unique local, link-local, site-local and multicast ones.
_PUBLIC_IPV6 = ip_network("2000::/3")
_NOT_PUBLIC = [
    *map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4")),
    *map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")),
]
_LOOKS_LIKE_AN_ADDRESS = re.compile(r"(0x[0-9a-f]*|\d+)")
_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")


class NotAllowed(Exception):
    """An address that may not be called; the message says why, for people, and nothing of what a name leads to."""


class Unresolved(Exception):
    """A name that leads nowhere, or not in time."""


class Target(NamedTuple):
    """Where a request goes."""

    scheme: str
    host: str  # in ASCII: a name, or an IP address in its usual spelling
    port: int
    path: str  # with the query


def parse(url: str) -> Target:
    """Return where `url` leads, without asking a resolver. Raises NotAllowed."""
    if any(not c.isprintable() or c in ' "<>\\^`{|}' for c in url):
        raise NotAllowed(_("An address has no spaces, backslashes or such characters."))
    try:
        parsed = urlsplit(url)
        host, port = parsed.hostname or "", parsed.port
    except ValueError:
        raise NotAllowed(_("This is not an address. Write it as in https://example.org/hook.")) from None
    if parsed.scheme not in PORTS:
        raise NotAllowed(_("An address begins with https:// or http://."))
    if "@" in parsed.netloc:
        raise NotAllowed(_("An address has no user or password in it: messages are signed instead."))
    if not host or port == 0:
        raise NotAllowed(_("This is not an address. Write it as in https://example.org/hook."))
    path = quote(parsed.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parsed.query, safe='/?%:@!$&()*+,;=~-._' + chr(39))}" if parsed.query else ""
    host = _host(host, is_bracketed="[" in parsed.netloc)
    if is_address(host):
        _check([host])
    elif f".{host}".endswith(LOCAL_NAMES) and not settings.WEBHOOK_ALLOW:
        raise NotAllowed(
            _("“{host}” is a name of a private network or of this machine: only public addresses are called.").format(
                host=host
            )
        )
    return Target(parsed.scheme, host, port or PORTS[parsed.scheme], path + query)


def check(url: str) -> None:
    """Check the address of a webhook when somebody writes it. Raises NotAllowed.

    A name that can't be resolved now is allowed: the site may be offline, or the name not yet there. What counts is what
    it leads to whenever something is sent.
    """
    target = parse(url)
    with suppress(Unresolved):
        addresses_of(target)


def addresses_of(target: Target) -> list[str]:
    """Return the IP addresses that a target leads to now. Raises Unresolved, and NotAllowed if one may not be called."""
    found = [target.host] if is_address(target.host) else _look_up(target.host, target.port)
    _check(found)
    return found


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_permitted(written: str) -> bool:
    """Return whether an IP address may be called: it is public, or in a network that VOICESITE_WEBHOOK_ALLOW names."""
    address = ip_address(written)
    return any(address in ip_network(network) for network in settings.WEBHOOK_ALLOW) or _is_public(address)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    in_public_space = address.version == 4 or address in _PUBLIC_IPV6
    return in_public_space and address.is_global and not any(address in network for network in _NOT_PUBLIC)


def _check(addresses: list[str]) -> None:
    if not all(map(is_permitted, addresses)):
        raise NotAllowed(
            _("It leads to an address of a private network or of this machine: only public addresses are called.")
        )


def _host(written: str, *, is_bracketed: bool) -> str:
    """Return a host in the spelling that is judged and called. Raises NotAllowed.

    An IPv4 address has many, which system calls understand: 127.1, 0x7f000001, 2130706433, 0177.0.0.1, in full-width digits.
    """
    try:
        if is_bracketed:
            return str(IPv6Address(written))  # a zone, as in fe80::1%eth0, stays, and is never public
        name = unicodedata.normalize("NFKC", written).replace("\u3002", ".").lower().removesuffix(".")
        name = name if name.isascii() else name.encode("idna").decode()
        if not _NAME.fullmatch(name) or len(name) > 253:
            raise ValueError
        if _LOOKS_LIKE_AN_ADDRESS.fullmatch(name.rpartition(".")[2]):
            return str(IPv4Address(socket.inet_aton(name)))
    except (ValueError, OSError):  # a UnicodeError too
        raise NotAllowed(_("“{written}” is no name of a machine, and no IP address.").format(written=written)) from None
    return name


def _look_up(host: str, port: int) -> list[str]:
    """Ask the system's resolver, which has no time limit of its own. Raises Unresolved."""
    found: list[str] = []

    def look() -> None:
        with suppress(OSError, UnicodeError):
            found.extend(str(to[0]) for *_, to in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(LOOK_UP_SECONDS)
    addresses = list(dict.fromkeys(found))
    if not addresses:
        raise Unresolved(_("The name {host} can’t be resolved.").format(host=host))
    return addresses
