"""Altair without two detours that cost seconds.

Altair loads jsonschema, which builds a grammar of internationalised addresses (`rfc3987_syntax`) if that
happens to be installed, as it is beside Jupyter. Charts have no such address, and jsonschema does without.
And it checks each part of a chart against its schema while the chart is put together; tests check ours whole.
"""

from __future__ import annotations

import sys
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
    if "altair" in sys.modules or "rfc3987_syntax" in sys.modules or "jsonschema" in sys.modules:
        return import_module("altair")
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        return import_module("altair")
    finally:
        del sys.modules["rfc3987_syntax"]


alt: Final = _Altair()
