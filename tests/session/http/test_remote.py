"""The officer's phone leads a session with a secret of its own, and only as far as a remote may."""

from __future__ import annotations

import secrets
import threading
from typing import Any

import httpx
import pytest

from kit.session.client import Refused


class PairedPhone:
    """A phone that has opened the QR code."""

    def __init__(self, service: Any, code: str) -> None:
        self.offer = service.control.offer_remote(code)
        self.key = self.offer["address"].rpartition("/")[2]
        self.token = secrets.token_urlsafe(24)
        self.http = service.phone()
        self.paired = self.http.post("/api/remote", json={"key": self.key, "token": self.token})
        self.http.headers["Authorization"] = f"Bearer {self.token}"


@pytest.fixture
def code(service: Any) -> str:
    opened: str = service.open_session()
    return opened


@pytest.fixture
def phone(service: Any, code: str) -> PairedPhone:
    return PairedPhone(service, code)


def test_it_sees_the_session_and_moves_it(service: Any, code: str, phone: PairedPhone) -> None:
    assert phone.paired.status_code == 201
    service.join(code)
    seen = phone.http.get("/api/remote").json()
    assert (seen["code"], seen["stage"], seen["joined"], seen["moves"]) == (code, "lobby", 1, ["pre"])
    assert seen["slide"] is None
    assert phone.http.put("/api/remote/stage", json={"stage": "pre"}).json()["stage"] == "pre"
    assert service.control.session(code)["stage"] == "pre"
    assert phone.http.put("/api/remote/stage", json={"stage": "post"}).status_code == 409
    turned = service.control.turns(code, 0)
    assert [one["runs"] for one in turned["turns"]] == ["pre"], "the deck follows"


def test_it_never_closes_a_session_and_a_closed_one_has_none(
    service: Any, code: str, phone: PairedPhone
) -> None:
    for stage in ("pre", "lesson", "post", "results"):
        assert phone.http.put("/api/remote/stage", json={"stage": stage}).status_code == 200
    assert "closed" not in phone.http.get("/api/remote").json()["moves"]
    refused = phone.http.put("/api/remote/stage", json={"stage": "closed"})
    assert (refused.status_code, refused.json()["code"]) == (403, "remote_ends_nothing")
    assert service.control.session(code)["stage"] == "results"
    service.control.close(code)
    assert phone.http.get("/api/remote").status_code == 401


def test_turns_reach_the_deck_that_waits(service: Any, code: str, phone: PairedPhone) -> None:
    refused = phone.http.post("/api/remote/turn", json={"step": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "remote_no_deck")
    told = {"number": 3, "of": 9, "title": "Jalan aman", "next": "Waktu", "runs": ""}
    service.control.tell_slide(code, told)
    found: list[Any] = []
    deck = threading.Thread(target=lambda: found.append(service.control.turns(code, 0, wait=5)))
    deck.start()
    while not phone.http.get("/api/remote").json()["deck"]:
        pass
    assert phone.http.post("/api/remote/turn", json={"step": -1}).status_code == 200
    deck.join(15)
    assert [one["step"] for one in found[0]["turns"]] == [-1]
    assert found[0]["told"] is True
    assert phone.http.get("/api/remote").json()["slide"] == told
    assert phone.http.post("/api/remote/turn", json={"step": 5}).status_code == 422


def test_it_judges_the_questions_of_its_session_only(service: Any, code: str, phone: PairedPhone) -> None:
    assert phone.http.put("/api/remote/questions", json={"open": True}).json()["open"] is True
    person = service.join(code)
    person.http.post(f"/api/sessions/{code}/questions", json={"text": "Apakah visa turis boleh?"})
    (one,) = phone.http.get("/api/remote/questions").json()["questions"]
    shown = phone.http.put(f"/api/remote/questions/{one['question_id']}", json={"state": "shown"})
    assert shown.json()["questions"][0]["state"] == "shown"
    other = service.open_session()
    service.control.open_questions(other)
    stranger = service.join(other)
    stranger.http.post(f"/api/sessions/{other}/questions", json={"text": "Milik sesi lain"})
    (foreign,) = service.control.questions(other)["questions"]
    refused = phone.http.put(f"/api/remote/questions/{foreign['question_id']}", json={"state": "shown"})
    assert refused.status_code == 404


def test_a_second_phone_finds_the_key_used_and_the_page_says_so(
    service: Any, code: str, phone: PairedPhone
) -> None:
    other = service.phone()
    refused = other.post("/api/remote", json={"key": phone.key, "token": secrets.token_urlsafe(24)})
    assert (refused.status_code, refused.json()["code"]) == (404, "remote_key_over")
    page = other.get(f"/remote/{phone.key}")
    assert (page.status_code, "remote.js" in page.text) == (200, True)
    service.control.end_remote(code)
    assert phone.http.get("/api/remote").status_code == 401
    over = other.get(f"/remote/{phone.key}")
    assert (over.status_code, over.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "script" not in over.text
    assert "sudah berakhir" in over.text
    assert phone.token not in over.text


def test_neither_the_control_token_nor_a_persons_opens_the_remote(
    service: Any, code: str, phone: PairedPhone
) -> None:
    control = service.environment["KIT_CONTROL_TOKEN"]
    person = service.join(code).http.headers["authorization"]
    for token in (f"Bearer {control}", person, f"Bearer {phone.key}"):
        assert service.phone().get("/api/remote", headers={"Authorization": token}).status_code == 401
    remote = {"Authorization": f"Bearer {phone.token}"}
    for path in (f"/api/control/sessions/{code}", f"/api/sessions/{code}/feedback"):
        assert service.phone().get(path, headers=remote).status_code == 401
    assert control not in phone.offer["qr"] + phone.offer["address"] + phone.paired.text


def test_a_session_that_does_not_exist_has_no_remote(service: Any) -> None:
    for ask in (service.control.offer_remote, service.control.remote, service.control.end_remote):
        with pytest.raises(Refused) as refused:
            ask("ZZZZ99")
        assert refused.value.status == 404


def test_guessing_keys_is_slowed_down(service: Any) -> None:
    phone = service.phone()
    statuses = set()
    for number in range(160):
        sent: httpx.Response = phone.post("/api/remote", json={"key": f"guess-{number}", "token": "t" * 32})
        statuses.add(sent.status_code)
    assert statuses == {404, 429}
