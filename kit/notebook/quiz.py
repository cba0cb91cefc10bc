"""The kiosk: one person answers on this laptop, as a participant of a running session.

    from kit.notebook.quiz import Kiosk
    Kiosk()

It uses the same HTTP routes as a phone, so the same store, rules and reports. The token of the person at the
keyboard stays in the kernel; the page gets items without key, and its own result only when results are shown.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import anywidget
import httpx
import traitlets

import kit
from kit.config import settings
from kit.errors import KitError, Unavailable
from kit.notebook.modules import HERE, script, style
from kit.notebook.words import words
from kit.session.client import Refused
from kit.text import LANGUAGES, message

SECONDS: Final = 1.0
# A look that hangs must end before the page takes the kernel for dead (LOST_AFTER in deck.js).
LOOK_SECONDS: Final = 2.5
SEND_SECONDS: Final = 10.0
WAVES: Final = ("pre", "post", "followup")


class KioskView(anywidget.AnyWidget):
    """What the person sees; `screen` says what to draw."""

    _esm = script(HERE / "kiosk.js")
    _css = style("station.css")
    words: Any = traitlets.Dict().tag(sync=True)
    language: Any = traitlets.Unicode("id").tag(sync=True)
    screen: Any = traitlets.Dict().tag(sync=True)
    trouble: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)


@dataclass
class Person:
    """The participant at the keyboard: token, place in the wave, and the answers already stored."""

    code: str
    token: str
    personal_code: str
    language: str
    wave: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)
    responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    submitted: bool = False
    at: int = 0


class Kiosk:
    """One place to answer in a notebook; shows itself as the value of its cell."""

    def __init__(self) -> None:
        """Look for sessions and wait for a person."""
        self.view = KioskView(words=words("kiosk", "station"), language=settings().language)
        # One after the other: an answer must be stored before its page is turned.
        self._asked: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.view.on_msg(lambda _widget, asked, _buffers: self._asked.put(asked))
        self._person: Person | None = None
        self._http: httpx.Client | None = None
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None
        threading.Thread(target=self._work, name="kit-kiosk", daemon=True).start()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.view._repr_mimebundle_(**options)

    # What the person does

    def _work(self) -> None:
        """Do what the person asks for; look at the session at least once a second."""
        while True:
            trouble: dict[str, list[str]] | None = None
            try:
                asked = self._asked.get(timeout=SECONDS)
                getattr(self, f"_do_{asked['do']}")(asked)
            except queue.Empty:
                pass
            except KitError as error:
                trouble = {
                    language: [error.title(language), error.remedy(language)] for language in LANGUAGES
                }
            self._look(trouble)

    def _do_join(self, asked: dict[str, Any]) -> None:
        code, language = str(asked["code"]), str(asked["language"])
        if asked.get("personal_code"):
            path, body = f"{code}/participants/resume", {"personal_code": asked["personal_code"]}
        else:
            path = f"{code}/participants"
            body = {"audience": asked["audience"], "consent": asked["consent"], "language": language}
        joined = self._ask("POST", path, language=language, json=body)
        self._person = Person(code, joined["token"], joined["personal_code"], language)

    def _do_choose(self, asked: dict[str, Any]) -> None:
        person = self._here()
        item_id, choice = str(asked["item_id"]), list(asked["choice"])
        seq = person.responses.get(item_id, {}).get("seq", 0) + 1
        path = f"{person.code}/waves/{person.wave}/responses/{item_id}"
        self._ask("PUT", path, json={"choice": choice, "seq": seq})
        person.responses[item_id] = {"choice": choice, "seq": seq}

    def _do_go(self, asked: dict[str, Any]) -> None:
        person = self._here()
        person.at = min(max(person.at + int(asked["step"]), 0), len(person.items) - 1)

    def _do_submit(self, asked: dict[str, Any]) -> None:
        person = self._here()
        self._ask("POST", f"{person.code}/waves/{person.wave}/submit")
        person.submitted = True

    def _do_leave(self, asked: dict[str, Any]) -> None:
        self._person = None

    def _here(self) -> Person:
        if self._person is None:
            raise Refused(401, {"code": "no_token"})
        return self._person

    # What the person sees

    def _look(self, trouble: dict[str, list[str]] | None) -> None:
        """Draw the screen that fits the session's stage; a wave may begin or end at any moment."""
        try:
            screen = self._screen()
        except Refused as error:
            if error.status in (401, 404):  # the personal code was used elsewhere, or the session was deleted
                self._person = None
            screen = {"name": "lost"} if self._person else {"name": "none"}
        except (Unavailable, httpx.HTTPError):
            screen = {"name": "lost"}
        self._in_loop(lambda: self._show(screen, trouble))

    def _show(self, screen: dict[str, Any], trouble: dict[str, list[str]] | None) -> None:
        if self.view.screen != screen:
            self.view.screen = screen
            self.view.trouble = trouble
        elif trouble:
            self.view.trouble = trouble
        self.view.send({"beat": True})

    def _screen(self) -> dict[str, Any]:
        if self._person is None:
            return self._choices()
        person = self._person
        stage = self._ask("GET", person.code)["stage"]
        if stage in WAVES:
            return self._wave(person, stage)
        if stage in ("results", "closed"):
            feedback = self._ask("GET", f"{person.code}/feedback")
            return {"name": "result", "feedback": feedback, "personal_code": person.personal_code}
        return {"name": "wait", "stage": stage.split(":")[0], "personal_code": person.personal_code}

    def _choices(self) -> dict[str, Any]:
        running = [one for one in _sessions() if one["stage"] != "closed"]
        if not running:
            return {"name": "none"}
        sessions = [
            {
                "code": one["code"],
                "title": " · ".join(filter(None, (one["event"], one["site"]["name"]))),
                "audiences": list(one["by_audience"]),
                "rehearsal": one["rehearsal"],
            }
            for one in running
        ]
        return {"name": "join", "sessions": sessions}

    def _wave(self, person: Person, wave: str) -> dict[str, Any]:
        if person.wave != wave:
            got = self._ask("GET", f"{person.code}/waves/{wave}")
            person.wave, person.items, person.responses = wave, got["items"], got["responses"]
            person.submitted = bool(got["submitted"])
            unanswered = (n for n, item in enumerate(person.items) if item["item_id"] not in person.responses)
            person.at = next(unanswered, 0)
        if person.submitted:
            return {"name": "wait", "stage": "done", "personal_code": person.personal_code}
        item = person.items[person.at]
        return {
            "name": "item",
            "wave": wave,
            "item": item,
            "choice": person.responses.get(item["item_id"], {}).get("choice", []),
            "number": person.at + 1,
            "of": len(person.items),
            "language": person.language,
            "personal_code": person.personal_code,
        }

    # The way to the service

    def _ask(self, method: str, path: str, *, language: str = "", **options: Any) -> Any:
        """Use a participant's route. Raises Refused with the service's own words, or Unavailable."""
        headers = {
            "Accept-Language": language or (self._person.language if self._person else self.view.language)
        }
        if self._person is not None:
            headers["Authorization"] = f"Bearer {self._person.token}"
        try:
            client = self._client()
            patience = LOOK_SECONDS if method == "GET" else SEND_SECONDS
            response = client.request(
                method, f"/api/sessions/{path}", headers=headers, timeout=patience, **options
            )
        except httpx.HTTPError as error:
            raise Unavailable("service_unreachable", url=settings().url) from error
        if response.is_error:
            raise Refused(response.status_code, _problem(response))
        return response.json()

    def _client(self) -> httpx.Client:
        if self._http is None:
            self._http = httpx.Client(base_url=kit.connect().url, trust_env=False)
        return self._http

    def _in_loop(self, act: Callable[[], None]) -> None:
        if self._loop is None:
            act()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        return dict(response.json())
    except ValueError:
        return {"title": f"HTTP {response.status_code}", "detail": message("notebook.station.service_lost")}


def _sessions() -> list[dict[str, Any]]:
    with kit.connect() as control:
        return control.sessions()
