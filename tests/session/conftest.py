"""A service inside the test's own process, for what needs shorter limits or a look at its parts."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from kit.config import settings
from kit.quiz.read import load_quiz
from kit.session.acts import attend
from kit.session.acts.open import OpenSession
from kit.session.http.app import create_app
from kit.session.http.connections import Doors, TimedHttpProtocol
from kit.session.run.writer import Writer
from kit.session.server import bind, let_in_together
from kit.session.store.store import Store

TOKEN = "token-of-the-tests-0123456789abcdef"
QUIZ = load_quiz(Path(__file__).parents[2] / "quizzes" / "students.yaml")
OPENING = OpenSession(quizzes=[QUIZ], site={"name": "Kebon Kosong"}, minors_consent=True)


class InProcess:
    """The application under the same server and protocol as `kit.session.server`."""

    def __init__(self, results: Path, doors: Doors) -> None:
        chosen = dataclasses.replace(
            settings(), store=f"sqlite:///{results / 'kit.db'}", results=results, control_token=TOKEN
        )
        self.app = create_app(chosen)
        self.service: Any = self.app.state.service
        taken = bind("127.0.0.1", 0)
        self.port = int(taken.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        protocol = type("Protocol", (TimedHttpProtocol,), {"doors": doors})
        config = uvicorn.Config(
            self.app,
            http=protocol,
            log_level="error",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            ws="none",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": let_in_together(taken)})
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=20)

    def stop(self) -> None:
        self.http.close()
        self.service.live.stop()
        self._server.should_exit = True
        self._thread.join(20)


@pytest.fixture
def in_process(tmp_path: Path) -> Iterator[Callable[..., InProcess]]:
    """Start services inside this process."""
    running: list[InProcess] = []

    def start(doors: Doors | None = None) -> InProcess:
        running.append(InProcess(tmp_path, doors or Doors()))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store without a service, on both databases."""
    opened = Store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def writer(store: Store) -> Iterator[Writer]:
    """A writer on a store without a service."""
    running = Writer(store)
    yield running
    running.close()


def join(writer: Writer, code: str) -> attend.Identity:
    """Somebody who has joined a session, as the acts know people."""
    joined = writer.run(attend.join, attend.Join(code, "student", True, "id"))
    with writer._store.reading() as tx:
        return attend.identify(tx, code, joined.token)
