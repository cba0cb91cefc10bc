"""The facilitator's pages: the overview, the notes window, reports, and the files that these pages load."""

from __future__ import annotations

import asyncio
import mimetypes
from datetime import date
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from kit.addresses import phone_address
from kit.config import Settings
from kit.errors import KitError
from kit.notebook.meetings import (
    REPORTS,
    Notebook,
    Odd,
    Past,
    address_of,
    followup_of,
    list_past,
    look_at_bundles,
    look_at_notebooks,
    past_sessions,
    rehearsals_of,
)
from kit.notebook.slides import keyed_slides
from kit.notebook.widget_files import HERE, browser_words
from kit.office import read_office
from kit.page.build import PAGE
from kit.quiz.model import Item
from kit.quiz.read import load_quizzes
from kit.quiz.vocabulary import AUDIENCES
from kit.session.client import Control
from kit.text import LANGUAGES, choose_language, message

# Everything a page of this server may load; nothing else of the disk is served.
ASSETS: Final = {
    "theme.css": PAGE / "theme.css",
    "page.css": PAGE / "page.css",
    "widgets.css": HERE / "widgets.css",
}
DONE: Final = ("mended", "merged", "closed")
"""What an address may say was done just before."""
# The cookie that carries the receipt of a deletion to the page that follows it.
_RECEIPT: Final = "kit-deleted"
_FORBID_SCRIPTS: Final = (
    "sandbox allow-downloads allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
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
        self.finish(self.render_page(template, **values))

    def render_page(self, template: str, **values: Any) -> str:
        """A page as text."""
        page = self.settings["kit_pages"].get_template(template)
        shared = {
            "say": self.say,
            "say_study": lambda path: message(f"study.{path}", self.language),
            "say_paper": lambda path: message(f"paper.{path}", self.language),
            "say_office": self.office,
            "say_audience": self.audience,
            "language": self.language,
            "base_url": self.base_url,
            "xsrf": self.xsrf_token.decode(),
        }
        return str(page.render(**shared, **values))

    def switched_language(self) -> bool:
        """Keep the language that the address asks for and lead back without it; whether it asked."""
        wanted = self.get_query_argument("language", "")
        if wanted:
            self.set_cookie("kit-language", choose_language(wanted), expires_days=365, samesite="Lax")
            self.redirect(self.request.path)
        return bool(wanted)

    def say(self, path: str, **values: object) -> str:
        """A sentence of the notebooks' words in the language of this browser."""
        return message(f"notebook.{path}", self.language, **values)

    def audience(self, name: str) -> str:
        """What an audience is called; a name that a bundle from elsewhere brings stays as it is."""
        return message(f"study.audiences.{name}", self.language) if name in AUDIENCES else name

    def office(self, path: str, **values: object) -> str:
        """A sentence of the office's pages in the language of this browser."""
        return message(f"office.{path}", self.language, **values)

    def set_default_headers(self) -> None:
        """Keep pages with results out of caches, and addresses out of other hosts' referrers."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        # With "no-referrer" a form would carry "Origin: null", which Jupyter refuses as foreign.
        self.set_header("Referrer-Policy", "same-origin")

    def service(self) -> Control:
        """A client that speaks this browser's language and waits for a bundle to be written anew."""
        return Control(self.chosen.url, self.chosen.control_token, language=self.language, timeout=180)

    def stage(self, name: str) -> str:
        """What a stage is called."""
        return message(f"study.stages.{name}", self.language)

    async def control(self, method: str, *given: Any) -> Any:
        """Ask the service without holding up the server."""
        client = Control(self.chosen.url, self.chosen.control_token)
        return await asyncio.to_thread(getattr(client, method), *given)


class Overview(Page):
    """What can be started, resumed and read."""

    async def draw(self, **notice: str) -> None:
        """Draw the page, with a notice of what was just done."""
        books = await asyncio.to_thread(look_at_notebooks, self.chosen.notebooks)
        folders = await asyncio.to_thread(look_at_bundles, self.chosen.results)
        notebooks = [one for one in books if isinstance(one, Notebook)]
        bundles = [one for one in folders if isinstance(one, Past)]
        sessions, trouble = await self.list_sessions()
        past = past_sessions(sessions, bundles)
        real = [one for one in past if not one.sample]
        self.show(
            "start.html",
            notebooks=[book for book in notebooks if book.kind == "session"],
            others={book.kind: book for book in notebooks if book.kind != "session"},
            sessions=[one for one in sessions if one["stage"] != "closed"],
            past=[one for one in past if not one.rehearsal],
            rehearsals=rehearsals_of(sessions, past),
            samples=[one for one in past if one.sample],
            address_of=partial(address_of, notebooks),
            followup_of=partial(followup_of, notebooks),
            is_new=not (trouble or sessions or real or read_office(self.chosen).name),
            today=date.today().isoformat(),
            phones=phones_address(self.chosen),
            projector=f"{self.request.protocol}://{self.request.host}{self.base_url}kit",
            trouble=trouble,
            notice=notice,
            odd=[
                (one.name, one.fault.title(self.language))
                for one in [*books, *folders]
                if isinstance(one, Odd)
            ],
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
        if self.switched_language():
            return
        deleted = self.get_cookie(_RECEIPT)
        if deleted is None:
            done = self.get_query_argument("done", "")
            await self.draw(**{"done": self.office(f"done.{done}")} if done in DONE else {})
            return
        self.clear_cookie(_RECEIPT)
        await self.draw(done=self.say("start.deleted", code=deleted))


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
            await self.draw(failed=self.say("start.delete_failed", code=code, why=trouble))
            return
        bundles = await asyncio.to_thread(list_past, self.chosen.results)
        rehearsals = {one.code for one in rehearsals_of(sessions, bundles)}
        if code not in rehearsals | {one["code"] for one in sessions} | {one.code for one in bundles}:
            self.redirect(f"{self.base_url}kit", status=303)  # gone already: the button was pressed twice
            return
        if code not in rehearsals:
            raise web.HTTPError(404)
        try:
            await self.control("delete", code)
        except KitError as error:
            why = error.render(self.language)
            await self.draw(failed=self.say("start.delete_failed", code=code, why=why))
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
        try:
            slides = await asyncio.to_thread(keyed_slides, path)
        except Exception:  # no notebook, whatever its name says
            raise web.HTTPError(404) from None
        solved = await asyncio.to_thread(self._solved)
        words = browser_words("notes", "stages", "audiences")
        self.show("notes.html", slides=slides, name=path.stem, words=words, solved=solved)

    def _solved(self) -> dict[str, dict[str, Any]]:
        """Question, key and reason of every poll, by its item; none while a quiz file is faulty."""
        try:
            quizzes = load_quizzes(self.chosen.quizzes).values()
        except KitError:
            return {}
        return {name: _solution(quiz.item(name), self.language) for quiz in quizzes for name in quiz.polls}


def _solution(item: Item, language: str) -> dict[str, Any]:
    """What the officer alone reads of a poll beforehand."""
    return {
        "stem": item.stem.in_(language),
        "key": [option.text.in_(language) for option in item.options if option.option_id in item.key],
        "reason": item.rationale.in_(language) if item.rationale else "",
    }


class ReportFile(Page):
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


def _content_type(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def phones_address(chosen: Settings) -> str:
    """Return the address that phones on the same network use."""
    return f"http://{phone_address(chosen.private)}:{urlsplit(chosen.url).port or 80}"
