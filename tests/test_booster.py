"""`kit booster`: the offers of a session to forward, as pictures and texts."""

from __future__ import annotations

import re
import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kit.booster.cards import SIZE, cards_of, draw_card
from kit.booster.command import write_boosters
from kit.bundle.read import read_session
from kit.cli import app
from kit.config import Settings, settings
from kit.errors import KitError, NotFound
from kit.quiz.model import Quiz
from kit.quiz.read import load_quiz, load_quizzes
from tests.conftest import QUIZZES, RunningService

STUDENTS = load_quiz(QUIZZES / "students.yaml")


def pixels(path: Path) -> tuple[int, int]:
    """Width and height from the head of a PNG."""
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:])
    return width, height


@pytest.fixture
def found(service: RunningService, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of somebody who works beside that service."""
    monkeypatch.setenv("KIT_RESULTS", str(service.results))
    return settings()


def test_a_session_has_an_offer_and_an_answer_for_each_booster(
    service: RunningService, found: Settings, tmp_path: Path
) -> None:
    code = service.open_session("students")
    written = write_boosters(code.lower(), found, tmp_path)
    names = {path.name for path in written}
    assert len(names) == len(STUDENTS.boosters) * 2 * 2 * 2
    for item in STUDENTS.offers("boosters"):
        assert item.scenario is not None
        assert item.rationale is not None
        offer = (tmp_path / f"{item.item_id}-1-offer-id.txt").read_text(encoding="utf-8")
        answer = (tmp_path / f"{item.item_id}-2-answer-en.txt").read_text(encoding="utf-8")
        assert item.scenario.text.id in offer
        assert item.stem.id in offer
        assert "Aman dilanjutkan" in offer
        assert item.rationale.id[-30:] not in offer, "whoever reads the offer decides first"
        assert item.rationale.en[-30:] in answer
        assert ("DO NOT" in answer) == (item.signal == "fraud")
        assert "0800-1000" in answer
    pictures = [path for path in written if path.suffix == ".png"]
    assert {pixels(path) for path in pictures} == {SIZE}
    assert len({path.read_bytes() for path in pictures}) == len(pictures)


def test_a_closed_session_has_them_in_its_bundle(service: RunningService, tmp_path: Path) -> None:
    code = service.open_session("students")
    for stage in ("pre", "lesson", "post", "results"):
        service.control.move(code, stage)
    bundle = service.results / service.control.close(code)["bundle"]
    moved = tmp_path / "moved"
    shutil.copytree(bundle, moved)
    elsewhere = replace(settings(), results=tmp_path / "nothing")
    assert len(write_boosters(str(moved), elsewhere, tmp_path / "out")) == len(STUDENTS.boosters) * 8
    assert read_session(moved).code == code


def test_long_messages_become_smaller_and_stay_on_the_card() -> None:
    card = next(cards_of(STUDENTS))
    long = replace(card, text=" ".join(["Kata-kata"] * 90))
    drawn = draw_card(long)
    assert struct.unpack(">II", drawn[16:24]) == SIZE
    assert drawn != draw_card(card)


def test_a_quiz_without_boosters_says_so(
    start: Callable[..., RunningService], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "quizzes"
    shutil.copytree(QUIZZES, folder)
    path = folder / "students.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("boosters:")), encoding="utf-8")
    service = start(KIT_QUIZZES=str(folder))
    code = service.open_session("students")
    monkeypatch.setenv("KIT_RESULTS", str(service.results))
    with pytest.raises(NotFound) as refused:
        write_boosters(code, settings(), tmp_path / "out")
    assert code in refused.value.title("id")
    assert "boosters" in refused.value.remedy("en")
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("found")
def test_an_unknown_code_is_refused_in_a_sentence(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["booster", "ACDEFG", "-o", str(tmp_path / "out")])
    assert refused.exit_code == 1
    assert isinstance(refused.exception, NotFound)
    assert not (tmp_path / "out").exists()


def test_without_any_store_it_is_a_sentence_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIT_RESULTS", str(tmp_path / "none"))
    refused = CliRunner().invoke(app, ["booster", "ACDEFG", "-o", str(tmp_path / "out")])
    assert isinstance(refused.exception, KitError)


@pytest.mark.parametrize("quiz", load_quizzes(QUIZZES).values(), ids=lambda quiz: quiz.quiz_id)
def test_an_answer_says_its_decision_once(quiz: Quiz) -> None:
    for card in cards_of(quiz):
        assert not re.match(
            r"(?i)don't go on|do not go on|safe to go on|jangan dilanjut|aman dilanjut", card.why
        )


@pytest.mark.parametrize("quiz", load_quizzes(QUIZZES).values(), ids=lambda quiz: quiz.quiz_id)
def test_sentences_of_a_picture_do_not_lean_on_emoji(quiz: Quiz) -> None:
    """A picture has no emoji: what stands before one ends by itself."""
    for card in cards_of(quiz):
        assert not re.search(r"\w [\U0001f000-\U0001faff]+ [A-Z]", card.text), card.text
