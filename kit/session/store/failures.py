"""What a failure of the database means: for who asked, and for trying again."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError, TimeoutError

from kit.errors import KitError, Unavailable

# PostgreSQL: two transactions got in each other's way and one was ended; the same again succeeds.
_PASSING: Final = ("40001", "40P01", "23503", "23505")


def refusal_of(error: Exception) -> KitError:
    """What a failed commit or reading means for who asked."""
    if isinstance(error, KitError):
        return error
    if isinstance(error, DBAPIError) and re.search("is full|no space left", str(error.orig).lower()):
        return Unavailable("disk_full")
    if isinstance(error, DBAPIError) and re.search("readonly|read-only", str(error.orig).lower()):
        return Unavailable("store_read_only")
    if isinstance(error, SQLAlchemyError | OSError):
        return Unavailable("store_failed")
    return KitError("unexpected")


def is_away(error: Exception) -> bool:
    """Whether the database itself is the trouble, so that trying each request alone is no use."""
    return isinstance(error, OperationalError | InterfaceError | TimeoutError) and not is_passing(error)


def is_passing(error: Exception) -> bool:
    """Whether another replica got in the way, so that the same transaction will now succeed."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _PASSING
