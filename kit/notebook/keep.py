"""`/kit/keep`: all results to a USB stick, and back from there; nothing of it needs a terminal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from tornado import web

from kit.errors import KitError
from kit.notebook.pages import Page
from kit.session.run.stick import Backup, backups_on, restore, sticks, write_backup


class Keep(Page):
    """`/kit/keep`: the sticks that are in, and the backups on them."""

    @web.authenticated
    async def get(self) -> None:
        """Show them."""
        if not self.switched_language():
            await self.draw()

    @web.authenticated
    async def post(self) -> None:
        """Write a backup to a stick that is in."""
        chosen = Path(self.get_body_argument("stick", ""))
        if chosen not in await asyncio.to_thread(sticks):
            await self.draw(failed=self.office("keep.gone"))
            return
        try:
            made = await asyncio.to_thread(write_backup, self.chosen, chosen)
        except KitError as error:
            await self.draw(failed=error.render(self.language))
            return
        await self.draw(done=self.office("keep.written", n=made.bundles, folder=made.folder))

    async def draw(self, done: str = "", failed: str = "") -> None:
        """Draw the page, with what was just done."""
        found = await asyncio.to_thread(self._look)
        try:
            empty = not await self.control("sessions")
        except KitError:
            empty = False
        self.show("keep.html", found=found, empty=empty, done=done, failed=failed)

    @staticmethod
    def _look() -> list[tuple[Path, list[Backup]]]:
        return [(stick, backups_on(stick)) for stick in sticks()]


class Restore(Keep):
    """`/kit/keep/restore`: bring back what is not here."""

    @web.authenticated
    async def get(self) -> None:
        """Lead back to the page: there is nothing to see here."""
        self.redirect(f"{self.base_url}kit/keep")

    @web.authenticated
    async def post(self) -> None:
        """Restore a backup; its store only onto a laptop that has no session."""
        backup = Path(self.get_body_argument("backup", ""))
        if backup.parent not in await asyncio.to_thread(sticks):
            await self.draw(failed=self.office("keep.gone"))
            return
        try:
            empty = not await self.control("sessions")
            wanted = empty and bool(self.get_body_argument("store", ""))
            brought = await asyncio.to_thread(restore, self.chosen, backup, with_store=wanted)
        except KitError as error:
            await self.draw(failed=error.render(self.language))
            return
        await self.draw(done=self.office("keep.restored_store" if wanted else "keep.restored", n=brought))


ROUTES: Final = [(r"kit/keep", Keep), (r"kit/keep/restore", Restore)]
