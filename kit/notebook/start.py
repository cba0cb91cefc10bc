"""The way in: an extension of Jupyter's server with the kit's pages and a login by one-use ticket."""

from __future__ import annotations

import secrets
from html import escape
from typing import Any, Final

import jinja2
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler

from kit.config import write_private
from kit.notebook import (
    keep,
    kiosk_rights,
    mending,
    paper,
    places,
    preflight,
    questions,
    quizzes,
    rehearsals,
    remote,
    setup,
)
from kit.notebook.cards import Cards
from kit.notebook.jupyter import TEMPLATES, open_file
from kit.notebook.kernels import KEEPER
from kit.notebook.login import lead_on
from kit.notebook.pages import Asset, DeleteRehearsal, Notes, ReportFile, Start
from kit.notebook.take_away import Backup, Calendar


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
        lead_on(self, f"{self.base_url}kit")


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


ROUTES: Final = [
    (r"kit/?", Start),
    (r"kit/enter", Enter),
    (r"kit/cards", Cards),
    *paper.ROUTES,
    *preflight.ROUTES,
    *places.ROUTES,
    *mending.ROUTES,
    *setup.ROUTES,
    *rehearsals.ROUTES,
    *keep.ROUTES,
    *quizzes.ROUTES,
    *questions.ROUTES,
    *remote.ROUTES,
    *kiosk_rights.ROUTES,
    (r"kit/assets/([a-z.]+)", Asset),
    (r"kit/notes/([\w.-]+\.ipynb)", Notes),
    (r"kit/reports/([^/]+)/([a-z.]+)", ReportFile),
    (r"kit/followup/([^/]+)\.ics", Calendar),
    (r"kit/backup/([^/]+)\.zip", Backup),
    (r"kit/rehearsals/([A-Z0-9]+)/delete", DeleteRehearsal),
]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "kit.notebook.start"}]


def _load_jupyter_server_extension(app: Any) -> None:
    """Add the kit's pages to the server."""
    base = app.web_app.settings["base_url"]
    pages = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    app.web_app.settings |= {
        "kit_pages": pages,
        "kit_address": f"http://127.0.0.1:{app.port}{base}",
        "kit_kiosk_ticket": secrets.token_urlsafe(16),
    }
    write_ticket(app.web_app.settings)
    if not app.web_app.settings["kit_lab"]:  # an author's kernel may stay without a page
        KEEPER.start(app.kernel_manager)
        app.kernel_manager.keep_spare()
    app.web_app.add_handlers(".*$", [(base + route, handler) for route, handler in ROUTES])
