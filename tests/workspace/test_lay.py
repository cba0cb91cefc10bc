"""A workspace is laid out, never over what is there, and keeps up with newer kits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kit.config import KEYS, settings
from kit.errors import BadRequest, Unavailable
from kit.workspace.lay import carried_files, differences, lay_out, upgrade


def run_kit(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from kit.cli import main; main()", *words],
        env={**os.environ, "KIT_LANGUAGE": "en", "PYTHONPATH": str(Path(__file__).parents[2]), **variables},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def states(folder: Path) -> dict[str, str]:
    return {one.name: one.state for one in differences(folder)}


def test_a_new_workspace_holds_everything_the_kit_carries(tmp_path: Path) -> None:
    lay_out(tmp_path / "new")
    assert set(states(tmp_path / "new").values()) == {"same"}
    assert (tmp_path / "new" / "kit.toml").is_file()
    assert {"notebooks/session_students.ipynb", "quizzes/students.yaml"} <= {n for n, _ in carried_files()}


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "quizzes" / "students.yaml"
    mine.parent.mkdir()
    mine.write_text("mine")
    (tmp_path / "kit.toml").write_text('language = "en"\n')
    laid = lay_out(tmp_path)
    assert mine.read_text() == "mine"
    assert (tmp_path / "kit.toml").read_text() == 'language = "en"\n'
    assert "quizzes/students.yaml" not in laid
    assert lay_out(tmp_path) == []


def test_an_upgrade_replaces_what_an_older_kit_laid_and_leaves_what_its_owner_changed(tmp_path: Path) -> None:
    lay_out(tmp_path)
    (tmp_path / "quizzes" / "teachers.yaml").write_text("mine")
    (tmp_path / "notebooks" / "guide.ipynb").unlink()
    older = tmp_path / "quizzes" / "students.yaml"
    remembered = tmp_path / ".kit-workspace.json"
    older.write_text("as an older kit wrote it")
    import hashlib

    now = next(hashlib.sha256(p.read_bytes()).hexdigest() for n, p in carried_files() if "students.y" in n)
    then = hashlib.sha256(older.read_bytes()).hexdigest()
    remembered.write_text(remembered.read_text().replace(now, then))
    found = states(tmp_path)
    assert found["quizzes/students.yaml"] == "older"
    assert found["quizzes/teachers.yaml"] == "yours"
    assert found["notebooks/guide.ipynb"] == "new"
    assert older.read_text() == "as an older kit wrote it"
    assert {one.name for one in upgrade(tmp_path)} == {"quizzes/students.yaml", "notebooks/guide.ipynb"}
    assert {name for name, state in states(tmp_path).items() if state != "same"} == {"quizzes/teachers.yaml"}


def test_the_commands_say_what_they_did_and_what_would_change(tmp_path: Path) -> None:
    assert "files laid out" in run_kit(tmp_path, "new", "desa").stdout
    (tmp_path / "desa" / "notebooks" / "guide.ipynb").unlink()
    told = run_kit(tmp_path / "desa", "upgrade")
    assert "missing, would be added" in told.stdout
    assert not (tmp_path / "desa" / "notebooks" / "guide.ipynb").exists()
    assert "brought up" in run_kit(tmp_path / "desa", "upgrade", "--write").stdout
    assert "as this kit has it" in run_kit(tmp_path / "desa", "upgrade").stdout


def test_a_file_in_the_way_of_a_workspace_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "quizzes").write_text("a file")
    with pytest.raises(Unavailable, match="cannot be written"):
        lay_out(tmp_path)


def test_kit_toml_sets_and_the_environment_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIT_LANGUAGE", raising=False)
    (tmp_path / "kit.toml").write_text('port = 8100\nresults = "hasil"\nlanguage = "en"\n')
    (tmp_path / "deeper").mkdir()
    monkeypatch.chdir(tmp_path / "deeper")
    assert (settings().port, settings().results, settings().language) == (8100, tmp_path / "hasil", "en")
    monkeypatch.setenv("KIT_PORT", "8200")
    assert settings().port == 8200


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('langauge = "en"', "Did you mean language?"),
        ("KIT_PORT = 8000", "Did you mean port?"),
        ('port = "8000"', "whole numbers up to 65535"),
        ("port = 70000", "whole numbers up to 65535"),
        ('control_token = "x"', "unknown setting control_token"),
        ("language: en", "cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_with_its_place(
    tmp_path: Path, line: str, told: str
) -> None:
    (tmp_path / "kit.toml").write_text(line)
    refused = run_kit(tmp_path, "check")
    assert refused.returncode == 1
    assert told in refused.stderr
    assert "kit.toml" in refused.stderr or "port" in line
    assert "Traceback" not in refused.stderr


def test_no_secret_stands_in_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "control_token" not in KEYS
    (tmp_path / "kit.toml").write_text('control_token = "x"')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadRequest):
        settings()
