"""The slow work beside the phones: bundles, deletion, and the retention time."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from kit.config import Settings
from kit.errors import KitError
from kit.session import deletion, rules
from kit.session.bundle import write_bundle_in_child
from kit.session.store import Store, now
from kit.session.writer import Writer, one_by_one

SCRUB_TRIES: Final = 40
DAY_SECONDS: Final = 24 * 3600.0
QUIET_SECONDS: Final = 5.0
COLLECT_SECONDS: Final = 20.0
# However busy the hall is, garbage waits no longer than this.
COLLECT_AT_LAST: Final = 600.0
_note_bundle, _delete, _find_due, _purge = (
    one_by_one(rule)
    for rule in (rules.note_bundle, rules.delete_session, deletion.find_due, deletion.purge_people)
)
_log = logging.getLogger("kit.upkeep")


class Upkeep:
    """Writes and deletes the files of sessions, one at a time for each session."""

    def __init__(
        self, settings: Settings, store: Store, writer: Writer, forget: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._store = store
        self._writer = writer
        # Drops what the service still holds of a session in memory.
        self._forget = forget
        self._locks: dict[str, asyncio.Lock] = {}

    async def write_bundle(self, code: str) -> str:
        """Write a closed session's bundle; its folder relative to `results/`. Raises Unavailable."""
        async with self._files_of(code):
            folder = await write_bundle_in_child(self._settings, code)
            await self._write(_note_bundle, (code, folder))
        return folder

    async def delete(self, code: str) -> dict[str, Any]:
        """Remove a session's rows, bundle and the store's backups; what went. Raises NotFound."""
        async with self._files_of(code):
            rows = await self._write(_delete, code)
            self._forget(code)
            files = await run_in_threadpool(deletion.delete_files, self._settings, code)
        self._locks.pop(code, None)
        return {"deleted_at": now(), "rows": rows, "files": files, "scrubbed": await self.scrub()}

    async def scrub(self) -> bool:
        """Leave nothing deleted in the store's files; False when somebody kept reading for too long."""
        for _ in range(SCRUB_TRIES):
            if await asyncio.wrap_future(self._writer.maintain(self._store.scrub)):
                return True
            await asyncio.sleep(0.5)
        return False

    async def keep_retention(self) -> None:
        """Delete the people of sessions whose time has passed: at the start, then every day."""
        while True:
            await self._until_tomorrow(self.purge_due(now()))
            await asyncio.sleep(DAY_SECONDS)

    async def collect_garbage(self) -> None:
        """Full garbage collections, in moments when nobody answers: they halt everything."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(COLLECT_SECONDS)
            moment = time.monotonic()
            if moment - self._writer.busy_at > QUIET_SECONDS or moment - last > COLLECT_AT_LAST:
                gc.collect()
                last = time.monotonic()

    async def purge_due(self, moment: str) -> None:
        """Delete the people of all sessions that are due at a moment, never without a bundle that stays."""
        for code in await self._write(_find_due, moment):
            await self._until_tomorrow(self._purge_session(code, moment))
        for code in await run_in_threadpool(self._read, deletion.purged_codes):
            # All of them again: the service may have been killed between rows and files.
            await self._until_tomorrow(run_in_threadpool(deletion.strip_bundle, self._settings, code))

    async def _purge_session(self, code: str, moment: str) -> None:
        closed_at = await run_in_threadpool(self._read, deletion.closed_at, code)
        if not deletion.has_bundle(self._settings, code, closed_at):
            await self.write_bundle(code)
        async with self._files_of(code):
            await self._write(_purge, (code, moment))
            self._forget(code)
            await run_in_threadpool(deletion.delete_backups, self._settings)
        await self.scrub()

    async def _until_tomorrow(self, work: Awaitable[object]) -> None:
        """Do a piece of retention; one that fails neither stops the service nor the other pieces."""
        try:
            await work
        except (KitError, OSError, ValueError) as error:
            # A full disk or a broken file today: tomorrow again.
            _log.error("retention: %s", type(error).__name__)

    def _read(self, reading: Callable[..., Any], *arguments: object) -> Any:
        with self._store.reading() as tx:
            return reading(tx, *arguments)

    async def _write(self, rule: Callable[..., Any], request: object) -> Any:
        return await asyncio.wrap_future(self._writer.submit(rule, request))

    def _files_of(self, code: str) -> asyncio.Lock:
        return self._locks.setdefault(code, asyncio.Lock())
