"""Before a session: the laptop is looked at, and phones are sent to an address that they can reach."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kit import addresses
from kit.addresses import Address, keep_address, kind_of, phone_addresses
from kit.config import settings
from kit.doctor.checks import CHECKS, examine
from kit.session.client import Refused, note_url
from kit.text import LANGUAGES


@pytest.mark.parametrize(
    ("interface", "address", "kind"),
    [
        ("wlp3s0", "192.168.1.20", "wifi"),
        ("Wi-Fi", "10.0.0.4", "wifi"),
        ("wl0", "192.168.137.1", "hotspot"),
        ("Local Area Connection* 2", "192.168.137.1", "hotspot"),
        ("eth0", "10.1.1.1", "cable"),
        ("tun0", "10.8.0.2", "vpn"),
        ("tailscale0", "100.90.1.2", "vpn"),
        ("docker0", "172.17.0.1", "vpn"),
        ("lo", "127.0.0.1", "loopback"),
    ],
)
def test_an_interface_is_known_by_name_and_address(interface: str, address: str, kind: str) -> None:
    assert kind_of(interface, address) == kind


KIT = "from kit.cli import main; main()"


def on_a_laptop_with(monkeypatch: pytest.MonkeyPatch, *found: tuple[str, str]) -> None:
    listed = [Address(address, name, kind_of(name, address)) for name, address in found]
    monkeypatch.setattr(addresses, "_found", lambda: listed)
    monkeypatch.setattr(addresses, "_route", lambda: "10.8.0.2")


def test_a_hotspot_comes_before_vpn_and_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_laptop_with(monkeypatch, ("lo", "127.0.0.1"), ("tun0", "10.8.0.2"), ("wl0", "192.168.137.1"))
    assert [(one.address, one.likely) for one in phone_addresses()] == [
        ("192.168.137.1", True),
        ("10.8.0.2", False),
        ("127.0.0.1", False),
    ]


def test_the_chosen_network_holds_while_it_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    on_a_laptop_with(monkeypatch, ("wl0", "192.168.1.7"), ("eth0", "10.0.0.3"))
    keep_address(tmp_path, "10.0.0.3")
    assert phone_addresses(tmp_path)[0].address == "10.0.0.3"
    on_a_laptop_with(monkeypatch, ("wl0", "192.168.1.7"))
    assert phone_addresses(tmp_path)[0].address == "192.168.1.7"


def test_the_service_offers_only_addresses_it_has(service: Any) -> None:
    listed = service.control.addresses()
    assert sum(one["likely"] for one in listed) == 1
    assert service.control.choose_address(listed[0]["address"])[0]["likely"]
    with pytest.raises(Refused) as refused:
        service.control.choose_address("203.0.113.9")
    assert refused.value.key == "address_unknown"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_says_what_it_found(tmp_path: Path, language: str) -> None:
    chosen = dataclasses.replace(settings(), results=tmp_path, url="")
    found = examine(chosen, language=language)
    assert [one.check for one in found] == [name for name, _ in CHECKS]
    assert all(one.words for one in found)
    assert all(one.remedy for one in found if one.status != "good")


def test_a_taken_port_is_bad_and_the_exit_status_says_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = subprocess.run(
            [sys.executable, "-c", KIT, "doctor", "--format", "json", "--port", port],
            env={**os.environ, "KIT_RESULTS": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    found = {one["check"]: one for one in json.loads(ran.stdout)}
    assert (ran.returncode, found["service"]["status"]) == (1, "bad")
    assert set(found["service"]) == {"check", "status", "words", "remedy"}


def test_a_clock_behind_the_newest_file_is_bad(tmp_path: Path) -> None:
    later = tmp_path / "2031-01-01-later"
    later.mkdir()
    ahead = time.time() + 30 * 86_400
    os.utime(later, (ahead, ahead))
    chosen = dataclasses.replace(settings(), results=tmp_path, url="")
    (clock,) = [one for one in examine(chosen) if one.check == "clock"]
    assert clock.status == "bad"


def test_the_firewall_is_told_the_port_that_phones_use_now(
    service: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")  # the others ask for a program, not for a port
    chosen = dataclasses.replace(settings(), results=tmp_path, url="")
    note_url(chosen, service.url, service.process.pid)
    (firewall,) = [one for one in examine(chosen) if one.check == "firewall"]
    assert str(service.port) in firewall.remedy
