"""The facilitator's stations: each is a widget in the deck that shows and moves the running session.

    hall = Hall("students")
    hall.open()         # the form that opens a session, or offers to resume one
    hall.lobby()        # QR code, address, join code, who has joined
    hall.wave("pre")    # opens and closes a wave, with live numbers
    hall.poll("poll-01")
    hall.practice()     # quick offers on every phone, afterwards what settles each
    hall.wave("post")
    hall.results()      # the room before and after
    hall.close()        # notes, bundle, report
    hall.followup()     # weeks later: opens the closed session once more

A station holds nothing of the session: the service does. So a page may be reloaded, a kernel may die and a
service may restart; the next look at the service puts everything right.
"""

from __future__ import annotations

import threading
from typing import Any, Final, Literal

import anywidget
import traitlets

from kit.config import settings
from kit.errors import BadRequest, KitError, NotFound, Unavailable
from kit.notebook.backstage import (
    LOOK_SECONDS,
    PATIENCE_SECONDS,
    Asked,
    Backstage,
    Trouble,
    in_words,
    is_unreached,
    said,
)
from kit.notebook.doubts import alike_places, spelled
from kit.notebook.lectern import Lectern, reach
from kit.notebook.widget_files import picture, script, style
from kit.office import read_office
from kit.quiz.model import Item, Quiz
from kit.quiz.read import load_quizzes
from kit.session.client import Control
from kit.study.place import PLACE_FIELDS, Site
from kit.study.stage import CLOSED, REVEAL, with_item
from kit.study.wave import FOLLOWUP, PRACTICE
from kit.text import LANGUAGES

_PAST: Final = (CLOSED, FOLLOWUP)
_KEPT: Final = ("code", "event", "site", "held_on", "stage", "rehearsal", "joined")


class Station(anywidget.AnyWidget):
    """One station of a hall; `kind` says which. All it shows comes from the service through the hall."""

    _esm = script("stations/station.js", "station", "stages", "audiences")
    _css = style("widgets.css")
    kind: Any = traitlets.Unicode().tag(sync=True)
    options: Any = traitlets.Dict().tag(sync=True)
    language: Any = traitlets.Unicode("id").tag(sync=True)
    live: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    resumable: Any = traitlets.List().tag(sync=True)
    places: Any = traitlets.List().tag(sync=True)
    qr: Any = traitlets.Unicode().tag(sync=True)
    reveal: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    reachable: Any = traitlets.Bool(True).tag(sync=True)
    busy: Any = traitlets.Bool(False).tag(sync=True)
    trouble: Any = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)


class FurtherStation(Station):
    """A station behind the first one of a hall: that one's script and style, sent once, draw it too."""

    _esm = script("stations/further.js")
    _css = ""


