"""`/kit/questions/CODE`: what people ask, for the notes window alone; a shown one reaches the projector."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from tornado import web

from kit.errors import KitError
from kit.notebook.pages import Page
from kit.session.client import Control


class QuestionsPage(Page):
    """What both addresses share: an answer of the service, or why there is none."""

    async def tell(self, method: str, *given: Any) -> None:
        """Ask the service and send the list on."""
        try:
            listed = await asyncio.to_thread(self._ask, method, *given)
        except KitError as error:
            self.set_status(getattr(error, "status", 503))
            listed = {"trouble": error.render(self.language)}
        self.finish(listed)

    def wanted(self, name: str) -> Any:
        """A value of what was sent."""
        sent = self.get_json_body()
        return sent.get(name) if isinstance(sent, dict) else None

    def _ask(self, method: str, *given: Any) -> dict[str, Any]:
        with Control(self.chosen.url, self.chosen.control_token, language=self.language) as control:
            listed: dict[str, Any] = getattr(control, method)(*given)
            return listed


class Questions(QuestionsPage):
    """`/kit/questions/CODE`: the list, and whether more are taken."""

    @web.authenticated
    async def get(self, code: str) -> None:
        """Send the list."""
        await self.tell("questions", code)

    @web.authenticated
    async def put(self, code: str) -> None:
        """Open or close the questions."""
        await self.tell("open_questions", code, bool(self.wanted("open")))


class Question(QuestionsPage):
    """`/kit/questions/CODE/ID`: one question."""

    @web.authenticated
    async def put(self, code: str, question_id: str) -> None:
        """Show it, mark it as answered, hide it or put it back."""
        await self.tell("judge_question", code, question_id, str(self.wanted("state")))


ROUTES: Final = [
    (r"kit/questions/([A-Z0-9]{6})", Questions),
    (r"kit/questions/([A-Z0-9]{6})/([\w-]+)", Question),
]
