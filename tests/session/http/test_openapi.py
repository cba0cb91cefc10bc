"""The description is complete, and the service answers as it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.session.acts import attend
from kit.session.acts import move as moving
from kit.session.acts import open as opening
from kit.session.run.guesses import Guesses
from tests.session.conftest import OPENING


def test_the_description_is_complete(service: Any) -> None:
    described = service.phone().get("/api/openapi.json").json()
    names = [
        operation["operationId"] for methods in described["paths"].values() for operation in methods.values()
    ]
    assert len(names) == len(set(names))
    assert "HTTPValidationError" not in described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for operation in methods.values():
            (who,) = operation["tags"]
            assert operation.get("security", []) == ([] if who == "public" else [{who: []}]), path
            good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            assert all(kind["schema"] for answer in good for kind in answer["content"].values()), path
            problem = operation["responses"]["422"]["content"]
            assert list(problem) == ["application/problem+json"]
            assert operation["summary"]
            assert operation["description"]
    assert set(described["components"]["securitySchemes"]) == {"participant", "facilitator", "remote"}


def answers_as_described(hall: Any, operation: Any, code: str, tokens: dict[str, str]) -> None:
    """Ask an operation whatever its description allows, with and without a session that exists."""
    (who,) = operation.tags
    known = schemathesis.checks.CHECKS
    checks = [
        known.get_one(f"{name}_conformance") for name in ("response_schema", "content_type", "status_code")
    ]

    modes = schemathesis.GenerationMode
    cases = operation.as_strategy()
    if operation.body:
        cases |= operation.as_strategy(generation_mode=modes.NEGATIVE)

    @settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=cases, real=st.booleans())
    def ask(case: Any, real: bool) -> None:
        if real and "code" in case.path_parameters and case.method != "DELETE":
            case.path_parameters["code"] = code
            case.path_parameters |= {"wave": "pre"} if "wave" in case.path_parameters else {}
        if who in tokens:
            case.headers["Authorization"] = f"Bearer {tokens[who]}"
        case.call_and_validate(checks=[schemathesis.checks.not_a_server_error, *checks])

    ask()


def test_nothing_the_description_allows_ends_in_an_error_of_ours(in_process: Callable[..., Any]) -> None:
    hall = in_process()
    # Guesses would be slowed down, and here they are wanted.
    hall.service.guesses = Guesses((1e9, 1e9), (1e9, 1e9))
    writer = hall.service.writer
    code = writer.run(opening.open_session, OPENING)
    person = writer.run(attend.join, attend.Join(code, "student", True, "id"))
    writer.run(moving.move, (code, "pre"))
    remotes, own = hall.service.remotes, "r" * 32
    remotes.pair(remotes.offer(code).key, own)
    tokens = {"participant": person.token, "facilitator": hall.service.control_token, "remote": own}
    schema = schemathesis.openapi.from_url(f"{hall.url}/api/openapi.json")
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        # Streams do not end, and closing writes a bundle each time.
        if not operation.path.endswith(("/stream", "/close")):
            answers_as_described(hall, operation, code, tokens)
            asked += 1
    assert asked >= 19
    assert hall.service.writer.alarm is None
