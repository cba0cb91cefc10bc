"""The facilitator's start page, the notes window and the way in: a small extension of Jupyter's server."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import secrets
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import jinja2
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from kit.config import Settings, write_private
from kit.errors import KitError
from kit.notebook.jupyter import TEMPLATES, open_file
from kit.notebook.kernels import KEEPER
from kit.notebook.slides import keyed_slides, notebook_title, read_notebook
from kit.notebook.words import words
from kit.process import lan_address
from kit.session.client import Control
from kit.text import LANGUAGES, choose_language, message

_PAGE: Final = Path(__file__).parent.parent / "page"
# Everything a page of this server may load; nothing else of the disk is served.
ASSETS: Final = {
    "theme.css": _PAGE / "theme.css",
    "page.css": _PAGE / "page.css",
}
REPORTS: Final = ("report.html", "report.pdf", "report.xlsx", "report.json")
# The cookie that carries the receipt of a deletion to the page that follows it.
_RECEIPT: Final = "kit-deleted"
_FORBID_SCRIPTS: Final = (
    "sandbox allow-downloads allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
)


@dataclass(frozen=True)
class Notebook:
    """A notebook as the start page lists it: metadata `kit: {kind, audience, minutes}`."""

    name: str
    title: str
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
    site: str
    event: str
    held_on: str
    joined: int
    rehearsal: bool
    reports: tuple[str, ...]
    followup: str = ""
    returned: int = 0


def list_notebooks(folder: Path) -> list[Notebook]:
    """Return the notebooks of a folder by file name; one that cannot be read is left out."""
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        try:
            book = read_notebook(path)
        except Exception:
            continue
        about = book.metadata.get("kit", {})
        found.append(
            Notebook(
                name=path.name,
                title=notebook_title(book) or path.stem,
                kind=about.get("kind", "session"),
                audience=tuple(about.get("audience", ())),
                minutes=int(about.get("minutes", 0)),
            )
        )
    return found


def list_past(results: Path) -> list[Past]:
    """Return the bundles of closed sessions, newest first."""
    found = []
    for path in sorted(results.glob("[!.]*/session.json"), reverse=True):  # a dot: it is being written
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
            found.append(_past(path.parent, about))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _past(folder: Path, about: dict[str, Any]) -> Past:
    return Past(
        folder=folder.name,
        code=about["code"],
        title=about["title"],
        site=about["site"]["name"],
        event=about.get("event", ""),
        held_on=about["held_on"],
        joined=int(about["counts"]["joined"]),
        rehearsal=bool(about.get("rehearsal")),
        reports=tuple(name for name in REPORTS if (folder / name).exists()),
        returned=int(about["counts"].get("finished", {}).get("followup", 0)),
    )


class Page(JupyterHandler):
    """A page of the kit: its language, its templates and its way to the service."""

    @property
    def chosen(self) -> Settings:
        """The settings of this process."""
        return self.settings["kit_settings"]  # type: ignore[no-any-return]

    @property
    def language(self) -> str:
        """The language last chosen in this browser, else the machine's."""
        kept = self.get_cookie("kit-language")
        return kept if kept in LANGUAGES else self.chosen.language

    def show(self, template: str, **values: Any) -> None:
        """Write a page."""
        say = partial(_say, self.language)
        page = self.settings["kit_pages"].get_template(template)
        shared = {
            "say": say,
            "language": self.language,
            "base_url": self.base_url,
            "xsrf": self.xsrf_token.decode(),
        }
        self.finish(page.render(**shared, **values))

    def set_default_headers(self) -> None:
        """Keep pages with results out of caches, and addresses out of other hosts' referrers."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        # With "no-referrer" a form would carry "Origin: null", which Jupyter refuses as foreign.
        self.set_header("Referrer-Policy", "same-origin")

    async def control(self, method: str, *given: Any) -> Any:
        """Ask the service without holding up the server."""
        client = Control(self.chosen.url, self.chosen.control_token)
        return await asyncio.to_thread(getattr(client, method), *given)


def _say(language: str, key: str, **values: object) -> str:
    return message(f"notebook.{key}", language, **values)


class Overview(Page):
    """What can be started, resumed and read."""

    async def draw(self, **notice: str) -> None:
        """Draw the page, with a notice of what was just done."""
        notebooks = await asyncio.to_thread(list_notebooks, self.chosen.notebooks)
        bundles = await asyncio.to_thread(list_past, self.chosen.results)
        sessions, trouble = await self.list_sessions()
        past = _past_sessions(sessions, bundles)
        self.show(
            "start.html",
            notebooks=[book for book in notebooks if book.kind == "session"],
            others={book.kind: book for book in notebooks if book.kind != "session"},
            sessions=[one for one in sessions if one["stage"] != "closed"],
            past=[one for one in past if not one.rehearsal],
            rehearsals=_rehearsals(sessions, past),
            address_of=partial(_address_of, notebooks),
            followup_of=partial(_followup_of, notebooks),
            phones=_phones(self.chosen),
            projector=f"{self.request.protocol}://{self.request.host}{self.base_url}kit",
            trouble=trouble,
            notice=notice,
        )

    async def list_sessions(self) -> tuple[list[dict[str, Any]], str]:
        """Return the service's sessions, or none and why."""
        try:
            return [one | {"place": one["site"]["name"]} for one in await self.control("sessions")], ""
        except KitError as error:
            return [], error.title(self.language)


