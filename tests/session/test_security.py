"""Strangers on the same network: guessing, flooding, lying, and asking for what is not theirs."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import itertools
import json
import math
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.config import ensure_control_token
from kit.config import settings as read_settings
from kit.errors import TooMany, Unavailable
from kit.session import codes, requests, rules
from kit.session.bundle import bundle_name
from kit.session.connections import Doors
from kit.session.guard import Guesses
from kit.session.store import Store
from kit.session.writer import Writer
from tests.session.conftest import OPENING, QUIZ

SAFETY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
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


def raw(port: int, request: bytes, *, wait: float = 10) -> bytes:
    """Everything the service answers to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as line:
        line.sendall(request)
        parts = []
        try:
            while part := line.recv(65_536):
                parts.append(part)
        except (TimeoutError, ConnectionResetError):
            pass
    return b"".join(parts)


def seconds_until_cut(line: socket.socket, parts: Iterator[bytes], pause: float) -> float:
    """Send slowly; how long the service puts up with it."""
    began = time.monotonic()
    line.settimeout(pause)
    for part in parts:
        try:
            line.sendall(part)
            if line.recv(65_536) == b"":
                break
        except TimeoutError:
            continue
        except (ConnectionResetError, BrokenPipeError):
            break
    return time.monotonic() - began


# Paths


BASES = ("/static/", "/static/VERSION/", "/images/", "/", "/api/sessions/")
TRAVERSALS = [
    "../../../../etc/passwd", "..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%252e%252e%252f%252e%252e%252fetc%252fpasswd",
    "..%252f..%252fetc/passwd",
    "..\\..\\..\\etc\\passwd", "..%5c..%5c..%5cetc%5cpasswd", "....//....//etc/passwd", "..;/..;/etc/passwd",
    "%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd", "%e0%80%ae%e0%80%ae/etc/passwd", "..%u2215..%u2215etc/passwd",
    "/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "file:///etc/passwd", "/etc/passwd%00.png", "x.png%00",
    "..%00/..%00/etc/passwd", "C:%5cWindows%5cwin.ini", "C:/Windows/win.ini", "%5c%5cserver%5cshare%5cx",
    "../kit.db", "..%2fkit.db", "../results/kit.db", "../.kit/control-token", "..%2f.kit%2fcontrol-token",
    "../students.yaml", "..%2fstudents.yaml", "../../quizzes/students.yaml", ".%2e/students.yaml",
    "./index.html",
    "app.js/../../config.py", "..%2f..%2fkit%2fconfig.py", "%2e%2e/session/service.py",
    "x" * 5_000, "%", "%zz", "~root",
]  # fmt: skip


