"""The officer's door: closed, counted against what is expected, and without those who were played."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from kit.errors import TooMany
from kit.session.client import Refused
from kit.session.run.arrivals import BURST_PEOPLE, MOST_OF_ADDRESS, Arrivals
from tests.conftest import QUIZZES, Person, load_quiz


@pytest.fixture
def from_address(service: Any) -> Iterator[Any]:
    """Clients that come from an address of their own."""
    clients = []

    def client(address: str) -> httpx.Client:
        transport = httpx.HTTPTransport(local_address=address)
        clients.append(httpx.Client(base_url=service.url, transport=transport, trust_env=False, timeout=30))
        return clients[-1]

    yield client
    for one in clients:
        one.close()


def people_from(client: Any, code: str, address: str, n: int) -> list[Person]:
    quiz = load_quiz(QUIZZES / "students.yaml")
    return [Person(client(address), code, "id", "student", quiz) for _ in range(n)]


def test_nobody_new_comes_in_once_the_door_is_closed(service: Any) -> None:
    code = service.open_session()
    person = service.join(code)
    assert service.control.set_door(code, closed=True)["door"]["closed"] is True
    asked = {"audience": "student", "consent": True}
    refused = service.phone().post(f"/api/sessions/{code}/participants", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (409, "door_closed")
    back = service.phone().post(
        f"/api/sessions/{code}/participants/resume", json={"personal_code": person.personal_code}
    )
    assert back.status_code == 200
    service.control.set_door(code, closed=False)
    assert service.join(code).participant_id


def test_a_phone_whose_answer_was_lost_is_no_newcomer(service: Any) -> None:
    code = service.open_session()
    asked = {"audience": "student", "consent": True, "request_id": "a" * 30}
    first = service.phone().post(f"/api/sessions/{code}/participants", json=asked).json()
    service.control.set_door(code, closed=True)
    again = service.phone().post(f"/api/sessions/{code}/participants", json=asked)
    assert again.json()["participant_id"] == first["participant_id"]


def test_the_officer_says_how_many_are_expected(service: Any) -> None:
    code = service.open_session(expected=30)
    assert service.control.session(code)["door"]["expected"] == 30
    assert service.control.set_door(code, expected=0)["door"]["expected"] is None
    assert service.control.set_door(code, closed=True)["door"]["expected"] is None
    with pytest.raises(Refused):
        service.control.set_door(code, expected=-1)


def test_people_of_a_burst_who_are_set_aside_are_in_no_figure(service: Any, from_address: Any) -> None:
    code = service.open_session()
    honest = [person for n in range(6) for person in people_from(from_address, code, f"127.0.40.{n + 1}", 1)]
    played = people_from(from_address, code, "127.0.41.1", 12)
    (burst,) = service.control.session(code)["door"]["bursts"]
    assert burst["people"] == 12
    for wave, right, wrong in (("pre", 3, 10), ("post", 10, 0)):
        service.control.move(code, wave)
        for person in honest:
            person.answer(wave, right)
        for person in played:
            person.answer(wave, wrong)
        service.control.move(code, "lesson" if wave == "pre" else "results")
    before = service.control.session(code)
    assert before["results"]["mean_post"] < before["results"]["mean_pre"], "played people turn the room round"
    live = service.control.set_aside(code, burst["burst_id"])
    assert (live["joined"], live["door"]["set_aside"], live["results"]["n_pairs"]) == (6, 12, 6)
    assert live["finished"] == {"pre": 6, "post": 6, "followup": 0}
    assert live["results"]["mean_post"] > live["results"]["mean_pre"]
    folder = service.results / service.control.close(code)["bundle"]
    report = json.loads((folder / "report.json").read_text())
    assert report["flow"]["n_joined"] == 6
    assert json.loads((folder / "session.json").read_text())["counts"]["set_aside"] == 12
    assert "12 orang disisihkan" in (folder / "report.html").read_text()
    for person in played:
        for path in folder.iterdir():
            assert person.participant_id.encode() not in path.read_bytes(), path.name
    assert played[0].feedback().status_code == 200, "nobody is told, and nobody has lost anything"
    back = service.control.set_aside(code, burst["burst_id"], aside=False)
    assert (back["joined"], back["door"]["set_aside"]) == (18, 0)


def test_questions_of_people_who_are_set_aside_stay_out_and_never_come_back_as_a_second_one(
    service: Any, from_address: Any
) -> None:
    code, officer = service.open_session(), service.control
    officer.open_questions(code)
    played = people_from(from_address, code, "127.0.42.1", 12)
    (honest,) = people_from(from_address, code, "127.0.43.1", 1)
    for person, text in ((played[0], "Dari banjir?"), (honest, "Dari warga?")):
        asked = person.http.post(f"/api/sessions/{code}/questions", json={"text": text})
        assert asked.status_code == 201
    first, second = (one["question_id"] for one in officer.questions(code)["questions"])
    officer.judge_question(code, first, "shown")
    (burst,) = officer.session(code)["door"]["bursts"]
    officer.set_aside(code, burst["burst_id"])
    assert [one["text"] for one in officer.questions(code)["questions"]] == ["Dari warga?"]
    assert officer.session(code)["questions"] == {"open": True, "waiting": 1, "shown": None}
    with pytest.raises(Refused):
        officer.judge_question(code, first, "shown")
    officer.judge_question(code, second, "shown")
    officer.set_aside(code, burst["burst_id"], aside=False)
    states = {one["text"]: one["state"] for one in officer.questions(code)["questions"]}
    assert states == {"Dari banjir?": "answered", "Dari warga?": "shown"}


def test_a_report_on_the_store_leaves_them_out_too(service: Any, from_address: Any) -> None:
    code = service.open_session()
    people_from(from_address, code, "127.0.40.1", 5)
    people_from(from_address, code, "127.0.41.1", 11)
    service.control.set_aside(code, service.control.session(code)["door"]["bursts"][0]["burst_id"])
    for stage in ("pre", "lesson", "post", "results"):
        service.control.move(code, stage)
    from kit.report import load

    sources = load(f"sqlite:///{service.results / 'kit.db'}")
    assert int(sources.cube().score["n"].sum()) == 5


def test_a_burst_outlives_a_restart_and_goes_on_aside_with_who_comes_in_it(
    service: Any, from_address: Any
) -> None:
    code = service.open_session()
    people_from(from_address, code, "127.0.40.1", 3)
    people_from(from_address, code, "127.0.41.1", BURST_PEOPLE)
    (before,) = service.control.session(code)["door"]["bursts"]
    service.restart(kill=True)
    (after,) = service.control.session(code)["door"]["bursts"]
    assert after == before
    live = service.control.set_aside(code, before["burst_id"])
    assert (live["joined"], live["door"]["set_aside"]) == (3, BURST_PEOPLE)
    people_from(from_address, code, "127.0.41.1", BURST_PEOPLE + 1)
    first, second = service.control.session(code)["door"]["bursts"]
    assert (first["people"], second["people"]) == (BURST_PEOPLE, BURST_PEOPLE + 1)
    assert service.control.set_aside(code, second["burst_id"])["joined"] == 3
    people_from(from_address, code, "127.0.41.1", 2)
    assert service.control.session(code)["door"]["bursts"][1]["people"] == BURST_PEOPLE + 3
    assert service.control.session(code)["joined"] == 3, "who comes in a burst set aside is set aside with it"


def test_an_unknown_burst_is_not_found(service: Any) -> None:
    with pytest.raises(Refused) as refusal:
        service.control.set_aside(service.open_session(), 7)
    assert refusal.value.status == 404


class Clock:
    moment = 0.0

    def __call__(self) -> float:
        return self.moment


def test_where_addresses_hold_few_people_one_that_brings_many_is_stopped() -> None:
    arrivals = Arrivals(Clock())
    for number in range(30):
        arrivals.note("K7M4QX", f"10.0.0.{number}", f"p{number}")
    for number in range(MOST_OF_ADDRESS):
        arrivals.check("K7M4QX", "10.0.1.1")
        arrivals.note("K7M4QX", "10.0.1.1", f"q{number}")
    with pytest.raises(TooMany):
        arrivals.check("K7M4QX", "10.0.1.1")
    arrivals.check("K7M4QX", "10.0.0.1")
    arrivals.check("K7M4QX", "127.0.0.1")


def test_a_hall_behind_one_router_has_no_cap() -> None:
    arrivals = Arrivals(Clock())
    bursts = []
    for number in range(1_000):
        arrivals.check("K7M4QX", "10.0.0.1")
        bursts.append(arrivals.note("K7M4QX", "10.0.0.1", f"p{number}"))
    (burst,) = {id(found): found for found in bursts if found}.values()
    assert (burst.people, len(burst.unmarked)) == (1_000, 1_000)
    assert bursts.count(None) == BURST_PEOPLE - 1


def test_people_who_come_one_by_one_are_no_burst() -> None:
    clock = Clock()
    arrivals = Arrivals(clock)
    for number in range(5 * BURST_PEOPLE):
        clock.moment += 6
        assert arrivals.note("K7M4QX", "10.0.0.1", f"p{number}") is None
        assert arrivals.note("K7M4QX", "10.0.0.1", f"p{number}") is None
