"""The HTTP contract, on SQLite and on PostgreSQL, against a running service."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from kit.session.client import Refused
from tests.session.conftest import QUIZ


@pytest.fixture
def held(any_service: Any) -> tuple[Any, str]:
    return any_service, any_service.open_session()


def test_a_session_runs_from_lobby_to_bundle(held: tuple[Any, str]) -> None:
    service, code = held
    control = service.control
    people = [service.join(code) for _ in range(6)]
    assert people[0].wave("pre").status_code == 409
    control.move(code, "pre")
    for person in people:
        person.answer("pre", right=5)
    control.move(code, "lesson")
    poll = QUIZ.item(QUIZ.polls[0])
    control.move(code, f"poll:{poll.item_id}")
    option = poll.options[0].option_id
    assert people[0].put("poll", poll.item_id, [option]).status_code == 200
    assert control.session(code)["splits"][poll.item_id][option] == 1
    control.move(code, f"reveal:{poll.item_id}")
    revealed = people[0].wave("poll").json()
    assert revealed["split"][option] == 1
    assert people[0].put("poll", poll.item_id, [option], seq=2).status_code == 409
    control.move(code, "post")
    for person in people:
        person.answer("post", right=9)
    live = control.session(code)
    assert live["joined"] == 6
    assert live["finished"] == {"pre": 6, "post": 6, "followup": 0}
    control.move(code, "results")
    results = control.session(code)["results"]
    assert results["n_pairs"] == 6
    assert (results["mean_pre"], results["mean_post"], results["max"]) == (5, 9, 14)
    feedback = people[0].feedback().json()
    assert feedback["scores"]["pre"] == {"score": 5, "max": 14}
    assert feedback["scores"]["post"] == {"score": 9, "max": 14}
    assert "personal_code" not in feedback, "it is shown when given, and known to the phone alone"
    assert len(feedback["items"]) == 28 + 1
    bundle = service.results / control.close(code)["bundle"]
    assert bundle.name.endswith(f"kebon-kosong-{code}")
    names = {path.name for path in bundle.iterdir()}
    assert {
        "session.json",
        "responses.parquet",
        "cube.parquet",
        "report.html",
        "report.json",
        "manifest.json",
    } <= names
    rows = pd.read_parquet(bundle / "responses.parquet")
    assert rows[rows["wave"] == "pre"].groupby("participant")["correct"].sum().tolist() == [5] * 6
    report = json.loads((bundle / "report.json").read_text(encoding="utf-8"))
    assert report["score"]["mean_change"] == 4


def test_arms_are_balanced_and_forms_swap(held: tuple[Any, str]) -> None:
    service, code = held
    people = [service.join(code) for _ in range(8)]
    service.control.move(code, "pre")
    before = [person.wave("pre").json()["form"] for person in people]
    assert sorted(before) == ["A"] * 4 + ["B"] * 4
    service.control.move(code, "lesson")
    service.control.move(code, "post")
    after = [person.wave("post").json()["form"] for person in people]
    assert all(one != other for one, other in zip(before, after, strict=True))


def test_a_response_is_idempotent_and_the_highest_seq_wins(held: tuple[Any, str]) -> None:
    service, code = held
    person = service.join(code)
    service.control.move(code, "pre")
    item = person.wave("pre").json()["items"][0]["item_id"]
    assert person.put("pre", item, ["fraud"], seq=2).json() == {"item_id": item, "seq": 2}
    assert person.put("pre", item, ["fraud"], seq=2).json() == {"item_id": item, "seq": 2}
    assert person.put("pre", item, ["genuine"], seq=1).json() == {"item_id": item, "seq": 2}
    assert person.wave("pre").json()["responses"] == {item: {"choice": ["fraud"], "seq": 2}}
    assert person.put("pre", item, ["genuine"], seq=3).json()["seq"] == 3
    assert person.wave("pre").json()["responses"][item]["choice"] == ["genuine"]


def test_bad_choices_are_refused_with_a_remedy(held: tuple[Any, str]) -> None:
    service, code = held
    person = service.join(code)
    service.control.move(code, "pre")
    item = person.wave("pre").json()["items"][0]["item_id"]
    for choice in (["nonsense"], ["fraud", "genuine"], ["fraud", "unsure"], ["fraud", "fraud"]):
        refused = person.put("pre", item, choice)
        assert refused.status_code == 422
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["detail"]
    assert person.put("pre", "no-such-item", ["fraud"]).json()["code"] == "item_unknown"
    assert person.put("pre", item, []).status_code == 422
    missing = person.submit("pre")
    assert missing.status_code == 422
    assert item in missing.json()["missing"]


def test_problems_speak_the_readers_language(held: tuple[Any, str]) -> None:
    service, code = held
    indonesian = service.phone("id").get("/api/sessions/AAAAAA").json()
    english = service.phone("en").get("/api/sessions/AAAAAA").json()
    assert indonesian["title"] == "Kode sesi AAAAAA tidak dikenal."
    assert english["title"] == "There is no session with the code AAAAAA."
    assert service.phone().get(f"/api/sessions/{code}/waves/nothing").status_code == 401


def test_wrong_json_and_large_bodies_are_refused(service: Any) -> None:
    code = service.open_session()
    http = service.phone("en")
    path = f"/api/sessions/{code}/participants"
    broken = http.post(path, content=b"{nope", headers={"content-type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (422, "bad_json")
    wrong = http.post(path, json={"audience": "pilot", "consent": True, "language": "id"})
    assert "audience" in wrong.json()["title"]
    assert http.post(path, json={"audience": "teacher", "consent": True}).json()["code"] == "audience_unknown"
    assert http.post(path, json={"audience": "student", "consent": False}).json()["code"] == "consent_needed"
    large = http.post(path, content=b"x" * 70_000, headers={"content-type": "application/json"})
    assert (large.status_code, large.json()["code"]) == (413, "body_large")
    assert http.post("/api/health").status_code == 405


def test_resume_gives_a_new_token_and_voids_the_old_one(held: tuple[Any, str]) -> None:
    service, code = held
    person = service.join(code)
    service.control.move(code, "pre")
    item = person.wave("pre").json()["items"][0]["item_id"]
    person.put("pre", item, ["fraud"], seq=4)
    other = service.phone()
    typed = person.personal_code.lower().replace("-", " ")
    resumed = other.post(f"/api/sessions/{code}/participants/resume", json={"personal_code": typed}).json()
    assert resumed["participant_id"] == person.participant_id
    stale = person.put("pre", item, ["genuine"], seq=5)
    assert (stale.status_code, stale.json()["code"]) == (401, "code_elsewhere")
    other.headers["Authorization"] = f"Bearer {resumed['token']}"
    assert other.get(f"/api/sessions/{code}/waves/pre").json()["responses"][item]["choice"] == ["fraud"]
    unknown = other.post(f"/api/sessions/{code}/participants/resume", json={"personal_code": "RUSA-XXXX"})
    assert unknown.json()["code"] == "unknown_personal_code"


def test_a_late_joiner_takes_part_and_is_left_out_of_pairs(held: tuple[Any, str]) -> None:
    service, code = held
    for stage in ("pre", "lesson"):
        service.control.move(code, stage)
    late = service.join(code)
    service.control.move(code, "post")
    late.answer("post", right=14)
    service.control.move(code, "results")
    assert late.feedback().json()["scores"]["pre"] is None
    assert service.control.session(code)["results"] == {"n_pairs": 0, "suppressed": True}
    gone = service.phone().post(
        f"/api/sessions/{code}/participants", json={"audience": "student", "consent": True, "language": "id"}
    )
    assert gone.json()["code"] == "session_over"


def test_impossible_moves_say_what_is_possible(held: tuple[Any, str]) -> None:
    service, code = held
    with pytest.raises(Refused) as refusal:
        service.control.move(code, "results")
    assert refusal.value.status == 409
    assert "pre" in refusal.value.render("id")
    service.control.move(code, "pre")
    assert service.control.move(code, "pre")["stage"] == "pre"
    service.control.move(code, "lesson")
    assert service.control.move(code, "pre")["stage"] == "pre", "going back one step is undo"


def test_results_never_go_back_and_followup_hides_keys_again(held: tuple[Any, str]) -> None:
    service, code = held
    person = service.join(code)
    service.control.move(code, "pre")
    person.answer("pre", right=3)
    for stage in ("lesson", "post", "results"):
        service.control.move(code, stage)
    with pytest.raises(Refused):
        service.control.move(code, "post")
    service.control.close(code)
    assert person.feedback().status_code == 200
    service.control.move(code, "followup")
    assert person.feedback().json()["code"] == "followup_first"
    assert person.wave("followup").json()["form"] in ("A", "B")
    person.answer("followup", right=4)
    assert person.feedback().json()["scores"]["followup"]["score"] == 4
    item = person.wave("followup").json()["items"][0]["item_id"]
    stored = person.wave("followup").json()["responses"][item]
    late = person.put("followup", item, ["unsure"], seq=stored["seq"] + 1)
    assert (late.status_code, late.json()["code"]) == (409, "followup_finished"), "the keys have been seen"
    again = person.put("followup", item, stored["choice"], seq=stored["seq"])
    assert again.json() == {"item_id": item, "seq": stored["seq"]}, "the same one sent again is no change"
    assert person.wave("followup").json()["responses"][item] == stored


def test_minors_need_a_consent_tick(service: Any) -> None:
    with pytest.raises(Refused) as refusal:
        service.open_session(minors_consent=False)
    assert refusal.value.key == "minors_consent_needed"
    service.open_session(minors_consent=False, rehearsal=True)


def test_opening_complains_about_unknown_quizzes_sites_and_dates(service: Any) -> None:
    for key, choices in {
        "quiz_unknown": {"quizzes": ["nothing"], "site": "X"},
        "site_needed": {"quizzes": ["students"], "site": "  "},
        "bad_date": {"quizzes": ["students"], "site": "X", "held_on": "23/11/2026", "minors_consent": True},
        "no_quiz": {"quizzes": [], "site": "X"},
    }.items():
        with pytest.raises(Refused) as refusal:
            service.control.open_session(**choices)
        assert refusal.value.key == key


def test_state_has_an_etag_and_the_stream_pushes_changes(held: tuple[Any, str]) -> None:
    service, code = held
    http = service.phone()
    first = http.get(f"/api/sessions/{code}")
    assert first.json()["stage"] == "lobby"
    again = http.get(f"/api/sessions/{code.lower()}", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    with http.stream("GET", f"/api/sessions/{code}/stream") as events:
        lines = events.iter_lines()
        stages = []
        for line in lines:
            if line.startswith("data: "):
                stages.append(json.loads(line[6:])["stage"])
                if stages == ["lobby"]:
                    assert service.control.session(code)["connected"] == 1
                    service.control.move(code, "pre")
            if len(stages) == 2:
                break
    assert stages == ["lobby", "pre"]


def test_no_byte_before_the_results_gives_a_key_away(service: Any) -> None:
    code = service.open_session()
    seen: list[str] = []
    for language in ("id", "en"):
        person = service.join(code, language)
        person.http.event_hooks["response"] = [lambda r: (r.read(), seen.append(r.text))]
        if service.control.session(code)["stage"] == "lobby":
            service.control.move(code, "pre")
        for path in ("/", f"/{code}", f"/api/sessions/{code}", "/api/openapi.json"):
            person.http.get(path)
        person.answer("pre", right=4)
        person.feedback()
    service.control.move(code, "lesson")
    for poll in QUIZ.polls:
        service.control.move(code, f"poll:{poll}")
        person.wave("poll")
        service.control.move(code, f"reveal:{poll}")
        person.wave("poll")
    service.control.move(code, "post")
    person.answer("post", right=4)
    waves = [text for text in seen if '"items"' in text]
    assert len(waves) >= 8
    for text in seen:
        for item in QUIZ.items:
            if item.rationale is not None:
                assert item.rationale.id not in text
                assert item.rationale.en not in text
        for word in ('"key"', '"signal"', '"rationale"', '"twin"', '"topic"', '"sources"', '"correct"'):
            assert word not in text or "openapi" in text
    service.control.move(code, "results")
    assert '"rationale"' in person.feedback().text


def test_qr_code_and_address_name_the_network_not_localhost(service: Any) -> None:
    code = service.open_session()
    described = service.control.session(code)
    assert described["join_url"] == f"{service.lan_url}/{code}"
    assert service.control.qr(code).startswith("<svg")


def test_one_hall_carries_a_quiz_for_each_audience(service: Any) -> None:
    code = service.open_session("students", "teachers", "residents")
    people = {
        "student": service.join(code),
        "principal": service.join(code, audience="principal", quiz="teachers"),
        "resident": service.join(code, audience="resident", quiz="residents"),
    }
    service.control.move(code, "pre")
    lengths = {name: len(person.wave("pre").json()["items"]) for name, person in people.items()}
    assert lengths == {"student": 17, "principal": 17, "resident": 12}
    for person in people.values():
        person.answer("pre", right=3)
    for stage in ("lesson", "post"):
        service.control.move(code, stage)
    for person in people.values():
        person.answer("post", right=6)
    bundle = service.results / service.control.close(code)["bundle"]
    report = json.loads((bundle / "report.json").read_text(encoding="utf-8"))
    assert report["flow"]["n_pairs"] == 3
