"""What is asked about before it is kept: a day far away, a place that looks like another one."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from kit.study.place import PLACE_FIELDS, Site, are_alike

FAR_DAYS: Final = 366
"""A day further from today is most probably a slip of the hand."""


def is_far(held_on: str) -> bool:
    """Whether a day lies more than a year from today; what is no day is not judged here."""
    try:
        return abs((date.fromisoformat(held_on) - date.today()).days) > FAR_DAYS
    except ValueError:
        return False


def alike_places(place: Site, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The known places that this one looks like without being spelled the same."""
    others = [(one, Site(one["site_id"], *(one[name] for name in PLACE_FIELDS))) for one in known]
    if any(other.place == place.place for _, other in others):
        return []
    return [one for one, other in others if are_alike(place, other)]


def spelled(site: dict[str, Any]) -> str:
    """A place with what lies around it."""
    return ", ".join(filter(None, (site[name] for name in PLACE_FIELDS)))
