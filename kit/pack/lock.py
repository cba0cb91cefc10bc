"""What the lock names: from the kit down to the last library, the one wheel of each that a platform takes."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from packaging.markers import Marker
from packaging.utils import parse_wheel_filename

from kit.config import carried
from kit.errors import NotFound, Unavailable
from kit.pack.platforms import Platform, Version

KIT: Final = "desa-binaan-kit"
EXTRAS: Final = ("paper", "pack")
"""What a stick holds beside the kit itself: reading of paper, and pip, which unpacks the wheels."""

Package = Mapping[str, Any]


@dataclass(frozen=True)
class Wheel:
    """A file of the registry: its address, its sha256 in hex, its bytes."""

    name: str
    url: str
    sha256: str
    size: int

    @property
    def file(self) -> str:
        """The name by which pip knows it."""
        return self.url.rsplit("/", 1)[-1]


def read_lock() -> list[Package]:
    """The packages of the lock: of the clone, or of the package as it was built. Raises NotFound."""
    path = carried() / "uv.lock"
    if not path.is_file():
        raise NotFound("no_lock", file=path.name)
    packages: list[Package] = tomllib.loads(path.read_text(encoding="utf-8"))["package"]
    return packages


def wheels_for(packages: list[Package], platform: Platform, version: Version) -> list[Wheel]:
    """Every wheel that a stick needs, by name. Raises Unavailable with those that have none for it."""
    needed = sorted(_needed(packages, platform.environment(version)), key=lambda package: package["name"])
    chosen = {package["name"]: _best(package, platform, version) for package in needed}
    missing = [name for name, wheel in chosen.items() if wheel is None]
    if missing:
        raise Unavailable("no_wheels", names=", ".join(missing), platform=platform.name)
    return [wheel for wheel in chosen.values() if wheel is not None]


def _needed(packages: list[Package], environment: dict[str, str]) -> Iterator[Package]:
    """All that the kit with its extras leads to, each once; the kit itself is not among them."""
    known: dict[str, list[Package]] = {}
    for package in packages:
        known.setdefault(package["name"], []).append(package)
    (kit,) = known[KIT]
    asked: dict[str, set[str]] = defaultdict(set)
    given: set[str] = set()
    waiting = [*kit["dependencies"], *(one for name in EXTRAS for one in kit["optional-dependencies"][name])]
    while waiting:
        wanted = waiting.pop()
        if not Marker(wanted.get("marker", "python_version > '0'")).evaluate(environment):
            continue
        package = _locked(known[wanted["name"]], wanted.get("version"), environment)
        for extra in {"", *wanted.get("extra", ())} - asked[package["name"]]:
            asked[package["name"]].add(extra)
            optional = package.get("optional-dependencies", {}).get(extra, [])
            waiting += optional if extra else package.get("dependencies", [])
        if package["name"] not in given:
            given.add(package["name"])
            yield package


def _locked(candidates: list[Package], version: str | None, environment: dict[str, str]) -> Package:
    """The one of several locked versions that is meant, or that this environment resolves to."""
    if version is not None:
        return next(one for one in candidates if one["version"] == version)
    fitting = [
        one
        for one in candidates
        if not one.get("resolution-markers")
        or any(Marker(marker).evaluate(environment) for marker in one["resolution-markers"])
    ]
    return fitting[0]


def _best(package: Package, platform: Platform, version: Version) -> Wheel | None:
    """The wheel whose tag stands first among those of the platform."""
    rank = {tag: place for place, tag in enumerate(platform.tags(version))}
    found = []
    for wheel in package.get("wheels", ()):
        tags = parse_wheel_filename(wheel["url"].rsplit("/", 1)[-1])[3]
        places = [rank[tag] for tag in tags if tag in rank]
        if places:
            sha256 = wheel["hash"].removeprefix("sha256:")
            found.append((min(places), Wheel(package["name"], wheel["url"], sha256, wheel["size"])))
    return min(found, key=lambda one: one[0])[1] if found else None
