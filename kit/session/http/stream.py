"""Server-sent events: the public state of a session, pushed to every page that follows it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Final

from kit.session.run.live import Board, Live

HEARTBEAT_SECONDS: Final = 15.0
RETRY_MS: Final = (1_000, 4_000)
# An event, not a comment: only so can a page notice that it has stopped coming.
_BEAT: Final = b"event: beat\ndata:1\n\n"


async def state_events(live: Live, board: Board) -> AsyncIterator[bytes]:
    """The state at once and after each change, a heartbeat in silence."""
    with live.following(board):
        # Each phone waits for a time of its own: after a restart they do not all come back at once.
        yield b"retry: %d\n\n" % random.randint(*RETRY_MS)
        seen = None
        while live.is_open(board):
            if seen != board.version:
                seen = board.version
                yield b"id: %d\nevent: state\ndata: %s\n\n" % (seen, board.state)
            elif not await live.changes(board, HEARTBEAT_SECONDS):
                yield _BEAT
