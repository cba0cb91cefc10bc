"""The slow work beside the phones: bundles, deletion, and the retention time."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal

from starlette.concurrency import run_in_threadpool

from kit.config import Settings
from kit.session.acts.attend import Identity
from kit.session.acts.clock_trust import Look
from kit.session.acts.delete import closed_at, find_due, purge_people, purged_codes
from kit.session.acts.move import note_bundle
from kit.session.acts.unfinished import Unfinished, begin_person, begin_session
from kit.session.run.bundling import merge_in_child, move_in_child, results_in_child, write_bundle_in_child
from kit.session.run.deletion import Deletions
from kit.session.run.files import drop_bundle, has_bundle, has_cells_of_few, newest_file, strip_bundle
from kit.session.run.writer import Writer, one_by_one
from kit.session.store import clock
from kit.session.store.store import Store

LOOK_SECONDS: Final = 3600.0
QUIET_SECONDS: Final = 5.0
COLLECT_SECONDS: Final = 20.0
# However busy the hall is, garbage and the forgotten wait no longer than this.
COLLECT_AT_LAST: Final = 600.0
_note_bundle, _begin, _find_due, _purge, _begin_person = (
    one_by_one(act) for act in (note_bundle, begin_session, find_due, purge_people, begin_person)
)
_log = logging.getLogger("kit.upkeep")
ReportState = Literal["written", "writing", "unwritten"]


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
        self._reckoning = asyncio.Lock()
        # Whose last writing failed; which close of a session the bundle on the disk is known to be of.
        self._failed: set[str] = set()
        self._written: dict[str, str] = {}
        self._deletions = Deletions(settings, store, writer)
        self._wake = asyncio.Event()
        # The clock and the machine's own seconds at the start, or when the clock was last doubted.
        self._started = (clock.now(), time.monotonic())

    async def write_bundle(self, code: str) -> str:
        """Write a closed session's bundle; its folder relative to `results/`. Raises Unavailable."""
        async with self._files_of(code):
            self._failed.add(code)
            folder = await write_bundle_in_child(self._settings, code)
            self._failed.discard(code)
            before = await self._write(_note_bundle, (code, folder))
            if before not in ("", folder):
                # Its place or day was mended: the folder has another name now.
                await run_in_threadpool(drop_bundle, self._settings, code, before)
        return folder

    def nearly_deleted(self) -> list[Unfinished]:
        """Deletions whose last bytes are being cleared away."""
        return self._deletions.nearly()

    async def move_place(self, code: str) -> None:
        """Let the bundle of a session whose people are gone tell its new place. Raises Unavailable."""
        async with self._files_of(code):
            await move_in_child(self._settings, code)

    async def tell_results(self, code: str) -> dict[str, Any]:
        """What the report of a session will say of the room; at most one reckoning at a time."""
        async with self._reckoning:
            return await results_in_child(self._settings, code)

    def report_state(self, code: str, closed_at: str) -> ReportState:
        """Whether the report of a closed session lies in its folder; also after the service was restarted."""
        if code in self._locks and self._locks[code].locked():
            return "writing"
        if code in self._failed:
            return "unwritten"
        if self._written.get(code) != closed_at:
            if not has_bundle(self._settings, code, closed_at):
                return "unwritten"
            self._written[code] = closed_at
        return "written"

    async def delete(self, code: str) -> dict[str, Any]:
        """Remove a session's rows, bundle and the store's backups; what went.

        Raises NotFound; Unavailable while something is in the way: asked again, it goes on from there.
        """
        async with self._files_of(code):
            begun: Unfinished = await self._write(_begin, code)
            self._forget(code)
            files = await self._deletions.finish(begun)
        self._locks.pop(code, None)
        self._failed.discard(code)
        self._written.pop(code, None)
        return {**begun.told, "deleted_at": clock.now(), "files": files, "scrubbed": True}

    async def delete_person(self, who: Identity) -> None:
        """Remove one person's rows now, and the rest of them in a quiet moment. Raises NotAllowed."""
        await self._write(_begin_person, who)
        self._wake.set()

    async def keep_retention(self) -> None:
        """Delete the people of sessions whose time has passed: at the start, then every hour."""
        while True:
            await self._until_next_look(self._deletions.take_up())
            await self._until_next_look(self.purge_due(clock.now()))
            await self._until_wanted()

    async def _until_wanted(self) -> None:
        """Wait for the next look, or for somebody who wants to be forgotten and then for a quiet moment."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)
        wanted = time.monotonic()
        while self._wake.is_set() and not self._is_quiet(wanted):
            await asyncio.sleep(1)
        self._wake.clear()

    def _is_quiet(self, since: float) -> bool:
        """Whether nobody answers; however busy the hall is, slow work waits no longer than this."""
        moment = time.monotonic()
        return moment - self._writer.busy_at > QUIET_SECONDS or moment - since > COLLECT_AT_LAST

    async def collect_garbage(self) -> None:
        """Full garbage collections, in moments when nobody answers: they halt everything."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(COLLECT_SECONDS)
            if self._is_quiet(last):
                gc.collect()
                last = time.monotonic()

    async def purge_due(self, moment: str) -> None:
        """Delete the people of all sessions that are due at a moment, never without a bundle that stays."""
        due = await self._write(_find_due, await run_in_threadpool(self._look, moment))
        if due.trust.fresh:
            _log.warning("retention: the clock is %s; all windows are counted from now", due.trust.doubt)
            self._started = (moment, time.monotonic())
        for code in due.codes:
            await self._until_next_look(self._purge_session(code, moment))
        for code in await run_in_threadpool(self._read, purged_codes):
            # All of them again: the service may have been killed between rows and files.
            await self._until_next_look(self._strip(code))

    async def _strip(self, code: str) -> None:
        """Leave no row of a session's people, then no cell of a few of them."""
        async with self._files_of(code):
            await run_in_threadpool(strip_bundle, self._settings, code)
            if await run_in_threadpool(has_cells_of_few, self._settings, code):
                await merge_in_child(self._settings, code)

    def _look(self, moment: str) -> Look:
        started_at, since = self._started
        return Look(moment, started_at, time.monotonic() - since, newest_file(self._settings))

    async def _purge_session(self, code: str, moment: str) -> None:
        closed = await run_in_threadpool(self._read, closed_at, code)
        if not has_bundle(self._settings, code, closed):
            await self.write_bundle(code)
        async with self._files_of(code):
            await self._write(_purge, (code, moment))
            self._forget(code)
        await self._deletions.take_up()

    async def _until_next_look(self, work: Awaitable[object]) -> None:
        """Do a piece of retention; one that fails neither stops the service nor the other pieces."""
        try:
            await work
        except Exception as error:
            # A full disk, a broken file, whatever an odd bundle holds: at the next look again.
            _log.error("retention: %s", type(error).__name__)

    def _read(self, reading: Callable[..., Any], *arguments: object) -> Any:
        with self._store.reading() as tx:
            return reading(tx, *arguments)

    async def _write(self, act: Callable[..., Any], request: object) -> Any:
        return await asyncio.wrap_future(self._writer.submit(act, request))

    def _files_of(self, code: str) -> asyncio.Lock:
        return self._locks.setdefault(code, asyncio.Lock())
