"""One command, two processes: starts the service and Jupyter, restarts what dies, stops both."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Final

import httpx
from rich.console import Console
from rich.table import Table

from kit.addresses import phone_address
from kit.config import (
    Settings,
    child_environment,
    ensure_control_token,
    is_private,
    open_log,
    private_folder,
)
from kit.errors import KitError, Unavailable
from kit.process import bind
from kit.session.client import Control, forget_url, note_url, running_url, wait_until_healthy
from kit.text import message

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 8.0
# More restarts than this within a minute mean that starting again does not help.
MAX_RESTARTS: Final = 5


@dataclass
class Child:
    """One supervised process."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    failure: str
    folder: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    restarts: list[float] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process; its output goes to its log, and it ends when this process does.

        Raises Unavailable where nothing can be logged: a stick that was locked, say.
        """
        with open_log(self.log) as sink:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.folder,
                # The child watches this pipe: it closes with this process, however that dies.
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=sink,
                start_new_session=os.name != "nt",
            )
        return self.process

    def stop(self) -> None:
        """End the process, gently first."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def revive(self, say: Callable[[str], None], language: str) -> None:
        """Start the process again when it has died. Raises Unavailable when that keeps happening."""
        if self.process is None or (status := self.process.poll()) is None:
            return
        now = time.monotonic()
        self.restarts = [moment for moment in self.restarts if now - moment < 60] + [now]
        if len(self.restarts) > MAX_RESTARTS:
            raise Unavailable(self.failure, log=str(self.log))
        say(message("cli.restarted", language, name=self.name, status=status))
        self.start()


def service_child(chosen: Settings, token: str, host: str, port: int) -> Child:
    """The service as a supervised process."""
    command = [
        sys.executable,
        "-m",
        "kit.session.server",
        "--supervised",
        "--host",
        host,
        "--port",
        str(port),
    ]
    environment = child_environment(
        KIT_CONTROL_TOKEN=token, KIT_STORE=chosen.store, KIT_RESULTS=str(chosen.results)
    )
    log = private_folder(chosen) / "service.log"
    return Child("service", command, environment, log, "service_did_not_start")


def jupyter_child(chosen: Settings, port: int, lab: bool) -> Child:
    """Jupyter with Voila as a supervised process."""
    from kit.notebook.jupyter import jupyter_command, jupyter_folder

    command, environment = jupyter_command(chosen, port=port, lab=lab)
    log = private_folder(chosen) / "jupyter.log"
    # Voila runs a voila.py that it finds in its working directory: give it an empty one of the kit's own.
    return Child(
        "Jupyter", command, environment, log, "jupyter_did_not_start", jupyter_folder(chosen) / "work"
    )


def supervise(
    chosen: Settings,
    *,
    host: str,
    port: int,
    jupyter_port: int,
    jupyter: bool = True,
    browser: bool = True,
    lab: bool = False,
) -> int:
    """Run both processes until Ctrl-C; the exit status. Raises KitError when they cannot start."""
    # Here and not above: `kit --help` would wait for it.
    from kit.session.store.engine import hold_alone

    console = Console()
    private = is_private(private_folder(chosen))
    if running_url(chosen):
        raise Unavailable("store_in_use", store=chosen.results)
    # Nothing is touched without this: a second one would take away the first one's notes, tickets and the
    # folder its decks work in, also where the first is just starting or too busy to answer.
    alone = hold_alone(private_folder(chosen) / "serve", chosen.results)
    bind(host, port).close()
    if jupyter:
        bind("127.0.0.1", jupyter_port, "--jupyter-port").close()
    token = ensure_control_token(chosen)
    local = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"
    chosen = replace(chosen, url=local, control_token=token)
    children = [service_child(chosen, token, host, port)]
    noted: int | None = None
    stopping = _on_signals()
    try:
        with console.status("kit serve …"):
            if jupyter:
                children.append(jupyter_child(chosen, jupyter_port, lab))
            # Both at once: each spends seconds on importing, and neither needs the other to start.
            marks = [_start(child) for child in children]
            noted = _await_service(children[0], marks[0], chosen, token)
            if jupyter:
                _await_jupyter(children[1], marks[1], jupyter_port)
        _greet(console, chosen, port, jupyter_port if jupyter else None)
        if not private:
            console.print(message("cli.not_private", chosen.language, results=chosen.results))
        if jupyter and browser:
            from kit.notebook.jupyter import open_file

            webbrowser.open(open_file(chosen).as_uri())
        while not stopping:
            time.sleep(0.2)
            for child in children if not stopping else ():
                child.revive(console.print, chosen.language)
        console.print(message("cli.stopping", chosen.language))
    finally:
        for child in reversed(children):
            child.stop()
        forget_url(chosen, noted)
        alone.close()
    return 0


def _on_signals() -> list[int]:
    """A list that is filled by Ctrl-C or SIGTERM.

    A list and not an Event: signals come in pairs (the terminal's and the one uv passes on), and one that
    interrupts the other inside the lock of an Event would wait for it for ever.
    """
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    signal.signal(signal.SIGINT, note)
    signal.signal(signal.SIGTERM, note)
    return received


def _start(child: Child) -> int:
    """Start a child; where its log begins this time."""
    mark = child.log.stat().st_size if child.log.exists() else 0
    child.start()
    return mark


def _await_service(child: Child, mark: int, chosen: Settings, token: str) -> int:
    assert child.process is not None
    with Control(chosen.url, token) as control:
        if not wait_until_healthy(control, child.process):
            raise _reason(child, mark)
    note_url(chosen, chosen.url, child.process.pid)
    return child.process.pid


def _await_jupyter(child: Child, mark: int, port: int) -> None:
    assert child.process is not None
    deadline = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False, timeout=2) as http:
        while time.monotonic() < deadline and child.process.poll() is None:
            try:
                http.get(f"http://127.0.0.1:{port}/api")
                return
            except httpx.HTTPError:
                time.sleep(0.1)
    raise _reason(child, mark)


class _Said(KitError):
    """A child's own last words."""

    def render(self, language: str = "id") -> str:
        return str(self.values["words"])


def _reason(child: Child, start: int) -> KitError:
    """Why a child did not start: its own sentence when it had one, else where its log is."""
    words = child.log.read_bytes()[start:].decode(errors="replace").strip()
    if words and "Traceback" not in words and "\n" not in words:
        return _Said("unexpected", words=words)
    return Unavailable(child.failure, log=str(child.log))


def _greet(console: Console, chosen: Settings, port: int, jupyter_port: int | None) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2))
    if jupyter_port is not None:
        table.add_row(message("cli.projector", chosen.language), f"http://127.0.0.1:{jupyter_port}/")
    table.add_row(message("cli.phones", chosen.language), f"http://{phone_address(chosen.private)}:{port}/")
    console.print(table)
    console.print(message("cli.stop", chosen.language, results=chosen.results))
