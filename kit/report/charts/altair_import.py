"""Altair without a detour that costs two seconds.

Altair loads jsonschema, which builds a grammar of internationalised addresses (`rfc3987_syntax`) if that
happens to be installed, as it is beside Jupyter. Charts have no such address, and jsonschema does without.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, Final


class _Altair:
    """Altair, loaded when the first chart is drawn."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_load(), name)


def _load() -> Any:
    if "altair" in sys.modules or "rfc3987_syntax" in sys.modules or "jsonschema" in sys.modules:
        return import_module("altair")
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        return import_module("altair")
    finally:
        del sys.modules["rfc3987_syntax"]


alt: Final = _Altair()
