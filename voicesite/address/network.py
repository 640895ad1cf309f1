"""The addresses of this machine on its network, and whether a host is the machine itself."""

import ipaddress
import socket

import psutil

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 -- what a server that listens on every address is told
# Networks inside the machine, of containers and virtual machines: nobody else reaches these addresses.
_INSIDE = ("docker", "podman", "br-", "bridge", "veth", "virbr", "vmnet", "vboxnet", "cni", "lxc", "lxd")


def lan_addresses() -> list[str]:
    """Return this machine's IPv4 addresses on networks, the one that others most likely reach first.

    That is the one by which this machine reaches others, but for tunnels of a VPN, which come last.
    """
    preferred, up = _preferred(), psutil.net_if_stats()
    found = []
    for name, addresses in psutil.net_if_addrs().items():
        if name.startswith(_INSIDE) or not (name in up and up[name].isup):
            continue
        for one in addresses:
            if one.family == socket.AF_INET and not _is_private_to_the_link(one.address):
                found.append((one.ptp is not None, one.address != preferred, one.address))
    return [address for *_, address in sorted(found)]


def is_loopback(host: str) -> bool:
    """Return whether a host, a name or an address without a port, is this machine as only itself calls it."""
    host = host.strip("[]").lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def with_port(host: str, port: int) -> str:
    """Return `host:port` as addresses of the web write it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_private_to_the_link(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return parsed.is_loopback or parsed.is_link_local


def _preferred() -> str:
    """Return the address that packets to other networks leave by; empty without a network. None is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # of TEST-NET-1: nobody's
        except OSError:
            return ""
        return probe.getsockname()[0]
