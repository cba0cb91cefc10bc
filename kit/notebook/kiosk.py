"""The kiosk: one person answers on this laptop, as a participant of a running session.

    from kit.notebook.kiosk import Kiosk
    Kiosk()

It uses the same HTTP routes as a phone, so the same store, rules and reports. The token of the person at the
keyboard stays in the kernel; the page gets items without key, and its own result only when results are shown.
"""

from __future__ import annotations

import queue
from dataclasses import dataclass, field
from typing import Any, Final

import anywidget
import httpx
import traitlets

import kit
from kit.config import settings
from kit.errors import Unavailable
from kit.notebook.backstage import LOOK_SECONDS, PATIENCE_SECONDS, Asked, Backstage, Trouble, in_words
from kit.notebook.widget_files import script, style
from kit.session.client import Refused
from kit.study.stage import CLOSED, RESULTS, stage_name, takes_answers, wave_of
from kit.study.wave import PRACTICE, WAVES
from kit.text import message

SEND_SECONDS: Final = 10.0


class KioskView(anywidget.AnyWidget):
    """What the person sees; `screen` says what to draw."""

    _esm = script("kiosk.js", "kiosk", "audiences")
    _css = style("more.css", "widgets.css")
    language: Any = traitlets.Unicode("id").tag(sync=True)
    screen: Any = traitlets.Dict().tag(sync=True)
    trouble: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)


@dataclass
class Person:
    """The participant at the keyboard: token, place in the wave, and the answers already stored.

    `wave` also names the poll: `poll:poll-01`. `shown` is what practice told of the offers answered.
    """

    code: str
    token: str
    personal_code: str
    language: str
    wave: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)
    responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    submitted: bool = False
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    plan: dict[str, Any] | None = None
    split: dict[str, int] = field(default_factory=dict)
    at: int = 0

    @property
    def asked_wave(self) -> str:
        """The wave as the service names it."""
        return wave_of(self.wave) or ""


