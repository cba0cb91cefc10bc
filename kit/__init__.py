"""desa-binaan-kit: run awareness sessions from a notebook and measure what they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["__version__", "connect"]

if TYPE_CHECKING:
    from kit.session.client import Control


def connect() -> Control:
    """Return a client of the running service; start one in the background when there is none."""
    from kit.session.client import connect as connect_to_service

    return connect_to_service()
