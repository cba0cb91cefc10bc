"""Lost, late and double messages, two tabs, two phones, and a clock that jumps."""

from __future__ import annotations

import itertools
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from kit.session.acts import answer as answering
from kit.session.acts import attend
from kit.session.acts import move as moving
from kit.session.acts import open as opening
from kit.session.run.writer import Writer
from kit.session.store.store import Store
from tests.session.conftest import OPENING
from tests.session.load import OFFERS, at_pre, choice_of, rows_of


def send_and_hang_up(service: Any, person: Any, item: str, body: dict[str, object]) -> None:
    """Put an answer on the line and be gone before the acknowledgement comes."""
    content = json.dumps(body).encode()
    head = (
        f"PUT /api/sessions/{person.code}/waves/pre/responses/{item} HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {person.http.headers['authorization']}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", service.port)) as line:
        line.sendall(head.encode() + content)
        line.shutdown(socket.SHUT_WR)


def test_an_acknowledgement_lost_after_the_commit_is_given_again(held: tuple[Any, str]) -> None:
    service, code = held
    (person,) = at_pre(service, code, 1)
    item = person.wave("pre").json()["items"][0]["item_id"]
    send_and_hang_up(service, person, item, {"choice": ["fraud"], "seq": 5})
    deadline = time.monotonic() + 10
    while not rows_of(service.results) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert rows_of(service.results) == {(person.participant_id, item): ("fraud", 5)}
    assert person.put("pre", item, ["fraud"], 5).json() == {"item_id": item, "seq": 5}
    assert person.put("pre", item, ["genuine"], 5).json() == {"item_id": item, "seq": 5}
    assert person.put("pre", item, ["genuine"], 4).json() == {"item_id": item, "seq": 5}
    assert rows_of(service.results) == {(person.participant_id, item): ("fraud", 5)}


def test_joining_again_after_a_lost_answer_gives_the_same_person(any_service: Any) -> None:
    code, other = any_service.open_session(), any_service.open_session()
    body = {"audience": "student", "consent": True, "request_id": "a-secret-number-of-the-phone"}
    http = any_service.phone()
    first, second = (http.post(f"/api/sessions/{code}/participants", json=body).json() for _ in range(2))
    assert first == second
    elsewhere = http.post(f"/api/sessions/{other}/participants", json=body).json()
    assert elsewhere["token"] != first["token"]
    assert any_service.control.session(code)["joined"] == 1
    short = http.post(f"/api/sessions/{code}/participants", json={**body, "request_id": "guessable"})
    assert short.status_code == 422


def test_two_tabs_with_one_token_agree_on_the_highest_number(held: tuple[Any, str]) -> None:
    service, code = held
    (person,) = at_pre(service, code, 1)
    item = person.wave("pre").json()["items"][0]["item_id"]
    tab = service.phone()
    tab.headers["Authorization"] = person.http.headers["authorization"]
    path = f"/api/sessions/{code}/waves/pre/responses/{item}"
    assert tab.put(path, json={"choice": ["genuine"], "seq": 3}).json()["seq"] == 3
    assert person.put("pre", item, ["fraud"], 2).json()["seq"] == 3
    assert person.put("pre", item, ["fraud"], 4).json()["seq"] == 4
    for http in (tab, person.http):
        kept = http.get(f"/api/sessions/{code}/waves/pre").json()["responses"][item]
        assert kept == {"choice": ["fraud"], "seq": 4}


def test_of_two_phones_with_one_personal_code_the_first_is_told_and_may_stay(any_service: Any) -> None:
    code = any_service.open_session()
    (person,) = at_pre(any_service, code, 1)
    item = person.wave("pre").json()["items"][0]["item_id"]
    person.put("pre", item, ["fraud"])
    second = any_service.phone()
    resume = f"/api/sessions/{code}/participants/resume"
    taken = second.post(resume, json={"personal_code": person.personal_code}).json()
    second.headers["Authorization"] = f"Bearer {taken['token']}"
    assert second.get(f"/api/sessions/{code}/waves/pre").json()["responses"][item]["choice"] == ["fraud"]
    for old in (person.wave("pre"), person.put("pre", item, ["genuine"], 2), person.submit("pre")):
        assert (old.status_code, old.json()["code"]) == (401, "code_elsewhere")
    # Somebody comes in twice: the first phone is still the one that may object.
    third = any_service.phone()
    again = third.post(resume, json={"personal_code": person.personal_code}).json()
    third.headers["Authorization"] = f"Bearer {again['token']}"
    assert second.get(f"/api/sessions/{code}/waves/pre").json()["code"] == "stale_token"
    stay = f"/api/sessions/{code}/participants/stay"
    assert person.http.post(stay).json() == {"participant_id": person.participant_id}
    assert person.http.post(stay).status_code == 200, "asked again after a lost answer"
    assert person.put("pre", item, ["genuine"], 2).status_code == 200
    assert third.get(f"/api/sessions/{code}/waves/pre").json()["code"] == "code_elsewhere"
    assert third.post(stay).status_code == 200, "and the other one may stay in its turn"
    assert any_service.phone().post(stay).json()["code"] == "token_needed"
    for stage in ("lesson", "post", "results"):
        any_service.control.move(code, stage)
    assert person.feedback().json()["code"] == "code_elsewhere"
    assert third.get(f"/api/sessions/{code}/feedback").status_code == 200


def test_a_clock_that_jumps_changes_no_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    years = itertools.cycle([2038, 1970, 2026, 1999])
    monkeypatch.setattr("kit.session.store.clock.now", lambda: f"{next(years)}-01-01T00:00:00.000Z")
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)
    code = writer.run(opening.open_session, OPENING)
    tokens = [writer.run(attend.join, attend.Join(code, "student", True, "id")).token for _ in range(8)]
    writer.run(moving.move, (code, "pre"))
    with store.reading() as tx:
        people = [attend.identify(tx, code, token) for token in tokens]
    assert (
        sorted(who.arm for who in people[:4])
        == sorted(who.arm for who in people[4:])
        == ["AB", "AB", "BA", "BA"]
    )
    for who in people:
        item = OFFERS[who.arm[0]][0]
        for seq in (3, 1, 5, 2, 4):
            answer = answering.Answer(who, "pre", item, (choice_of(seq),), seq)
            assert writer.submit(answering.record_responses, answer).result().seq >= seq
    writer.close()
    store.close()
    assert set(rows_of(tmp_path).values()) == {(choice_of(5), 5)}
