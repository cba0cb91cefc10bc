"""The systems a stick is made for: what their wheels are called, what their markers say, how they start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms

Version = tuple[int, int]


@dataclass(frozen=True)
class Platform:
    """A system with its machine: `markers` without Python's version, `starter` the file to click."""

    name: str
    markers: Mapping[str, str]
    wheels: tuple[str, ...]
    starter: str
    python_key: str

    def tags(self, version: Version) -> list[Tag]:
        """Tags of wheels that run here, the best first."""
        abi = f"cp{version[0]}{version[1]}"
        return [
            *cpython_tags(version, abis=[abi], platforms=self.wheels),
            *compatible_tags(version, abi, self.wheels),
        ]

    def environment(self, version: Version) -> dict[str, str]:
        """What markers such as `sys_platform == 'win32'` are judged by."""
        dotted = f"{version[0]}.{version[1]}"
        return {
            **self.markers,
            "implementation_name": "cpython",
            "implementation_version": f"{dotted}.9",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_version": "",
            "python_version": dotted,
            "python_full_version": f"{dotted}.9",
        }


def _markers(os_name: str, sys_platform: str, system: str, machine: str) -> dict[str, str]:
    return {
        "os_name": os_name,
        "sys_platform": sys_platform,
        "platform_system": system,
        "platform_machine": machine,
    }


def _manylinux(machine: str, oldest: int, newest: int) -> tuple[str, ...]:
    """Platform tags of glibc systems, the newest first; the old names of 2.17, 2.12 and 2.5 stand last."""
    dotted = tuple(f"manylinux_2_{minor}_{machine}" for minor in range(newest, oldest - 1, -1))
    legacy = tuple(f"manylinux{name}_{machine}" for name in ("2014", "2010", "1"))
    return (*dotted, *legacy, f"linux_{machine}")


PLATFORMS: Final = {
    one.name: one
    for one in (
        Platform(
            "windows",
            {
                "os_name": "nt",
                "sys_platform": "win32",
                "platform_system": "Windows",
                "platform_machine": "AMD64",
            },
            ("win_amd64",),
            "Mulai.bat",
            "windows-x86_64-none",
        ),
        Platform(
            "macos",
            {
                "os_name": "posix",
                "sys_platform": "darwin",
                "platform_system": "Darwin",
                "platform_machine": "arm64",
            },
            tuple(mac_platforms((13, 0), "arm64")),
            "mulai.command",
            "macos-aarch64-none",
        ),
        Platform(
            "linux",
            {
                "os_name": "posix",
                "sys_platform": "linux",
                "platform_system": "Linux",
                "platform_machine": "x86_64",
            },
            # Debian 12 and Ubuntu 22.04 have glibc 2.35 and newer.
            _manylinux("x86_64", 5, 35),
            "mulai.sh",
            "linux-x86_64-gnu",
        ),
    )
}
"""Windows and Linux on 64-bit Intel and AMD, macOS 13 and newer on Apple's own processors."""
