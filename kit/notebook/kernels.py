"""Kernels end with their pages.

A session's kernel looks at the service every second, so Jupyter never finds it idle; a browser that crashed
would leave it running for good. What counts is whether a page is still connected.
"""

from __future__ import annotations

import time
from typing import Any, Final

from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.web import HTTPError

MOST: Final = 6  # one kernel is 60–90 MB; a hall needs one, and a few tabs may stay open
ALONE_SECONDS: Final = 60.0
# A page that is just being made has no connection yet.
MAKING_SECONDS: Final = 20.0


class Keeper:
    """Watches which kernels have a page, ends those without, and refuses too many."""

    def __init__(self) -> None:
        self._alone: dict[str, float] = {}

    def start(self, kernels: Any) -> None:
        """Look every few seconds (Jupyter calls the extension inside its loop)."""

        async def look() -> None:
            self.end_alone(kernels, ALONE_SECONDS)

        PeriodicCallback(look, 5_000).start()

    def limit(self, handler: Any, notebook: Any = None, cwd: str = "") -> None:
        """Refuse a page once too many kernels run (Voila calls this before it starts one)."""
        kernels = handler.kernel_manager
        ending = self.end_alone(kernels, MAKING_SECONDS)
        if len(kernels.list_kernel_ids()) - ending >= MOST:
            raise HTTPError(503, reason="kernels")

    def end_alone(self, kernels: Any, seconds: float) -> int:
        """End the kernels that have had no page for so long; how many."""
        now = time.monotonic()
        ids = [name for name in kernels.list_kernel_ids() if not kernels.kernel_model(name)["connections"]]
        self._alone = {name: self._alone.get(name, now) for name in ids}
        ended = [name for name, since in self._alone.items() if now - since >= seconds]
        for name in ended:
            del self._alone[name]
            IOLoop.current().spawn_callback(kernels.shutdown_kernel, name, now=True)
        return len(ended)


KEEPER: Final = Keeper()
