"""The auth decision of each route, asked of a running service."""

from __future__ import annotations

from typing import Any

import pytest

from kit.session.http.guard import FACILITATOR, PARTICIPANT, PUBLIC, REMOTE


@pytest.fixture
def described(service: Any) -> dict[str, Any]:
    found: dict[str, Any] = service.phone().get("/api/openapi.json").json()
    return found


def test_routes_refuse_everybody_they_are_not_for(service: Any, described: dict[str, Any]) -> None:
    code = service.open_session()
    person = service.join(code)
    asked = 0
    for template, methods in described["paths"].items():
        own = {"burst_id": 1, "question_id": "x", "sheet_id": "0" * 32, "site_id": "x", "key": "x"}
        path = template.format(code=code, wave="pre", item_id="x", path="x", name="x.png", **own)
        for method, operation in methods.items():
            (who,) = operation["tags"]
            body = {
                "quizzes": ["students"],
                "site": "X",
                "stage": "pre",
                "text": "x",
                "choice": ["a"],
                "seq": 1,
                "set_aside": True,
                "n": 1,
                "sheets": [],
                "sightings": [],
                "into": "x",
            }
            if path.endswith("/stream"):
                # Endless by design; who may follow is tested with the service.
                assert who == PUBLIC.name
                continue
            without = service.phone().request(method, path, json=body)
            as_participant = person.http.request(method, path, json=body)
            asked += 1
            if who == FACILITATOR.name:
                assert without.status_code == as_participant.status_code == 401, template
                assert without.json()["code"] == "control_token_needed"
            elif who == PARTICIPANT.name:
                assert without.status_code == 401
                assert without.json()["code"] == "token_needed"
            elif who == REMOTE.name:
                assert without.status_code == as_participant.status_code == 401, template
                assert without.json()["code"] == "remote_over"
            else:
                assert who == PUBLIC.name
                assert without.status_code != 401
    assert asked >= 20


def test_control_routes_refuse_pages_of_other_sites(service: Any) -> None:
    token = {"Authorization": f"Bearer {service.environment['KIT_CONTROL_TOKEN']}"}
    http = service.phone()
    assert http.get("/api/control/sessions", headers=token).status_code == 200
    foreign = http.get("/api/control/sessions", headers={**token, "Origin": "http://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_origin")
    own = {**token, "Origin": service.url}
    assert http.get("/api/control/sessions", headers=own).status_code == 200


def test_a_token_of_one_session_opens_no_other(service: Any) -> None:
    first, second = service.open_session(), service.open_session()
    person = service.join(first)
    service.control.move(second, "pre")
    refused = person.http.get(f"/api/sessions/{second}/waves/pre")
    assert (refused.status_code, refused.json()["code"]) == (401, "stale_token")
