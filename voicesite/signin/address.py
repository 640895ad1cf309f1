"""Where a request comes from, as it is counted, logged and shown."""

import hmac
import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the IP address that asks; with VOICESITE_HASH_ADDRESSES, one that stands in for it.

    Of IPv6 it is the network of 64 bits, since whoever has one address has all of them. A stand-in is the same for the
    same address as long as SECRET_KEY is, and begins with fd, as no address of the public internet does: so it can be kept
    and shown wherever an address is.
    """
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:  # a unix socket, or a test
        address = ipaddress.ip_address("0.0.0.0")  # noqa: S104
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False).network_address
    if settings.HASH_ADDRESSES:
        digest = hmac.digest(settings.SECRET_KEY.encode(), b"address:" + address.packed, "sha256")
        return str(ipaddress.IPv6Address(b"\xfd" + digest[:15]))
    return str(address)
