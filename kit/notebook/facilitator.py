"""The facilitator's stations: each is a widget in the deck that shows and moves the running session.

    hall = Hall("students")
    hall.open()         # the form that opens a session, or offers to resume one
    hall.lobby()        # QR code, address, join code, who has joined
    hall.wave("pre")    # opens and closes a wave, with live numbers
    hall.poll("poll-01")
    hall.wave("post")
    hall.results()      # the room before and after
    hall.close()        # notes, bundle, report
    hall.followup()     # weeks later: opens the closed session once more

A station holds nothing of the session: the service does. So a page may be reloaded, a kernel may die and a
service may restart; the next look at the service puts everything right.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Final, Literal

import anywidget
import traitlets

import kit
from kit.config import ensure_control_token, settings
from kit.errors import KitError, NotFound, Unavailable
from kit.notebook.modules import HERE, picture, script, style
from kit.notebook.words import words
from kit.quiz.model import Item, Quiz
from kit.quiz.parse import load_quizzes
from kit.session.client import Control
from kit.text import LANGUAGES, message

SECONDS: Final = 1.0
# A look that hangs must end before the page takes the kernel for dead (LOST_AFTER in deck.js).
LOOK_SECONDS: Final = 2.5
Trouble = dict[str, list[str]]  # by language: what is wrong, what to do
_PAST: Final = ("closed", "followup")
_KEPT: Final = ("code", "event", "site", "held_on", "stage", "rehearsal", "joined")


class Station(anywidget.AnyWidget):
    """One station of a hall; `kind` says which. All it shows comes from the service through the hall."""

    _esm = script(HERE / "station.js")
    _css = style("station.css")
    kind: Any = traitlets.Unicode().tag(sync=True)
    options: Any = traitlets.Dict().tag(sync=True)
    words: Any = traitlets.Dict().tag(sync=True)
    language: Any = traitlets.Unicode("id").tag(sync=True)
    live: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    resumable: Any = traitlets.List().tag(sync=True)
    qr: Any = traitlets.Unicode().tag(sync=True)
    reveal: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    reachable: Any = traitlets.Bool(True).tag(sync=True)
    busy: Any = traitlets.Bool(False).tag(sync=True)
    trouble: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)


class Hall:
    """The stations of one deck and their common view of the session.

    Making one never fails: what is wrong (a faulty quiz file, no service) stands on the stations, in words.
    """

    def __init__(self, *quizzes: str) -> None:
        """Take the quizzes of this meeting, one per audience."""
        self.quizzes = list(quizzes)
        self.code = ""
        self._language = settings().language
        self._stations: list[Station] = []
        self._controls: dict[str, Control] = {}
        self._looking: Control | None = None
        self._unreached: set[Station] = set()  # whose last request found no service
        self._items: dict[str, Item] = {}
        self._fault: Trouble | None = None
        try:
            self._items = _poll_items(self.quizzes)
        except KitError as error:
            self._fault = _in_words(error)
        self._loop = _running_loop()
        self._look = threading.Event()
        threading.Thread(target=self._follow, name="kit-hall", daemon=True).start()

    # Stations

    def open(self) -> Station:
        """The form that opens a session; an open one is offered first."""
        return self._station("open", minors=self._admits_minors(), others=self._others())

    def lobby(self) -> Station:
        """QR code, address and join code, and who has joined."""
        return self._station("lobby")

    def wave(self, wave: Literal["pre", "post"]) -> Station:
        """Open and close a wave and watch it."""
        return self._station("wave", wave=wave)

    def poll(self, item_id: str) -> Station:
        """Ask the room about one scenario, then show the split, the key and the rationale."""
        item = self._items.get(item_id)
        if item is None:
            station = self._station("trouble")
            station.trouble = self._fault or _said(
                "no_poll", item_id=item_id, known=", ".join(self._items) or "–"
            )
            return station
        shown = {language: item.public(language) for language in LANGUAGES}
        return self._station("poll", item=shown, assets=_pictures(item))

    def results(self) -> Station:
        """The room before and after."""
        return self._station("results")

    def close(self) -> Station:
        """The officer's notes, and the end of the session."""
        return self._station("close")

    def followup(self) -> Station:
        """Weeks after the session: QR code, who has come back, and the report written anew."""
        return self._station("followup")

    def _station(self, kind: str, **options: Any) -> Station:
        station = Station(
            kind=kind, options=options, words=words("station", "stages"), language=self._language
        )
        station.trouble = self._fault
        station.on_msg(lambda _widget, asked, _buffers: self._answer(station, asked))
        self._stations.append(station)
        self._look.set()
        return station

    def _admits_minors(self) -> bool:
        known = _quizzes() if self._fault is None else {}
        return any("student" in known[quiz_id].audience for quiz_id in self.quizzes if quiz_id in known)

    def _others(self) -> list[dict[str, Any]]:
        """The quizzes of other audiences, which a mixed hall may take along under the same code."""
        known = _quizzes() if self._fault is None else {}
        served = {name for quiz_id in self.quizzes if quiz_id in known for name in known[quiz_id].audience}
        return [
            {"quiz_id": quiz_id, "audience": list(quiz.audience)}
            for quiz_id, quiz in known.items()
            if quiz_id not in self.quizzes and served.isdisjoint(quiz.audience)
        ]

    # What a station asks for

    def _answer(self, station: Station, asked: dict[str, Any]) -> None:
        """Do what a button asked for, beside the kernel's loop, and show what came of it."""
        station.busy, station.trouble = True, None
        threading.Thread(target=self._do, args=(station, asked), daemon=True).start()

    def _do(self, station: Station, asked: dict[str, Any]) -> None:
        trouble, unreached = None, False
        try:
            getattr(self, f"_do_{asked['do']}")(self._service(asked.get("language", "")), asked)
        except KitError as error:
            trouble, unreached = _in_words(error), isinstance(error, Unavailable)
        except Exception as error:  # a defect must not leave a dead button on the projector
            trouble = _said("unknown", what=type(error).__name__)
        self._refresh()
        self._unreached.discard(station)
        self._set(station, busy=False, trouble=trouble)
        if unreached:
            self._unreached.add(station)

    def _do_open(self, service: Control, asked: dict[str, Any]) -> None:
        quizzes = [*self.quizzes, *(str(quiz_id) for quiz_id in asked.get("also", []))]
        self.code = service.open_session(quizzes=quizzes, **asked["session"])["code"]

    def _do_attach(self, service: Control, asked: dict[str, Any]) -> None:
        self.code = service.session(str(asked["code"]))["code"]

    def _do_leave(self, service: Control, asked: dict[str, Any]) -> None:
        self.code = ""

    def _do_move(self, service: Control, asked: dict[str, Any]) -> None:
        service.move(self.code, str(asked["stage"]))

    def _do_close(self, service: Control, asked: dict[str, Any]) -> None:
        service.notes(self.code, str(asked["text"]))
        service.close(self.code)

    def _do_delete(self, service: Control, asked: dict[str, Any]) -> None:
        service.delete(self.code)
        self.code = ""

    def _service(self, language: str = "") -> Control:
        """Return a client whose refusals are in the language that is on the projector just now."""
        language = language or self._language
        if language not in self._controls:
            self._controls[language] = _reach(language)
        return self._controls[language]

    def _lookout(self) -> Control:
        """Return the client that only looks, and gives up soon."""
        if self._looking is None:
            self._looking = _reach(self._language, timeout=LOOK_SECONDS)
        return self._looking

    # What the stations show

    def _follow(self) -> None:
        """Look at the service about once a second, for as long as the kernel lives."""
        while True:
            self._refresh()
            self._beat()
            self._look.wait(SECONDS)
            self._look.clear()

    def _refresh(self) -> None:
        try:
            shown = self._view()
        except Unavailable:
            shown = {"reachable": False}
        except NotFound:  # deleted meanwhile
            self.code, shown = "", {"live": None}
        except KitError as error:
            shown = {"live": None} if getattr(error, "status", 0) == 404 else {"reachable": False}
        for station in list(self._stations):
            if shown.get("reachable") and station in self._unreached:
                self._set(station, trouble=None)  # it answers again
            self._set(station, **shown, **self._revealed(station, shown.get("live", station.live)))

    def _view(self) -> dict[str, Any]:
        service = self._lookout()
        if self.code:
            live = service.session(self.code)
            return {"reachable": True, "live": live, "qr": self._qr(service, live)}
        listed = [one for one in service.sessions() if one["stage"] not in _PAST and self._is_ours(one)]
        return {
            "reachable": True,
            "live": None,
            "resumable": [{name: one[name] for name in _KEPT} for one in listed],
        }

    def _is_ours(self, session: dict[str, Any]) -> bool:
        return {quiz["quiz_id"] for quiz in session["quizzes"]} >= set(self.quizzes)

    def _qr(self, service: Control, live: dict[str, Any]) -> str:
        """The QR code, drawn anew only when the address has changed."""
        for station in self._stations:
            if station.qr and station.live and station.live["join_url"] == live["join_url"]:
                return str(station.qr)
        return service.qr(self.code)

    def _revealed(self, station: Station, live: dict[str, Any] | None) -> dict[str, Any]:
        """Key and rationale of a poll, sent to the page only while the room may see them."""
        if station.kind != "poll":
            return {}
        item = self._items[station.options["item"]["id"]["item_id"]]
        if live is None or live["stage"] != f"reveal:{item.item_id}":
            return {"reveal": None}
        rationale = {
            language: item.rationale.in_(language) if item.rationale else "" for language in LANGUAGES
        }
        return {"reveal": {"key": sorted(item.key), "rationale": rationale}}

    def _beat(self) -> None:
        """Let the page know that the kernel lives; its silence raises the banner."""
        if self._stations:
            self._in_loop(lambda: self._stations[0].send({"beat": True}))

    def _set(self, station: Station, **values: Any) -> None:
        """Change a station from the kernel's own thread, and only what is different."""
        changed = {name: value for name, value in values.items() if getattr(station, name) != value}
        if changed:
            self._in_loop(lambda: _apply(station, changed))

    def _in_loop(self, act: Callable[[], None]) -> None:
        if self._loop is None:
            act()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)