class Hall(Backstage):
    """The stations of one deck and their common view of the session.

    Making one never fails: what is wrong (a faulty quiz file, no service) stands on the stations, in words.
    """

    def __init__(self, *quizzes: str) -> None:
        """Take the quizzes of this meeting, one per audience."""
        super().__init__()
        self.quizzes = list(quizzes)
        self.code = ""
        self._language = settings().language
        self._stations: list[Station] = []
        self._controls: dict[str, Control] = {}
        self._looking: Control | None = None
        self._unreached: set[Station] = set()  # whose last request found no service
        self._items: dict[str, Item] = {}
        self._practice: dict[str, Item] = {}
        self._fault: Trouble | None = None
        self._doubted: Site | None = None  # the place that was asked about last
        try:
            self._items = _listed_items(self.quizzes, "polls")
            self._practice = _listed_items(self.quizzes, "practice")
        except KitError as error:
            self._fault = in_words(error)
        self._look = threading.Event()
        self._led = Lectern(self)
        self.beside(self._follow, "kit-hall")
        self.beside(self._led.follow, "kit-remote")

    # Stations

    def open(self) -> Station:
        """The form that opens a session; an open one is offered first."""
        return self._station("open", minors=self._admits_minors(), others=self._others())

    def lobby(self) -> Station:
        """QR code, address and join code, and who has joined."""
        return self._station("lobby", wifi=read_office(settings()).wifi)

    def wave(self, wave: Literal["pre", "post"]) -> Station:
        """Open and close a wave and watch it."""
        return self._station("wave", wave=wave)

    def poll(self, item_id: str) -> Station:
        """Ask the room about one scenario, then show the split, the key and the rationale."""
        item = self._items.get(item_id)
        if item is None:
            station = self._station("trouble")
            station.trouble = self._fault or said(
                "no_poll", item_id=item_id, known=", ".join(self._items) or "–"
            )
            return station
        return self._station("poll", item=_public(item), assets=_pictures(item))

    def practice(self) -> Station:
        """Let every phone practise, then show how the room did and what settles each offer."""
        items = list(self._practice.values())
        assets = {name: address for item in items for name, address in _pictures(item).items()}
        return self._station("practice", items=[_public(item) for item in items], assets=assets)

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
        made = FurtherStation if self._stations else Station
        station = made(kind=kind, options=options, language=self._language)
        station.trouble = self._fault
        self.serve(station)
        self._stations.append(station)
        self._look.set()
        return station

    def _admits_minors(self) -> bool:
        known = _quizzes() if self._fault is None else {}
        return any(_has_minors(known[quiz_id]) for quiz_id in self.quizzes if quiz_id in known)

    def _others(self) -> list[dict[str, Any]]:
        """The quizzes of other audiences, which a mixed hall may take along under the same code."""
        known = _quizzes() if self._fault is None else {}
        served = {name for quiz_id in self.quizzes if quiz_id in known for name in known[quiz_id].audience}
        return [
            {"quiz_id": quiz_id, "audience": list(quiz.audience), "minors": _has_minors(quiz)}
            for quiz_id, quiz in known.items()
            if quiz_id not in self.quizzes and served.isdisjoint(quiz.audience)
        ]

    # What a station asks for

    def receive(self, widget: Any, asked: Asked) -> None:
        """Take a request; which slide is on the screen is only noted, and makes no station busy."""
        if asked.get("do") == "slide":
            self._led.note(asked.get("slide"))
        else:
            super().receive(widget, asked)

    def lead(self, turn: dict[str, Any]) -> None:
        """Let the deck follow a turn of the remote."""
        leading = next((one for one in self._stations if one.kind in ("open", "followup")), None)
        if leading is not None:
            self.in_loop(lambda: leading.send({"turn": turn}))

    def answer(self, station: Station, asked: Asked) -> None:
        """Do what a button asked for, and show what came of it."""
        _, error = self.attempt(asked)
        self._refresh()
        self._unreached.discard(station)
        self.change(station, busy=False, trouble=in_words(error))
        if is_unreached(error):
            self._unreached.add(station)

    def _do_open(self, asked: Asked) -> None:
        self._ask_about_place(asked)
        quizzes = [*self.quizzes, *(str(quiz_id) for quiz_id in asked.get("also", []))]
        opened = self._service(asked).open_session(quizzes=quizzes, key=_key(asked), **asked["session"])
        self.code = opened["code"]

    def _ask_about_place(self, asked: Asked) -> None:
        """Ask once about a place that looks like a known one; again is meant. Raises BadRequest."""
        told = asked["session"]["site"]
        place = Site("", *(" ".join(str(told.get(name, "")).split()) for name in PLACE_FIELDS))
        alike = alike_places(place, self._service(asked).sites())
        if alike and self._doubted != place:
            self._doubted = place
            raise BadRequest("site_alike", name=place.name, known="; ".join(spelled(one) for one in alike))

    def _do_attach(self, asked: Asked) -> None:
        self.code = self._service(asked).session(str(asked["code"]))["code"]

    def _do_leave(self, asked: Asked) -> None:
        self.code = ""

    def _do_move(self, asked: Asked) -> None:
        """Move the session, closing on the way what is still open (`via`)."""
        service, key = self._service(asked), _key(asked)
        if via := str(asked.get("via", "")):
            service.move(self.code, via, key=key and f"{key}-via")
        service.move(self.code, str(asked["stage"]), key=key)

    def _do_door(self, asked: Asked) -> None:
        self._service(asked).set_door(self.code, closed=bool(asked["closed"]))

    def _do_hands(self, asked: Asked) -> None:
        """Keep the hands that the officer has counted for a poll."""
        counts = {str(option): int(n) for option, n in dict(asked["counts"]).items()}
        self._service(asked).set_hands(self.code, str(asked["item_id"]), counts)

    def _do_aside(self, asked: Asked) -> None:
        self._service(asked).set_aside(self.code, int(asked["burst_id"]), bool(asked["aside"]))

    def _do_question_answered(self, asked: Asked) -> None:
        """Take the question that is on the screen away."""
        service = self._service(asked)
        for one in service.questions(self.code)["questions"]:
            if one["state"] == "shown":
                service.judge_question(self.code, one["question_id"], "answered")

    def _do_close(self, asked: Asked) -> None:
        service = self._service(asked)
        service.notes(self.code, str(asked["text"]))
        service.close(self.code, key=_key(asked))

    def _do_delete(self, asked: Asked) -> None:
        self._service(asked).delete(self.code)
        self.code = ""

    def _service(self, asked: Asked) -> Control:
        """Return a client whose refusals are in the language that is on the projector just now."""
        language = str(asked.get("language") or self._language)
        if language not in self._controls:
            self._controls[language] = reach(language)
        return self._controls[language]

    def _lookout(self) -> Control:
        """Return the client that only looks, and gives up soon."""
        if self._looking is None:
            self._looking = reach(self._language, timeout=PATIENCE_SECONDS)
        return self._looking

    # What the stations show

    def _follow(self) -> None:
        """Look at the service about once a second, for as long as the kernel lives."""
        while True:
            self._refresh()
            self._beat()
            self._look.wait(LOOK_SECONDS)
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
                self.change(station, trouble=None)  # it answers again
            self.change(station, **shown, **self._revealed(station, shown.get("live", station.live)))

    def _view(self) -> dict[str, Any]:
        service = self._lookout()
        if self.code:
            live = service.session(self.code)
            if live["alarm"]:
                # A code on the wire; whoever stands before the projector reads a sentence.
                live["alarm"] = Unavailable(live["alarm"]).title(self._language)
            return {"reachable": True, "live": live, "qr": self._qr(service, live)}
        listed = [one for one in service.sessions() if one["stage"] not in _PAST and self._is_ours(one)]
        return {
            "reachable": True,
            "live": None,
            "resumable": [{name: one[name] for name in _KEPT} for one in listed],
            "places": [{name: one[name] for name in PLACE_FIELDS} for one in service.sites()],
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
        """Key and rationale of a poll or of practice, sent to the page only while the room may see them."""
        if station.kind == "practice":
            return {"reveal": self._practised(live)}
        if station.kind != "poll":
            return {}
        item = self._items[station.options["item"]["id"]["item_id"]]
        if live is None or live["stage"] != with_item(REVEAL, item.item_id):
            return {"reveal": None}
        return {"reveal": _solution(item)}

    def _practised(self, live: dict[str, Any] | None) -> dict[str, Any] | None:
        """What settles each practice offer, once the room has practised and nobody practises any more."""
        if live is None or live["stage"] == PRACTICE:
            return None
        if not any(item["answered"] for item in live["practice"]["items"]):
            return None
        return {item_id: _solution(item) for item_id, item in self._practice.items()}

    def _beat(self) -> None:
        """Let the page know that the kernel lives; its silence raises the banner."""
        if self._stations:
            self.in_loop(lambda: self._stations[0].send({"beat": True}))


def _key(asked: Asked) -> str:
    """The key that makes a request sent twice one act."""
    return str(asked.get("key", ""))


def _has_minors(quiz: Quiz) -> bool:
    return "student" in quiz.audience


def _quizzes() -> dict[str, Quiz]:
    return load_quizzes(settings().quizzes)


def _public(item: Item) -> dict[str, Any]:
    return {language: item.public(language) for language in LANGUAGES}


def _solution(item: Item) -> dict[str, Any]:
    """Key and reason of an item in both languages."""
    rationale = {language: item.rationale.in_(language) if item.rationale else "" for language in LANGUAGES}
    return {"key": sorted(item.key), "rationale": rationale, "letters": list(item.letters)}


def _listed_items(quizzes: list[str], name: Literal["polls", "practice"]) -> dict[str, Item]:
    """The items of one list of some quizzes by id. Raises BadQuiz, or NotFound for an unknown quiz."""
    known = _quizzes() if quizzes else {}
    for quiz_id in quizzes:
        if quiz_id not in known:
            raise NotFound("quiz_unknown", quiz_id=quiz_id, known=", ".join(sorted(known)))
    chosen = [known[quiz_id] for quiz_id in quizzes]
    return {item_id: quiz.item(item_id) for quiz in chosen for item_id in getattr(quiz, name)}


def _pictures(item: Item) -> dict[str, str]:
    """The picture of a scenario as a data URL by name: the page loads nothing from the service."""
    name = item.scenario.image if item.scenario else None
    if not name:
        return {}
    return {name: picture(settings().quizzes / "images" / name)}
