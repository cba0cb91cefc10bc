"""A client of the control routes, for notebooks, the command line and tests."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any, Self

import httpx

from kit.config import (
    Settings,
    child_environment,
    ensure_control_token,
    private_folder,
    settings,
    write_private,
)
from kit.errors import KitError, Unavailable
from kit.process import bind, free_port

START_SECONDS = 30.0


class Refused(KitError):
    """The service refused: its own words, in the reader's language."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(str(problem.get("code", "unexpected")))
        self.status = status
        self.problem = problem

    def title(self, language: str = "id") -> str:
        """What is wrong, as the service said it."""
        return str(self.problem.get("title", f"HTTP {self.status}"))

    def remedy(self, language: str = "id") -> str:
        """What to do, as the service said it."""
        return str(self.problem.get("detail", ""))


class Control:
    """The facilitator's side of the service. Every method raises Refused or Unavailable."""

    def __init__(self, url: str, token: str, *, language: str = "id", timeout: float = 10.0) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(
            base_url=self.url,
            timeout=timeout,
            # A local service never goes through a proxy that the environment names.
            trust_env=False,
            headers={"Authorization": f"Bearer {token}", "Accept-Language": language},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_connection()

    def close_connection(self) -> None:
        """Give the connection back; the session itself goes on."""
        self._http.close()

    def sessions(self) -> list[dict[str, Any]]:
        """All sessions, newest first."""
        listed: list[dict[str, Any]] = self._send("GET", "/api/control/sessions").json()
        return listed

    def session(self, code: str) -> dict[str, Any]:
        """One session with its live numbers."""
        return self._ask("GET", f"/api/control/sessions/{code}")

    def open_session(
        self, *, quizzes: list[str], site: str | dict[str, str], **choices: object
    ) -> dict[str, Any]:
        """Open a session; `choices` are the further fields of `POST /api/control/sessions`."""
        return self._ask("POST", "/api/control/sessions", json={"quizzes": quizzes, "site": site, **choices})

    def move(self, code: str, stage: str) -> dict[str, Any]:
        """Move a session to a stage."""
        return self._ask("PUT", f"/api/control/sessions/{code}/stage", json={"stage": stage}, timeout=180)

    def close(self, code: str) -> dict[str, Any]:
        """Close a session and write its bundle."""
        return self._ask("POST", f"/api/control/sessions/{code}/close", timeout=180)

    def notes(self, code: str, text: str) -> dict[str, Any]:
        """Keep the officer's notes."""
        return self._ask("PUT", f"/api/control/sessions/{code}/notes", json={"text": text})

    def delete(self, code: str) -> dict[str, Any]:
        """Remove a session for good; the receipt."""
        return self._ask("DELETE", f"/api/control/sessions/{code}", timeout=60)

    def qr(self, code: str) -> str:
        """The join address as an SVG picture."""
        return self._send("GET", f"/api/control/sessions/{code}/qr.svg").text

    def healthy(self) -> bool:
        """Whether the service answers now."""
        try:
            return self._http.get("/api/health", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._send(method, path, **options).json()
        return answer

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise Unavailable("service_unreachable", url=self.url) from error
        if response.is_error:
            try:
                problem = response.json()
            except ValueError:
                problem = {}
            raise Refused(response.status_code, problem)
        return response


def connect(chosen: Settings | None = None) -> Control:
    """Find the running service, or start one in the background. Raises Unavailable."""
    chosen = chosen or settings()
    token = ensure_control_token(chosen)
    for url in filter(None, (chosen.url, _noted_url(chosen))):
        control = Control(url, token, language=chosen.language)
        if control.healthy():
            return control
        control.close_connection()
        if chosen.url:
            # Told where the service is: never start a second one behind its back.
            raise Unavailable("service_unreachable", url=url)
    return start_in_background(chosen, token)


def start_in_background(chosen: Settings, token: str, *, host: str = "0.0.0.0", port: int = 8000) -> Control:
    """Start a service that outlives this process and wait until it answers. Raises Unavailable."""
    try:
        bind(host, port).close()
    except Unavailable:
        port = free_port(host)
    log = private_folder(chosen) / "service.log"
    with log.open("ab") as sink:
        child = subprocess.Popen(
            [sys.executable, "-m", "kit.session.server", "--host", host, "--port", str(port)],
            env=child_environment(KIT_CONTROL_TOKEN=token),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    control = Control(url, token, language=chosen.language)
    if not wait_until_healthy(control, child):
        control.close_connection()
        raise Unavailable("service_did_not_start", log=str(log))
    note_url(chosen, url, child.pid)
    # The service is meant to outlive this process: nobody here waits for it.
    child.returncode = 0
    return control


def wait_until_healthy(control: Control, child: subprocess.Popen[bytes]) -> bool:
    """Wait for a starting service; False when it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        if control.healthy():
            return True
        time.sleep(0.05)
    return False


def note_url(chosen: Settings, url: str, pid: int) -> None:
    """Note where the service of this store listens."""
    write_private(private_folder(chosen) / "service.json", json.dumps({"url": url, "pid": pid}))


def _noted_url(chosen: Settings) -> str:
    try:
        noted = json.loads((chosen.private / "service.json").read_text(encoding="utf-8"))
        return str(noted["url"])
    except (OSError, ValueError, KeyError):
        return ""
