"""How a browser of this laptop is let in: a cookie of this very start of the server, and of this site alone.

Cookies know no ports and outlive what set them: so the cookie's name holds the port and a number drawn at the
start, it ends with the browser, and no page of another site makes the browser send it.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

_OWN: Final = ("none", "same-origin")


def cookie_settings(port: int) -> dict[str, Any]:
    """The name and options of the login cookie, as Jupyter's identity provider takes them."""
    return {
        "cookie_name": f"kit-{port}-{secrets.token_hex(8)}",
        # No date: it ends with the browser.
        "cookie_options": {"samesite": "Strict", "expires_days": None},
    }


def comes_from_elsewhere(handler: JupyterHandler) -> bool:
    """Whether another site or a file led the browser here: then it does not send the cookie yet."""
    site = handler.request.headers.get("Sec-Fetch-Site")
    if site is None:
        return "text/html" in handler.request.headers.get("Accept", "")
    return site not in _OWN


def lead_on(handler: JupyterHandler, path: str) -> None:
    """Go on to a page of this server, in a step that this server itself begins."""
    if comes_from_elsewhere(handler):
        handler.set_header("Content-Type", "text/html; charset=utf-8")
        step = f'<meta http-equiv="refresh" content="0; url={path}"><a href="{path}">→</a>'
        handler.finish(f"<!doctype html>{step}")
    else:
        handler.redirect(path)


class Leave(JupyterHandler):
    """`/logout`: only a form of this server's own pages logs out; a picture on another site does not."""

    @allow_unauthenticated
    def get(self) -> None:
        """Lead back: there is nothing to see here."""
        self.redirect(f"{self.base_url}kit")

    @web.authenticated
    def post(self) -> None:
        """Forget this browser."""
        self.identity_provider.clear_login_cookie(self)
        self.redirect(f"{self.base_url}login", status=303)