class Start(Overview):
    """`/kit`: the overview."""

    @web.authenticated
    async def get(self) -> None:
        """Show the page, and once the receipt of what was deleted just now."""
        wanted = self.get_query_argument("language", "")
        if wanted:
            self.set_cookie("kit-language", choose_language(wanted), expires_days=365, samesite="Lax")
            self.redirect(self.request.path)
            return
        deleted = self.get_cookie(_RECEIPT)
        if deleted is None:
            await self.draw()
            return
        self.clear_cookie(_RECEIPT)
        await self.draw(done=_say(self.language, "start.deleted", code=deleted))


class DeleteRehearsal(Overview):
    """`/kit/rehearsals/CODE/delete`: one click, one receipt."""

    @web.authenticated
    def get(self, code: str) -> None:
        """Lead back to the overview: there is nothing to see here."""
        self.redirect(f"{self.base_url}kit")

    @web.authenticated
    async def post(self, code: str) -> None:
        """Delete a rehearsal; anything else is refused."""
        sessions, trouble = await self.list_sessions()
        if trouble:
            await self.draw(failed=_say(self.language, "start.delete_failed", code=code, why=trouble))
            return
        bundles = await asyncio.to_thread(list_past, self.chosen.results)
        rehearsals = {one.code for one in _rehearsals(sessions, bundles)}
        if code not in rehearsals | {one["code"] for one in sessions} | {one.code for one in bundles}:
            self.redirect(f"{self.base_url}kit", status=303)  # gone already: the button was pressed twice
            return
        if code not in rehearsals:
            raise web.HTTPError(404)
        try:
            await self.control("delete", code)
        except KitError as error:
            await self.draw(
                failed=_say(self.language, "start.delete_failed", code=code, why=error.render(self.language))
            )
            return
        self.set_cookie(_RECEIPT, code, httponly=True, samesite="Lax")
        self.redirect(f"{self.base_url}kit", status=303)


class Notes(Page):
    """`/kit/notes/NAME.ipynb`: speaker notes that follow the deck in another window; no kernel."""

    @web.authenticated
    async def get(self, name: str) -> None:
        """Show the notes of a notebook."""
        path = self.chosen.notebooks / name
        if not path.is_file():
            raise web.HTTPError(404)
        slides = await asyncio.to_thread(keyed_slides, path)
        self.show("notes.html", slides=slides, name=path.stem, words=words("notes"))


class Report(Page):
    """`/kit/reports/BUNDLE/FILE`: a report of a closed session; scripts in it would not run."""

    @web.authenticated
    async def get(self, bundle: str, name: str) -> None:
        """Send a report file."""
        path = self.chosen.results / bundle / name
        if name not in REPORTS or path.resolve().parent.parent != self.chosen.results or not path.is_file():
            raise web.HTTPError(404)
        self.set_header("Content-Type", _content_type(name))
        self.set_header("X-Content-Type-Options", "nosniff")
        if name == "report.html":
            self.set_header("Content-Security-Policy", _FORBID_SCRIPTS)
        else:
            self.set_header("Content-Disposition", f'attachment; filename="{bundle}-{name}"')
        self.finish(await asyncio.to_thread(path.read_bytes))


class Asset(JupyterHandler):
    """`/kit/assets/NAME`: style sheets and scripts of these pages, the login page included."""

    @allow_unauthenticated
    def get(self, name: str) -> None:
        """Send an asset."""
        path = ASSETS.get(name)
        if path is None or not path.is_file():
            raise web.HTTPError(404)
        self.set_header("Content-Type", _content_type(name))
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-cache")
        self.finish(path.read_bytes())


class Enter(JupyterHandler):
    """`/kit/enter?ticket=…`: exchange the one-use ticket of the private page for a login cookie."""

    @allow_unauthenticated
    def get(self) -> None:
        """Log in and go to the start page; a used or guessed ticket leads to the login page."""
        given = self.get_query_argument("ticket", "")
        if not secrets.compare_digest(given.encode(), self.settings["kit_ticket"].encode()):
            self.redirect(f"{self.base_url}login")
            return
        write_ticket(self.settings)
        provider = self.identity_provider
        provider.set_login_cookie(self, provider.generate_anonymous_user(self))
        self.redirect(f"{self.base_url}kit")


