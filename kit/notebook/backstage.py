"""What widgets ask of their kernel, done beside its loop; what came of it, shown inside the loop.

A widget sends `{do: NAME, …}`; the class that serves it has a method `_do_NAME`. Work must not hold up the
loop that receives such requests, and widgets may be changed in the loop's own thread only.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Final

from kit.errors import KitError, Unavailable
from kit.text import LANGUAGES, message

LOOK_SECONDS: Final = 1.0
"""How often widgets look at the service."""

PATIENCE_SECONDS: Final = 2.5
"""A look that hangs must end before the page takes the kernel for dead (LOST_AFTER in deck.js)."""

Asked = dict[str, Any]
Trouble = dict[str, list[str]]
"""By language: what is wrong, what to do."""


class Backstage:
    """Runs requests in threads of their own and puts what they change back into the kernel's loop."""

    def __init__(self) -> None:
        """Remember the loop of this kernel; without one (plain Python), changes are made at once."""
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            self._loop = None

    def serve(self, widget: Any) -> None:
        """Be there for what a widget asks."""
        widget.on_msg(lambda _widget, asked, _buffers: self.receive(widget, asked))

    def receive(self, widget: Any, asked: Asked) -> None:
        """Take a request: the widget is busy until it is done."""
        widget.busy, widget.trouble = True, None
        self.beside(lambda: self.answer(widget, asked), "kit-request")

    def answer(self, widget: Any, asked: Asked) -> None:
        """Do what was asked and show what came of it."""
        raise NotImplementedError

    def attempt(self, asked: Asked, *given: Any) -> tuple[Any, KitError | Exception | None]:
        """Do what was asked: (what came of it, None), or (None, the error); nothing is raised."""
        try:
            return getattr(self, f"_do_{asked['do']}")(*given, asked), None
        except Exception as error:  # a defect must not leave a dead button on the projector
            return None, error

    def change(self, widget: Any, **values: Any) -> None:
        """Change a widget in the loop, and only what is different."""
        changed = {name: value for name, value in values.items() if getattr(widget, name) != value}
        if changed:
            self.in_loop(lambda: _apply(widget, changed))

    def in_loop(self, act: Callable[[], None]) -> None:
        """Act in the kernel's own thread."""
        if self._loop is None:
            act()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)

    @staticmethod
    def beside(act: Callable[[], None], name: str) -> None:
        """Act in a thread of its own, which ends with the kernel."""
        threading.Thread(target=act, name=name, daemon=True).start()


def in_words(error: Exception | None) -> Trouble | None:
    """An error as the page shows it; a defect is named by its kind only."""
    if error is None:
        return None
    if isinstance(error, KitError):
        return {language: [error.title(language), error.remedy(language)] for language in LANGUAGES}
    return said("unknown", what=type(error).__name__)


def said(key: str, **values: object) -> Trouble:
    """One of the notebooks' own troubles, in words."""
    path = f"notebook.station.error.{key}"
    return {
        language: [message(path, language, **values), message(f"{path}_remedy", language)]
        for language in LANGUAGES
    }


def is_unreached(error: Exception | None) -> bool:
    """Whether no service was there to answer."""
    return isinstance(error, Unavailable)


def _apply(widget: Any, values: dict[str, Any]) -> None:
    with widget.hold_sync():
        for name, value in values.items():
            setattr(widget, name, value)
