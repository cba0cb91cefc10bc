"""Tokens and words of people are in no listing, no log, and no stream."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from kit.config import ensure_control_token
from kit.config import settings as read_settings
from kit.session.acts import codes
from tests.conftest import spawn_service
from tests.session.conftest import QUIZ
from tests.session.http.lines import raw


def test_tokens_are_only_hashes_at_rest_and_files_are_the_owners(service: Any) -> None:
    code = service.open_session()
    people = [service.join(code) for _ in range(3)]
    tokens = [person.http.headers["authorization"][7:] for person in people]
    assert all(len(token) >= 43 for token in tokens)
    control = service.control._http.headers["authorization"][7:]
    found = b"".join(path.read_bytes() for path in service.results.rglob("*") if path.is_file())
    for token in (*tokens, control):
        assert token.encode() not in found
    assert all(codes.hash_token(token).encode() in found for token in tokens)
    for path in service.results.glob("kit.db*"):
        if path.suffix != ".lock" and not path.name.endswith(".lock"):
            assert path.stat().st_mode & 0o077 == 0, path.name


def test_a_made_control_token_is_long_and_its_owners_alone(start: Callable[..., Any], tmp_path: Path) -> None:
    service = start()
    made = ensure_control_token(
        dataclasses.replace(read_settings(), results=tmp_path / "new", control_token="")
    )
    kept = tmp_path / "new" / ".kit" / "control-token"
    assert kept.read_text() == made
    assert len(made) >= 43
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0
    for wrong in ("", "Bearer", "Bearer x", "Bearer x y", f"Basic {made}", f"Bearer {made}"):
        refused = service.phone().get("/api/control/sessions", headers={"Authorization": wrong})
        assert refused.status_code == 401


def test_secrets_are_in_no_process_listing_and_no_log(start: Callable[..., Any]) -> None:
    service = start(begin=spawn_service)
    code = service.open_session(site="Desa Rahasia Sekali")
    person = service.join(code)
    token = person.http.headers["authorization"][7:]
    control = service.control._http.headers["authorization"][7:]
    person.http.put(f"/api/sessions/{code}/waves/pre/responses/x", content=b"{")
    raw(service.port, b"\x16\x03\x01\x02\x00 no http at all\r\n\r\n")
    # A process that has just ended has no command line any more.
    listed = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    mine = [line for line in listed if "kit.session.server" in line]
    assert mine
    log = (service.results / "service-of-test.log").read_text()
    for secret in (token, control, person.personal_code, code, "Rahasia"):
        assert not any(secret in line for line in mine)
        assert secret not in log
    assert "127.0.0.1" not in log
    unreachable = subprocess.run(
        [sys.executable, "-m", "kit.session.server", "--port", "0"],
        env={
            **os.environ,
            "KIT_STORE": "postgresql+psycopg://kit:geheim@127.0.0.1:9/kit",
            "KIT_RESULTS": str(service.results),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert unreachable.returncode == 1
    assert "geheim" not in unreachable.stdout + unreachable.stderr
    assert len(unreachable.stderr.splitlines()) == 1


def test_the_stream_says_no_more_than_the_public_state(service: Any) -> None:
    code = service.open_session()
    stages = [
        "pre",
        "lesson",
        f"poll:{QUIZ.polls[0]}",
        f"reveal:{QUIZ.polls[0]}",
        "lesson",
        "post",
        "results",
    ]
    seen: list[str] = []
    with service.phone().stream("GET", f"/api/sessions/{code}/stream") as events:
        for line in events.iter_lines():
            seen.append(line)
            if line.startswith("data: "):
                state = json.loads(line[6:])
                assert set(state) == {
                    "code", "title", "stage", "version", "audiences", "languages", "rehearsal", "minors",
                    "office_contact", "kept_days", "questions", "visited_before",
                }  # fmt: skip
                if not stages:
                    break
                service.control.move(code, stages.pop(0))
    assert {line.partition(":")[0] for line in seen if line} == {"retry", "id", "event", "data"}
