"""Acts for many at once: each is answered for itself, and a refused one does not spoil the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from kit.errors import KitError

Asked = TypeVar("Asked")
Result = TypeVar("Result")


def answer_each(act: Callable[[Asked], Result], requests: Iterable[Asked]) -> list[Result | KitError]:
    """What an act gives each request, or why it refuses it. The act must refuse before it writes."""
    results: list[Result | KitError] = []
    for request in requests:
        try:
            results.append(act(request))
        except KitError as refusal:
            results.append(refusal)
    return results
