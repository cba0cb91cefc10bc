"""Finishing deletions: files, backups and the store's own bytes, until nothing is left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from kit.config import Settings
from kit.errors import KitError, Unavailable
from kit.session.acts import unfinished as acts
from kit.session.acts.unfinished import PERSON, SESSION, Unfinished
from kit.session.run import files
from kit.session.run.bundling import forget_in_child
from kit.session.run.writer import Writer, one_by_one
from kit.session.store.store import Store

SCRUB_TRIES: Final = 40
_finish, _put_back = one_by_one(acts.finish), one_by_one(acts.put_back)
_log = logging.getLogger("kit.upkeep")


class Deletions:
    """Takes deletions from their noted rows to their end; whatever is in the way leaves the note."""

    def __init__(self, settings: Settings, store: Store, writer: Writer) -> None:
        self._settings = settings
        self._store = store
        self._writer = writer
        # One at a time: two would be in each other's way in the same folders.
        self._lock = asyncio.Lock()
        self._nearly: list[Unfinished] = []

    def nearly(self) -> list[Unfinished]:
        """Those whose note is gone and whose last bytes are not: nobody is told yet that they are done."""
        return list(self._nearly)

    async def finish(self, begun: Unfinished) -> list[str]:
        """Finish one deletion; the files that went. Raises Unavailable, and then it can be finished later."""
        async with self._lock:
            gone = await self._clean_files(begun)
            await self._clean_bytes([begun])
        return gone

    async def take_up(self) -> None:
        """Finish whatever was interrupted or waits; what is still in the way is tried at the next look."""
        async with self._lock:
            clean = []
            for begun in await run_in_threadpool(self._read, acts.unfinished):
                try:
                    await self._clean_files(begun)
                    clean.append(begun)
                except (KitError, OSError, ValueError) as error:
                    _log.error("deletion: %s", getattr(error, "key", type(error).__name__))
            if clean:
                await self._clean_bytes(clean)

    async def _clean_files(self, begun: Unfinished) -> list[str]:
        held: list[str]
        if begun.kind == SESSION:
            gone, held = await run_in_threadpool(files.delete_files, self._settings, begun.code)
        else:
            if begun.kind == PERSON:
                await forget_in_child(self._settings, begun.code, begun.participant_id)
            else:
                await run_in_threadpool(files.strip_bundle, self._settings, begun.code)
            gone, held = await run_in_threadpool(files.delete_backups, self._settings)
        if held:
            raise Unavailable("deletion_unfinished", code=begun.code, held=", ".join(held[:3]))
        return gone

    async def _clean_bytes(self, begun: Sequence[Unfinished]) -> None:
        """First the people's bytes, then the note's own; the note stays until the store is clean."""
        await self._scrub(begun[0].code)
        self._nearly = list(begun)
        try:
            await self._write(_finish, [one.deletion_id for one in begun])
            await self._scrub_notes(begun)
        finally:
            self._nearly = []

    async def _scrub_notes(self, begun: Sequence[Unfinished]) -> None:
        try:
            await self._scrub(begun[0].code)
        except Unavailable:
            for one in begun:
                await self._write(_put_back, one)
            raise

    async def _scrub(self, code: str) -> None:
        for _ in range(SCRUB_TRIES):
            if await asyncio.wrap_future(self._writer.maintain(self._store.scrub)):
                return
            await asyncio.sleep(0.5)
        store = self._store.path or self._settings.results
        raise Unavailable("deletion_unfinished", code=code, held=store.name)

    def _read(self, reading: Callable[..., Any]) -> Any:
        with self._store.reading() as tx:
            return reading(tx)

    async def _write(self, act: Callable[..., Any], request: object) -> Any:
        return await asyncio.wrap_future(self._writer.submit(act, request))