def _apply(station: Station, values: dict[str, Any]) -> None:
    with station.hold_sync():
        for name, value in values.items():
            setattr(station, name, value)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _reach(language: str, timeout: float = 10.0) -> Control:
    """Return a client of the service, even of one that is restarting just now. Raises Unavailable."""
    chosen = settings()
    try:
        url = kit.connect().url
    except Unavailable:
        if not chosen.url:
            raise
        url = chosen.url
    return Control(url, ensure_control_token(chosen), language=language, timeout=timeout)


def _quizzes() -> dict[str, Quiz]:
    return load_quizzes(settings().quizzes)


def _poll_items(quizzes: list[str]) -> dict[str, Item]:
    """The polls of some quizzes by id. Raises BadQuiz, or NotFound for a quiz that does not exist."""
    known = _quizzes() if quizzes else {}
    for quiz_id in quizzes:
        if quiz_id not in known:
            raise NotFound("quiz_unknown", quiz_id=quiz_id, known=", ".join(sorted(known)))
    return {item_id: known[quiz_id].item(item_id) for quiz_id in quizzes for item_id in known[quiz_id].polls}


def _pictures(item: Item) -> dict[str, str]:
    """The picture of a scenario as a data URL by name: the page loads nothing from the service."""
    name = item.scenario.image if item.scenario else None
    if not name:
        return {}
    return {name: picture(settings().quizzes / "images" / name)}


def _in_words(error: KitError) -> Trouble:
    return {language: [error.title(language), error.remedy(language)] for language in LANGUAGES}


def _said(key: str, **values: object) -> Trouble:
    path = f"notebook.station.error.{key}"
    return {
        language: [message(path, language, **values), message(f"{path}_remedy", language)]
        for language in LANGUAGES
    }
