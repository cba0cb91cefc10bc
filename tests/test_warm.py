"""The interpreter of the tests does with a program what the real one does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.conftest import RunningService
from tests.warm import interpreter


def said_by(
    python: str, arguments: list[str], surroundings: dict[str, str], folder: Path
) -> tuple[int, str, str]:
    done = subprocess.run(
        [python, "-m", *arguments], env=surroundings, cwd=folder, capture_output=True, text=True, input="[1"
    )
    return done.returncode, done.stdout, done.stderr


def test_a_program_reads_says_and_ends_as_under_the_real_interpreter(
    service: RunningService, tmp_path: Path
) -> None:
    code = service.open_session("students")
    (tmp_path / "lone.py").write_text(
        "import os, sys\nprint(sys.argv[1:], os.getcwd(), __name__)\nos.kill(os.getpid(), 9)\n"
    )
    home = service.environment | {
        "KIT_STORE": f"sqlite:///{service.results / 'kit.db'}",
        "KIT_LANGUAGE": "en",
    }
    asked = (
        ["kit.closing", code, "--results"],
        ["kit.closing", "NONE22"],
        ["json.tool"],
        ["lone", "a b", "ü"],
    )
    for arguments in asked:
        warm, real = (said_by(one, arguments, home, tmp_path) for one in (interpreter(), sys.executable))
        assert warm[:2] == real[:2]
        # A trace names the lines of whoever ran the module; what it ends with is the same.
        assert warm[2].splitlines()[-1:] == real[2].splitlines()[-1:]


@pytest.mark.parametrize("kill", [True, False])
def test_a_program_ends_with_its_caller(tmp_path: Path, kill: bool) -> None:
    (tmp_path / "slow.py").write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)\n")
    call = [interpreter(), "-m", "slow"]
    with subprocess.Popen(call, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as begun:
        assert begun.stdout is not None
        program = psutil.Process(int(begun.stdout.readline()))
        begun.kill() if kill else begun.terminate()
    program.wait(60)
    assert not program.is_running()
