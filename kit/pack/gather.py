"""Fill a stick: wheels from the registry, the kit's own, a Python, and the files to start it."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Final

import httpx

import kit
from kit.config import carried, child_environment, in_clone
from kit.errors import Unavailable
from kit.pack.lock import KIT, Wheel
from kit.pack.platforms import Platform, Version

WHEELS: Final = "wheels"
PYTHON: Final = "python"
LIST: Final = "SHA256SUMS"
AT_ONCE: Final = 4
_SHARE: Final = Path(__file__).parent / "share"


def download(wheels: list[Wheel], folder: Path, told: Callable[[int], None]) -> None:
    """Bring wheels into a folder; what is there already and whole is kept. Raises Unavailable.

    `told` hears the bytes of each wheel that is there.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def bring(wheel: Wheel) -> None:
        target = folder / wheel.file
        if not (target.is_file() and _sha256(target) == wheel.sha256):
            _fetch(client, wheel, target)
        told(wheel.size)

    with httpx.Client(follow_redirects=True, timeout=60) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(bring, wheels))


def own_wheel(folder: Path) -> Path:
    """The kit's own wheel: built in a clone; elsewhere put together from what is installed."""
    if not in_clone():
        return _repacked(folder)
    uv = _uv()
    if uv is None:
        raise Unavailable("no_uv")
    with tempfile.TemporaryDirectory() as built:
        _run([uv, "build", "--quiet", "--wheel", "--out-dir", built, str(carried())])
        (wheel,) = Path(built).glob("*.whl")
        return Path(shutil.copy2(wheel, folder / wheel.name))


def bring_python(folder: Path, platform: Platform, version: Version) -> bool:
    """Put a Python for the platform beside the wheels, where uv can reach one; whether it is there now."""
    uv = _uv()
    if uv is None:
        return False
    key = f"cpython-{version[0]}.{version[1]}-{platform.python_key}"
    with tempfile.TemporaryDirectory() as place:
        wanted = [uv, "python", "install", "--no-bin", "--install-dir", place, key]
        done = subprocess.run(wanted, capture_output=True, check=False, env=child_environment())
        found = [path for path in Path(place).glob("cpython-*") if path.is_dir() and not path.is_symlink()]
        if done.returncode or not found:
            return False
        # A stick that is formatted for Windows knows no links: what they lead to is copied.
        shutil.copytree(found[0], folder / PYTHON, symlinks=False, dirs_exist_ok=True)
    return True


def write_starters(folder: Path, platform: Platform, version: Version) -> None:
    """The file to double-click, and a sheet that says how."""
    values = {"version": kit.__version__, "major": version[0], "minor": version[1], "wheels": WHEELS}
    for name in (platform.starter, "BACA-DULU.txt"):
        text = (_SHARE / name).read_text(encoding="utf-8")
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        target = folder / name
        # Windows reads a batch file whose lines end in its own way only.
        target.write_bytes((text.replace("\n", "\r\n") if name.endswith((".bat", ".txt")) else text).encode())
        target.chmod(0o755 if name == platform.starter else 0o644)


def write_list(folder: Path) -> None:
    """A line for each wheel, as `sha256sum --check` takes it."""
    lines = [f"{_sha256(path)}  {WHEELS}/{path.name}\n" for path in sorted((folder / WHEELS).glob("*.whl"))]
    (folder / LIST).write_text("".join(lines), encoding="utf-8")


def _fetch(client: httpx.Client, wheel: Wheel, target: Path) -> None:
    part = target.with_suffix(".part")
    try:
        with client.stream("GET", wheel.url) as answer, part.open("wb") as file:
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                file.write(piece)
    except (httpx.HTTPError, OSError) as error:
        part.unlink(missing_ok=True)
        raise Unavailable("wheel_unreached", file=wheel.file) from error
    if _sha256(part) != wheel.sha256:
        part.unlink()
        raise Unavailable("wheel_changed", file=wheel.file)
    os.replace(part, target)


def _repacked(folder: Path) -> Path:
    """A wheel from the files that its installation lists, without what installing added."""
    installed = metadata.distribution(KIT)
    tag = (installed.read_text("WHEEL") or "").partition("Tag: ")[2].split()[0]
    target = folder / f"{KIT.replace('-', '_')}-{installed.version}-{tag}.whl"
    record, added = "", ("INSTALLER", "REQUESTED", "direct_url.json", "RECORD", "uv_cache.json")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as wheel:
        for file in installed.files or ():
            name = file.as_posix()
            if name.startswith("..") or "__pycache__" in name or file.name in added:
                continue
            content = Path(str(installed.locate_file(file))).read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(content)}\n"
            wheel.writestr(name, content)
        listing = f"{KIT.replace('-', '_')}-{installed.version}.dist-info/RECORD"
        wheel.writestr(listing, f"{record}{listing},,\n")
    return target


def _uv() -> str | None:
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    return shutil.which("uv") or (str(beside) if beside.is_file() else None)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=child_environment())
    if done.returncode:
        raise Unavailable("pack_failed", command=" ".join(command[:3]), why=done.stderr.strip()[-300:])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
