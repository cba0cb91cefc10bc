"""Questions to the officer: without a name, without numbers, and only while they are open."""

from __future__ import annotations

from typing import Any

import pytest

from kit.session.acts.ask import MOST_OF_PHONE, MOST_SIGNS
from kit.study.mask import MASK, mask


def ask(person: Any, text: str = "Apakah visa turis boleh dipakai bekerja?") -> Any:
    return person.http.post(f"/api/sessions/{person.code}/questions", json={"text": text})


def hall(service: Any, *, minors: bool = False) -> str:
    quiz = "students" if minors else "residents"
    return str(service.open_session(quiz, minors_consent=minors))


def resident(service: Any, code: str) -> Any:
    return service.join(code, audience="resident", quiz="residents")


def control(service: Any, method: str, code: str, path: str = "", **body: Any) -> Any:
    token = {"Authorization": f"Bearer {service.environment['KIT_CONTROL_TOKEN']}"}
    address = f"/api/control/sessions/{code}/questions{path}"
    return service.phone().request(method, address, headers=token, json=body or None)


def test_a_question_reaches_the_officer_without_anything_of_its_person(any_service: Any) -> None:
    code = hall(any_service)
    person = resident(any_service, code)
    assert ask(person).json() == {"asked": True}
    listed = control(any_service, "GET", code).json()
    (question,) = listed["questions"]
    assert listed["open"] is True
    assert (question["text"], question["state"]) == ("Apakah visa turis boleh dipakai bekerja?", "new")
    assert person.participant_id not in str(listed)
    state = any_service.phone().get(f"/api/sessions/{code}").json()
    assert state["questions"] is True
    assert "visa turis" not in str(state)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Hubungi 0812-3456-7890 ya", f"Hubungi {MASK} ya"),
        ("Nomornya +62 (812) 3456.7890.", f"Nomornya {MASK}."),
        ("NIK saya 3273010101010001", f"NIK saya {MASK}"),
        ("Nomornya ０８１２３４５６７８９０", f"Nomornya {MASK}"),
        ("Nomornya 08\u200b12\u200b34\u200b56", f"Nomornya {MASK}"),
        ("Lihat https://kerja-enak.com/daftar?x=1 dulu", f"Lihat {MASK} dulu"),
        ("Dari wa.me/628123 atau bit.ly/abc", f"Dari {MASK} atau {MASK}"),
        ("Tulis ke budi@contoh.co.id", f"Tulis ke {MASK}"),
        ("Akun @agen_jaya benar?", f"Akun {MASK} benar?"),
        ("Umur 17 tahun, berangkat 2027, gaji 15 juta?", "Umur 17 tahun, berangkat 2027, gaji 15 juta?"),
    ],
)
def test_numbers_and_addresses_are_masked_and_ages_and_years_are_not(
    service_for_module: Any, typed: str, kept: str
) -> None:
    service, code = service_for_module
    assert ask(resident(service, code), typed).status_code == 201
    assert kept in [one["text"] for one in control(service, "GET", code).json()["questions"]]


@pytest.fixture(scope="module")
def service_for_module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from tests.conftest import start_service

    service = start_service(tmp_path_factory.mktemp("asking"))
    yield service, hall(service)
    service.stop()


def test_masking_ends_on_long_texts() -> None:
    assert mask("1 " * 2_000) == MASK + " "
    assert mask("a." * 2_000).startswith("a.")


def test_questions_are_closed_where_minors_are_until_the_officer_opens_them(service: Any) -> None:
    code = hall(service, minors=True)
    person = service.join(code)
    refused = ask(person)
    assert (refused.status_code, refused.json()["code"]) == (409, "questions_closed")
    assert control(service, "PUT", code, open=True).json()["open"] is True
    assert ask(person).status_code == 201
    assert control(service, "PUT", code, open=False).json()["open"] is False
    assert ask(person).status_code == 409
    assert service.phone().get(f"/api/sessions/{code}").json()["questions"] is False


def test_phones_hear_at_once_that_questions_were_opened(service: Any) -> None:
    code = hall(service, minors=True)
    before = service.phone().get(f"/api/sessions/{code}")
    control(service, "PUT", code, open=True)
    after = service.phone().get(f"/api/sessions/{code}", headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.json()["questions"]) == (200, True)
    assert after.json()["stage"] == "lobby"


def test_empty_long_and_too_many_questions_are_refused_with_a_remedy(service: Any) -> None:
    code = hall(service)
    person = resident(service, code)
    for text, key in ((" \u200b\n", "question_empty"), ("a" * (MOST_SIGNS + 1), "question_long")):
        refused = ask(person, text)
        assert (refused.status_code, refused.json()["code"]) == (422, key), text
        assert refused.json()["detail"]
    for number in range(MOST_OF_PHONE):
        assert ask(person, f"Pertanyaan {number}").status_code == 201
    refused = ask(person)
    assert (refused.status_code, refused.json()["code"]) == (429, "questions_many")
    assert ask(resident(service, code)).status_code == 201


def test_the_officer_shows_one_at_a_time_and_what_was_shown_counts_as_answered(any_service: Any) -> None:
    code = hall(any_service)
    person = resident(any_service, code)
    for text in ("Pertama?", "Kedua?"):
        assert ask(person, text).status_code == 201
    first, second = (one["question_id"] for one in control(any_service, "GET", code).json()["questions"])
    assert any_service.control.session(code)["questions"] == {"open": True, "waiting": 2, "shown": None}
    control(any_service, "PUT", code, f"/{first}", state="shown")
    assert any_service.control.session(code)["questions"]["shown"] == "Pertama?"
    listed = control(any_service, "PUT", code, f"/{second}", state="shown").json()["questions"]
    assert [one["state"] for one in listed] == ["answered", "shown"]
    control(any_service, "PUT", code, f"/{second}", state="hidden")
    assert any_service.control.session(code)["questions"] == {"open": True, "waiting": 0, "shown": None}


def test_a_question_of_another_session_cannot_be_reached(service: Any) -> None:
    code, other = hall(service), hall(service)
    ask(resident(service, code))
    (question,) = control(service, "GET", code).json()["questions"]
    refused = control(service, "PUT", other, f"/{question['question_id']}", state="shown")
    assert (refused.status_code, refused.json()["code"]) == (404, "question_unknown")
    assert control(service, "PUT", code, f"/{question['question_id']}", state="gone").status_code == 422


def test_questions_go_with_their_person_and_with_their_session(service: Any) -> None:
    code = hall(service)
    one, two = resident(service, code), resident(service, code)
    ask(one, "Rahasia pertama")
    ask(two, "Rahasia kedua")
    assert one.http.delete(f"/api/sessions/{code}/participants/me").status_code == 200
    assert [q["text"] for q in control(service, "GET", code).json()["questions"]] == ["Rahasia kedua"]
    receipt = service.control.delete(code)
    assert receipt["rows"]["question"] == 1
    for path in service.results.rglob("*.db*"):
        assert b"Rahasia" not in path.read_bytes()
