"""Readings in company: what many phones ask in the same moment is read in one transaction.

A thousand phones open a wave within a second of the facilitator's tap. Alone, each pays for four queries and
a thread; together, all of them pay once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from kit.session.store.store import Store
from kit.session.store.transaction import Reading

# A reading for many takes all requests of its kind at once; one result or KitError for each.
BulkReading = Callable[[Reading, Sequence[Any]], Sequence[Any]]

# Readings in one transaction: with more, those who wait behind it would wait too long.
MOST_TOGETHER: Final = 250


class Reader:
    """Runs bulk readings; requests that come while one runs share the next. Lives in one event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[BulkReading, list[tuple[Any, asyncio.Future[Any]]]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, reading: BulkReading, request: object) -> Any:
        """The result for one request. Raises what the reading raises or returns as KitError."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if reading in self._waiting:
            self._waiting[reading].append((request, future))
        else:
            self._waiting[reading] = [(request, future)]
            task = asyncio.create_task(self._run(reading))
            # The loop itself holds tasks only weakly.
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await future

    async def _run(self, reading: BulkReading) -> None:
        while waiting := self._waiting[reading]:
            batch, self._waiting[reading] = waiting[:MOST_TOGETHER], waiting[MOST_TOGETHER:]
            results: Sequence[Any]
            try:
                results = await run_in_threadpool(self._read, reading, [request for request, _ in batch])
            except Exception as error:
                results = [error] * len(batch)
            for (_, future), result in zip(batch, results, strict=True):
                if future.done():
                    continue  # this phone has gone away meanwhile
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)
        del self._waiting[reading]

    def _read(self, reading: BulkReading, requests: list[Any]) -> Sequence[Any]:
        with self._store.reading() as tx:
            return reading(tx, requests)
