"""What is going round: offers that people said they had heard of, village by village and month by month.

Notes in closed lists, counted and never told one by one. They say what is heard, not how much of it there is:
nobody was asked at random, and one offer may be noted by many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from babel.dates import format_date

from kit.bundle.read import SessionRecord
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Part,
    Parts,
    Secrecy,
    Section,
    SheetRow,
    Table,
    View,
    declare,
    make_table,
    note,
)
from kit.report.sections.spoken import whole
from kit.report.stats.items import binomial_p
from kit.study.sighting import ALL, SHOWN_FROM, SIGN
from kit.text import message

NAMED: Final = ("kind", "channel", "country", "promise", SIGN)
"""Lists of which the most often named value stands on the board."""
MOVING: Final = ("kind", "channel", "country", SIGN)
"""Lists whose values are compared between two months of a village."""
SURE_FROM: Final = 0.05
SHEET_COLUMNS: Final = ("site_id", "site", "month", "list", "value", "n", "joined")


@dataclass(frozen=True)
class Heard(Part):
    """How many notes of a month named a value of a list in a village where so many people had `joined`."""

    key: ClassVar = "sightings"
    many: ClassVar = True
    public: ClassVar = declare(never="site_id site month list value n joined")

    site_id: str
    site: str
    month: str
    list: str
    value: str
    n: int
    joined: int


@dataclass(frozen=True)
class Course(Part):
    """How often a value was named in a village in two months that follow each other, and where it goes.

    `course` is `rising` or `falling` where an exact test of the two counts, given how many people had joined,
    finds less than one chance in twenty (conditional binomial, Przyborowski and Wilenski 1940); else `open`.
    """

    key: ClassVar = "sightings_course"
    many: ClassVar = True
    public: ClassVar = declare(never="site_id site list value month_before month n_before n course")

    site_id: str
    site: str
    list: str
    value: str
    month_before: str
    month: str
    n_before: int
    n: int
    course: str


def measure_heard(records: Iterable[SessionRecord]) -> tuple[Heard, ...]:
    """The notes of all sessions, added up by village and month; only what enough people have named."""
    counts: Counter[tuple[str, str, str, str]] = Counter()
    joined: Counter[tuple[str, str]] = Counter()
    names: dict[str, str] = {}
    for record in records:
        place = (record.place.site_id, record.held_on[:7])
        names[place[0]] = record.site
        joined[place] += record.joined
        for name, value, n in record.sightings:
            counts[(*place, name, value)] += n
    return tuple(
        Heard(site_id, names[site_id], month, name, value, n, joined[site_id, month])
        for (site_id, month, name, value), n in sorted(counts.items())
        if n >= SHOWN_FROM
    )


def measure_courses(heard: Iterable[Heard]) -> Iterator[Course]:
    """The last two months of each village that have notes, value by value that both months tell."""
    by_site: dict[str, dict[str, dict[tuple[str, str], Heard]]] = {}
    for one in heard:
        by_site.setdefault(one.site_id, {}).setdefault(one.month, {})[one.list, one.value] = one
    for months in by_site.values():
        if len(months) < 2:
            continue
        before, now = (months[month] for month in sorted(months)[-2:])
        for place in sorted(before.keys() & now.keys()):
            if place[0] in MOVING:
                yield _course(before[place], now[place])


def _course(before: Heard, now: Heard) -> Course:
    both, people = before.n + now.n, before.joined + now.joined
    expected = now.joined / people if before.joined and now.joined else 0.5
    is_sure = binomial_p(now.n, both, expected) < SURE_FROM
    course = ("rising" if now.n > expected * both else "falling") if is_sure else "open"
    months = (before.month, now.month, before.n, now.n)
    return Course(now.site_id, now.site, now.list, now.value, *months, course)


class SightingsSection(Section):
    """The board over villages and months, for the office that has to act on it."""

    name = "sightings"
    parts = (Heard, Course)
    reads = ("sightings_heard", "sightings_few")

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """All notes of the sessions that are reported on."""
        heard = measure_heard(evidence.records)
        return {Heard.key: heard, Course.key: tuple(measure_courses(heard))}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Nothing: what goes round in a village is for those who act on it, and warns those who offer."""
        return {Heard.key: (), Course.key: ()}

    def stands(self, figures: Figures) -> bool:
        """Only where enough people noted something."""
        return bool(figures.rows(Heard))

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """What such notes do not say, and from how many on they are shown."""
        if figures.rows(Heard):
            yield note("sightings_heard", "sightings.*")
            yield note("sightings_few", "sightings.*", k=SHOWN_FROM)

    def words(self, view: View) -> list[str]:
        """For each village what was heard most in its last month, and what is surely rising or falling."""
        lines = [_most_heard(view, rows) for rows in _last_months(view)]
        moved = [one for one in view.figures.rows(Course) if one.course != "open"]
        return lines + [_moved(view, one) for one in moved]

    def tables(self, view: View) -> dict[str, Table]:
        """The board: a line for each village and month; and one for each value that can be compared."""
        board = [_board_row(view, rows) for rows in _boards(view)]
        courses = [_course_row(view, one) for one in view.figures.rows(Course)]
        return make_table(view, "sightings", board) | make_table(view, "sightings_course", courses)

    def sheets(self, view: View) -> Iterator[tuple[str, Iterable[SheetRow]]]:
        """A row for each village, month and value; no sheet without notes."""
        rows: list[SheetRow] = [
            tuple(getattr(one, name) for name in SHEET_COLUMNS) for one in view.figures.rows(Heard)
        ]
        if rows:
            yield "sightings", [SHEET_COLUMNS, *rows]


