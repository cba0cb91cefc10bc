"""The scripts: short lines, small files, and types that TypeScript agrees with."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import platformdirs
import pytest

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "kit"
SCRIPTS = sorted([*KIT.rglob("*.js"), *KIT.rglob("*.d.ts")])
TYPES = Path(__file__).parent / "types"
WIDEST = 120
LONGEST = 400


@pytest.fixture(scope="module")
def tsc() -> Path:
    """TypeScript from npm as the lock names it, kept for the next run; it reaches no user."""
    lock = (TYPES / "package-lock.json").read_bytes()
    folder = platformdirs.user_cache_path("desa-binaan-kit-tests") / "typescript"
    program = folder / "node_modules" / ".bin" / "tsc"
    kept = folder / "package-lock.json"
    if program.exists() and kept.is_file() and kept.read_bytes() == lock:
        return program
    npm = shutil.which("npm")
    assert npm, "No npm: run the tests with uv run kit-test, which installs it."
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(TYPES / name, folder / name)
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    return program


def check(tsc: Path, *arguments: str) -> str:
    """What TypeScript finds wrong."""
    ran = subprocess.run(
        [tsc, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    return ran.stdout + ran.stderr


def test_the_types_of_all_scripts_hold(tsc: Path) -> None:
    assert check(tsc, "--project", str(TYPES / "tsconfig.json")) == ""


def test_a_wrong_type_would_be_found(tsc: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.js"
    element = (KIT / "page" / "say.js").as_posix()
    wrong.write_text(f'import {{ say }} from "{element}";\nsay({{}}, 5, "path");\n')
    found = check(tsc, "--noEmit", "--checkJs", "--strict", "--target", "es2020", str(wrong))
    assert "wrong.js(2,9): error TS2345" in found


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_lines_and_files_stay_short() -> None:
    wide = [
        f"{path.relative_to(KIT)}:{number}"
        for path in SCRIPTS
        for number, line in enumerate(lines_of(path), 1)
        if len(line) > WIDEST
    ]
    assert wide == []
    assert [str(path.relative_to(KIT)) for path in SCRIPTS if len(lines_of(path)) > LONGEST] == []


def test_a_line_holds_one_statement() -> None:
    crowded = re.compile(r"^(?!\s*(?:\*|//|/\*|for \()).*;\s+(?!//)\S.*;\s*\}?\s*$")
    found = [
        (str(path.relative_to(KIT)), line)
        for path in SCRIPTS
        if path.suffix != ".ts"  # a shape may stand on one line
        for line in lines_of(path)
        if crowded.search(line) and not line.lstrip().startswith("<")
    ]
    assert found == []
