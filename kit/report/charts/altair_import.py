"""Altair without two detours that cost seconds.

Altair loads jsonschema, which has its own (`kit.schemas`). And it checks each part of a chart against its
schema while the chart is put together; tests check ours whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final


class _Altair:
    """Altair, loaded when the first chart is drawn."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_load(), name)


@contextmanager
def unchecked() -> Iterator[None]:
    """Put charts together without the checks, which whoever else draws with Altair here keeps."""
    with _load().utils.schemapi.debug_mode(False):
        yield


def _load() -> Any:
    import_module("kit.schemas")
    return import_module("altair")


alt: Final = _Altair()
