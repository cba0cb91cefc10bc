"""The commands as a person types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import kit
from tests.conftest import ROOT, RunningService


def run_kit(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from kit.cli import main; main()", *words],
        env={**os.environ, "COLUMNS": "100", "KIT_LANGUAGE": "en", **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def against(service: RunningService) -> dict[str, str]:
    same = {name: service.environment[name] for name in ("KIT_RESULTS", "KIT_STORE", "KIT_CONTROL_TOKEN")}
    return {**same, "KIT_URL": service.url}


def test_version_and_help() -> None:
    assert run_kit("--version").stdout == f"kit {kit.__version__}\n"
    helped = run_kit("--help")
    assert helped.returncode == 0
    for command in ("serve", "check", "report", "rehearse", "delete"):
        assert command in helped.stdout
        assert "Example" in run_kit(command, "--help").stdout


def test_our_own_quizzes_have_no_findings() -> None:
    assert run_kit("check", "quizzes/").returncode == 0
    found = run_kit("check", "quizzes/", "--format", "json")
    assert json.loads(found.stdout) == []


def test_a_faulty_quiz_is_listed_with_file_line_and_remedy(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("quiz_id: bad\nquiz_id: twice\naudience: [pilot]\n")
    checked = run_kit("check", str(path))
    assert checked.returncode == 1
    assert f"{path}:2:" in checked.stdout + checked.stderr
    assert "is written twice" in checked.stdout + checked.stderr
    assert "pilot" in checked.stdout + checked.stderr
    assert "Traceback" not in checked.stderr


@pytest.mark.parametrize("words", [("report", "no-such-file.csv"), ("delete", "AAAAAA", "--yes")])
def test_a_refusal_is_a_sentence_and_not_a_traceback(words: tuple[str, ...], service: Any) -> None:
    refused = run_kit(*words, **against(service))
    assert refused.returncode == 1
    assert refused.stderr.strip()
    assert "Traceback" not in refused.stderr


def test_a_rehearsal_ends_in_a_report_and_can_be_deleted(service: Any) -> None:
    rehearsed = run_kit("rehearse", "--phones", "24", **against(service))
    assert rehearsed.returncode == 0, rehearsed.stdout + rehearsed.stderr
    assert "0 lost, 0 double" in " ".join(rehearsed.stdout.split())
    (session,) = service.control.sessions()
    assert session["rehearsal"]
    bundle = service.results / session["bundle"]
    report = json.loads((bundle / "report.json").read_text(encoding="utf-8"))
    # Of 24 simulated people two come late and two leave after the first wave.
    assert report["flow"]["n_joined"] == 24
    assert report["flow"]["n_pairs"] == 20
    receipt = json.loads(run_kit("delete", session["code"], "--yes", **against(service)).stdout)
    assert receipt["rows"]["participant"] == 24
    assert not bundle.exists()


def test_simulated_phones_join_a_session_that_a_facilitator_runs(service: Any) -> None:
    code = service.open_session()
    joining = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from kit.cli import main; main()",
            "rehearse",
            "--live",
            code,
            "--phones",
            "6",
        ],
        env={**os.environ, **against(service)},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: service.control.session(code)["joined"] == 6)
        service.control.close(code)
        assert joining.wait(60) == 0
    finally:
        joining.kill()


def wait_for(reached: Any) -> None:
    import time

    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)