def write_ticket(tornado_settings: dict[str, Any]) -> None:
    """Write a new one-use ticket into the owner's private page."""
    ticket = secrets.token_urlsafe(32)
    tornado_settings["kit_ticket"] = ticket
    address = f"{tornado_settings['kit_address']}kit/enter?ticket={ticket}"
    target = escape(address)
    body = f'<meta http-equiv="refresh" content="0; url={target}"><a href="{target}">Desa Binaan Kit</a>'
    write_private(
        open_file(tornado_settings["kit_settings"]), f'<!doctype html><meta charset="utf-8">{body}\n'
    )


def _content_type(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _past_sessions(sessions: list[dict[str, Any]], bundles: list[Past]) -> list[Past]:
    """Closed sessions, newest first: those with a bundle, and those whose bundle could not be written."""
    known = {one["code"]: one for one in sessions if one["stage"] in ("closed", "followup")}
    found = [_with_followup(one, known[one.code]) if one.code in known else one for one in bundles]
    written = {one.code for one in bundles}
    found += [_without_bundle(one) for code, one in known.items() if code not in written]
    return sorted(found, key=lambda one: one.held_on, reverse=True)


def _with_followup(past: Past, session: dict[str, Any]) -> Past:
    followup = "over" if session["purged_at"] else "open" if session["stage"] == "followup" else "closed"
    # The store has forgotten its people where the bundle still counts them.
    returned = max(past.returned, session["finished"]["followup"])
    return replace(past, followup=followup, returned=returned)


def _without_bundle(session: dict[str, Any]) -> Past:
    same = {name: session[name] for name in ("code", "title", "event", "held_on", "joined", "rehearsal")}
    return _with_followup(Past(folder="", site=session["place"], reports=(), **same), session)


def _rehearsals(sessions: list[dict[str, Any]], past: list[Past]) -> list[Past]:
    """Rehearsals in the store or in `results/`, each once: closed ones and those that still run."""
    closed = [one for one in past if one.rehearsal]
    codes = {one.code for one in closed}
    running = [one for one in sessions if one["rehearsal"] and one["code"] not in codes]
    return [replace(_without_bundle(one), followup="") for one in running] + closed


def _address_of(notebooks: list[Notebook], session: dict[str, Any]) -> str:
    """Where a running session goes on: its follow-up, else the notebook for its audience."""
    if session["stage"] == "followup":
        return _followup_of(notebooks, session["code"])
    audiences = {name for quiz in session.get("quizzes", ()) for name in quiz.get("audience", ())}
    books = [book for book in notebooks if book.kind == "session"]
    exact = [book for book in books if set(book.audience) == audiences]
    near = [book for book in books if set(book.audience) & audiences]
    return _address(next(iter([*exact, *near, *books]), None), session["code"])


def _followup_of(notebooks: list[Notebook], code: str) -> str:
    """Where the follow-up of a closed session is opened; empty without a notebook for it."""
    return _address(next((book for book in notebooks if book.kind == "followup"), None), code)


def _address(book: Notebook | None, code: str) -> str:
    return f"voila/render/{quote(book.name)}?session={quote(code)}" if book else ""


def _phones(chosen: Settings) -> str:
    """Return the address that phones on the same network use."""
    return f"http://{lan_address()}:{urlsplit(chosen.url).port or 80}"


ROUTES: Final = [
    (r"kit/?", Start),
    (r"kit/enter", Enter),
    (r"kit/assets/([a-z.]+)", Asset),
    (r"kit/notes/([\w.-]+\.ipynb)", Notes),
    (r"kit/reports/([^/]+)/([a-z.]+)", Report),
    (r"kit/rehearsals/([A-Z0-9]+)/delete", DeleteRehearsal),
]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "kit.notebook.start"}]


def _load_jupyter_server_extension(app: Any) -> None:
    """Add the kit's pages to the server."""
    base = app.web_app.settings["base_url"]
    pages = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    pages.globals["today"] = date.today
    app.web_app.settings |= {
        "kit_pages": pages,
        "kit_address": f"http://127.0.0.1:{app.port}{base}",
    }
    write_ticket(app.web_app.settings)
    if not app.web_app.settings["kit_lab"]:  # an author's kernel may stay without a page
        KEEPER.start(app.kernel_manager)
    app.web_app.add_handlers(".*$", [(base + route, handler) for route, handler in ROUTES])
