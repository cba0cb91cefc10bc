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
        self._come_and_gone = 0

    def start(self, kernels: Any) -> None:
        """Look every few seconds (Jupyter calls the extension inside its loop)."""

        async def look() -> None:
            self.end_alone(kernels, ALONE_SECONDS)

        PeriodicCallback(look, 5_000).start()

    def limit(self, kernels: Any) -> None:
        """Count a page as let in, or raise HTTPError 503 once too many kernels run."""
        taken = len(_of_pages(kernels)) + self._still_making(kernels)
        if taken >= MOST:
            # Only then: on a slow laptop a page may be longer in the making than this.
            taken -= self.end_alone(kernels, MAKING_SECONDS)
        if taken >= MOST:
            raise HTTPError(503, reason="kernels")
        self._making.append(time.monotonic())

    def gone(self, name: str) -> None:
        """Note that a kernel has ended: its page is not being made any more, even if nobody looked meanwhile.

        Otherwise somebody who reloads a page six times in twenty seconds is told that too many run.
        """
        self._come_and_gone += name not in self._known

    def _still_making(self, kernels: Any) -> int:
        """How many let in before have no kernel yet: those asked for at once must not all count none."""
        now, ids = time.monotonic(), set(_of_pages(kernels))
        come = len(ids - self._known) + self._come_and_gone
        self._known, self._come_and_gone = ids, 0
        self._making = [since for since in self._making[come:] if now - since < MAKING_SECONDS]
        return len(self._making)

    def end_alone(self, kernels: Any, seconds: float) -> int:
        """End the kernels that have had no page for so long; how many."""
        now = time.monotonic()
        ids = [name for name in _of_pages(kernels) if _is_alone(kernels, name)]
        self._alone = {name: self._alone.get(name, now) for name in ids}
        ended = [name for name, since in self._alone.items() if now - since >= seconds]
        for name in ended:
            del self._alone[name]
            IOLoop.current().spawn_callback(kernels.shutdown_kernel, name, now=True)
        return len(ended)


def _of_pages(kernels: Any) -> list[str]:
    """The kernels that pages have, or had: all but the spare one."""
    spare = getattr(kernels, "spare", None)
    return [name for name in kernels.list_kernel_ids() if not spare or name != spare.kernel_id]


def _is_alone(kernels: Any, name: str) -> bool:
    """Whether a kernel has no page; one that is just starting or ending has nothing to tell yet."""
    try:
        return not kernels.kernel_model(name)["connections"]
    except (TraitError, HTTPError):
        return False


KEEPER: Final = Keeper()


def let_in(handler: Any, notebook: Any = None, cwd: str = "") -> None:
    """Refuse a page once too many kernels run (Voila's hook before it starts one).

    A function, for Jupyter copies its settings deeply: a method would bring a keeper of its own along.
    """
    KEEPER.limit(handler.kernel_manager)
