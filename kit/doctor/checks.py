"""The checks, one function each: a status, and the words for it in `doctor.yaml`."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import psutil

from kit.addresses import Address, phone_addresses
from kit.config import Settings
from kit.session.client import running_url
from kit.session.run.stick import sticks
from kit.text import message

Status = Literal["good", "warn", "bad"]

# Phones that a network of a kind holds in practice: what Windows and phones allow as a hotspot, what one
# access point of a house serves, and a cable to a router of unknown strength.
_HOLDS: Final = {"hotspot": 8, "wifi": 30, "cable": 50, "vpn": 0, "loopback": 0}
_ENOUGH_BYTES: Final = 2_000_000_000
_LEAST_BYTES: Final = 300_000_000
_ENOUGH_BATTERY: Final = 60
_LEAST_BATTERY: Final = 20
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, in the reader's language."""

    check: str
    status: Status
    words: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A status, the key of its sentence, and the values in it."""

    status: Status
    key: str
    values: dict[str, object]


def examine(chosen: Settings, *, port: int = 8000, language: str = "") -> list[Finding]:
    """Look at everything that a session needs of this machine; sends nothing and changes nothing."""
    language = language or chosen.language
    findings = []
    for name, check in CHECKS:
        found = check(chosen, port)
        said = f"doctor.{name}.{found.key}"
        words = message(f"{said}.words", language, **found.values)
        remedy = message(f"{said}.remedy", language, **found.values)
        findings.append(Finding(name, found.status, words, remedy))
    return findings


def _address(chosen: Settings, _port: int) -> _Found:
    known = phone_addresses(chosen.private)
    first, others = known[0], [one for one in known[1:] if one.kind != "loopback"]
    values: dict[str, object] = {"address": first.address, "interface": first.interface}
    if first.kind == "loopback":
        return _Found("bad", "none", values)
    if first.kind == "vpn":
        return _Found("warn", "vpn", values)
    if others:
        return _Found("warn", "several", {**values, "others": _listed(others)})
    return _Found("good", "one", values)


def _listed(addresses: Sequence[Address]) -> str:
    return ", ".join(f"{one.address} ({one.interface})" for one in addresses)


def _phones(chosen: Settings, _port: int) -> _Found:
    first = phone_addresses(chosen.private)[0]
    holds = _HOLDS[first.kind]
    return _Found("good" if holds > 8 else "warn", first.kind, {"holds": holds})


def _android(_chosen: Settings, _port: int) -> _Found:
    # What this laptop cannot look at is never called good.
    return _Found("warn", "stay", {})


def _service(chosen: Settings, port: int) -> _Found:
    """Whether the phones' service runs, or could: nobody else may hold its port."""
    if running := running_url(chosen):
        return _Found("good", "running", {"port": urlsplit(running).port or 80})
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return _Found("bad", "taken", {"port": port})
    return _Found("good", "free", {"port": port})


def _firewall(chosen: Settings, port: int) -> _Found:
    """What to allow: the port that the phones use now, or would use."""
    if running := running_url(chosen):
        port = urlsplit(running).port or 80
    key = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    return _Found("warn", key, {"port": port})


def _clock(chosen: Settings, _port: int) -> _Found:
    """The clock against the newest file here and the kit's own: it cannot be earlier than they are."""
    now = time.time()
    newest = max(_written(chosen), default=0.0)
    told: dict[str, object] = {"now": _date(now), "newest": _date(newest)}
    if now < newest - _DAY:
        return _Found("bad", "behind", told)
    return _Found("good", "fits", told)


def _written(chosen: Settings) -> list[float]:
    kit = Path(__file__).resolve()
    files = [kit, *chosen.results.glob("[!.]*"), *chosen.quizzes.glob("*.yaml")]
    return [path.stat().st_mtime for path in files if path.exists()]


def _date(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M")


def _disk(chosen: Settings, _port: int) -> _Found:
    free = shutil.disk_usage(_present(chosen.results)).free
    told: dict[str, object] = {"free": round(free / 1e9, 1)}
    if free < _LEAST_BYTES:
        return _Found("bad", "full", told)
    return _Found("good" if free >= _ENOUGH_BYTES else "warn", "room", told)


def _present(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _store(chosen: Settings, _port: int) -> _Found:
    """Whether results can be written where they are to lie."""
    folder = _present(chosen.results)
    told: dict[str, object] = {"results": chosen.results}
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return _Found("bad", "locked", told)
    synced = ("onedrive", "dropbox", "google drive", "icloud")
    if any(name in part.lower() for part in chosen.results.parts for name in synced):
        return _Found("warn", "synced", told)
    return _Found("good", "writable", told)


def _battery(_chosen: Settings, _port: int) -> _Found:
    sensors = getattr(psutil, "sensors_battery", None)
    try:
        battery: Any = sensors() if sensors else None
    except (OSError, NotImplementedError):
        battery = None
    if battery is None:
        return _Found("good", "none", {})
    told: dict[str, object] = {"percent": round(battery.percent)}
    if battery.power_plugged:
        return _Found("good", "plugged", told)
    status: Status = "good" if battery.percent >= _ENOUGH_BATTERY else "warn"
    return _Found("bad" if battery.percent < _LEAST_BATTERY else status, "running", told)


def _sleep(_chosen: Settings, _port: int) -> _Found:
    return _Found("warn", "stay", {})


def _backup(_chosen: Settings, _port: int) -> _Found:
    """Whether a USB stick is in."""
    writable = sticks()
    if writable:
        return _Found("good", "stick", {"stick": writable[0]})
    return _Found("warn", "none", {})


def _paper(_chosen: Settings, _port: int) -> _Found:
    missing = [name for name in ("cv2", "zxingcpp", "pypdfium2", "pillow_heif") if not _has(name)]
    return _Found("warn" if missing else "good", "missing" if missing else "ready", {})


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


CHECKS: Final[Sequence[tuple[str, Callable[[Settings, int], _Found]]]] = (
    ("address", _address),
    ("phones", _phones),
    ("android", _android),
    ("service", _service),
    ("firewall", _firewall),
    ("clock", _clock),
    ("disk", _disk),
    ("store", _store),
    ("battery", _battery),
    ("sleep", _sleep),
    ("backup", _backup),
    ("paper", _paper),
)
