"""The wire is declared once: what the service answers is what it describes, and nothing more."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, get_type_hints

import jsonschema_rs
import pytest

from kit.quiz.read import load_quizzes
from kit.session.acts.follow import public_state
from kit.session.acts.view import view_session
from kit.session.client import Refused
from kit.session.http import wire
from kit.session.http.guard import EARLIER, FACILITATOR, PARTICIPANT, PUBLIC, REMOTE
from kit.session.http.replies import Reply, reply_model, write_json
from kit.session.http.routes import ROUTES
from kit.session.store.store import Store
from kit.text import LANGUAGES
from tests.conftest import QUIZZES
from tests.session.conftest import QUIZ


class Described:
    """The description of a service, and whether an answer keeps to it."""

    def __init__(self, http: Any) -> None:
        self.api = http.get("/api/openapi.json").json()

    def check(self, template: str, method: str, response: Any) -> Any:
        """The JSON of an answer, once it is found to be as described."""
        answers = self.api["paths"][template][method]["responses"]
        (content,) = answers[str(response.status_code)]["content"].values()
        schema = {**content["schema"], "components": self.api["components"]}
        told = response.json()
        jsonschema_rs.Draft202012Validator(schema).validate(told)
        return told


WAVES = "/api/sessions/{code}/waves/{wave}"
HELD = "/api/control/sessions/{code}"


def test_a_whole_session_answers_as_described(service: Any) -> None:
    code = service.open_session()
    person = service.join(code)
    described = Described(person.http)
    office = service.phone()
    office.headers["Authorization"] = service.control._http.headers["authorization"]
    poll = QUIZ.polls[0]

    def look(stage: str) -> Any:
        service.control.move(code, stage)
        described.check("/api/sessions/{code}", "get", person.http.get(f"/api/sessions/{code}"))
        return described.check(HELD, "get", office.get(f"/api/control/sessions/{code}"))

    look("pre")
    asked = described.check(WAVES, "get", person.wave("pre"))
    assert "split" not in asked
    person.answer("pre", right=4)
    look("lesson")
    look(f"poll:{poll}")
    option = QUIZ.item(poll).options[0].option_id
    put = described.check(f"{WAVES}/responses/{{item_id}}", "put", person.put("poll", poll, [option]))
    assert put == {"item_id": poll, "seq": 1}
    assert look(f"reveal:{poll}")["answered"][poll] == 1
    assert described.check(WAVES, "get", person.wave("poll"))["split"][option] == 1
    look("post")
    missing = described.check(f"{WAVES}/submit", "post", person.submit("post"))
    assert missing["missing"]
    person.answer("post", right=9)
    assert look("results")["results"] == {"n_pairs": 1, "suppressed": True}
    feedback = described.check("/api/sessions/{code}/feedback", "get", person.feedback())
    assert feedback["scores"]["post"]["score"] == 9
    described.check("/api/control/sessions", "get", office.get("/api/control/sessions"))
    described.check("/api/health", "get", office.get("/api/health"))
    moved = office.put(f"/api/control/sessions/{code}/stage", json={"stage": "lobby"})
    assert described.check(f"{HELD}/stage", "put", moved)["possible"] == "closed"
    described.check(HELD, "delete", office.delete(f"/api/control/sessions/{code}"))


def test_the_answers_of_phones_and_officers_are_described_to_the_last_field(service: Any) -> None:
    schemas = Described(service.phone()).api["components"]["schemas"]
    replies = {name: schema for name, schema in schemas.items() if not name.endswith("Request")}
    assert len(replies) > 15
    for name, schema in replies.items():
        assert schema["additionalProperties"] is False, name
        for field, described in schema["properties"].items():
            assert described.get("additionalProperties") is not True, f"{name}.{field}"
            assert described.get("items") != {}, f"{name}.{field}"
    assert "split" in schemas["WaveReply"]["properties"]
    assert "answered" in schemas["LiveReply"]["properties"]


def test_the_state_that_is_written_once_for_all_keeps_to_its_model(service: Any) -> None:
    code = service.open_session("students", "residents")
    told = service.phone().get(f"/api/sessions/{code}")
    state = wire.StateReply.model_validate_json(told.content, strict=True)
    assert state.model_dump(by_alias=True) == told.json()
    store = Store(f"sqlite:///{service.results / 'kit.db'}", read_only=True)
    with store.reading() as tx:
        assert told.json() == public_state(view_session(tx, code), "")
    store.close()


def test_a_reply_that_says_too_much_is_not_made() -> None:
    with pytest.raises(ValueError, match="extra"):
        wire.SubmitReply.model_validate({"wave": "pre", "submitted": True, "personal_code": "RUSA-4821"})


def test_every_json_answer_is_a_model_and_every_route_has_a_guard() -> None:
    for route in ROUTES:
        assert route.guard in (PUBLIC, EARLIER, PARTICIPANT, FACILITATOR, REMOTE)
        answers_json = issubclass(
            getattr(get_type_hints(route.endpoint)["return"], "__origin__", object), Reply
        )
        assert (reply_model(route.endpoint) is not None) == answers_json, route.path
        if route.path.startswith("/api/") and not route.path.endswith(("/stream", "/qr.svg", "/picture")):
            assert answers_json, route.path


def test_who_may_not_ask_hears_that_first(service: Any) -> None:
    """Strangers learn nothing of what a body should look like."""
    code = service.open_session()
    http = service.phone()
    for method, path, body in (
        ("PUT", f"/api/control/sessions/{code}/stage", {"stage": 7}),
        ("PUT", f"/api/sessions/{code}/waves/pre/responses/x", {"choice": "no list"}),
        ("POST", "/api/control/sessions", {}),
    ):
        assert http.request(method, path, json=body).status_code == 401, path
    with pytest.raises(Refused) as refusal:
        service.control.move(code, "no such stage")
    assert refusal.value.status == 409


def test_every_item_that_can_be_written_can_be_sent() -> None:
    quizzes = load_quizzes(QUIZZES).values()
    items = [item for quiz in quizzes for item in quiz.items]
    assert {item.kind for item in items} >= {"offer", "choice", "multi", "spot", "likert"}
    for item in (*items, dataclasses.replace(items[0], several=True)):
        for language in LANGUAGES:
            shown = item.public(language)
            reply = wire.ItemReply.model_validate(shown)
            assert json.loads(write_json(reply)) == shown
