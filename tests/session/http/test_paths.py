"""No path leads out of what is served, and no address redirects elsewhere."""

from __future__ import annotations

import itertools
import re
from typing import Any

from tests.session.http.lines import raw

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
    "app.js/../../config.py", "..%2f..%2fkit%2fconfig.py", "%2e%2e/session/http/routes.py",
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
