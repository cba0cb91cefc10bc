"""Every answer carries the safety headers, and errors say nothing about themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.session.http.lines import SAFETY, check_headers, raw


def test_every_answer_carries_the_safety_headers(service: Any) -> None:
    code = service.open_session()
    person = service.join(code)
    token = {"Authorization": service.control._http.headers["authorization"]}
    http = service.phone()
    statuses = set()
    described = http.get("/api/openapi.json").json()
    for template, methods in described["paths"].items():
        own = {"burst_id": 1, "question_id": "x", "sheet_id": "0" * 32, "site_id": "x", "key": "x"}
        path = template.format(code=code, wave="pre", item_id="x", path="app.js", name="x.png", **own)
        for method in methods:
            if path.endswith("/stream"):
                with http.stream("GET", path) as events:
                    check_headers(events)
                continue
            if path.endswith("/close") or method == "delete":
                continue
            for headers in ({}, {"Authorization": person.http.headers["authorization"]}, token):
                response = http.request(method, path, headers=headers, json={"stage": "lobby", "text": "x"})
                check_headers(response)
                statuses.add(response.status_code)
    for method, path in (("GET", "/a/b"), ("PATCH", "/"), ("OPTIONS", "/api/health"), ("HEAD", "/")):
        check_headers(http.request(method, path))
    check_headers(http.post(f"/api/sessions/{code}/participants", content=b"x" * 70_000))
    check_headers(http.get("/api/control/sessions", headers={**token, "Origin": "http://evil.example"}))
    assert statuses >= {200, 401, 404, 409, 422}
    malformed = raw(service.port, b"NONSENSE\r\n\r\n").lower()
    assert malformed.startswith(b"http/1.1 400")
    for name, value in SAFETY.items():
        assert f"{name}: {value.lower()}".encode() in malformed


def test_an_error_of_our_own_says_nothing_about_itself(in_process: Callable[..., Any], caplog: Any) -> None:
    hall = in_process()

    def explode() -> None:
        raise RuntimeError("the secret of the house")

    hall.app.router.routes.clear()
    hall.app.add_api_route("/api/explode", explode)
    response = hall.http.get("/api/explode")
    assert (response.status_code, response.json()["code"]) == (500, "unexpected")
    check_headers(response)
    assert "secret" not in response.text
    assert "secret" not in caplog.text
    assert "RuntimeError" in caplog.text
    assert "in explode" in caplog.text or " explode" in caplog.text
