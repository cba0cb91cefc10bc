"""People who come again are known by the code of an earlier meeting at the same place."""

from __future__ import annotations

from typing import Any

from tests.conftest import Person


def join(service: Any, code: str, earlier_code: str) -> Any:
    body = {"audience": "student", "consent": True, "earlier_code": earlier_code}
    return service.phone().post(f"/api/sessions/{code}/participants", json=body)


def met_before(service: Any, site: str = "Kebon Kosong") -> Person:
    person: Person = service.join(service.open_session(site=site))
    return person


def test_the_code_of_an_earlier_meeting_makes_somebody_known_again(any_service: Any) -> None:
    person = met_before(any_service)
    code = any_service.open_session()
    typed = person.personal_code.lower().replace("-", " ")
    joined = join(any_service, code, typed)
    assert (joined.status_code, joined.json()["returning"]) == (201, "known")
    assert joined.json()["participant_id"] != person.participant_id
    assert joined.json()["personal_code"] != person.personal_code
    assert any_service.phone().get(f"/api/sessions/{code}").json()["visited_before"] is True


def test_whoever_gives_no_code_is_asked_nothing(service: Any) -> None:
    code = service.open_session()
    joined = join(service, code, "")
    assert "returning" not in joined.json()
    assert service.phone().get(f"/api/sessions/{code}").json()["visited_before"] is False


def test_a_code_of_another_place_or_a_lost_one_joins_as_new_and_is_told(service: Any) -> None:
    stranger = met_before(service, site="Desa Lain")
    code = service.open_session()
    joined = join(service, code, stranger.personal_code)
    assert (joined.status_code, joined.json()["returning"]) == (201, "lost")


def test_a_mistyped_code_is_told_before_anybody_joins(service: Any) -> None:
    person = met_before(service)
    code = service.open_session()
    wrong = person.personal_code[:-1] + ("A" if person.personal_code[-1] != "A" else "C")
    refused = join(service, code, wrong)
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_earlier_code")
    assert service.control.session(code)["joined"] == 0


def test_a_lost_answer_joins_the_same_person_once(service: Any) -> None:
    person = met_before(service)
    code = service.open_session()
    body = {
        "audience": "student",
        "consent": True,
        "earlier_code": person.personal_code,
        "request_id": "a" * 32,
    }
    first, again = (
        service.phone().post(f"/api/sessions/{code}/participants", json=body).json() for _ in range(2)
    )
    assert first == again
    assert first["returning"] == "known"
    assert service.control.session(code)["joined"] == 1


def test_earlier_codes_cannot_be_guessed(service: Any) -> None:
    person = met_before(service)
    code = service.open_session(site="Desa Lain")
    service.open_session(site="Desa Lain")
    answers = [join(service, code, person.personal_code).status_code for _ in range(40)]
    assert 429 in answers
