"""A client of the control routes, for notebooks, the command line and tests."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from kit.addresses import is_own_address
from kit.config import (
    Settings,
    child_environment,
    ensure_control_token,
    open_log,
    private_folder,
    read_small,
    settings,
    write_private,
)
from kit.errors import KitError, Unavailable
from kit.process import bind, free_port

START_SECONDS = 30.0
# A meeting has phones connected all the time; a notebook that is open looks every second.
IDLE_SECONDS = 1_800


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
        # Without a token there is nothing to show: an empty one is no header that can be sent.
        shown = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(
            base_url=self.url,
            timeout=timeout,
            # A local service never goes through a proxy that the environment names.
            trust_env=False,
            headers={**shown, "Accept-Language": language},
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
        self, *, quizzes: list[str], site: str | dict[str, str], key: str = "", **choices: object
    ) -> dict[str, Any]:
        """Open a session; `choices` are the further fields of `POST /api/control/sessions`.

        A `key` makes the same request sent twice one act: here, and where one is taken below.
        """
        body = {"quizzes": quizzes, "site": site, **choices}
        return self._ask("POST", "/api/control/sessions", json=body, headers=_once(key))

    def move(self, code: str, stage: str, *, key: str = "") -> dict[str, Any]:
        """Move a session to a stage."""
        path = f"/api/control/sessions/{code}/stage"
        return self._ask("PUT", path, json={"stage": stage}, timeout=180, headers=_once(key))

    def close(self, code: str, *, key: str = "") -> dict[str, Any]:
        """Close a session and write its bundle."""
        return self._ask("POST", f"/api/control/sessions/{code}/close", timeout=180, headers=_once(key))

    def notes(self, code: str, text: str) -> dict[str, Any]:
        """Keep the officer's notes."""
        return self._ask("PUT", f"/api/control/sessions/{code}/notes", json={"text": text})

    def mend(self, code: str, *, key: str = "", **corrected: object) -> dict[str, Any]:
        """Correct `event`, `site` (all its fields), `held_on` or `notes`; what is left out stays."""
        path = f"/api/control/sessions/{code}"
        return self._ask("PATCH", path, json=corrected, timeout=180, headers=_once(key))

    def sites(self) -> list[dict[str, Any]]:
        """Every place that had a meeting, with their join codes and the places that look like it."""
        listed: list[dict[str, Any]] = self._send("GET", "/api/control/sites").json()
        return listed

    def merge_sites(self, site_id: str, into: str) -> dict[str, Any]:
        """Bring the meetings of a place to the one that it really is."""
        path = f"/api/control/sites/{site_id}/merge"
        return self._ask("POST", path, json={"into": into}, timeout=600)

    def set_door(
        self, code: str, *, closed: bool | None = None, expected: int | None = None
    ) -> dict[str, Any]:
        """Close or open the door; say how many are expected, 0 for nobody counted."""
        return self._ask(
            "PUT", f"/api/control/sessions/{code}/door", json={"closed": closed, "expected": expected}
        )

    def set_hands(self, code: str, item_id: str, counts: dict[str, int]) -> dict[str, Any]:
        """Keep the hands that were raised for the options of a poll; the session then."""
        path = f"/api/control/sessions/{code}/hands/{item_id}"
        return self._ask("PUT", path, json={"counts": counts})

    def set_aside(self, code: str, burst_id: int, aside: bool = True) -> dict[str, Any]:
        """Leave the people of a burst out of every figure, or take them back."""
        path = f"/api/control/sessions/{code}/bursts/{burst_id}"
        return self._ask("PUT", path, json={"set_aside": aside}, timeout=180)

    def questions(self, code: str) -> dict[str, Any]:
        """Whether questions are open, and all that people asked."""
        return self._ask("GET", f"/api/control/sessions/{code}/questions")

    def open_questions(self, code: str, wanted: bool = True) -> dict[str, Any]:
        """Open or close the questions; the list as it is then."""
        return self._ask("PUT", f"/api/control/sessions/{code}/questions", json={"open": wanted})

    def judge_question(self, code: str, question_id: str, state: str) -> dict[str, Any]:
        """Give a question its state (new, shown, answered, hidden), one at a time shown; the list then."""
        path = f"/api/control/sessions/{code}/questions/{question_id}"
        return self._ask("PUT", path, json={"state": state})

    def offer_remote(self, code: str) -> dict[str, Any]:
        """Make a QR code by which one phone becomes the remote of a session."""
        return self._ask("POST", f"/api/control/sessions/{code}/remote")

    def remote(self, code: str) -> dict[str, Any]:
        """Whether a phone is the remote of a session."""
        return self._ask("GET", f"/api/control/sessions/{code}/remote")

    def end_remote(self, code: str) -> dict[str, Any]:
        """Forget the remote of a session."""
        return self._ask("DELETE", f"/api/control/sessions/{code}/remote")

    def turns(self, code: str, after: int, *, wait: float = 0.0) -> dict[str, Any]:
        """What a remote has asked of the deck behind turn number `after`; waits so many seconds for it."""
        path = f"/api/control/sessions/{code}/remote/turns"
        return self._ask("GET", path, params={"after": after, "wait": wait}, timeout=wait + 10)

    def tell_slide(self, code: str, slide: dict[str, Any]) -> dict[str, Any]:
        """Tell a remote which slide is on the projector."""
        return self._ask("PUT", f"/api/control/sessions/{code}/remote/slide", json=slide)

    def delete(self, code: str) -> dict[str, Any]:
        """Remove a session for good; the receipt."""
        return self._ask("DELETE", f"/api/control/sessions/{code}", timeout=60)

    def deletions(self) -> list[dict[str, Any]]:
        """Deletions that are not finished yet."""
        listed: list[dict[str, Any]] = self._send("GET", "/api/control/deletions").json()
        return listed

    def qr(self, code: str) -> str:
        """The join address as an SVG picture."""
        return self._send("GET", f"/api/control/sessions/{code}/qr.svg").text

    def addresses(self) -> list[dict[str, Any]]:
        """Every address under which phones may reach the service, the one they are sent to first."""
        listed: list[dict[str, Any]] = self._send("GET", "/api/control/addresses").json()
        return listed

    def choose_address(self, address: str) -> list[dict[str, Any]]:
        """Send phones to this address from now on."""
        listed: list[dict[str, Any]] = self._send(
            "PUT", "/api/control/address", json={"address": address}
        ).json()
        return listed

    def office(self) -> dict[str, Any]:
        """What the office has filled in."""
        return self._ask("GET", "/api/control/office")

    def fill_office(self, **filled: str) -> dict[str, Any]:
        """Keep `name`, `contact`, `wifi` and `wifi_password`; what is left out is emptied."""
        return self._ask("PUT", "/api/control/office", json=filled)

    def trial(self, *, begin: bool = False) -> dict[str, Any]:
        """Which phones have reached the service since the trial began; `begin` forgets them."""
        return self._ask("PUT" if begin else "GET", "/api/control/trial")

    def reserve_packets(self, code: str, n: int, audience: str = "") -> dict[str, Any]:
        """Reserve people for whom sheets are printed; their codes are told once."""
        body = {"n": n, "audience": audience}
        return self._ask("POST", f"/api/control/sessions/{code}/packets", json=body, timeout=60)

    def paper_forms(self, code: str) -> dict[str, Any]:
        """What the sheets of a session ask."""
        return self._ask("GET", f"/api/control/sessions/{code}/packets")

    def send_sheets(
        self, code: str, sheets: list[dict[str, Any]], *, more: bool = False
    ) -> list[dict[str, Any]]:
        """Hand in what was read of sheets; what became of each."""
        body = {"sheets": sheets, "more": more}
        sent = self._ask("POST", f"/api/control/sessions/{code}/sheets", json=body, timeout=180)
        return list(sent["sheets"])

    def send_sightings(self, code: str, sightings: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Hand in offers that were ticked on paper; what became of each."""
        path = f"/api/control/sessions/{code}/sightings"
        return list(self._ask("POST", path, json={"sightings": sightings}, timeout=180)["sightings"])

    def sheets(self, code: str) -> list[dict[str, Any]]:
        """The sheets of a session, those that somebody has to look at first."""
        return list(self._send("GET", f"/api/control/sessions/{code}/sheets").json())

    def sheet_picture(self, code: str, sheet_id: str) -> bytes:
        """The picture of a sheet that waits for a decision."""
        return self._send("GET", f"/api/control/sessions/{code}/sheets/{sheet_id}/picture").content

    def decide_sheet(self, code: str, sheet_id: str, **decision: object) -> dict[str, Any]:
        """Decide a sheet: `answers` for the items looked at, or `discard`."""
        path = f"/api/control/sessions/{code}/sheets/{sheet_id}"
        return self._ask("PUT", path, json=decision, timeout=180)

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


def _once(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key} if key else {}


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


@contextlib.contextmanager
def service_for_command(chosen: Settings) -> Iterator[Control]:
    """The running service, or one for this command alone, on this machine only. Raises Unavailable.

    What a command has started it ends: nothing stays that listens.
    """
    before = _noted_pid(chosen)
    control = connect(chosen)
    started = _noted_pid(chosen)
    try:
        yield control
    finally:
        control.close_connection()
        if started is not None and started != before and not chosen.url:
            _end(chosen, started)


def _noted_pid(chosen: Settings) -> int | None:
    return _note(chosen)[1]


def _end(chosen: Settings, pid: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGTERM)
    (chosen.private / "service.json").unlink(missing_ok=True)


def start_in_background(chosen: Settings, token: str, *, host: str = "0.0.0.0", port: int = 8000) -> Control:
    """Start a service that outlives this process and wait until it answers. Raises Unavailable.

    Until a session is opened it lets in nobody but this machine, and it ends when nobody has asked for long.
    """
    try:
        bind(host, port).close()
    except Unavailable:
        port = free_port(host)
    log = private_folder(chosen) / "service.log"
    with open_log(log) as sink:
        child = subprocess.Popen(
            [
                *(sys.executable, "-m", "kit.session.server", "--host", host, "--port", str(port)),
                *("--until-session", "--idle", str(IDLE_SECONDS)),
            ],
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


def running_url(chosen: Settings) -> str:
    """Where a service of this store answers now; empty when none does."""
    url = _noted_url(chosen)
    if not url:
        return ""
    with Control(url, "") as control:
        return url if control.healthy() else ""


def forget_url(chosen: Settings, pid: int | None) -> None:
    """Take the note back, if it is still that of this service."""
    if pid is not None and _noted_pid(chosen) == pid:
        (chosen.private / "service.json").unlink(missing_ok=True)


def _noted_url(chosen: Settings) -> str:
    return _note(chosen)[0]


def _note(chosen: Settings) -> tuple[str, int | None]:
    """Address and process of the noted service; nothing where the note makes no sense.

    A results folder may come from elsewhere: only an address of this machine is believed, for whoever answers
    there is given the control token.
    """
    try:
        noted = json.loads(read_small(chosen.private / "service.json"))
        url, pid = str(noted["url"]), int(noted["pid"])
        host = urlsplit(url).hostname or ""
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "", None
    return (url, pid) if url.startswith("http://") and is_own_address(host) else ("", None)
