"""Strange values from strangers and officers break nothing and lead nowhere."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kit.session.acts.close import bundle_name
from kit.session.acts.view import view_session
from kit.session.store.store import Store

JOIN = {"audience": "student", "consent": True}


HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</title><svg/onload=alert(1)>",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "=HYPERLINK(\"http://evil.example\";\"x\")",
    "'; DROP TABLE response; --",
    "../../../etc/cron.d/x",
    "CON.txt:stream|nul?*",
    "\u202egnp.exe\u2066",
]  # fmt: skip


def strange_bodies(fields: dict[str, Any]) -> Iterator[bytes]:
    """Each text of a body replaced by something odd, as bytes: JSON libraries refuse to write some of it."""
    odd = [
        '"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udfff\\ud800"', '"\\u001b[31m"', '"\\ufffe"',
        "NaN", "-Infinity",
        "1e999", "9" * 400, "1" + "0" * 5000, "-1", "0", "null", "true", "[]", "{}", '""',
        '"' + "x" * 30_000 + '"',
        "[" * 3000 + "]" * 3000, '{"a":' * 3000 + "1" + "}" * 3000, '"' + "🦄" * 300 + '"', '["\\u0000"]',
    ]  # fmt: skip
    for name, value in itertools.product(fields, odd):
        parts = [
            f"{json.dumps(key)}: {value if key == name else json.dumps(kept)}" for key, kept in fields.items()
        ]
        yield ("{" + ", ".join(parts) + "}").encode()
    yield from (
        b"",
        b"[" * 60_000,
        b"{" * 60_000,
        b'"\xff\xfe"',
        b"\x00",
        "{}".encode("utf-16"),
        b'{"a":1}' * 2,
    )


def test_no_strange_value_breaks_anything(any_service: Any) -> None:
    code = any_service.open_session()
    person = any_service.join(code)
    any_service.control.move(code, "pre")
    item = person.wave("pre").json()["items"][0]["item_id"]
    token = {"Authorization": any_service.control._http.headers["authorization"]}
    mine = {"Authorization": person.http.headers["authorization"]}
    site = {"name": "X", "district": "X"}
    opening = {
        "quizzes": ["students"],
        "site": "X",
        "event": "X",
        "held_on": "2026-11-23",
        "minors_consent": True,
    }
    targets = [
        ("POST", "/api/control/sessions", {**opening, "target": 1, "followup_days": 90}, token),
        ("POST", "/api/control/sessions", {**opening, "site": site}, token),
        ("PUT", f"/api/control/sessions/{code}/notes", {"text": "x"}, token),
        ("PUT", f"/api/control/sessions/{code}/stage", {"stage": "pre"}, token),
        ("POST", f"/api/sessions/{code}/participants", {**JOIN, "language": "id", "request_id": "x"}, {}),
        ("POST", f"/api/sessions/{code}/participants/resume", {"personal_code": "x"}, {}),
        ("PUT", f"/api/sessions/{code}/waves/pre/responses/{item}", {"choice": ["fraud"], "seq": 1}, mine),
    ]
    http = any_service.phone()
    for method, path, fields, headers in targets:
        for body in strange_bodies(fields):
            response = http.request(
                method, path, content=body, headers={**headers, "Content-Type": "application/json"}
            )
            assert response.status_code < 500, (path, body[:80], response.text)
    for path in (f"/api/sessions/{code}/waves/%00", "/api/sessions/%00/waves/pre", "/api/sessions/%ff%fe"):
        assert 400 <= http.get(path, headers=mine).status_code < 500
    odd_item = http.put(
        f"/api/sessions/{code}/waves/pre/responses/%00", json={"choice": ["a"], "seq": 1}, headers=mine
    )
    assert odd_item.status_code == 422
    site_nul = any_service.control.open_session(
        quizzes=["students"], site="Kebon\x00 \x1bKosong", event="\x07Acara", minors_consent=True
    )
    assert (site_nul["site"]["name"], site_nul["event"]) == ("Kebon Kosong", "Acara")
    notes = any_service.control.notes(code, "satu\r\ndua\x00\tdi tab\x0b")
    assert notes["notes"] == "satu\ndua\tdi tab"
    live = any_service.control.session(code)
    assert (live["alarm"], live["notes"]) == (None, "satu\ndua\tdi tab")


def test_what_officers_write_is_data_and_never_a_page_or_a_path(service: Any, tmp_path: Path) -> None:
    http = service.phone()
    token = {"Authorization": service.control._http.headers["authorization"]}
    for words in HOSTILE:
        code = service.open_session(site=words, event=words)
        service.control.notes(code, words)
        response = http.get(f"/api/control/sessions/{code}", headers=token)
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.json()["site"]["name"] == " ".join(words.strip("\u202e\u2066").split())
        for path in (f"/{code}", f"/api/sessions/{code}"):
            assert words not in http.get(path).text
        store = Store(f"sqlite:///{service.results / 'kit.db'}", read_only=True)
        with store.reading() as tx:
            name = bundle_name(view_session(tx, code))
        store.close()
        assert re.fullmatch(r"\d{4}-\d\d-\d\d-[a-z0-9-]{1,60}-[A-Z0-9]{6}", name)
        assert (tmp_path / name).resolve().parent == tmp_path.resolve()
    for held_on in ("2026-W47-1", "20261123"):
        live = service.control.open_session(
            quizzes=["students"], site="X", minors_consent=True, held_on=held_on
        )
        assert live["held_on"] == "2026-11-23" if held_on == "20261123" else "2026-11-16"
