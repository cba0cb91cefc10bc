"""Single items from visit to visit: what was still wrong after one, and how the next people answered it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from kit.report.count.counting import Counted
from kit.report.sections.base import Part, declare
from kit.report.sections.item_figures import ItemRef
from kit.report.sections.thresholds import EVERYTHING_FROM, ITEM_UNDERSTOOD_FROM
from kit.report.stats.distributions import Interval
from kit.report.stats.visits import item_course, share_interval


@dataclass(frozen=True)
class CarriedItem(Part):
    """An item that few had right after the visit before, and how the people of this visit answered it."""

    public: ClassVar = declare(never="item quiz_id share_last share_pre share_post ci n course")

    item: str
    quiz_id: str
    share_last: float
    share_pre: float | None
    share_post: float
    ci: Interval
    n: int
    course: str


class AnsweredItem(NamedTuple):
    """How many matched people had an item right, and how many answered it, before and after."""

    right_pre: int = 0
    n_pre: int = 0
    right_post: int = 0
    n_post: int = 0

    @property
    def is_judged(self) -> bool:
        """Whether enough people answered it after to say anything."""
        return self.n_post >= EVERYTHING_FROM

    @property
    def share_pre(self) -> float | None:
        """The share that was right before."""
        return self.right_pre / self.n_pre if self.n_pre else None

    @property
    def share_post(self) -> float:
        """The share that was right after; 0 where nobody answered."""
        return self.right_post / self.n_post if self.n_post else 0.0


def answered_items(counted: Counted) -> dict[ItemRef, AnsweredItem]:
    """The items of a session that matched people answered, in the order of the forms."""
    answers = counted.cube.answer
    answers = answers[answers["matched"] == 1]
    right = answers["n"].where((answers["correct"] == 1).fillna(False), 0)
    sums = answers.assign(right=right).groupby(["quiz_id", "item", "wave"])[["right", "n"]].sum()
    found = {place: tuple(map(int, row)) for place, row in zip(sums.index, sums.to_numpy(), strict=True)}
    nobody = (0, 0)
    places = dict.fromkeys((i.quiz_id, i.item) for i in counted.plan.items)
    told = {place[:2] for place in found}
    return {
        place: AnsweredItem(*found.get((*place, "pre"), nobody), *found.get((*place, "post"), nobody))
        for place in places
        if place in told
    }


def still_wrong(items: Mapping[ItemRef, AnsweredItem]) -> list[ItemRef]:
    """Items that too few had right after a session, the least often right first."""
    wrong = [(one.share_post, place) for place, one in items.items() if one.is_judged]
    return [place for share, place in sorted(wrong) if share < ITEM_UNDERSTOOD_FROM]


def carried_items(
    before: Mapping[ItemRef, AnsweredItem], now: Mapping[ItemRef, AnsweredItem]
) -> Iterator[CarriedItem]:
    """What was still wrong after the visit before, where this visit's people answered it too."""
    for place in still_wrong(before):
        one = now.get(place)
        if one is None or not one.is_judged:
            continue
        quiz_id, item = place
        yield CarriedItem(
            item,
            quiz_id,
            before[place].share_post,
            one.share_pre,
            one.share_post,
            share_interval(one.right_post, one.n_post),
            one.n_post,
            item_course(one.right_post, one.n_post, ITEM_UNDERSTOOD_FROM),
        )
