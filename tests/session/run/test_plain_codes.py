"""Personal codes do not lie in the store, and those of earlier kits still bring people back."""

from __future__ import annotations

from typing import Any

from tests.session.traces import change_store, check_no_trace


def test_the_store_knows_no_personal_code(service: Any) -> None:
    code = service.open_session()
    people = [service.join(code) for _ in range(3)]
    service.process.terminate()
    service.process.wait(15)
    check_no_trace(service.results, [person.personal_code for person in people])
    service.restart()


def test_a_code_of_an_earlier_kit_still_brings_its_person_back(service: Any) -> None:
    code = service.open_session()
    person = service.join(code)
    service.process.terminate()
    service.process.wait(15)
    change_store(service.results, "UPDATE participant SET code_hash = 'RUSA-4821'")
    service.restart()
    resumed = service.phone().post(
        f"/api/sessions/{code}/participants/resume", json={"personal_code": "rusa 4821"}
    )
    assert resumed.json()["participant_id"] == person.participant_id
    assert resumed.json()["personal_code"] == "RUSA-4821"
    service.process.terminate()
    service.process.wait(15)
    check_no_trace(service.results, ["RUSA-4821"])
    service.restart()
