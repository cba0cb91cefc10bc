"""One word, one thing: in Indonesian a rehearsal is a *gladi*; *latihan* is practice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

LOCALE = Path(__file__).resolve().parents[2] / "kit" / "locale" / "id"


@pytest.mark.parametrize("path", sorted(LOCALE.glob("*.yaml")), ids=lambda path: path.name)
def test_a_rehearsal_is_not_called_practice(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    rehearsals = [line for line in lines if re.search(r"rehears", line)]
    assert [line for line in rehearsals if re.search(r"\blatihan\b", line, re.IGNORECASE)] == []
