"""Services that start at once: forked from one process that has imported what a service needs.

A service of a test is a process of its own, with its own environment, log, store and end. Only the imports,
which take longer than all else of a start, happen once for all tests of a worker. What starts services for
people (`kit serve`, `kit.connect()`) is tested with real starts.
"""

from __future__ import annotations

import atexit
import dataclasses
import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.warm import INTERPRETER

LOOKS = 0.005


class Nest:
    """The process that services are forked from; it ends, and they with it, when this one ends."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        root = Path(__file__).resolve().parents[1]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked"],
            cwd=root,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = threading.Lock()
        atexit.register(self.close)

    def ask(self, **question: Any) -> Any:
        """One question, one answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            print(json.dumps(question), file=self._process.stdin, flush=True)
            return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End it with everything that it has started."""
        self._process.communicate()


class Forked:
    """A forked service, handled as a process that was started."""

    def __init__(self, nest: Nest, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        self._nest = nest
        self.pid: int = nest.ask(arguments=arguments, environment=dict(environment), log=str(log))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The status it ended with, None while it runs."""
        if self.returncode is None:
            self.returncode = self._nest.ask(ended=self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises TimeoutExpired."""
        deadline = time.monotonic() + (timeout or 60)
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("a forked service", timeout or 60)
            time.sleep(LOOKS)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs: until it was asked for, an ended one keeps its number."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)


def _become(arguments: list[str], environment: dict[str, str], log: str) -> int:
    """Be a service that was just started."""
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (sink, 1), (sink, 2)):
        os.dup2(source, target)
    os.close(sink)
    os.close(nothing)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["kit.session.server", *arguments]
    sys.executable = environment.get(INTERPRETER, sys.executable)
    from kit.session import server

    return server.main()


def _ended(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _try_once() -> None:
    """Build a service and give it up: what its libraries do for the first one is done for all that follow."""
    from kit.config import settings
    from kit.session.http.app import create_app

    with tempfile.TemporaryDirectory() as folder:
        chosen = dataclasses.replace(settings(), store=f"sqlite:///{folder}/kit.db", results=Path(folder))
        create_app(chosen).state.service.shut()
    # A thread would not be in what is forked, but what it held would.
    assert threading.active_count() == 1


def _serve() -> int:
    import alembic.command  # noqa: F401
    import httptools  # noqa: F401
    import uvloop  # noqa: F401

    from kit.session import server  # noqa: F401

    _try_once()
    running: set[int] = set()
    gc.collect()
    gc.freeze()
    # The file itself, not the buffer that a child would inherit half read.
    for line in iter(sys.stdin.readline, ""):
        question = json.loads(line)
        if "ended" in question:
            answer = _ended(question["ended"])
            if answer is not None:
                running.discard(question["ended"])
        else:
            answer = os.fork()
            if not answer:
                return _become(**question)
            running.add(answer)
        print(json.dumps(answer), flush=True)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    return 0


if __name__ == "__main__":
    sys.exit(_serve())
