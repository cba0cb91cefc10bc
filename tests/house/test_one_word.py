"""One word, one thing: a rehearsal is a *gladi*, *latihan* is practice, and the five checks have one name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kit.text import message, sentences

ROOT = Path(__file__).resolve().parents[2]
LOCALE = ROOT / "kit" / "locale" / "id"
DECKS = sorted((ROOT / "notebooks").glob("session_*.ipynb"))


@pytest.mark.parametrize("path", sorted(LOCALE.glob("*.yaml")), ids=lambda path: path.name)
def test_a_rehearsal_is_not_called_practice(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    rehearsals = [line for line in lines if re.search(r"rehears", line)]
    assert [line for line in rehearsals if re.search(r"\blatihan\b", line, re.IGNORECASE)] == []


@pytest.mark.parametrize("deck", DECKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["id", "en"])
def test_the_five_checks_are_called_the_same_on_slide_phone_and_card(deck: Path, language: str) -> None:
    words = sentences("page", migrants="", police="", women_children="")[language]["later"]["cekal"]
    cells = ["".join(cell["source"]) for cell in json.loads(deck.read_text(encoding="utf-8"))["cells"]]
    slide = next(cell for cell in cells if "asset:five-checks" in cell)
    shown = re.findall(r"^- \*\*([CEKAL])\*\*(.*)$", slide, re.MULTILINE)
    own = shown[:5] if language == "id" else shown[5:]
    named = [letter + rest if language == "id" else rest.strip() for letter, rest in own]
    assert named == [words[letter.lower()] for letter in "CEKAL"]
    assert "C-E-K-A-L" in words["title"]


@pytest.mark.parametrize("deck", DECKS, ids=lambda path: path.stem)
def test_the_honest_answer_is_called_on_the_slide_as_on_the_phone(deck: Path) -> None:
    said = "\n".join(
        "".join(cell["source"]) for cell in json.loads(deck.read_text(encoding="utf-8"))["cells"]
    )
    for language in ("id", "en"):
        assert message("quiz.options.unsure_offer", language) in said
    assert "Don't know yet" not in said


def test_people_are_told_of_an_email_as_they_say_it() -> None:
    assert message("item.channels.email", "id") == "Email"
    found = [
        path.name for path in LOCALE.glob("*.yaml") if re.search(r"(?i)\bsurel\b", path.read_text("utf-8"))
    ]
    assert found == []
