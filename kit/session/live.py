"""What is kept in memory of running sessions: their public state, and the phones that follow it."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from kit.session.rules import SessionView, view_session
from kit.session.store import Store
from kit.text import LANGUAGES

HEARTBEAT_SECONDS: Final = 15.0
WATCH_SECONDS: Final = 0.4
RETRY_MS: Final = (1_000, 4_000)


@dataclass
class Board:
    """One session's public state and its followers."""

    code: str
    version: int
    state: bytes
    streams: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def etag(self) -> str:
        """Changes with every change of the public state."""
        return f'"{self.code}-{self.version}"'


def public_state(view: SessionView, office_contact: str) -> dict[str, Any]:
    """What anybody who knows the join code may see of a session."""
    return {
        "code": view.row["code"],
        "title": view.title.to_dict(),
        "stage": view.stage,
        "version": view.row["version"],
        "audiences": view.audiences,
        "languages": list(LANGUAGES),
        "rehearsal": bool(view.row["rehearsal"]),
        "minors": "student" in view.audiences,
        "office_contact": office_contact or None,
    }


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
        version, state = await run_in_threadpool(self._read, code)
        board = self._boards.get(code)
        if board is None:
            board = self._boards[code] = Board(code, version, state)
        elif version > board.version:
            board.version, board.state = version, state
            board.changed.set()
            board.changed = asyncio.Event()
        return board

    def _read(self, code: str) -> tuple[int, bytes]:
        with self._store.reading() as tx:
            view = view_session(tx, code)
            state = public_state(view, self._office_contact)
            return view.row["version"], json.dumps(state, ensure_ascii=False).encode()

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

    async def stream(self, board: Board) -> AsyncIterator[bytes]:
        """Server-sent events: the state at once and after each change, a heartbeat in silence."""
        board.streams += 1
        try:
            yield b"retry: %d\n\n" % random.randint(*RETRY_MS)
            seen = None
            while board.version >= 0 and not self._stopping.is_set():
                changed = board.changed
                if seen != board.version:
                    seen = board.version
                    yield b"id: %d\nevent: state\ndata: %s\n\n" % (seen, board.state)
                    continue
                try:
                    await asyncio.wait_for(changed.wait(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    # An event, not a comment: only so can a page notice that it has stopped coming.
                    yield b"event: beat\ndata:1\n\n"
        finally:
            board.streams -= 1

    async def watch(self) -> None:
        """Follow changes made by other replicas on the same PostgreSQL; returns when stopped."""
        while not self._stopping.is_set():
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self._follow(await run_in_threadpool(self._versions))
            except Exception:
                # The database may be away for a moment; the next look comes soon.
                continue

    async def _follow(self, versions: Mapping[str, int]) -> None:
        for code, board in list(self._boards.items()):
            if code not in versions:
                self.forget(code)
            elif versions[code] > board.version:
                await self.refresh(code)

    def _versions(self) -> dict[str, int]:
        with self._store.reading() as tx:
            return tx.stages()

    def stop(self) -> None:
        """End all streams."""
        self._stopping.set()
        for board in self._boards.values():
            board.changed.set()
