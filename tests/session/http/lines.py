"""Bytes on a line, as strangers send them, and the headers that every answer carries."""

from __future__ import annotations

import socket

import httpx

SAFETY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


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
