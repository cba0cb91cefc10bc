"""What anybody may practise with, keys and all: no offer that somebody is scored by."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.quiz.model import Item
from kit.quiz.read import load_quizzes
from tests.conftest import QUIZZES, RunningService

KNOWN = load_quizzes(QUIZZES)


def messages(items: list[Item]) -> set[str]:
    return {
        text for item in items if item.scenario for text in (item.scenario.text.id, item.scenario.text.en)
    }


def told_by(service: Any) -> list[dict[str, Any]]:
    answer = service.phone().get("/api/practice")
    assert answer.status_code == 200
    offers: list[dict[str, Any]] = answer.json()["offers"]
    return offers


def shown_in(offers: list[dict[str, Any]]) -> set[str]:
    return {offer["item"][language]["scenario"]["text"] for offer in offers for language in ("id", "en")}


@pytest.mark.parametrize("place", ["forms", "polls", "practice", "likert", "plan", "behaviour"])
def test_nothing_that_a_session_asks_is_among_them(service: Any, place: str) -> None:
    offers = told_by(service)
    assert len(offers) >= 9
    for quiz in KNOWN.values():
        lists = [ids for name, ids in quiz.lists.items() if name.split(".")[0] == place]
        items = [quiz.item(item_id) for ids in lists for item_id in ids]
        assert shown_in(offers).isdisjoint(messages(items))
        stems = {item.stem.id for item in items} - {""}
        assert stems.isdisjoint({offer["item"]["id"]["stem"] for offer in offers})


def test_every_booster_is_there_with_its_reason_in_both_languages(service: Any) -> None:
    offers = told_by(service)
    for quiz in KNOWN.values():
        for item in quiz.offers("boosters"):
            assert item.scenario is not None
            assert item.rationale is not None
            words = item.scenario.text.id
            (found,) = [one for one in offers if one["item"]["id"]["scenario"]["text"] == words]
            assert found["key"] == sorted(item.key)
            assert found["rationale"] == item.rationale.to_dict()
            assert found["audiences"] == list(quiz.audience)
            assert not {"signal", "cues", "topic", "twin", "sources"} & set(found["item"]["id"])


def test_what_an_earlier_session_scores_stays_out_when_the_file_has_moved_on(
    start: Callable[..., RunningService], tmp_path: Path
) -> None:
    folder = tmp_path / "quizzes"
    shutil.copytree(QUIZZES, folder)
    service = start(KIT_QUIZZES=str(folder))
    students = KNOWN["students"]
    held, spare = students.offers("forms.A")[0], students.bank[0]
    service.open_session("students")
    path = folder / "students.yaml"
    source = path.read_text(encoding="utf-8")
    forms = re.search(r"^forms:.*(\n[ \t].*)*", source, re.MULTILINE)
    assert forms is not None
    # The author takes another offer of the bank: in the file the session's own one is free now.
    changed = re.sub(rf"\b{held.item_id}\b", spare.item_id, forms[0])
    path.write_text(source.replace(forms[0], changed), encoding="utf-8")
    shown = shown_in(told_by(service))
    assert messages([students.bank[1]]) <= shown
    assert messages([held]).isdisjoint(shown), "somebody is scored by it"
    assert messages([spare]).isdisjoint(shown), "the file's form holds it now"
