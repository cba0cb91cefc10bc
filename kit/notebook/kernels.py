"""Kernels end with their pages.

A session's kernel looks at the service every second, so Jupyter never finds it idle; a browser that crashed
would leave it running for good. What counts is whether a page is still connected.
"""

from __future__ import annotations

import time
from typing import Any, Final

from tornado.ioloop import IOLoop, PeriodicCallback
from tornado.web import HTTPError
from traitlets import TraitError

MOST: Final = 6  # one kernel is 60–90 MB; a hall needs one, and a few tabs may stay open
ALONE_SECONDS: Final = 60.0
# A page that is just being made has no connection yet.
MAKING_SECONDS: Final = 20.0


class Keeper:
    """Watches which kernels have a page, ends those without, and refuses too many."""

    def __init__(self) -> None:
        self._alone: dict[str, float] = {}
        # Pages that were let in and whose kernels have not come yet, and the kernels there were before.
        self._making: list[float] = []
        self._known: set[str] = set()

    def start(self, kernels: Any) -> None:
        """Look every few seconds (Jupyter calls the extension inside its loop)."""

        async def look() -> None:
            self.end_alone(kernels, ALONE_SECONDS)

        PeriodicCallback(look, 5_000).start()

    def limit(self, handler: Any, notebook: Any = None, cwd: str = "") -> None:
        """Refuse a page once too many kernels run (Voila calls this before it starts one)."""
        kernels = handler.kernel_manager
        ending = self.end_alone(kernels, MAKING_SECONDS)
        if len(kernels.list_kernel_ids()) - ending + self._still_making(kernels) >= MOST:
            raise HTTPError(503, reason="kernels")
        self._making.append(time.monotonic())

    def _still_making(self, kernels: Any) -> int:
        """How many let in before have no kernel yet: those asked for at once must not all count none."""
        now, ids = time.monotonic(), set(kernels.list_kernel_ids())
        come = len(ids - self._known)
        self._known = ids
        self._making = [since for since in self._making[come:] if now - since < MAKING_SECONDS]
        return len(self._making)

    def end_alone(self, kernels: Any, seconds: float) -> int:
        """End the kernels that have had no page for so long; how many."""
        now = time.monotonic()
        ids = [name for name in kernels.list_kernel_ids() if _is_alone(kernels, name)]
        self._alone = {name: self._alone.get(name, now) for name in ids}
        ended = [name for name, since in self._alone.items() if now - since >= seconds]
        for name in ended:
            del self._alone[name]
            IOLoop.current().spawn_callback(kernels.shutdown_kernel, name, now=True)
        return len(ended)


def _is_alone(kernels: Any, name: str) -> bool:
    """Whether a kernel has no page; one that is just starting or ending has nothing to tell yet."""
    try:
        return not kernels.kernel_model(name)["connections"]
    except (TraitError, HTTPError):
        return False


KEEPER: Final = Keeper()
