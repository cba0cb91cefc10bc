"""`kit serve` as a process: it says its addresses, revives what dies, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from kit.session.client import Control
from tests.conftest import ROOT, TOKEN, free_port

PROGRAM = [sys.executable, "-c", "from kit.cli import main; main()"]


class Serving:
    """One `kit serve --no-jupyter`."""

    def __init__(self, results: Path, port: int, *options: str) -> None:
        results.mkdir(exist_ok=True)
        environment = {**os.environ, "KIT_RESULTS": str(results), "KIT_CONTROL_TOKEN": TOKEN, "KIT_STORE": ""}
        self.results = results
        self.log = results / "said.log"
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [*PROGRAM, "serve", "--no-jupyter", "--no-browser", "--port", str(port), *options],
                env=environment,
                cwd=ROOT,
                stdout=sink,
                stderr=sink,
            )
        self.control = Control(f"http://127.0.0.1:{port}", TOKEN)

    @property
    def said(self) -> str:
        return " ".join(self.log.read_text(encoding="utf-8").split())

    def service(self) -> psutil.Process:
        (child,) = psutil.Process(self.process.pid).children()
        return child

    def wait(self, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not reached():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.05)

    def wait_healthy(self) -> None:
        self.wait(self.control.healthy)
        self.wait(lambda: "Ctrl-C" in self.said)

    def stop(self) -> None:
        self.control.close_connection()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    started: list[Serving] = []

    def start(port: int | None = None, name: str = "results") -> Serving:
        started.append(Serving(tmp_path / name, port or free_port()))
        return started[-1]

    yield start
    for serving in started:
        if serving.process.poll() is None:
            serving.stop()
        serving.control.close_connection()


def test_serve_says_the_address_for_phones_and_stops_on_ctrl_c(serve: Callable[..., Serving]) -> None:
    port = free_port()
    serving = serve(port)
    serving.wait_healthy()
    assert "Ponsel" in serving.said
    assert f":{port}/" in serving.said
    child = serving.service()
    serving.stop()
    assert serving.process.returncode == 0
    assert not child.is_running()
    assert not (serving.results / ".kit" / "service.json").exists()


def test_many_signals_at_once_stop_it_once(serve: Callable[..., Serving]) -> None:
    serving = serve()
    serving.wait_healthy()
    child = serving.service()
    for number in [signal.SIGINT, signal.SIGTERM] * 10:
        serving.process.send_signal(number)
    assert serving.process.wait(20) == 0
    assert not child.is_running()


def test_a_killed_service_is_revived_and_the_session_goes_on(serve: Callable[..., Serving]) -> None:
    serving = serve()
    serving.wait_healthy()
    code = serving.control.open_session(quizzes=["students"], site="X", minors_consent=True)["code"]
    serving.control.move(code, "pre")
    killed = serving.service()
    killed.kill()
    serving.wait(lambda: not killed.is_running() and serving.control.healthy())
    assert serving.control.session(code)["stage"] == "pre"
    assert "dinyalakan lagi" in serving.said


def test_the_service_ends_when_its_supervisor_is_killed(serve: Callable[..., Serving]) -> None:
    serving = serve()
    serving.wait_healthy()
    child = serving.service()
    serving.process.kill()
    serving.process.wait(10)
    child.wait(10)


def test_a_second_serve_on_the_same_store_is_refused_in_one_sentence(serve: Callable[..., Serving]) -> None:
    first = serve()
    first.wait_healthy()
    second = serve(name="results")
    assert second.process.wait(30) == 1
    assert "sedang dipakai oleh kit lain" in second.said
    assert "Traceback" not in second.said
    assert first.control.healthy()


def test_a_results_folder_that_takes_no_log_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "results" / ".kit" / "service.log").mkdir(parents=True)
    serving = Serving(tmp_path / "results", free_port())
    assert serving.process.wait(30) == 1
    assert "tidak dapat ditulisi" in serving.said
    assert "Traceback" not in serving.said


def test_a_taken_port_is_named_with_a_free_one(serve: Callable[..., Serving]) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        serving = serve(taken.getsockname()[1])
        assert serving.process.wait(30) == 1
    assert "sudah dipakai program lain" in serving.said
    assert "kit serve --port" in serving.said


def test_a_notebook_without_a_service_starts_one(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "KIT_RESULTS": str(tmp_path),
        "KIT_URL": "",
        "KIT_STORE": "",
        "KIT_CONTROL_TOKEN": "",
    }
    script = "import kit; control = kit.connect(); print(control.url, len(control.sessions()))"
    said = [
        subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert said[0] == said[1], "the second notebook finds the service of the first"
    url = said[0].split()[0]
    port = int(url.rpartition(":")[2])
    (owner,) = {c.pid for c in psutil.net_connections("tcp") if c.laddr.port == port and c.status == "LISTEN"}
    psutil.Process(owner).terminate()
    psutil.Process(owner).wait(15) if psutil.pid_exists(owner) else None


def test_a_second_serve_beside_one_that_does_not_answer_takes_nothing_away(tmp_path: Path) -> None:
    first = Serving(tmp_path / "results", free_port())
    first.wait_healthy()
    work = first.results / ".kit" / "jupyter" / "work"
    work.mkdir(parents=True)
    (work / "deck").touch()
    busy = first.service()
    busy.suspend()
    options = ("--no-browser", "--port", str(free_port()), "--jupyter-port", str(free_port()))
    try:
        second = subprocess.run(
            [*PROGRAM, "serve", *options],
            env={**os.environ, "KIT_RESULTS": str(first.results), "KIT_STORE": ""},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        busy.resume()
        first.stop()
    assert second.returncode == 1
    assert "sedang dipakai oleh kit lain" in " ".join((second.stdout + second.stderr).split())
    assert (work / "deck").exists()


def test_a_second_serve_says_so_and_leaves_the_first_as_it_is(tmp_path: Path) -> None:
    first = Serving(tmp_path / "results", free_port())
    first.wait_healthy()
    noted = (first.results / ".kit" / "service.json").read_text()
    second = Serving(first.results, free_port())
    try:
        assert second.process.wait(30) == 1
        assert "sedang dipakai oleh kit lain" in second.said
        assert (first.results / ".kit" / "service.json").read_text() == noted
        assert first.control.healthy()
    finally:
        second.control.close_connection()
        first.stop()
