"""The addresses under which phones may reach this machine, by the name and kind of their interface.

A laptop has several: its Wi-Fi, a hotspot of its own, a cable, a VPN that no phone is in. Which of them the
phones share is a guess, so that the officer can choose; the choice lies in the private folder.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

Kind = Literal["wifi", "hotspot", "cable", "vpn", "loopback"]

LOOPBACK: Final = "127.0.0.1"
_MOST_KEPT: Final = 100
# Laptops that are a hotspot give themselves these: Windows, NetworkManager, macOS, Android.
_HOTSPOTS: Final = ("192.168.137.1", "10.42.0.1", "192.168.2.1", "192.168.43.1", "192.168.49.1")
_HOTSPOT_NAMES: Final = re.compile(r"^(ap\d|bridge100|softap|local area connection\* )", re.IGNORECASE)
# Also networks that only programs on this machine share: no phone is in them either.
_VPN_NAMES: Final = re.compile(
    r"^(tun|tap|ppp|utun|wg|tailscale|zt|ipsec|docker|br-|virbr|vbox|vmnet|vethernet|nordlynx)|vpn",
    re.IGNORECASE,
)
_WIFI_NAMES: Final = re.compile(r"^(wl|wlan|wi-?fi|wireless|ath|ra\d)", re.IGNORECASE)
_SHARED_SPACE: Final = ipaddress.ip_network("100.64.0.0/10")
_ORDER: Final[Mapping[Kind, int]] = {"hotspot": 0, "wifi": 1, "cable": 2, "vpn": 3, "loopback": 4}


@dataclass(frozen=True, slots=True)
class Address:
    """One address; `likely` is the one that phones are sent to."""

    address: str
    interface: str
    kind: Kind
    likely: bool = False


def phone_addresses(private: Path | None = None) -> list[Address]:
    """Every address of this machine, the one that phones are sent to first.

    That is the address chosen in `private` while it is there; loopback only where nothing else is.
    """
    found = _found()
    best = _best(found, _kept(private))
    marked = [replace(one, likely=one is best) for one in found]
    return sorted(marked, key=lambda one: (not one.likely, _ORDER[one.kind], one.address))


def phone_address(private: Path | None = None) -> str:
    """The address that phones are sent to."""
    return phone_addresses(private)[0].address


def keep_address(private: Path, address: str) -> None:
    """Send phones to this address from now on, also after a restart."""
    private.mkdir(parents=True, exist_ok=True)
    (private / "address").write_text(address, encoding="utf-8")


def is_own_address(host: str) -> bool:
    """Whether a host is this machine under an address of its own."""
    return host in ("localhost", "127.0.0.1", "::1") or host in {one.address for one in phone_addresses()}


def _kept(private: Path | None) -> str:
    try:
        kept = None if private is None else private / "address"
        # The kit writes no other kind of file there; a pipe or a huge one would hold everything up.
        if kept is None or not kept.is_file() or kept.stat().st_size > _MOST_KEPT:
            return ""
        return kept.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""


def _found() -> list[Address]:
    # Loaded here: most processes never ask.
    import psutil

    stats = psutil.net_if_stats()
    found = [
        Address(one.address, name, kind_of(name, one.address))
        for name, addresses in psutil.net_if_addrs().items()
        for one in addresses
        if one.family == socket.AF_INET and (name not in stats or stats[name].isup)
    ]
    return found or [Address(LOOPBACK, "lo", "loopback")]


def kind_of(interface: str, address: str) -> Kind:
    """What an interface most probably is, from its name and address."""
    parsed = ipaddress.ip_address(address)
    if parsed.is_loopback:
        return "loopback"
    if _VPN_NAMES.search(interface) or parsed in _SHARED_SPACE:
        return "vpn"
    if address in _HOTSPOTS or _HOTSPOT_NAMES.search(interface):
        return "hotspot"
    return "wifi" if _WIFI_NAMES.search(interface) else "cable"


def _best(found: Sequence[Address], kept: str) -> Address:
    for one in found:
        if one.address == kept:
            return one
    route = _route()

    def rank(one: Address) -> tuple[int, bool, int]:
        lonely = ipaddress.ip_address(one.address).is_link_local
        # Where the laptop is no hotspot, phones are most probably in the network that it uses itself.
        reach = {"hotspot": 0, "vpn": 2, "loopback": 4}.get(one.kind, 1)
        return (3 if lonely else reach, one.address != route, _ORDER[one.kind])

    return min(found, key=rank)


def _route() -> str:
    """The address that this machine would use for the world outside. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Choosing a route for a datagram socket needs no packet and no reachable host.
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""
