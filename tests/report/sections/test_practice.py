"""What was practised, planned and done: counted, never scored, and told of nobody who is alone with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kit.bundle.layout import UNSCORED
from kit.bundle.write import ClosedSession, write_bundle
from kit.quiz.model import quiz_from_dict
from kit.report.count.cube import Cube
from kit.report.loaded import load
from kit.study.kinds import KINDS
from tests.crowd import Crowd, make_quiz, offer, session_of
from tests.report.honest import check_honest

BOTH = {"id": "Pertanyaan", "en": "Question"}
OPTIONS = [{"option_id": name, "text": {"id": f"Pilihan {name}", "en": f"Option {name}"}} for name in "abc"]
OFFERS = [
    {**offer(number, signal, number), "item_id": f"practice-{number}", "twin": None}
    for number, signal in ((91, "fraud"), (92, "genuine"))
]


def quiz_with_everything() -> Any:
    plain = make_quiz().to_dict()
    own = {"topic": "getting-help", "stem": BOTH, "options": OPTIONS}
    unscored = [
        {"item_id": "plan-01", "kind": "plan", **own},
        {"item_id": "behaviour-01", "kind": "behaviour", **own},
        {"item_id": "behaviour-02", "kind": "behaviour", **own, "several": True},
    ]
    offers = [{name: value for name, value in one.items() if value is not None} for one in OFFERS]
    return quiz_from_dict(
        plain
        | {
            "items": [*plain["items"], *offers, *unscored],
            # Practised in this order, whatever the ids say.
            "practice": ["practice-92", "practice-91"],
            "plan": "plan-01",
            "behaviour": ["behaviour-01", "behaviour-02"],
        }
    )


def session(n: int = 40, **details: Any) -> ClosedSession:
    """A crowd that practised, planned, and told at follow-up what it had done."""
    base = session_of(Crowd(n=n, quiz=quiz_with_everything(), followup=1.0), **details)
    more = []
    for number, person in enumerate(base.people):
        said = {
            ("practice", "practice-92"): ("genuine", "fraud")[number % 2],
            ("practice", "practice-91"): ("fraud", "fraud", "fraud", "unsure")[number % 4],
            ("post", "plan-01"): "ab"[number % 2],
            ("followup", "behaviour-01"): ("a", "b")[number % 2],
            ("followup", "behaviour-02"): ("a", "a+b")[number % 2],
        }
        for (wave, item), choice in said.items():
            name = person["participant_id"]
            more.append({"participant_id": name, "wave": wave, "item_id": item, "choice": choice})
    return replace(base, responses=[*base.responses, *more])


def bundle(folder: Path, **details: Any) -> Path:
    return write_bundle(folder, session(**details), lambda made: None)


def test_rows_of_practice_plan_and_behaviour_are_never_right_or_wrong(tmp_path: Path) -> None:
    rows = pd.read_parquet(bundle(tmp_path) / "responses.parquet")
    unscored = rows[rows["wave"].eq("practice") | rows["kind"].isin(["plan", "behaviour"])]
    assert len(unscored) == 5 * 40
    assert unscored["correct"].isna().all()


def test_they_change_no_score_and_are_no_opinions(tmp_path: Path) -> None:
    base = write_bundle(tmp_path / "plain", session_of(Crowd(n=40, followup=1.0)), lambda made: None)
    plain = load(base).counted.cube
    full = load(bundle(tmp_path / "full")).counted.cube
    pd.testing.assert_frame_equal(full.score, plain.score)
    pd.testing.assert_frame_equal(full.attempt, plain.attempt)
    pd.testing.assert_frame_equal(full.likert, plain.likert)
    assert set(full.likert["item"]) == {"feel-01"}


def test_the_curve_follows_the_order_of_practising(tmp_path: Path) -> None:
    found = load(bundle(tmp_path)).report()
    first, second = found.figures.practice
    assert [(one.item, one.place, one.n) for one in (first, second)] == [
        ("practice-92", 1, 40),
        ("practice-91", 2, 40),
    ]
    assert (first.right, first.wrong, first.unsure) == (20, 20, 0)
    assert (second.right, second.wrong, second.unsure) == (30, 0, 10)
    assert found.has_note("practice_no_claim")
    assert "practice" in found.charts()
    assert found.tables("en")["practice"].rows[0][2:] == ("genuine", "40", "50", "50", "0")
    check_honest(found)


def test_self_report_counts_people_and_every_option_taken(tmp_path: Path) -> None:
    found = load(bundle(tmp_path)).report()
    (plan,) = found.figures.plan
    assert (plan.n, dict(plan.counts)) == (40, {"a": 20, "b": 20})
    single, several = found.figures.behaviour
    assert (single.n, dict(single.counts)) == (40, {"a": 20, "b": 20})
    assert (several.n, dict(several.counts)) == (40, {"a": 40, "b": 20})
    assert found.has_note("self_report")


def test_a_report_for_the_public_tells_nothing_of_a_few(tmp_path: Path) -> None:
    found = load(bundle(tmp_path, n=24)).report(audience="public")
    assert [one.item for one in found.figures.practice] == ["practice-92"], "six were unsure of the other"
    assert found.has_note("practice_hidden")
    check_honest(found)


@pytest.mark.parametrize("n", [1, 4])
def test_colleagues_read_nothing_of_fewer_than_five(tmp_path: Path, n: int) -> None:
    found = load(bundle(tmp_path, n=n)).report()
    assert found.figures.practice == found.figures.plan == found.figures.behaviour == ()
    assert found.has_note("practice_hidden")
    assert found.has_note("self_report_hidden")
    check_honest(found)


def test_a_cube_from_before_practice_is_still_read(tmp_path: Path) -> None:
    old = Cube.of(score=load(bundle(tmp_path)).counted.cube.score)
    old.write(tmp_path / "cube.parquet")
    again = Cube.read(tmp_path / "cube.parquet")
    assert again.practice.empty
    assert (again + again).plan.empty


def test_every_kind_that_is_never_scored_has_its_part() -> None:
    assert set(UNSCORED) == {kind.name for kind in KINDS.values() if not kind.scored}
    assert set(UNSCORED) <= set(Cube.__dataclass_fields__)