def test_no_path_leads_out_of_what_is_served(service: Any) -> None:
    index = service.phone().get("/").text
    version = re.search(r"/static/([0-9a-f]{12})/", index)
    assert version is not None
    secrets = [
        b"root:",
        b"quiz_id",
        b"rationale",
        b"SQLite format",
        service.control._http.headers["authorization"][7:].encode(),
    ]
    for base, path in itertools.product(BASES, TRAVERSALS):
        target = (base.replace("VERSION", version[1]) + path).encode()
        answer = raw(service.port, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        status = int(answer[9:12])
        body = answer.partition(b"\r\n\r\n")[2]
        assert status in (400, 404) or body == index.encode(), target
        assert not any(secret in body for secret in secrets), target
    for control in (b"GET /static/\x00 HTTP/1.1\r\n", b"GET /static/a b HTTP/1.1\r\n", b"GET  HTTP/1.1\r\n"):
        assert raw(service.port, control + b"Host: x\r\nConnection: close\r\n\r\n")[9:12] in (b"400", b"404")


def test_addresses_never_redirect_to_where_a_request_says(service: Any) -> None:
    for path in (
        "/api/sessions/",
        "/static",
        "/api/control/sessions/",
        "//evil.example",
        "/%2f%2fevil.example",
    ):
        answer = raw(
            service.port, f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".encode()
        )
        assert answer[9:12] in (b"200", b"400", b"404")
        assert b"evil.example" not in answer
        assert b"location:" not in answer.lower()


# Headers


def check_headers(response: httpx.Response) -> None:
    for name, value in SAFETY.items():
        assert response.headers[name] == value, f"{response.request.url} {response.status_code} {name}"
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "set-cookie" not in response.headers
    assert "access-control-allow-origin" not in response.headers
    assert "server" not in response.headers


def test_every_answer_carries_the_safety_headers(service: Any) -> None:
    code = service.open_session()
    person = service.join(code)
    token = {"Authorization": service.control._http.headers["authorization"]}
    http = service.phone()
    statuses = set()
    described = http.get("/api/openapi.json").json()
    for template, methods in described["paths"].items():
        path = template.format(code=code, wave="pre", item_id="x", path="app.js", name="x.png")
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


# Size and time


def test_a_body_without_length_ends_at_the_limit(service: Any) -> None:
    code = service.open_session()
    head = f"POST /api/sessions/{code}/participants HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as line:
        line.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        sent = 0
        try:
            for _ in range(10_000):
                line.sendall(chunk)
                sent += 4096
        except (ConnectionResetError, BrokenPipeError):
            pass
    assert sent < 20_000_000
    answer = raw(service.port, head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()
    both = head.encode() + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert raw(service.port, both).startswith(b"HTTP/1.1 400"), "two lengths are a smuggler's trick"


def test_slow_heads_and_bodies_are_cut(
    in_process: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kit.session.connections.HEADER_SECONDS", 0.6)
    monkeypatch.setattr("kit.session.connections.MESSAGE_SECONDS", 1.2)
    monkeypatch.setattr("kit.session.guard.BODY_SECONDS", 0.6)
    hall = in_process()
    address = ("127.0.0.1", hall.port)
    endless = itertools.repeat(b"x")
    with socket.create_connection(address) as line:
        assert seconds_until_cut(line, iter([b""] * 100), 0.1) < 4, "a silent connection"
    with socket.create_connection(address) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        assert seconds_until_cut(line, endless, 0.1) < 4, "a head letter by letter"
    with socket.create_connection(address) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        line.recv(65_536)
        line.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        assert seconds_until_cut(line, endless, 0.1) < 4, "a slow second head"
    with socket.create_connection(address) as line:
        line.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        assert seconds_until_cut(line, endless, 0.1) < 5, "a body that nobody reads"
    code = hall.service.writer.run(rules.open_session, OPENING)
    head = f"POST /api/sessions/{code}/participants HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    slow = raw(hall.port, head.encode() + b"Content-Length: 60\r\n\r\n{")
    assert slow.startswith(b"HTTP/1.1 408")
    assert b'"slow_body"' in slow
    assert hall.http.get("/api/health").status_code == 200


def test_a_head_must_end_somewhere(service: Any) -> None:
    with socket.create_connection(("127.0.0.1", service.port), timeout=10) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        sent = 0
        try:
            for _ in range(100_000):
                line.sendall(b"X-Long: " + b"y" * 1000 + b"\r\n")
                sent += 1010
        except (ConnectionResetError, BrokenPipeError):
            pass
    assert sent < 20_000_000
    assert service.phone().get("/api/health").status_code == 200


def test_who_takes_nothing_in_is_let_go(
    in_process: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kit.session.connections.UNHEARD_SECONDS", 1)
    doors = Doors()
    hall = in_process(doors)
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        line.connect(("127.0.0.1", hall.port))
        line.settimeout(0.5)
        try:
            while True:
                line.sendall(b"GET /static/app.js HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        except OSError:
            pass
        deadline = time.monotonic() + 20
        while doors._open and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not doors._open


# Crowds of connections


def test_three_hundred_idle_connections_leave_room_for_phones(service: Any) -> None:
    idle = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(300)]
    code = service.open_session()
    waits = []
    for _ in range(10):
        began = time.monotonic()
        service.join(code)
        waits.append(time.monotonic() - began)
    for line in idle:
        line.close()
    assert max(waits) < 3


def test_one_address_cannot_take_every_connection(in_process: Callable[..., Any]) -> None:
    hall = in_process(Doors(most=60, most_of_address=40))
    flood = [
        socket.create_connection(("127.0.0.1", hall.port), source_address=("127.0.0.7", 0)) for _ in range(80)
    ]
    time.sleep(0.5)
    cut = 0
    for line in flood:
        line.settimeout(0.01)
        try:
            cut += line.recv(1) == b""
        except TimeoutError:
            continue
        except ConnectionResetError:
            cut += 1
    assert cut == 40
    assert hall.http.get("/api/health").status_code == 200
    for line in flood:
        line.close()


# Guessing


def caller(url: str, address: str) -> httpx.Client:
    return httpx.Client(base_url=url, transport=httpx.HTTPTransport(local_address=address), timeout=30)


def test_two_hundred_honest_joins_beside_guessers(service: Any) -> None:
    code = service.open_session()
    ending = threading.Event()
    answers: dict[str, list[int]] = {f"127.0.0.{n}": [] for n in range(2, 6)}
    began = time.monotonic()

    def guess(address: str) -> None:
        with caller(service.url, address) as http:
            while not ending.is_set():
                # A claimed address does not help.
                headers = {"X-Forwarded-For": f"10.0.{len(answers[address]) % 250}.1"}
                reply = http.get(f"/api/sessions/{codes.new_join_code()}", headers=headers)
                answers[address].append(reply.status_code)
                ending.wait(0.01)

    def join(number: int) -> float:
        with caller(service.url, f"127.0.1.{number % 200 + 1}") as http:
            start = time.monotonic()
            assert http.post(f"/api/sessions/{code}/participants", json=JOIN).status_code == 201
            return time.monotonic() - start

    guessers = [threading.Thread(target=guess, args=(address,)) for address in answers]
    for guesser in guessers:
        guesser.start()
    time.sleep(1)
    with concurrent.futures.ThreadPoolExecutor(8) as crowd:
        waits = sorted(crowd.map(join, range(200)))
    ending.set()
    for guesser in guessers:
        guesser.join()
    took = time.monotonic() - began
    p95 = waits[math.ceil(0.95 * len(waits)) - 1]
    tried = {address: statuses.count(404) for address, statuses in answers.items()}
    print(f"honest joins p95 {p95 * 1000:.0f} ms; guesses let through {tried} in {took:.1f} s")
    assert p95 < 1
    assert all(count <= 120 + 2 * took + 2 for count in tried.values())
    assert all(statuses[-1] == 429 or len(statuses) < 125 for statuses in answers.values())
    assert service.control.session(code)["joined"] == 200


def test_a_class_behind_the_guessers_router_goes_on() -> None:
    guesses = Guesses()
    guesses.right("10.0.0.1", "K7M4QX")
    for _ in range(200):
        guesses.wrong("10.0.0.1")
    with pytest.raises(TooMany):
        guesses.check("10.0.0.1", "AAAAAA")
    guesses.check("10.0.0.1", "K7M4QX")


def test_a_crowd_of_guessers_does_not_shut_out_who_mistypes() -> None:
    guesses = Guesses()
    for number in range(100):
        for _ in range(30):
            guesses.wrong(f"10.0.0.{number}")
    with pytest.raises(TooMany):
        guesses.check("10.0.0.1")
    for _ in range(5):
        guesses.wrong("10.0.9.9")
        guesses.check("10.0.9.9")


def test_all_addresses_of_one_network_count_as_one() -> None:
    guesses = Guesses()
    for number in range(200):
        guesses.wrong(f"2001:db8:1:2::{number:x}")
    with pytest.raises(TooMany):
        guesses.check("2001:db8:1:2:ffff::1")
    guesses.check("2001:db8:1:3::1")


def test_personal_codes_cannot_be_guessed(service: Any) -> None:
    code = service.open_session()
    person = service.join(code)
    http = service.phone()
    path = f"/api/sessions/{code}/participants/resume"
    statuses = [http.post(path, json={"personal_code": f"RUSA-{n:04d}"}).status_code for n in range(80)]
    assert 55 < statuses.count(404) < 70
    assert statuses[-1] == 429
    refused = http.post(path, json={"personal_code": person.personal_code})
    assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
    assert person.wave("pre").json()["code"] == "wave_closed", "who has joined is not disturbed"


# Secrets


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


def test_secrets_are_in_no_process_listing_and_no_log(
    service: Any, quick_environment: dict[str, str]
) -> None:
    code = service.open_session(site="Desa Rahasia Sekali")
    person = service.join(code)
    token = person.http.headers["authorization"][7:]
    control = service.control._http.headers["authorization"][7:]
    person.http.put(f"/api/sessions/{code}/waves/pre/responses/x", content=b"{")
    raw(service.port, b"\x16\x03\x01\x02\x00 no http at all\r\n\r\n")
    listed = [" ".join(process.cmdline()) for process in psutil.process_iter() if process.is_running()]
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
            **quick_environment,
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


def test_a_failed_write_logs_no_values(tmp_path: Path, caplog: Any) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    writer = Writer(store)

    def twice(tx: Any, asked: Any) -> list[None]:
        for _ in range(2):
            tx.find_or_add_site("same-id", {"name": f"Desa Rahasia {time.time_ns()}"})
        return [None]

    with pytest.raises(Exception):  # noqa: B017, PT011 - whichever; the log is what counts
        writer.submit(twice, "the asker's words").result()
    writer.close()
    store.close()
    assert "IntegrityError" in caplog.text
    assert "Rahasia" not in caplog.text
    assert "asker" not in caplog.text


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
                    "office_contact",
                }  # fmt: skip
                if not stages:
                    break
                service.control.move(code, stages.pop(0))
    assert {line.partition(":")[0] for line in seen if line} == {"retry", "id", "event", "data"}


# Strange values


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
            name = bundle_name(rules.view_session(tx, code))
        store.close()
        assert re.fullmatch(r"\d{4}-\d\d-\d\d-[a-z0-9-]{1,60}-[A-Z0-9]{6}", name)
        assert (tmp_path / name).resolve().parent == tmp_path.resolve()
    for held_on in ("2026-W47-1", "20261123"):
        live = service.control.open_session(
            quizzes=["students"], site="X", minors_consent=True, held_on=held_on
        )
        assert live["held_on"] == "2026-11-23" if held_on == "20261123" else "2026-11-16"


# The description


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
    assert set(described["components"]["securitySchemes"]) == {"participant", "facilitator"}


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
    hall.service.guesses = hall.service.personal_guesses = Guesses((1e9, 1e9), (1e9, 1e9))
    writer = hall.service.writer
    code = writer.run(rules.open_session, OPENING)
    person = writer.run(rules.join, requests.Join(code, "student", True, "id"))
    writer.run(rules.move, (code, "pre"))
    tokens = {"participant": person.token, "facilitator": hall.service.control_token}
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


def test_readers_cannot_write(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kit.db'}")
    with pytest.raises(Unavailable), store.reading() as tx:
        tx.find_or_add_site("x", {"name": "X"})
    with store.reading() as tx:
        assert tx.sessions() == []
    store.close()