class Kiosk(Backstage):
    """One place to answer in a notebook; shows itself as the value of its cell."""

    def __init__(self) -> None:
        """Look for sessions and wait for a person."""
        super().__init__()
        self.view = KioskView(language=settings().language)
        self._asked: queue.SimpleQueue[Asked] = queue.SimpleQueue()
        self._person: Person | None = None
        self._http: httpx.Client | None = None
        self.serve(self.view)
        self.beside(self._work, "kit-kiosk")

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.view._repr_mimebundle_(**options)

    # What the person does

    def receive(self, widget: Any, asked: Asked) -> None:
        """Queue a request: an answer must be stored before its page is turned."""
        self._asked.put(asked)

    def _work(self) -> None:
        """Do what the person asks for; look at the session at least once a second."""
        while True:
            try:
                asked = self._asked.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                self._look(None)
                continue
            _, error = self.attempt(asked)
            self._look(in_words(error))

    def _do_join(self, asked: Asked) -> None:
        code, language = str(asked["code"]), str(asked["language"])
        if asked.get("personal_code"):
            path, body = f"{code}/participants/resume", {"personal_code": asked["personal_code"]}
        else:
            path = f"{code}/participants"
            body = {"audience": asked["audience"], "consent": asked["consent"], "language": language}
        joined = self._ask("POST", path, language=language, json=body)
        self._person = Person(code, joined["token"], joined["personal_code"], language)

    def _do_choose(self, asked: Asked) -> None:
        person = self._here()
        item_id, choice = str(asked["item_id"]), list(asked["choice"])
        seq = person.responses.get(item_id, {}).get("seq", 0) + 1
        path = f"{person.code}/waves/{person.asked_wave}/responses/{item_id}"
        stored = self._ask("PUT", path, json={"choice": choice, "seq": seq})
        person.responses[item_id] = {"choice": choice, "seq": seq}
        if stored.get("shown"):
            person.shown[item_id] = stored["shown"]

    def _do_go(self, asked: Asked) -> None:
        person = self._here()
        # Practice has a last page after its last offer; waves end by being submitted.
        last = len(person.items) - (person.wave != PRACTICE)
        person.at = min(max(person.at + int(asked["step"]), 0), last)

    def _do_submit(self, asked: Asked) -> None:
        person = self._here()
        self._ask("POST", f"{person.code}/waves/{person.asked_wave}/submit")
        person.submitted = True

    def _do_leave(self, asked: Asked) -> None:
        self._person = None

    def _here(self) -> Person:
        if self._person is None:
            raise Refused(401, {"code": "no_token"})
        return self._person

    # What the person sees

    def _look(self, trouble: Trouble | None) -> None:
        """Draw the screen that fits the session's stage; a wave may begin or end at any moment."""
        try:
            screen = self._screen()
        except Refused as error:
            if error.status in (401, 404):  # the personal code was used elsewhere, or the session was deleted
                self._person = None
            screen = {"name": "lost"} if self._person else {"name": "none"}
        except (Unavailable, httpx.HTTPError):
            screen = {"name": "lost"}
        self.in_loop(lambda: self._show(screen, trouble))

    def _show(self, screen: dict[str, Any], trouble: Trouble | None) -> None:
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
        if wave_of(stage):
            return self._wave(person, stage)
        if stage in (RESULTS, CLOSED):
            feedback = self._ask("GET", f"{person.code}/feedback")
            return {"name": "result", "feedback": feedback, "personal_code": person.personal_code}
        return {"name": "wait", "stage": stage_name(stage), "personal_code": person.personal_code}

    def _choices(self) -> dict[str, Any]:
        running = [one for one in _sessions() if one["stage"] != CLOSED]
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

    def _wave(self, person: Person, stage: str) -> dict[str, Any]:
        if person.wave != stage:
            self._open(person, stage)
        own = {"personal_code": person.personal_code, "language": person.language}
        done = person.at >= len(person.items)
        if person.submitted or (done and not person.items):
            return {"name": "wait", "stage": "done", **own}
        if done:
            right = sum(one["correct"] == 1 for one in person.shown.values())
            return {"name": "practised", "right": right, "of": len(person.items), **own}
        item = person.items[person.at]
        screen = {
            "name": "item" if stage in WAVES else "practice" if stage == PRACTICE else "poll",
            "wave": person.asked_wave,
            "item": item,
            "choice": person.responses.get(item["item_id"], {}).get("choice", []),
            "number": person.at + 1,
            "of": len(person.items),
            **own,
        }
        if stage == PRACTICE:
            screen["shown"] = person.shown.get(item["item_id"])
        elif stage not in WAVES:
            screen["split"] = None if takes_answers(stage) else person.split
        elif person.at == 0:
            screen["plan"] = person.plan
        return screen

    def _open(self, person: Person, stage: str) -> None:
        """Fetch what a stage asks; a person goes on at the first item without an answer."""
        got = self._ask("GET", f"{person.code}/waves/{wave_of(stage)}")
        person.wave, person.items, person.responses = stage, got["items"], got["responses"]
        person.submitted, person.plan = bool(got["submitted"]), got.get("plan")
        person.shown, person.split = got.get("shown", {}), got.get("split", {})
        unanswered = (n for n, item in enumerate(person.items) if item["item_id"] not in person.responses)
        person.at = next(unanswered, len(person.items) if stage == PRACTICE else 0)

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
            patience = PATIENCE_SECONDS if method == "GET" else SEND_SECONDS
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
            with kit.connect() as found:
                self._http = httpx.Client(base_url=found.url, trust_env=False)
        return self._http


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        return dict(response.json())
    except ValueError:
        return {"title": f"HTTP {response.status_code}", "detail": message("notebook.station.service_lost")}


def _sessions() -> list[dict[str, Any]]:
    with kit.connect() as control:
        return control.sessions()
