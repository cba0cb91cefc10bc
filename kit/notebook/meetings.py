"""What the start page lists: notebooks to begin with, meetings that are over, where each goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel

from kit.bundle.faults import SourceFault
from kit.bundle.told import ToldSite, read_told
from kit.errors import KitError
from kit.notebook.slides import notebook_title, read_notebook
from kit.study.place import PLACE_FIELDS, Site
from kit.study.stage import CLOSED
from kit.study.wave import FOLLOWUP
from kit.text import LANGUAGES, Language

REPORTS: Final = ("report.html", "report.pdf", "report.xlsx", "report.json")


@dataclass(frozen=True)
class Notebook:
    """A notebook as the start page lists it: metadata `kit: {kind, audience, minutes}`."""

    name: str
    title: dict[Language, str]
    kind: str
    audience: tuple[str, ...]
    minutes: int


@dataclass(frozen=True)
class Past:
    """A closed session: its folder in `results/`, which report files it has, and its follow-up.

    `followup` is `closed` where one can be opened, `open`, `over` once the people are deleted, or empty where
    the service does not know the session; `returned` counts who has answered again.
    """

    folder: str
    code: str
    title: dict[str, str]
    place: Site
    event: str
    held_on: str
    joined: int
    by_audience: dict[str, int]
    rehearsal: bool
    reports: tuple[str, ...]
    sample: bool = False
    followup: str = ""
    returned: int = 0

    @property
    def site(self) -> str:
        """The name of the place."""
        return self.place.name


@dataclass(frozen=True)
class Odd:
    """A folder or file that cannot be read, and why; everything else is listed all the same."""

    name: str
    fault: KitError


class _NotebookAbout(BaseModel):
    """The metadata `kit` of a notebook."""

    kind: str = "session"
    audience: tuple[str, ...] = ()
    minutes: int = 0


def list_notebooks(folder: Path) -> list[Notebook]:
    """Return the notebooks of a folder by file name; one that cannot be read is left out."""
    return [one for one in look_at_notebooks(folder) if isinstance(one, Notebook)]


def look_at_notebooks(folder: Path) -> list[Notebook | Odd]:
    """Return what a folder holds by file name: notebooks, and those that cannot be read with the reason."""
    return [_listed(path) for path in sorted(folder.glob("*.ipynb"))]


def _listed(path: Path) -> Notebook | Odd:
    try:
        book = read_notebook(path)
        about = _NotebookAbout.model_validate(book.metadata.get("kit", {}))
        title = {language: notebook_title(book, language) or path.stem for language in LANGUAGES}
    except KitError as fault:
        return Odd(path.name, fault)
    except Exception:  # nbformat raises many kinds for a file that is no notebook
        return Odd(path.name, SourceFault("not_a_notebook", file=path.name))
    return Notebook(path.name, title, about.kind, about.audience, about.minutes)


def list_past(results: Path) -> list[Past]:
    """Return the bundles of closed sessions, newest first."""
    return [one for one in look_at_bundles(results) if isinstance(one, Past)]


def look_at_bundles(results: Path) -> list[Past | Odd]:
    """Return what a results folder holds, newest first: bundles, and those that cannot be read."""
    folders = (path.parent for path in results.glob("[!.]*/session.json"))  # a dot: it is being written
    return [_past(folder) for folder in sorted(folders, reverse=True)]


def _past(folder: Path) -> Past | Odd:
    try:
        told, _ = read_told(folder)
    except SourceFault as fault:
        return Odd(folder.name, fault)
    return Past(
        folder=folder.name,
        code=told.code,
        title=told.titles,
        place=_place(told.site),
        event=told.event,
        held_on=told.held_on,
        joined=told.counts.joined,
        by_audience=dict(told.counts.by_audience),
        rehearsal=told.rehearsal,
        sample=told.sample,
        reports=tuple(name for name in REPORTS if (folder / name).is_file()),
        returned=told.counts.finished.get(FOLLOWUP, 0),
    )


def _place(told: ToldSite | str) -> Site:
    """The place a bundle tells; the earliest ones tell a name alone."""
    if isinstance(told, str):
        return Site("", told)
    return Site(told.site_id, *(getattr(told, name) or "" for name in PLACE_FIELDS))


def past_sessions(sessions: list[dict[str, Any]], bundles: list[Past]) -> list[Past]:
    """Closed sessions, newest first: those with a bundle, and those whose bundle could not be written."""
    known = {one["code"]: one for one in sessions if one["stage"] in (CLOSED, FOLLOWUP)}
    found = [_with_followup(one, known[one.code]) if one.code in known else one for one in bundles]
    written = {one.code for one in bundles}
    found += [_without_bundle(one) for code, one in known.items() if code not in written]
    return sorted(found, key=lambda one: one.held_on, reverse=True)


def _with_followup(past: Past, session: dict[str, Any]) -> Past:
    followup = "over" if session["purged_at"] else "open" if session["stage"] == FOLLOWUP else "closed"
    # The store has forgotten its people where the bundle still counts them.
    returned = max(past.returned, session["finished"]["followup"])
    return replace(past, followup=followup, returned=returned)


def _without_bundle(session: dict[str, Any]) -> Past:
    names = ("code", "title", "event", "held_on", "joined", "by_audience", "rehearsal")
    same = {name: session[name] for name in names}
    place = Site(session["site_id"], *(session["site"][name] for name in PLACE_FIELDS))
    return _with_followup(Past(folder="", place=place, reports=(), **same), session)


def rehearsals_of(sessions: list[dict[str, Any]], past: list[Past]) -> list[Past]:
    """Rehearsals in the store or in `results/`, each once: closed ones and those that still run."""
    closed = [one for one in past if one.rehearsal and not one.sample]
    codes = {one.code for one in closed}
    running = [one for one in sessions if one["rehearsal"] and one["code"] not in codes]
    return [replace(_without_bundle(one), followup="") for one in running] + closed


def address_of(notebooks: list[Notebook], session: dict[str, Any]) -> str:
    """Where a running session goes on: its follow-up, its own notebook, or one for its audience."""
    if session["stage"] == FOLLOWUP:
        return followup_of(notebooks, session["code"])
    audiences = {name for quiz in session.get("quizzes", ()) for name in quiz.get("audience", ())}
    books = [book for book in notebooks if book.kind == "session"]
    own = [book for book in books if Path(book.name).stem == session.get("notebook")]
    exact = [book for book in books if set(book.audience) == audiences]
    near = [book for book in books if set(book.audience) & audiences]
    return _address(next(iter([*own, *exact, *near, *books]), None), session["code"])


def followup_of(notebooks: list[Notebook], code: str) -> str:
    """Where the follow-up of a closed session is opened; empty without a notebook for it."""
    return _address(next((book for book in notebooks if book.kind == "followup"), None), code)


def _address(book: Notebook | None, code: str) -> str:
    return f"voila/render/{quote(book.name)}?session={quote(code)}" if book else ""
