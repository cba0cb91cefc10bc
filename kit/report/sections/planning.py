"""Planning: what this event could have shown, and how many people the next one needs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

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
from kit.report.sections.flow import Flow
from kit.report.sections.score import Score
from kit.report.sections.sites import POOLED_FROM, PooledFigures, headline
from kit.report.sections.spoken import points, whole
from kit.report.stats.distributions import t_quantile
from kit.report.stats.planning import people_needed, smallest_change

NEXT_CHANGES: Final = (5, 10, 15, 20)
"""The changes, in points out of 100, for which a report says how many people they need."""


@dataclass(frozen=True)
class Planning(Part):
    """The smallest true change (points) proven in 80 of 100 such events, the spread of people's changes as
    the headline has it (points), and how many people changes of 5, 10, 15, 20 out of 100 need at that spread.
    """

    key: ClassVar = "planning"
    public: ClassVar = declare(
        never="smallest_change spread people_for_5 people_for_10 people_for_15 people_for_20"
    )

    smallest_change: float | None = None
    spread: float | None = None
    people_for_5: int | None = None
    people_for_10: int | None = None
    people_for_15: int | None = None
    people_for_20: int | None = None

    @property
    def people(self) -> tuple[int | None, ...]:
        """How many people each change needs."""
        return self.people_for_5, self.people_for_10, self.people_for_15, self.people_for_20


def measure_planning(figures: Figures) -> Planning:
    """From the standard error of the change that page one prints; nothing where that has no verdict.

    From three sites on the sites are what is counted, so no number of people answers the question.
    """
    score, pooled = figures.of(Score), figures.of(PooledFigures)
    ci, several = headline(figures)[1], pooled.estimate is not None
    df = (pooled.k or 0) - 1.0 if several else score.df
    if ci is None or df is None or score.one_order:
        return Planning()
    error = (ci[1] - ci[0]) / 2.0 / t_quantile(df)
    smallest = smallest_change(error, df)
    if (pooled.k or 0) >= POOLED_FROM:
        return Planning(smallest)
    spread = error * math.sqrt(figures.of(Flow).n_pairs or 0)
    return Planning(
        smallest, spread, *(people_needed(change * figures.most / 100, spread) for change in NEXT_CHANGES)
    )


class PlanningSection(Section):
    """How many people are needed: for colleagues, beside the method."""

    name = "planning"
    heading = "limits"
    parts = (Planning,)
    reads = ("planning_none", "planning_sites")

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """What follows from the spread of the change."""
        return {Planning.key: measure_planning(so_far)}

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Nothing: a spread is a moment of the people's answers."""
        return {Planning.key: Planning()}

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """Why there is no such figure; a report for the public says so of all that it withholds."""
        if figures.options.is_public:
            return
        planning = figures.of(Planning)
        if planning.smallest_change is None:
            yield note("planning_none", "planning.*")
        elif planning.spread is None:
            yield note("planning_sites", "planning.*")

    def words(self, view: View) -> list[str]:
        """The smallest change that events like this one prove in 80 of 100 cases, rounded up."""
        found = view.figures.of(Planning).smallest_change
        if found is None:
            return []
        if found > view.figures.most:
            return [view.say("sentences.planning_beyond")]
        shown = points(math.ceil(round(view.per_hundred(found), 9)), view.language)
        return [view.say("sentences.planning", points=shown)]

    def tables(self, view: View) -> dict[str, Table]:
        """One line: a number of people under each change."""
        planning, language = view.figures.of(Planning), view.language
        if planning.spread is None:
            return {}
        spread = points(view.per_hundred(planning.spread), language)
        people = [whole(n or 0, language) for n in planning.people]
        return make_table(view, "planning", [(view.say("rows.planning", spread=spread), *people)])
