"""Test which addresses of this machine others can open."""

import socket
from types import SimpleNamespace

import psutil
import pytest

from voicesite.address import network


@pytest.fixture
def interfaces(monkeypatch):
    """Return a function that gives this machine other interfaces: address by name; `down` are switched off."""

    def set_up(preferred="", down=(), tunnels=(), **addresses):
        rows = {
            name: [
                SimpleNamespace(family=socket.AF_INET, address=address, ptp="10.8.0.2" if name in tunnels else None),
                SimpleNamespace(family=socket.AF_INET6, address="fe80::1", ptp=None),
            ]
            for name, address in addresses.items()
        }
        monkeypatch.setattr(psutil, "net_if_addrs", lambda: rows)
        stats = {name: SimpleNamespace(isup=name not in down) for name in rows}
        monkeypatch.setattr(psutil, "net_if_stats", lambda: stats)
        monkeypatch.setattr(network, "_preferred", lambda: preferred)

    return set_up


def test_addresses_on_networks_are_those_that_others_reach(interfaces):
    interfaces(
        lo="127.0.0.1", docker0="172.17.0.1", eth0="10.0.0.7", wlan0="192.168.1.5", wlan1="169.254.3.4", off="10.9.9.9",
        down=["off"], preferred="192.168.1.5",
    )  # fmt: skip
    assert network.lan_addresses() == ["192.168.1.5", "10.0.0.7"]


def test_a_tunnel_comes_last_though_everything_goes_through_it(interfaces):
    interfaces(tun0="10.8.0.1", wlan0="192.168.1.5", tunnels=["tun0"], preferred="10.8.0.1")
    assert network.lan_addresses() == ["192.168.1.5", "10.8.0.1"]


def test_a_machine_without_a_network_has_none(interfaces):
    interfaces(lo="127.0.0.1")
    assert network.lan_addresses() == []


def test_what_this_machine_really_has_are_addresses():
    for address in network.lan_addresses():
        assert socket.inet_aton(address)
