"""Between the deck and the officer's remote: turns come from the phone, what is shown goes to it."""

from __future__ import annotations

import threading
import time
from typing import Any, Final, Protocol

import kit
from kit.config import ensure_control_token, settings
from kit.errors import KitError, Unavailable
from kit.session.client import Control

WAIT_SECONDS: Final = 5.0
PAUSE_SECONDS: Final = 1.0
_SLIDE: Final = ("number", "of", "title", "next", "runs")


class Led(Protocol):
    """What is led: a hall, whose session may change."""

    code: str

    def lead(self, turn: dict[str, Any]) -> None:
        """Follow a turn."""


class Lectern:
    """Waits at the service for what the remote asks, for as long as the kernel lives."""

    def __init__(self, hall: Led) -> None:
        """Take the hall that is led."""
        self._hall = hall
        self._slide: dict[str, Any] | None = None
        self._control: Control | None = None
        self._lock = threading.Lock()

    def note(self, slide: Any) -> None:
        """Tell the service which slide is on the projector now."""
        if isinstance(slide, dict):
            self._slide = {name: slide[name] for name in _SLIDE if name in slide}
            threading.Thread(target=self._tell, name="kit-slide", daemon=True).start()

    def follow(self) -> None:
        """Follow the remote of the hall's session."""
        code, after = "", -1
        while True:
            if code != self._hall.code:
                code, after = self._hall.code, -1
            try:
                after = self._look(code, after) if code else -1
            except KitError:
                after = -1
                time.sleep(PAUSE_SECONDS)
            if not code:
                time.sleep(PAUSE_SECONDS)

    def _look(self, code: str, after: int) -> int:
        found = self._service().turns(code, after, wait=WAIT_SECONDS)
        if self._slide is not None and not found["told"]:
            self._tell()
        for turn in found["turns"]:
            self._hall.lead({"step": turn["step"], "runs": turn["runs"]})
        return int(found["n"])

    def _tell(self) -> None:
        """Tell the slide: one thread at a time, each with what is on the screen by then."""
        with self._lock:
            code, slide = self._hall.code, self._slide
            if not code or slide is None:
                return
            try:
                self._service().tell_slide(code, slide)
            except KitError:
                return  # the next look tells it again

    def _service(self) -> Control:
        """The client, found once: looking for a service that restarts would start another."""
        if self._control is None:
            self._control = reach(settings().language)
        return self._control


def reach(language: str, timeout: float = 10.0) -> Control:
    """Return a client of the service, even of one that is restarting just now. Raises Unavailable."""
    chosen = settings()
    try:
        with kit.connect() as found:
            url = found.url
    except Unavailable:
        if not chosen.url:
            raise
        url = chosen.url
    return Control(url, ensure_control_token(chosen), language=language, timeout=timeout)
