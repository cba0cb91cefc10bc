"""People known again by a code from an earlier session of the site: what they still knew when they came back.

The only people whom a report follows over months. Who comes back and kept the code is no sample of those who
came, and the two meetings may have used other forms: the section says both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from kit.bundle.read import SessionRecord
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Part,
    Parts,
    Secrecy,
    Section,
    Table,
    View,
    declare,
    make_table,
    note,
)
from kit.report.sections.spoken import guarded_share, interval, long_date, number, whole
from kit.report.stats.distributions import Interval, t_quantile
from kit.study.sighting import SHOWN_FROM


@dataclass(frozen=True)
class Returned(Part):
    """A session at which people gave a code of an earlier one: `known` again, or `lost`.

    Of the `followed` the mean share right at the end of the earlier session and at the beginning of this one,
    and the 95 % interval of the difference (paired t).
    """

    key: ClassVar = "returning"
    many: ClassVar = True
    public: ClassVar = declare(never="site held_on session known lost followed share_then share_now ci")

    site: str
    held_on: str
    session: str
    known: int
    lost: int
    followed: int = 0
    share_then: float | None = None
    share_now: float | None = None
    ci: Interval | None = None


def measure_returned(record: SessionRecord) -> Returned | None:
    """Who came back to a session; None where nobody gave an earlier code."""
    told = dict(record.returning)
    known, lost = int(told.get("known", 0)), int(told.get("lost", 0))
    if not known and not lost:
        return None
    n = int(told.get("followed", 0))
    place = (record.site, record.held_on, record.code, known, lost)
    if n < SHOWN_FROM:
        return Returned(*place)
    then, now, sd = (told[name] for name in ("share_then", "share_now", "sd_change"))
    half = t_quantile(n - 1) * sd / math.sqrt(n)
    return Returned(*place, n, then, now, (now - then - half, now - then + half))


class ReturningSection(Section):
    """People followed over months without their names."""

    name = "returning"
    parts = (Returned,)
    reads = ("returning_selected", "returning_few")

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """Every session at which somebody gave an earlier code, by date."""
        found = [one for one in map(measure_returned, evidence.records) if one is not None]
        return {Returned.key: tuple(sorted(found, key=lambda one: (one.held_on, one.session)))}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Nothing: people who come twice to one place are too few to be told of in public."""
        return {Returned.key: ()}

    def stands(self, figures: Figures) -> bool:
        """Only where somebody came back."""
        return bool(figures.rows(Returned))

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """Who comes back is no sample; a few are only counted."""
        found = figures.rows(Returned)
        if any(one.followed for one in found):
            yield note("returning_selected", "returning.*")
        if any(not one.followed for one in found):
            yield note("returning_few", "returning.*", k=SHOWN_FROM)

    def words(self, view: View) -> list[str]:
        """For each session: who was known again, and what they still knew."""
        return [_sentence(view, one) for one in view.figures.rows(Returned)]

    def tables(self, view: View) -> dict[str, Table]:
        """A line for each session."""
        return make_table(view, "returning", [_row(view, one) for one in view.figures.rows(Returned)])


def _sentence(view: View, one: Returned) -> str:
    language = view.language
    said = view.say(
        "sentences.returning",
        site=one.site or "–",
        day=long_date(one.held_on, language),
        known=whole(one.known, language),
        lost=whole(one.lost, language),
    )
    if one.ci is None:
        return said
    then, now = (guarded_share(x, one.followed, language) for x in (one.share_then, one.share_now))
    low, high = one.ci
    course = "down" if high < 0 else "up" if low > 0 else "open"
    more = view.say(f"sentences.returning_{course}", then=then, now=now, n=whole(one.followed, language))
    return f"{said} {more}"


def _row(view: View, one: Returned) -> tuple[str, ...]:
    language = view.language
    change = "–" if one.ci is None else number(50 * (one.ci[0] + one.ci[1]), language, 0)
    return (
        one.site or "–",
        long_date(one.held_on, language),
        whole(one.known, language),
        whole(one.lost, language),
        whole(one.followed, language) if one.followed else "–",
        guarded_share(one.share_then, one.followed, language),
        guarded_share(one.share_now, one.followed, language),
        change,
        interval(one.ci, language, 100, 0),
    )
