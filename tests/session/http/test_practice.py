"""Practice: told at once what was right, of one's own stored answers and of nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Person, RunningService
from tests.session.conftest import QUIZ

FIRST, SECOND = QUIZ.practice[:2]


def practising(service: RunningService) -> str:
    code = service.open_session("students")
    for stage in ("pre", "lesson", "practice"):
        service.control.move(code, stage)
    return code


def keys_in(told: Any) -> list[str]:
    """Where a reply names a key or a reason."""
    if isinstance(told, dict):
        here = [name for name in told if name in ("key", "rationale", "signal", "correct", "letters")]
        return here + [name for part in told.values() for name in keys_in(part)]
    return [name for part in told for name in keys_in(part)] if isinstance(told, list) else []


def test_the_key_comes_with_the_stored_answer_and_only_that_one(any_service: RunningService) -> None:
    code = practising(any_service)
    person, other = any_service.join(code), any_service.join(code)
    asked = person.wave("practice").json()
    assert [item["item_id"] for item in asked["items"]] == list(QUIZ.practice)
    assert (asked["form"], asked["shown"], keys_in(asked)) == (None, {}, [])
    told = person.put("practice", FIRST, ["genuine"]).json()
    item = QUIZ.item(FIRST)
    assert item.rationale is not None
    assert told == {
        "item_id": FIRST,
        "seq": 1,
        "shown": {
            "key": ["fraud"],
            "correct": 0,
            "rationale": item.rationale.id,
            "letters": list(item.letters),
        },
    }
    assert list(person.wave("practice").json()["shown"]) == [FIRST]
    assert other.wave("practice").json()["shown"] == {}


def test_a_refused_answer_tells_nothing(service: RunningService) -> None:
    person = service.join(practising(service))
    for item_id, choice in ((QUIZ.forms["A"][0], ["fraud"]), (FIRST, ["x"]), (QUIZ.polls[0], ["fraud"])):
        refused = person.put("practice", item_id, choice)
        assert refused.status_code == 422
        assert keys_in(refused.json()) == []
    service.control.move(person.code, "post")
    assert person.put("practice", FIRST, ["fraud"]).status_code == 409
    assert person.wave("practice").status_code == 409


def test_no_other_wave_tells_a_key(service: RunningService) -> None:
    code = service.open_session("students")
    person = service.join(code)
    poll = QUIZ.polls[0]
    for stage, wave in (
        ("pre", "pre"),
        ("lesson", ""),
        (f"poll:{poll}", "poll"),
        ("lesson", ""),
        ("post", "post"),
    ):
        service.control.move(code, stage)
        if wave:
            asked = person.wave(wave).json()
            item = asked["items"][0]
            told = person.put(wave, item["item_id"], [item["options"][0]["option_id"]])
            assert told.status_code == 200
            assert keys_in([asked, told.json(), person.wave(wave).json()]) == []


def test_an_answered_offer_cannot_be_changed(any_service: RunningService) -> None:
    code = practising(any_service)
    person = any_service.join(code)
    person.put("practice", FIRST, ["unsure"])
    changed = person.put("practice", FIRST, ["fraud"], seq=2)
    assert (changed.status_code, changed.json()["code"]) == (409, "practice_answered")
    again = person.put("practice", FIRST, ["fraud"], seq=1).json()
    assert again["shown"]["correct"] is None, "what is stored counts, not what came later"
    assert person.wave("practice").json()["responses"][FIRST] == {"choice": ["unsure"], "seq": 1}


def test_the_reason_is_told_in_the_language_that_is_read(service: RunningService) -> None:
    person = service.join(practising(service))
    path = f"/api/sessions/{person.code}/waves/practice"
    told = person.http.put(f"{path}/responses/{FIRST}?language=en", json={"choice": ["fraud"], "seq": 1})
    rationale = QUIZ.item(FIRST).rationale
    assert rationale is not None
    assert told.json()["shown"]["rationale"] == rationale.en
    assert person.http.get(f"{path}?language=en").json()["shown"][FIRST]["rationale"] == rationale.en


def test_the_officer_sees_who_is_through_and_splits_from_five_people_on(any_service: RunningService) -> None:
    code = practising(any_service)
    people = [any_service.join(code) for _ in range(5)]
    for person in people[:4]:
        person.put("practice", FIRST, ["fraud"])
    for item_id in QUIZ.practice[1:]:
        people[0].put("practice", item_id, ["genuine"])
    room = any_service.control.session(code)["practice"]
    assert room["finished"] == 1
    first, second = room["items"][:2]
    assert first == {"quiz_id": "students", "item_id": FIRST, "answered": 4, "split": None}
    assert second["split"] is None
    people[4].put("practice", FIRST, ["unsure"])
    assert any_service.control.session(code)["practice"]["items"][0]["split"] == {"fraud": 4, "unsure": 1}


def test_who_is_through_is_told_of_the_room_in_tenths_and_never_of_few(any_service: RunningService) -> None:
    code = practising(any_service)
    people = [any_service.join(code) for _ in range(6)]
    for item_id in QUIZ.practice:
        people[0].put("practice", item_id, ["unsure"])
    for person in people[1:4]:
        person.put("practice", FIRST, ["fraud"])
    assert people[0].wave("practice").json()["room"] == {}
    people[4].put("practice", FIRST, ["genuine"])
    assert people[0].wave("practice").json()["room"] == {FIRST: 6}
    assert "room" not in people[1].wave("practice").json(), "not before the own decision"


def test_what_was_practised_is_among_the_own_results_with_its_letters(service: RunningService) -> None:
    code = practising(service)
    person = service.join(code)
    shown = person.put("practice", FIRST, ["genuine"]).json()["shown"]
    for stage in ("post", "results"):
        service.control.move(code, stage)
    (told,) = person.feedback().json()["items"]
    assert (told["wave"], told["item_id"], told["choice"]) == ("practice", FIRST, ["genuine"])
    assert {name: told[name] for name in shown} == shown
    assert told["letters"] == list(QUIZ.item(FIRST).letters) != []


def test_who_comes_late_can_practise(service: RunningService) -> None:
    person = service.join(practising(service))
    assert person.put("practice", SECOND, ["genuine"]).status_code == 200


def answered_all(person: Person, wave: str) -> list[str]:
    person.answer(wave, 3)
    return [item["item_id"] for item in person.wave(wave).json()["items"]]


def test_the_plan_is_asked_after_the_session_and_shown_again(service: RunningService) -> None:
    code = service.open_session("students")
    person, silent = service.join(code), service.join(code)
    service.control.move(code, "pre")
    assert QUIZ.plan not in answered_all(person, "pre")
    service.control.move(code, "lesson")
    service.control.move(code, "post")
    assert answered_all(person, "post")[-1] == QUIZ.plan
    service.control.move(code, "results")
    told = person.feedback().json()
    item = QUIZ.item(QUIZ.plan or "")
    assert told["plan"] == {"stem": item.stem.id, "chosen": [item.options[0].text.id]}
    assert told["scores"]["post"] == {"score": 3, "max": len(QUIZ.forms["A"])}
    assert silent.feedback().json()["plan"] is None
    service.control.close(code)
    service.control.move(code, "followup")
    opened = person.wave("followup").json()
    assert opened["plan"] == told["plan"]
    assert silent.wave("followup").json()["plan"] is None
    assert [one["item_id"] for one in opened["items"]][-len(QUIZ.behaviour) :] == list(QUIZ.behaviour)


def test_questions_about_behaviour_may_be_skipped_and_may_take_several(service: RunningService) -> None:
    code = service.open_session("students")
    person = service.join(code)
    service.control.close(code)
    service.control.move(code, "followup")
    several = next(item_id for item_id in QUIZ.behaviour if QUIZ.item(item_id).several)
    single = next(item_id for item_id in QUIZ.behaviour if not QUIZ.item(item_id).several)
    assert person.put("followup", several, ["a", "b"]).status_code == 200
    assert person.put("followup", single, ["a", "b"]).status_code == 422
    form = [item["item_id"] for item in person.wave("followup").json()["items"]]
    for item_id in form:
        if QUIZ.item(item_id).scored:
            person.put("followup", item_id, ["unsure"])
    assert person.submit("followup").status_code == 200


@pytest.mark.parametrize("item_id", QUIZ.practice)
def test_every_practice_offer_names_its_letter(item_id: str) -> None:
    assert QUIZ.item(item_id).letters
