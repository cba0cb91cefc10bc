"""`/kit/cards`: what is printed and cut before a meeting, or handed out after it."""

from __future__ import annotations

from typing import Any, Final

from tornado import web

from kit.notebook.pages import Page
from kit.notebook.slides import drawing
from kit.study.help import HELP_LINES, HELP_NUMBERS
from kit.text import sentences

CHECKS: Final = "cekal"
TACTICS: Final = ("authority", "secrecy", "love", "debt", "hurry", "friend")
ROLES: Final = ("caller_one", "caller_two", "officer", "broker")
_ON_CARD: Final = ("police", "women_children", "migrants")


class Cards(Page):
    """Family cards, role-play cards and tactic cards, each a sheet of A4 to cut."""

    @web.authenticated
    async def get(self) -> None:
        """Show the sheets; the browser prints them."""
        if self.switched_language():
            return
        self.show(
            "cards.html",
            checks=self._checks(),
            tactics=TACTICS,
            roles=ROLES,
            lines=[line for line in HELP_LINES if line.name in _ON_CARD],
            drawing=drawing,
        )

    def _checks(self) -> list[dict[str, str]]:
        """The five checks in the words of the participant page."""
        words: dict[str, Any] = sentences("page", **HELP_NUMBERS)[self.language]["later"]["cekal"]  # type: ignore[index]
        return [{"letter": one.upper(), "title": words[one], "how": words[f"{one}2"]} for one in CHECKS]
