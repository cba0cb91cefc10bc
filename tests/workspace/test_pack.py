"""A stick: every wheel of the lock for a system; on this one it installs and runs without a network."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from kit.errors import BadRequest, KitError, Unavailable
from kit.pack import gather
from kit.pack.command import run_pack
from kit.pack.lock import Wheel, read_lock, wheels_for
from kit.pack.platforms import PLATFORMS
from tests.conftest import ROOT

UV = shutil.which("uv") or "uv"
PYTHONS = ((3, 11), (3, 12), (3, 13))


@pytest.fixture(scope="module")
def exported() -> list[Requirement]:
    """What uv itself says the kit needs, with the condition of each: an account that is not ours."""
    command = [UV, "export", "--frozen", "--extra", "paper", "--extra", "pack", "--no-emit-project"]
    plain = ["--no-hashes", "--no-annotate", "--no-header", "--quiet"]
    text = subprocess.run([*command, *plain], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Requirement(line) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("version", PYTHONS, ids=str)
@pytest.mark.parametrize("name", PLATFORMS)
def test_a_stick_holds_what_uv_would_install_there(
    name: str, version: tuple[int, int], exported: list[Requirement]
) -> None:
    platform = PLATFORMS[name]
    wheels = wheels_for(read_lock(), platform, version)
    environment = platform.environment(version)
    wanted = {
        (canonicalize_name(one.name), str(one.specifier).removeprefix("=="))
        for one in exported
        if one.marker is None or one.marker.evaluate(environment)
    }
    found = {parse_wheel_filename(wheel.file)[:2] for wheel in wheels}
    assert {(name, str(version)) for name, version in found} == wanted
    runs = set(platform.tags(version))
    assert all(runs & parse_wheel_filename(wheel.file)[3] for wheel in wheels)


def test_windows_gets_what_only_windows_needs() -> None:
    names = {
        system: {wheel.name for wheel in wheels_for(read_lock(), PLATFORMS[system], (3, 11))}
        for system in PLATFORMS
    }
    assert {"pywinpty", "colorama"} <= names["windows"]
    assert not {"pywinpty", "colorama"} & (names["linux"] | names["macos"])
    assert "appnope" in names["macos"]


def test_a_library_without_a_wheel_is_named() -> None:
    packages = [
        {**package, "wheels": [w for w in package.get("wheels", ()) if "win_amd64" not in w["url"]]}
        for package in read_lock()
    ]
    with pytest.raises(Unavailable) as refusal:
        wheels_for(packages, PLATFORMS["windows"], (3, 11))
    assert "scipy" in refusal.value.render("id")


@pytest.mark.parametrize(
    ("platform", "python", "said"), [("amiga", "", "amiga"), ("linux", "2.7", "2.7"), ("linux", "3.x", "3.x")]
)
def test_what_is_not_supported_is_refused(platform: str, python: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadRequest) as refusal:
        run_pack(tmp_path / "stick", platform, python)
    assert said in refusal.value.render("id")
    assert not (tmp_path / "stick").exists()


def test_a_wheel_that_is_not_the_locked_one_is_never_kept(tmp_path: Path) -> None:
    smallest = min(wheels_for(read_lock(), PLATFORMS["linux"], (3, 11)), key=lambda wheel: wheel.size)
    told: list[int] = []
    gather.download([smallest], tmp_path, told.append)
    (tmp_path / smallest.file).write_bytes(b"half of it")
    gather.download([smallest], tmp_path, told.append)
    assert hashlib.sha256((tmp_path / smallest.file).read_bytes()).hexdigest() == smallest.sha256
    assert told == [smallest.size] * 2
    changed = Wheel(smallest.name, smallest.url, "0" * 64, smallest.size)
    for wrong in (changed, Wheel("x", "http://127.0.0.1:9/x-1-py3-none-any.whl", "0" * 64, 1)):
        (tmp_path / smallest.file).unlink(missing_ok=True)
        with pytest.raises(KitError) as refusal:
            gather.download([wrong], tmp_path, told.append)
        assert wrong.file in refusal.value.render("en")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", PLATFORMS)
def test_every_start_file_is_complete_and_fit_for_its_system(name: str, tmp_path: Path) -> None:
    platform = PLATFORMS[name]
    gather.write_starters(tmp_path, platform, (3, 11))
    starter = (tmp_path / platform.starter).read_bytes()
    assert b"@version@" not in starter
    assert b"@wheels@" not in starter
    assert (starter.count(b"\r\n") == starter.count(b"\n")) == (name == "windows")
    if name != "windows":
        assert subprocess.run(["sh", "-n", tmp_path / platform.starter], check=False).returncode == 0
        assert os.access(tmp_path / platform.starter, os.X_OK)


def test_a_stick_installs_itself_and_runs_without_any_network(tmp_path: Path) -> None:
    stick, home = tmp_path / "stik kantor", tmp_path / "home"
    home.mkdir()
    assert run_pack(stick, "linux", "") == 0
    sums = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=stick, check=False)
    assert sums.returncode == 0
    for path in (stick, *stick.rglob("*")):
        # A stick may be locked: nothing is written to it when the kit installs itself.
        path.chmod(0o555 if path.is_dir() or path.suffix == ".sh" else 0o444)
    alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    script = 'ip link set lo up 2>/dev/null || ifconfig lo up; "$0" --version && "$0" rehearse --phones 4'
    kept = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "KIT_LANGUAGE": "en"}
    kept["PATH"] = f"{Path(sys.base_prefix) / 'bin'}:{kept['PATH']}"
    done = subprocess.run(
        [*alone, "sh", "-c", script, stick / "mulai.sh"],
        env=kept, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    for path in (stick, *stick.rglob("*")):
        path.chmod(0o755)
    said = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 lost, 0 double" in said
    assert said.count("Installing, once") == 1
    assert len(list((home / "desa-binaan" / "results").glob("*-gladi-*/session.json"))) == 1
