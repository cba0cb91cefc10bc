"""What every process of the kit needs of its machine: a port, its address, and to end with its parent."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading

from kit.errors import Unavailable


def follow_parent() -> None:
    """End when the supervisor is gone, even if it was killed: its end of standard input closes then."""

    def watch() -> None:
        # Not through `sys.stdin`: its lock, still held when this process ends, makes Python abort.
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="kit-follow-parent", daemon=True).start()


def bind(host: str, port: int, option: str = "--port") -> socket.socket:
    """Take a port, 0 for any free one. Raises Unavailable with a free port to use instead."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError:
        taken.close()
        raise Unavailable("port_taken", port=port, option=option, free=free_port(host)) from None
    return taken


def free_port(host: str = "127.0.0.1") -> int:
    """A port that is free now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
