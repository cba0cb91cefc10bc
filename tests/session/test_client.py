"""The note of a running service leads to it, and in a folder from elsewhere the control token nowhere."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from kit.addresses import is_own_address, phone_address
from kit.config import settings
from kit.session.client import note_url, running_url
from tests.conftest import RunningService

ODD = {
    "another machine": json.dumps({"url": "http://192.0.2.99:8000", "pid": 1}),
    "a name that begins like this machine": json.dumps({"url": "http://127.0.0.1.example.org", "pid": 1}),
    "a name behind a user": json.dumps({"url": "http://127.0.0.1:80@example.org/", "pid": 1}),
    "no web address": json.dumps({"url": "file://localhost/etc/passwd", "pid": 1}),
    "a broken address": json.dumps({"url": "http://[::1", "pid": 1}),
    "a list": "[]",
    "nothing": "",
    "nested": "[" * 100_000,
    "a process that is none": json.dumps({"url": "http://127.0.0.1:1", "pid": "all"}),
}


@pytest.mark.parametrize("note", ODD)
def test_an_odd_note_counts_as_none(note: str, tmp_path: Path) -> None:
    chosen = replace(settings(), results=tmp_path, url="")
    chosen.private.mkdir()
    (chosen.private / "service.json").write_text(ODD[note])
    assert running_url(chosen) == ""


def test_nobody_is_asked_at_an_address_that_is_not_of_this_machine(tmp_path: Path) -> None:
    chosen = replace(settings(), results=tmp_path, url="")
    with socket.socket() as stranger:
        # An address of no interface: as strange as that of another machine.
        stranger.bind(("127.0.0.2", 0))
        stranger.listen()
        stranger.setblocking(False)
        note_url(chosen, f"http://127.0.0.2:{stranger.getsockname()[1]}", 1)
        assert running_url(chosen) == ""
        with pytest.raises(BlockingIOError):
            stranger.accept()


def test_the_service_that_runs_is_found(service: RunningService) -> None:
    chosen = replace(settings(), results=service.results, url="", control_token="")
    note_url(chosen, service.url, service.process.pid)
    assert running_url(chosen) == service.url


def test_every_address_that_phones_use_is_this_machine() -> None:
    assert is_own_address(phone_address())
    assert not is_own_address("")
