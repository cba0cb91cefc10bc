"""Whose programs ask: a login counts only on connections from programs of the user who runs this server.

Cookies know no ports: a browser shows the login cookie to whatever else listens on this laptop, also where
another of its users put that there to get it. What the system says about a connection is no secret to steal.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

TABLE: Final = Path("/proc/net/tcp")
_LISTENS: Final = "0A"
_ROOT: Final = 0
_asked: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()


def asks_for_own_user(request: Any) -> bool:
    """Whether a request comes from a program of this server's own user; looked up once a connection."""
    stream = request.connection.stream
    if stream not in _asked:
        _asked[stream] = stream.socket is not None and _belongs_here(stream.socket)
    return _asked[stream]


def _belongs_here(connected: socket.socket) -> bool:
    try:
        lines = TABLE.read_text(encoding="ascii").splitlines()[1:]
        there, here = connected.getpeername(), connected.getsockname()
    except FileNotFoundError:
        # Only Linux tells everybody whose a connection is. Elsewhere the cookie alone counts, as the privacy
        # page says: an officer who is locked out of the deck helps nobody.
        return True
    except OSError:
        return False
    return is_own(lines, there, here, os.getuid())


def is_own(lines: list[str], there: tuple[str, int], here: tuple[str, int], user: int) -> bool:
    """Whether the system's table of connections tells the far end of one as a user's, or as root's.

    Whoever has already left an end, or is not in the table, waits for no answer and gets none. A table in
    which even this server does not listen tells nothing.
    """
    near, far = _written(*here), _written(*there)
    rows = [line.split() for line in lines]
    if not any(row[1].endswith(near[-5:]) and row[3] == _LISTENS for row in rows):
        return True
    ends = (row for row in rows if row[1] == far and row[2] == near)
    return any(row[9] != "0" and int(row[7]) in (user, _ROOT) for row in ends)


def _written(address: str, port: int) -> str:
    return f"{int.from_bytes(socket.inet_aton(address), sys.byteorder):08X}:{port:04X}"
