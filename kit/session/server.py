"""Run the service: `python -m kit.session.server --host 0.0.0.0 --port 8000`."""

from __future__ import annotations

import argparse
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

import uvicorn

from kit.config import settings
from kit.errors import KitError
from kit.process import bind, follow_parent
from kit.session.http.app import create_app
from kit.session.http.connections import Doors, Paces, TimedHttpProtocol, room_for_connections
from kit.session.http.limits import SAFETY_HEADERS
from kit.session.run.log import Sparse

# Room for a thousand phones with a stream and a request each, several times over.
BACKLOG = 4_096
MAX_FILES = 65_536
# Connections that are let in between two looks at those that stand already: with fewer, a flood of twelve
# thousand streams stands for seconds before the door, and whoever comes behind it too. Each takes a file.
LET_IN_TOGETHER = 128
# How long a thread computes while another wants to. The writer gives way at each statement of the store; with
# Python's 5 ms it waits that long for every one beside a flood, and joins took a second, the officer two.
SWITCH_SECONDS = 0.0005


def raise_file_limit() -> None:
    """Allow as many open connections as the system permits: each phone has two."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
        # Some systems name a limit that they do not grant.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def let_in_together(taken: socket.socket) -> list[socket.socket]:
    """The same door many times, each with a place of its own in the event loop.

    Its fast loop (libuv) lets in one connection in each of its turns; with many at work a turn is 10 ms, and
    the projector would wait for seconds behind a few hundred lines that somebody opens at once.
    """
    if sys.platform == "win32":
        # No such loop here, and a port of completion takes a door only once.
        return [taken]
    many = min(LET_IN_TOGETHER, room_for_connections() // 16)
    return [taken, *(taken.dup() for _ in range(many - 1))]


def leave_collections_to_upkeep() -> None:
    """No full garbage collection in the middle of a wave: with a thousand phones it halts all for 0.2 s."""
    gc.collect()
    # What is here now stays: never look at it again.
    gc.freeze()
    gc.set_threshold(10_000, 20, 1_000_000)


def end_when_idle(doors: Doors, seconds: float) -> None:
    """End this process once nobody has been connected for so long."""

    def watch() -> None:
        while doors.idle_seconds() < seconds:
            time.sleep(min(5.0, seconds / 4))
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="kit-idle", daemon=True).start()


class _Server(uvicorn.Server):
    """Ends the phones' streams first: the server waits for open connections before it stops."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        self._end_streams()
        await super().shutdown(sockets)


def main() -> int:
    """Serve until stopped. Prints one sentence and ends with 1 when it cannot start."""
    parser = argparse.ArgumentParser(prog="kit.session.server")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--until-session", action="store_true", help="only this machine until one is opened")
    parser.add_argument("--idle", type=float, default=0.0, help="end after so many seconds without anybody")
    parser.add_argument("--supervised", action="store_true", help="end when standard input closes")
    chosen = parser.parse_args()
    here = settings()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(Sparse())
    try:
        taken = bind(chosen.host, chosen.port)
        app = create_app(here)
    except KitError as error:
        print(error.render(here.language), file=sys.stderr)
        return 1
    config = uvicorn.Config(
        app,
        http=TimedHttpProtocol,
        # Warnings would let strangers fill the log: one line for each malformed request.
        log_level="error",
        # Its lines go where all others go, and are as few.
        log_config=None,
        # Access logs would keep the addresses of phones.
        access_log=False,
        server_header=False,
        # Nobody stands between phones and laptop: a forwarded address would be a lie that dodges the limits.
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=3,
        ws="none",
    )
    raise_file_limit()
    TimedHttpProtocol.doors = doors = Doors(room_for_connections())
    if chosen.until_session:
        doors.only_here = not app.state.service.has_open_session()
        app.state.service.on_open = doors.open_to_all
    if chosen.idle:
        end_when_idle(doors, chosen.idle)
    TimedHttpProtocol.paces = Paces()
    TimedHttpProtocol.refusal_headers = b"".join(b"%s: %s\r\n" % header for header in SAFETY_HEADERS.items())
    if chosen.supervised:
        follow_parent()
    leave_collections_to_upkeep()
    sys.setswitchinterval(SWITCH_SECONDS)
    _Server(config, app.state.service.live.stop).run(sockets=let_in_together(taken))
    return 0


if __name__ == "__main__":
    sys.exit(main())
