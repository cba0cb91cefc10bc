"""The kit as somebody has it who did not clone it: a wheel, a fresh environment, an empty folder."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT, free_port

UV = shutil.which("uv") or "uv"


def call(*words: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KIT_", "PYTHONPATH"))}
    kept |= {"COLUMNS": "300", **variables}
    kept.pop("VIRTUAL_ENV", None)
    done = subprocess.run(words, cwd=cwd, env=kept, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def content_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    call(UV, "build", "--quiet", "--out-dir", folder, ROOT, cwd=folder, SOURCE_DATE_EPOCH="1780000000")
    return folder


@pytest.fixture(scope="module")
def program(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("installed")
    locked = call(UV, "export", "--frozen", "--no-emit-project", "--no-hashes", "--quiet", cwd=ROOT).stdout
    (home / "locked.txt").write_text(locked)
    call(UV, "venv", "--quiet", "--python", sys.executable, home / "venv", cwd=home)
    (wheel,) = built.glob("*.whl")
    python = home / "venv" / "bin" / "python"
    call(
        UV, "pip", "install", "--quiet", "--python", python, "-c", home / "locked.txt", wheel, cwd=home
    )  # fmt: skip
    return python.with_name("kit")


def test_the_wheel_carries_notebooks_and_quizzes_and_is_the_same_when_built_again(
    built: Path, tmp_path: Path
) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for part in ("notebooks", "quizzes"):
        mine = {p.name for p in (ROOT / part).iterdir() if p.suffix in (".ipynb", ".yaml")}
        assert mine <= {name.rsplit("/", 1)[-1] for name in names if f"workspace/files/{part}/" in name}
    assert not [name for name in names if ".ipynb_checkpoints" in name or "kit.db" in name]
    again = {"SOURCE_DATE_EPOCH": "1780000000"}
    (sdist,) = built.glob("*.tar.gz")
    call(UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path, sdist, cwd=tmp_path, **again)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_an_installed_kit_works_from_an_empty_folder_and_changes_nothing_of_itself(
    program: Path, tmp_path: Path
) -> None:
    (packages,) = (program.parents[1] / "lib").glob("python*/site-packages")
    before = content_of(packages)
    port, jupyter_port = free_port(), free_port()
    variables = {name: value for name, value in os.environ.items() if not name.startswith("KIT_")}
    variables |= {"KIT_LANGUAGE": "en"}
    with (tmp_path.with_suffix(".log")).open("wb") as log:
        ports = ("--port", str(port), "--jupyter-port", str(jupyter_port))
        serving = subprocess.Popen(
            [program, "serve", "--no-browser", *ports],
            cwd=tmp_path,
            env=variables,
            stdout=log,
            stderr=log,
        )
    try:
        for address in (f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{jupyter_port}/api"):
            wait_for(lambda address=address: answers(address), tmp_path.with_suffix(".log"))
        assert (tmp_path / "notebooks" / "session_students.ipynb").is_file()
        assert (tmp_path / "kit.toml").is_file()
        rehearsed = call(program, "rehearse", "--phones", "12", cwd=tmp_path, KIT_LANGUAGE="en")
        assert "0 lost, 0 double" in " ".join(rehearsed.stdout.split())
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(30)
    bundles = [path.parent for path in (tmp_path / "results").glob("*-gladi-*/session.json")]
    assert len(bundles) == 1
    call(program, "report", bundles[0], "-o", "out", "--format", "html,json,pdf,xlsx", cwd=tmp_path)
    suffixes = {path.suffix for path in (tmp_path / "out").glob("*-gladi-*")}
    assert suffixes == {".html", ".json", ".pdf", ".xlsx"}
    call(program, "check", cwd=tmp_path)
    assert re.search("as this kit has it", call(program, "upgrade", cwd=tmp_path, KIT_LANGUAGE="en").stdout)
    assert content_of(packages) == before


def answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False, timeout=2).status_code < 500
    except httpx.HTTPError:
        return False


def wait_for(reached: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + 90
    while not reached():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


def test_an_installed_kit_gives_its_own_wheel_back(built: Path, program: Path, tmp_path: Path) -> None:
    """Where there is no clone to build from, a stick carries what is installed, and pip takes it."""
    imports = "import sys; from pathlib import Path; from kit.pack.gather import own_wheel"
    script = f"{imports}; own_wheel(Path(sys.argv[1]))"
    call(program.with_name("python"), "-c", script, tmp_path, cwd=tmp_path)
    (mine,), (theirs,) = tmp_path.glob("*.whl"), built.glob("*.whl")
    assert mine.name == theirs.name
    with zipfile.ZipFile(mine) as given, zipfile.ZipFile(theirs) as first:
        named = {name for name in first.namelist() if not name.endswith("RECORD")}
        assert {name for name in given.namelist() if not name.endswith("RECORD")} == named
        assert all(given.read(name) == first.read(name) for name in named)
    call(UV, "pip", "install", "--quiet", "--no-deps", "--target", tmp_path / "again", mine, cwd=tmp_path)
