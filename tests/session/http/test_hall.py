"""Beside the people: raised hands and groups with one phone are counted apart, in report too."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from kit.session.client import Refused
from tests.conftest import Person, RunningService, start_service
from tests.session.conftest import QUIZ

POLL = QUIZ.item(QUIZ.polls[0])
FIRST, SECOND = (option.option_id for option in POLL.options[:2])


def join_together(service: Any, code: str, people: int) -> Person:
    """A group with one phone."""

    class Group(Person):
        def __init__(self) -> None:
            self.http, self.code, self.quiz = service.phone(), code, QUIZ
            asked = {"audience": "student", "consent": True, "language": "id", "people": people}
            self.take(self.http.post(f"/api/sessions/{code}/participants", json=asked).json())

    return Group()


def told_results(service: Any, code: str) -> dict[str, Any]:
    """What the projector says of the room, once it is reckoned."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if told := service.control.session(code)["told"]:
            return dict(told)
        time.sleep(0.1)
    raise AssertionError("never reckoned")


@pytest.fixture(scope="module")
def module_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    running = start_service(tmp_path_factory.mktemp("hall") / "results")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def held(module_service: Any) -> dict[str, Any]:
    """A session with people, groups and raised hands, closed; and what was said before it was."""
    service = module_service
    control, code = service.control, service.open_session()
    people = [service.join(code) for _ in range(6)]
    groups = [join_together(service, code, n) for n in (3, 4)]
    control.move(code, "pre")
    for person in people:
        person.answer("pre", right=5)
    groups[0].answer("pre", right=14)
    control.move(code, "lesson")
    control.move(code, f"poll:{POLL.item_id}")
    for person in people:
        person.put("poll", POLL.item_id, [FIRST])
    groups[0].put("poll", POLL.item_id, [SECOND])
    polled = control.set_hands(code, POLL.item_id, {FIRST: 4, SECOND: 9})
    control.move(code, "lesson")
    control.move(code, "post")
    for right, person in enumerate(people, 8):
        person.answer("post", right=right)
    control.move(code, "results")
    told = told_results(service, code)
    live = control.session(code)
    bundle = service.results / control.close(code)["bundle"]
    report = json.loads((bundle / "report.json").read_text(encoding="utf-8"))
    html = unescape((bundle / "report.html").read_text(encoding="utf-8"))
    session = json.loads((bundle / "session.json").read_text(encoding="utf-8"))
    said = {"polled": polled, "live": live, "told": told, "code": code}
    return {**said, "report": report, "session": session, "html": html}


def test_groups_are_in_no_count_of_people(held: dict[str, Any]) -> None:
    live, report = held["live"], held["report"]
    assert (live["joined"], live["finished"]["pre"]) == (6, 6)
    assert live["groups"]["phones"] == 2
    assert live["groups"]["people"] == 7
    assert live["groups"]["finished"] == {"pre": 1, "post": 0, "followup": 0}
    assert report["flow"]["n_joined"] == report["flow"]["n_pairs"] == 6
    assert report["score"]["mean_pre"] == 5, "the group's full mark is not in it"
    (together,) = report["groups_together"]
    assert (together["phones"], together["people"], together["phones_pre"]) == (2, 7, 1)
    assert together["share_pre"] is None, "one group could be recognised"


def test_hands_stand_beside_the_phones(held: dict[str, Any]) -> None:
    polled, report = held["polled"], held["report"]
    assert polled["splits"][POLL.item_id][FIRST] == polled["answered"][POLL.item_id] == 6
    assert polled["hands"][POLL.item_id][SECOND] == 9
    assert polled["groups"]["splits"] == {POLL.item_id: {SECOND: 1}}
    rows = {row["option"]: row for row in report["hands"]}
    assert (rows[FIRST]["raised"], rows[FIRST]["phones"], rows[FIRST]["answered"]) == (4, 6, 6)
    assert (rows[SECOND]["raised"], rows[SECOND]["phones"], rows[SECOND]["hands"]) == (9, 0, 13)
    assert held["session"]["counts"]["hands"][POLL.item_id]["hands"][FIRST] == 4


def test_the_projector_says_what_the_report_says(held: dict[str, Any]) -> None:
    told, report = held["told"], held["report"]
    assert told["n_pairs"] == report["flow"]["n_pairs"]
    for wave in ("pre", "post"):
        assert told[f"hit_{wave}"] == report["discernment"][f"hit_rate_{wave}"]
        assert told[f"false_alarm_{wave}"] == report["discernment"][f"false_alarm_rate_{wave}"]
    assert told["change"]["id"] in held["html"]
    assert told["verdict"]["id"] in held["html"]
    assert report["discernment"]["verdict"] in (None, told["verdict"]["id"])


def test_hands_are_refused_where_they_make_no_sense(module_service: Any, held: dict[str, Any]) -> None:
    service = module_service
    code = service.open_session()
    for item_id, counts, status in (
        ("no-poll", {}, 404),
        (POLL.item_id, {"zzz": 1}, 422),
        (POLL.item_id, {FIRST: -1}, 422),
        (POLL.item_id, {FIRST: 10_001}, 422),
    ):
        with pytest.raises(Refused) as refused:
            service.control.set_hands(code, item_id, counts)
        assert refused.value.status == status
    service.control.set_hands(code, POLL.item_id, {FIRST: 3})
    assert service.control.set_hands(code, POLL.item_id, {FIRST: 0})["hands"] == {}, "typed by mistake"
    with pytest.raises(Refused) as refused:
        service.control.set_hands(held["code"], POLL.item_id, {FIRST: 1})
    assert refused.value.status == 409


def test_a_group_is_of_two_or_more_and_answers_like_a_phone(module_service: Any) -> None:
    code = module_service.open_session()
    asked = {"audience": "student", "consent": True, "language": "id"}
    for people, status in ((0, 422), (61, 422), (1, 201), (2, 201)):
        sent = module_service.phone().post(
            f"/api/sessions/{code}/participants", json={**asked, "people": people}
        )
        assert sent.status_code == status, people
    live = module_service.control.session(code)
    assert (live["joined"], live["groups"]["phones"], live["groups"]["people"]) == (1, 1, 2)
