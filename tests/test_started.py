"""Services that something else than `kit serve` has started: they let in nobody early and do not stay."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from kit.addresses import phone_address
from kit.session.client import Control, wait_until_healthy
from tests.conftest import ROOT, TOKEN, free_port

PROGRAM = [sys.executable, "-c", "from kit.cli import main; main()"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "KIT_RESULTS": str(tmp_path),
        "KIT_CONTROL_TOKEN": TOKEN,
        "KIT_STORE": "",
        "KIT_URL": "",
    }


def services_of(results: Path) -> list[int]:
    """The processes that serve from a results folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.environ().get("KIT_RESULTS") == str(results)
                and "kit.session.server" in process.cmdline()
            ):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize(
    "command", [["delete", "ZZZZZZ", "--yes"], ["rehearse", "--phones", "2"]], ids=["delete", "rehearse"]
)
def test_a_command_ends_the_service_that_it_started(
    tmp_path: Path, environment: dict[str, str], command: list[str]
) -> None:
    subprocess.run([*PROGRAM, *command], env=environment, cwd=ROOT, capture_output=True, timeout=200)
    deadline = time.monotonic() + 10
    while services_of(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert services_of(tmp_path) == []
    assert not (tmp_path / ".kit" / "service.json").exists()


def test_until_a_session_is_opened_only_this_machine_gets_in_and_idle_it_ends(
    environment: dict[str, str],
) -> None:
    if phone_address().startswith("127."):
        pytest.skip("no network")
    port = free_port()
    command = [sys.executable, "-m", "kit.session.server", "--host", "0.0.0.0", "--port", str(port)]
    started = subprocess.Popen([*command, "--until-session", "--idle", "2"], env=environment)
    outside = f"http://{phone_address()}:{port}/api/health"
    try:
        with Control(f"http://127.0.0.1:{port}", TOKEN) as control:
            assert wait_until_healthy(control, started)
            with pytest.raises(httpx.HTTPError):
                httpx.get(outside, trust_env=False)
            control.open_session(quizzes=["teachers"], site="Kebon Kosong")
            assert httpx.get(outside, trust_env=False).status_code == 200
        assert started.wait(30) is not None
    finally:
        started.kill()
        started.wait()


DYING = """
import gc, sys, threading, time
from kit.session import server
from kit.session.run.writer import Writer

def die(tx, requests):
    raise SystemExit

def later():
    while not (found := [one for one in gc.get_objects() if isinstance(one, Writer)]):
        time.sleep(0.2)
    time.sleep(1)
    found[0].submit(die, None)

gc.freeze = lambda: None
threading.Thread(target=later, daemon=True).start()
sys.argv = ["server", "--port", sys.argv[1]]
sys.exit(server.main())
"""


def test_a_service_whose_writer_has_died_ends_so_that_a_whole_one_is_started(
    environment: dict[str, str],
) -> None:
    port = free_port()
    started = subprocess.Popen([sys.executable, "-c", DYING, str(port)], env=environment, cwd=ROOT)
    try:
        started.wait(40)
    finally:
        started.kill()
        started.wait()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=2)
