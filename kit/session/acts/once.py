"""Acts that are done once, however often the same request arrives.

A tired hand clicks twice, a network sends again what was answered already. A request with a key is remembered
for a day in the transaction of its act; the same key again changes nothing and gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from kit.errors import BadRequest
from kit.session.store import clock
from kit.session.store.requests import add_request, find_request
from kit.session.store.transaction import Writing

KEPT: Final = timedelta(days=1)
MAX_KEY: Final = 64


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request with its key; without one (empty) it is done as often as it is asked."""

    key: str
    asked: Any


def once(name: str, act: Callable[[Writing, Any], Any], code_of: Callable[[Any, Any], str]) -> Any:
    """Make of an act one that takes `Keyed` requests and answers the session's join code.

    `code_of(asked, result)` says which session the act was about. Raises what the act raises, and BadRequest
    for a key that another act or another session has used.
    """

    def act_once(tx: Writing, request: Keyed) -> str:
        done = find_request(tx, request.key) if request.key else None
        if done is not None:
            if done["act"] != name or code_of(request.asked, done["code"]) != done["code"]:
                raise BadRequest("key_used")
            return str(done["code"])
        code = code_of(request.asked, act(tx, request.asked))
        if request.key:
            _keep(tx, request.key, name, code)
        return code

    return act_once


def _keep(tx: Writing, key: str, name: str, code: str) -> None:
    moment = clock.now()
    row = {"request_id": key, "act": name, "code": code, "done_at": moment}
    add_request(tx, row, older_than=clock.stamp(datetime.fromisoformat(moment) - KEPT))


def check_key(key: str) -> str:
    """A key as it may be kept. Raises BadRequest."""
    if len(key) > MAX_KEY or not key.isascii() or not key.isprintable():
        raise BadRequest("bad_key", limit=MAX_KEY)
    return key
