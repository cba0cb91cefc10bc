"""What is kept in memory of running sessions: their public state, and the phones that follow it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.concurrency import run_in_threadpool

from kit.errors import NotFound
from kit.session.acts.follow import public_state
from kit.session.acts.view import view_session
from kit.session.store.sessions import running_codes, session_versions
from kit.session.store.store import Store
from kit.study.stage import CLOSED

WATCH_SECONDS: Final = 0.4


@dataclass
class Board:
    """One session's public state and its followers."""

    code: str
    version: int
    state: bytes
    # Whether its code hung on a wall since this service began: it was seen before it was closed.
    hung: bool = False
    streams: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def etag(self) -> str:
        """Changes with every change of the public state."""
        return f'"{self.code}-{self.version}"'


class Live:
    """The boards of all sessions somebody has asked for."""

    def __init__(self, store: Store, office_contact: str) -> None:
        self._store = store
        self._office_contact = office_contact
        self._boards: dict[str, Board] = {}
        self._stopping = asyncio.Event()

    async def board(self, code: str) -> Board:
        """The board of a session. Raises NotFound."""
        return self._boards.get(code) or await self.refresh(code)

    async def refresh(self, code: str) -> Board:
        """Read a session anew and tell everybody who follows it. Raises NotFound."""
        seen = await run_in_threadpool(self._read, code)
        board = self._boards.get(code)
        if board is None:
            board = self._boards[code] = seen
        elif seen.version > board.version:
            board.version, board.state = seen.version, seen.state
            board.changed.set()
            board.changed = asyncio.Event()
        board.hung = board.hung or seen.hung
        return board

    async def begin(self) -> None:
        """Know what hangs on a wall, before the first phone asks."""
        for code in await run_in_threadpool(self._running):
            with contextlib.suppress(NotFound):
                await self.refresh(code)

    def hangs(self, code: str) -> bool:
        """Whether a code is of a session that runs, or did so since this service began."""
        board = self._boards.get(code)
        return board is not None and board.hung

    async def tell_contact(self, contact: str) -> None:
        """Tell another contact of the office from now on."""
        self._office_contact = contact
        for code, board in list(self._boards.items()):
            board.state = (await run_in_threadpool(self._read, code)).state

    def _read(self, code: str) -> Board:
        with self._store.reading() as tx:
            view = view_session(tx, code)
            state = json.dumps(public_state(view, self._office_contact), ensure_ascii=False).encode()
            return Board(code, view.version, state, hung=view.stage != CLOSED)

    def forget(self, code: str) -> None:
        """Drop a deleted session; its streams end."""
        board = self._boards.pop(code, None)
        if board is not None:
            board.version = -1
            board.changed.set()

    def connected(self, code: str) -> int:
        """How many phones follow a session now."""
        board = self._boards.get(code)
        return 0 if board is None else board.streams

    @contextlib.contextmanager
    def following(self, board: Board) -> Iterator[None]:
        """Count a phone as connected for as long as it follows."""
        board.streams += 1
        try:
            yield
        finally:
            board.streams -= 1

    def is_open(self, board: Board) -> bool:
        """Whether there is anything left to follow: not once the session is deleted or the service stops."""
        return board.version >= 0 and not self._stopping.is_set()

    async def changes(self, board: Board, seconds: float) -> bool:
        """Wait for a change of a board; False when there was none for so long."""
        changed = board.changed
        try:
            await asyncio.wait_for(changed.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def watch(self) -> None:
        """Follow changes made by other replicas on the same PostgreSQL; returns when stopped."""
        while not self._stopping.is_set():
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self._follow(*await run_in_threadpool(self._look))
            except Exception:
                # The database may be away for a moment; the next look comes soon.
                continue

    async def _follow(self, versions: Mapping[str, int], running: Collection[str]) -> None:
        for code in running:
            if code not in self._boards:
                await self.refresh(code)
        for code, board in list(self._boards.items()):
            if code not in versions:
                self.forget(code)
            elif versions[code] > board.version:
                await self.refresh(code)

    def _look(self) -> tuple[dict[str, int], list[str]]:
        with self._store.reading() as tx:
            return session_versions(tx), running_codes(tx)

    def _running(self) -> list[str]:
        with self._store.reading() as tx:
            return running_codes(tx)

    def stop(self) -> None:
        """End all streams."""
        self._stopping.set()
        for board in self._boards.values():
            board.changed.set()
