"""What is never kept of a participant, and what is not shown of a small room."""

from __future__ import annotations

from typing import Any

import pytest

from kit.session.client import Refused
from kit.session.store.engine import backup_sqlite
from tests.session.traces import check_no_trace


def test_nothing_about_a_participant_but_the_answers_is_kept(service: Any) -> None:
    code = service.open_session()
    phone = {
        "User-Agent": "Tangguh-Unik/3310",
        "X-Forwarded-For": "203.0.113.77",
        "Referer": "http://rumah.budi/",
    }
    people = []
    for _ in range(2):
        person = service.join(code)
        person.http.headers.update(phone)
        people.append(person)
    named = {"audience": "student", "consent": True, "name": "Budi Rahasia", "phone": "081234567890"}
    extra = service.phone()
    extra.headers.update(phone)
    assert extra.post(f"/api/sessions/{code}/participants?name=Budi+Rahasia", json=named).status_code == 201
    service.control.move(code, "pre")
    for person in people:
        item = person.wave("pre").json()["items"][0]["item_id"]
        told = {"choice": ["fraud"], "seq": 1, "comment": "Saya Budi Rahasia", "at": "1999-01-01"}
        path = f"/api/sessions/{code}/waves/pre/responses/{item}"
        assert person.http.put(path, json=told).status_code == 200
        assert person.http.put(path, json={"choice": ["Budi Rahasia"], "seq": 2}).status_code == 422
        person.answer("pre", right=3)
    service.control.close(code)
    backup_sqlite(service.results / "kit.db", service.results / "backups" / "kit-now.db")
    traces = ["Tangguh", "203.0.113.77", "rumah.budi", "Budi", "081234567890", "1999-01-01", "127.0.0.1"]
    check_no_trace(service.results, traces)
    bundle = service.results / service.control.session(code)["bundle"]
    codes = [person.personal_code for person in people]
    check_no_trace(bundle, codes)


def test_nobody_takes_part_without_saying_yes(service: Any) -> None:
    code = service.open_session()
    http = service.phone()
    for consent in (False, None, "yes", 1, "true"):
        body = {"audience": "student", "consent": consent}
        assert http.post(f"/api/sessions/{code}/participants", json=body).status_code == 422
    assert http.post(f"/api/sessions/{code}/participants", json={"audience": "student"}).status_code == 422
    assert service.control.session(code)["joined"] == 0


def test_only_sessions_that_admit_minors_need_the_tick(service: Any) -> None:
    assert service.open_session("teachers", minors_consent=False)
    for quizzes in (["students"], ["teachers", "students"]):
        with pytest.raises(Refused) as refusal:
            service.open_session(*quizzes, minors_consent=False)
        assert refusal.value.key == "minors_consent_needed"


@pytest.mark.parametrize(("people", "suppressed"), [(4, True), (5, False)])
def test_the_room_is_shown_from_five_pairs_on(service: Any, people: int, suppressed: bool) -> None:
    code = service.open_session()
    joined = [service.join(code) for _ in range(people)]
    for wave, right in (("pre", 5), ("lesson", 0), ("post", 9)):
        service.control.move(code, wave)
        for person in joined if wave != "lesson" else []:
            person.answer(wave, right=right)
    service.control.move(code, "results")
    results = service.control.session(code)["results"]
    assert results["suppressed"] == suppressed
    assert (set(results) == {"n_pairs", "suppressed"}) == suppressed