def _boards(view: View) -> list[list[Heard]]:
    """The rows of each village and month, villages by name and months by date."""
    found: dict[tuple[str, str, str], list[Heard]] = {}
    for one in view.figures.rows(Heard):
        found.setdefault((one.site, one.site_id, one.month), []).append(one)
    return [found[key] for key in sorted(found)]


def _last_months(view: View) -> list[list[Heard]]:
    return list({rows[0].site_id: rows for rows in _boards(view)}.values())


def _most(rows: Iterable[Heard], name: str) -> Heard | None:
    named = [one for one in rows if one.list == name]
    return max(named, key=lambda one: (one.n, one.value)) if named else None


def _word(view: View, one: Heard | Course) -> str:
    return message(f"sighting.{one.list}.{one.value}", view.language)


def _month(view: View, month: str) -> str:
    return str(format_date(date.fromisoformat(f"{month}-01"), format="MMMM y", locale=view.language))


def _all(rows: list[Heard]) -> int:
    return next((one.n for one in rows if one.list == ALL), max(one.n for one in rows))


def _named(view: View, one: Heard | None) -> str:
    return "–" if one is None else f"{_word(view, one)} ({whole(one.n, view.language)})"


def _most_heard(view: View, rows: list[Heard]) -> str:
    named = [_most(rows, name) for name in NAMED]
    words = "; ".join(_named(view, one) for one in named if one is not None) or "–"
    first, n = rows[0], whole(_all(rows), view.language)
    month = _month(view, first.month)
    return view.say("sentences.sightings", site=first.site or "–", month=month, n=n, what=words)


def _moved(view: View, one: Course) -> str:
    counts = {"before": whole(one.n_before, view.language), "now": whole(one.n, view.language)}
    months = {"first": _month(view, one.month_before), "last": _month(view, one.month)}
    what = _word(view, one)
    return view.say(f"sentences.sightings_{one.course}", site=one.site or "–", what=what, **counts, **months)


def _board_row(view: View, rows: list[Heard]) -> tuple[str, ...]:
    first = rows[0]
    numbers = (whole(_all(rows), view.language), whole(first.joined, view.language))
    named = (_named(view, _most(rows, name)) for name in NAMED)
    return (first.site or "–", _month(view, first.month), *numbers, *named)


def _course_row(view: View, one: Course) -> tuple[str, ...]:
    counts = (whole(one.n_before, view.language), whole(one.n, view.language))
    months = (_month(view, one.month_before), _month(view, one.month))
    first, second = (f"{month}: {n}" for month, n in zip(months, counts, strict=True))
    return one.site or "–", _word(view, one), first, second, view.say(f"sightings_courses.{one.course}")
