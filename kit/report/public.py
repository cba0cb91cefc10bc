"""What a report for the public keeps of its figures.

People: no group below ten, and none that the other groups give away (`disclosure.Groups`). Answers: the
share right of an item is given from ten people on; who gave which answer only in cells of ten or more. Where
a cell is withheld, everything it follows from is withheld too: an exact p or an interval tells a four-fold
table as well as its counts do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from kit.report.cube import Cube
from kit.report.disclosure import (
    NO_EXTREMES_BELOW,
    SMALLEST,
    GroupName,
    Groups,
    is_small,
    printable_share,
    withheld,
)
from kit.report.figures import (
    Comparison,
    DiscernmentFigures,
    Figures,
    Flow,
    Followup,
    Forms,
    Group,
    ItemFigures,
    LikertItem,
    PooledFigures,
    Reliability,
    Score,
    Target,
    TwinFigures,
    Unsure,
    WilcoxonFigures,
)
from kit.report.stats import items

K: Final = SMALLEST["public"]
GROUPINGS: Final = ("site", "audience", "session", "event", "quiz_id")
_RATES: Final = ("hit_rate_pre", "hit_rate_post", "false_alarm_rate_pre", "false_alarm_rate_post")

Place = tuple[str, str]
CubeCell = tuple[float | None, float | None, float | None, int]


def people_cells(score: pd.DataFrame) -> pd.DataFrame:
    """People of each cell of site, audience, session, event, quiz and order, in each published population."""
    pre, post, n = score["pre"].notna(), score["post"].notna(), score["n"].astype("int64")
    keys = score[list(GROUPINGS)].fillna("")
    counted = keys.assign(
        arm=keys["quiz_id"] + "/" + score["arm"].fillna(""),
        pairs=n.where(pre & post, 0),
        pre=n.where(pre, 0),
        post=n.where(post, 0),
        joined=n,
    )
    return counted.groupby([*GROUPINGS, "arm"], sort=True)[list(POPULATIONS)].sum().reset_index()


POPULATIONS: Final = ("pairs", "pre", "post", "joined")


def hidden_groups(cube: Cube) -> frozenset[GroupName]:
    """Groups that no report for the public on these people names, whichever groups it is asked for."""
    cells = people_cells(cube.score)
    if cells.empty:
        return frozenset()
    labels = {by: [str(name) for name in cells[by]] for by in (*GROUPINGS, "arm")}
    populations = [cells[name].to_numpy(dtype=float) for name in POPULATIONS]
    return Groups.of(labels).hidden(populations, K)


@dataclass(frozen=True)
class Publisher:
    """Turns the figures of a report into those for the public. `hidden` are groups not to be named."""

    hidden: frozenset[GroupName]

    def publish(self, figures: Figures) -> Figures:
        """Withhold what may not leave; a null has the note `public`."""
        score = public_score(figures.score, figures.flow.n_pairs or 0)
        if score.mean_change is None and figures.score.mean_change is not None:
            return replace(_without_score(figures), flow=public_flow(figures.flow), score=score)
        found = public_discernment(figures.discernment, figures.flow.n_pairs or 0)
        kept = [row for row in figures.items if self._may_show(row)]
        rows = withhold_shares(kept, split_offers=found.hit_rate_pre is not None)
        gone = {(r.quiz_id, r.item) for r in rows if r.p_pre is None or r.p_post is None}
        gone |= {(r.quiz_id, r.item) for r in figures.items} - {(r.quiz_id, r.item) for r in kept}
        arms = {name for by, name in self.hidden if by == "arm"}
        return replace(
            figures,
            flow=public_flow(figures.flow),
            score=score,
            unsure=_public_unsure(figures.unsure, figures.flow.n_pairs or 0),
            items=tuple(rows),
            twins=tuple(
                _public_twin(t, gone) for t in figures.twins if ("quiz_id", t.quiz_id) not in self.hidden
            ),
            discernment=found,
            followup=Followup() if is_small(figures.followup.n, K) else figures.followup,
            groups=tuple(self._group(group) for group in figures.groups),
            pooled=self._pooled(figures.pooled),
            forms=Forms() if arms else figures.forms,
            likert=tuple(line for line in figures.likert if _may_show_likert(line)),
            cells=public_cells(figures.cells),
        )

    def _may_show(self, row: ItemFigures) -> bool:
        """Items of a quiz of ten people on, each asked ten people before and ten after, or not in a wave."""
        return ("quiz_id", row.quiz_id) not in self.hidden and not (
            is_small(row.n_pre, K) or is_small(row.n_post, K) or is_small(row.n, K)
        )

    def _group(self, group: Group) -> Group:
        if (group.by, group.name) in self.hidden:
            return Group(group.by, group.name, True, Flow(), Score())
        score = public_score(group.score, group.flow.n_pairs or 0)
        score = replace(score, n_up=None, n_same=None, n_down=None, ceiling_pre=None, floor_pre=None)
        return replace(group, flow=replace(public_flow(group.flow), n_followup=None), score=score)

    def _pooled(self, pooled: PooledFigures) -> PooledFigures:
        """All or nothing: design effect and intervals together give the size and mean of a hidden site."""
        if any(by == (pooled.unit or "site") for by, _ in self.hidden):
            return PooledFigures(k=pooled.k, unit=pooled.unit)
        sites = [site for site in pooled.sites if (pooled.unit or "site", site.name) not in self.hidden]
        return replace(pooled, sites=tuple(s for s in sites if s.ci is not None or s.n >= NO_EXTREMES_BELOW))


def _without_score(figures: Figures) -> Figures:
    """Where all people of a small group scored alike, the mean speaks of each: nothing of scores is left."""
    return replace(
        figures, unsure=Unsure(), items=(), twins=(), discernment=DiscernmentFigures(), followup=Followup(),
        groups=(), pooled=PooledFigures(), forms=Forms(), likert=(), cells=(), reliability=Reliability(),
        comparison=Comparison(sites=figures.comparison.sites), target=Target(points=figures.target.points),
    )  # fmt: skip


def public_flow(flow: Flow) -> Flow:
    """How many came and stayed is told; how the few who left had answered is not."""
    if (flow.n_pre or 0) - (flow.n_pairs or 0) < K:
        flow = replace(flow, leavers_mean_pre=None, leavers_difference=None, leavers_ci=None)
    share = printable_share(flow.pairs_share, flow.n_joined or 0)
    return replace(
        flow,
        pairs_share=share,
        gain_times_share=None if share is None else flow.gain_times_share,
        n_followup=None if is_small(flow.n_followup, K) else flow.n_followup,
        n_partial=None if is_small(flow.n_partial, K) else flow.n_partial,
        n_short=None if is_small(flow.n_short, K) else flow.n_short,
    )


def public_score(score: Score, n: int) -> Score:
    """No distribution of changes, no count of fewer than ten, nothing where a small group is all alike."""
    if n < NO_EXTREMES_BELOW and 0.0 in (score.sd_pre, score.sd_post, score.sd_change):
        return Score(max=score.max)
    counts = [score.n_up or 0, score.n_same or 0, score.n_down or 0]
    alike = n < NO_EXTREMES_BELOW and max(counts) == n
    up, same, down = (
        None if hide or alike else count
        for count, hide in zip(counts, withheld(counts, K), strict=True)
    )  # fmt: skip
    dropped = score.normalised_change_dropped
    few = is_small(dropped, K)
    if None in (up, same, down):
        # W+ with its effect size counts those who changed; an exact p of few people lists their changes.
        coarse = None if n < NO_EXTREMES_BELOW or score.p_signflip is None else _coarse(score.p_signflip)
        score = replace(score, wilcoxon=WilcoxonFigures(), p_signflip=coarse)
    return replace(
        score,
        changes=(),
        n_up=up,
        n_same=same,
        n_down=down,
        ceiling_pre=_public_part(score.ceiling_pre, n),
        floor_pre=_public_part(score.floor_pre, n),
        normalised_change=None if few else score.normalised_change,
        normalised_change_dropped=None if few else dropped,
    )


def _coarse(p: float) -> float:
    """A p value with one digit, never rounded down: .0123 becomes .02."""
    digit = 10.0 ** math.floor(math.log10(p))
    return min(1.0, round(math.ceil(round(p / digit, 9)) * digit, 15))


def _public_part(share: float | None, n: int) -> float | None:
    """A share of people that may be printed: neither its people nor the others are few."""
    if share is None or is_small(round(share * n), K) or is_small(round((1 - share) * n), K):
        return None
    return printable_share(share, n)


def _public_unsure(unsure: Unsure, n: int) -> Unsure:
    return Unsure(printable_share(unsure.pre, n), printable_share(unsure.post, n))


def public_discernment(found: DiscernmentFigures, n_pairs: int) -> DiscernmentFigures:
    """All or none of a small group called them all fraud: no rate, and nothing that a rate follows from."""
    n = found.n or 0
    if is_small(n_pairs - n, K) or is_small(n, K):
        return DiscernmentFigures(n_fraud=found.n_fraud, n_genuine=found.n_genuine)
    if all(printable_share(getattr(found, name), n) == getattr(found, name) for name in _RATES):
        return found
    return DiscernmentFigures(
        n=found.n,
        n_fraud=found.n_fraud,
        n_genuine=found.n_genuine,
        verdict=found.verdict,
        verdict_code=found.verdict_code,
    )


def _may_show_likert(line: LikertItem) -> bool:
    total = sum(line.counts)
    alike = total < NO_EXTREMES_BELOW and max(line.counts) == total
    return not alike and not any(is_small(n, K) for n in (total, *line.counts))


def _public_twin(twin: TwinFigures, gone: set[Place]) -> TwinFigures:
    bare = (twin.quiz_id, twin.item) in gone or (twin.quiz_id, twin.twin) in gone
    if bare or twin.n11 is None:
        change = None if bare else twin.change
        return replace(twin, n11=None, n01=None, n10=None, n00=None, ci=None, change=change)
    return twin


# Items


def withhold_shares(rows: Sequence[ItemFigures], *, split_offers: bool) -> list[ItemFigures]:
    """Withhold shares of all or none below 20 people, with neighbours: the sum of the items is known.

    `split_offers`: hits are printed, so that fraud offers have a sum of their own.
    """
    hidden: dict[str, set[Place]] = {"pre": set(), "post": set()}
    for wave, gone in hidden.items():
        for quiz_id in dict.fromkeys(row.quiz_id for row in rows):
            asked = [r for r in rows if r.quiz_id == quiz_id and getattr(r, f"p_{wave}") is not None]
            for part in _sums(asked, split_offers):
                gone |= _with_neighbours(part, asked, wave)
    shown = [_item(row, {w for w in hidden if (row.quiz_id, row.item) in hidden[w]}) for row in rows]
    if any(row.n11 is None and row.p_mcnemar is None and row.p_fisher is None for row in shown):
        # An adjusted p can be another item's p times a whole number.
        shown = [replace(row, p_holm=None) for row in shown]
    return shown


def _sums(rows: Sequence[ItemFigures], split_offers: bool) -> Iterator[list[ItemFigures]]:
    """Items whose right answers may be told from the others' by a published sum."""
    parts: dict[tuple[str, bool], list[ItemFigures]] = {}
    for row in rows:
        parts.setdefault((row.form, split_offers and row.signal == "fraud"), []).append(row)
    yield from parts.values()


def _with_neighbours(part: Sequence[ItemFigures], asked: Sequence[ItemFigures], wave: str) -> set[Place]:
    """Items without a printable share, and others, until a right answer may have been given to either."""

    def people(row: ItemFigures) -> int:
        return int(getattr(row, f"n_{wave}"))

    def share(row: ItemFigures) -> float:
        return float(getattr(row, f"p_{wave}"))

    hidden = [row for row in part if printable_share(share(row), people(row)) is None]
    if not hidden:
        return set()
    rest = sorted((row for row in part if row not in hidden), key=lambda row: -abs(share(row) - 0.5))
    while not _has_room([(share(r), people(r)) for r in hidden]):
        if not rest:
            return {(row.quiz_id, row.item) for row in asked}
        hidden.append(rest.pop(0))
    return {(row.quiz_id, row.item) for row in hidden}


def _has_room(shares: Sequence[tuple[float, int]]) -> bool:
    right, people = sum(p * n for p, n in shares), sum(n for _, n in shares)
    return len(shares) > 1 and 0.5 < right < people - 0.5


def _item(row: ItemFigures, waves: set[str]) -> ItemFigures:
    """An item without its share in some waves, and without what these or its four-fold table follow from."""
    paired = row.p_mcnemar is not None
    if waves:
        lost: dict[str, Any] = {f"p_{w}": None for w in waves} | {f"options_{w}": {} for w in waves}
        lost |= {f"bound_{w}": _bound(getattr(row, f"p_{w}"), getattr(row, f"n_{w}")) for w in waves}
        bare = dict.fromkeys(("n11", "n01", "n10", "n00", "change", "ci", "p_mcnemar", "p_fisher"))
        return replace(row, **{**bare, **lost}, shift=(), persisting=None)
    if row.n11 is not None or not paired or row.p_pre is None or row.p_post is None:
        return row
    right = round(row.p_pre * row.n_pre), round(row.p_post * row.n_post)
    ci = items.independent_difference_interval(right, (row.n_pre, row.n_post))
    return replace(row, ci=ci, p_mcnemar=None, shift=())


def _bound(share: float, n: int) -> str:
    """What stands for the share of all or none of a few people; nothing for their neighbours' shares."""
    if printable_share(share, n) is not None:
        return ""
    return "≥ 90" if share == 1.0 else "≤ 10"


def public_options(
    counts: Mapping[str, int], right: Iterable[str], seen: Iterable[str]
) -> dict[str, int | None]:
    """Options that ten people or more chose; one left alone among the wrong ones takes the next along.

    The count of the right option is the item's share. `seen` are the options anybody ever chose.
    """
    keys = set(right)
    wrong = sorted({*seen, *counts} - keys, key=lambda choice: (counts.get(choice, 0), choice))
    hidden = [choice for choice in wrong if counts.get(choice, 0) < K]
    if len(hidden) == 1 and is_small(counts.get(hidden[0], 0), K):
        hidden = wrong[:2]
    return {c: int(n) for c, n in counts.items() if n >= K and c not in hidden}


def public_cells(cells: Sequence[CubeCell]) -> tuple[CubeCell, ...]:
    """Cells of the cube that ten people or more share; the others are not even named."""
    hidden = withheld([cell[3] for cell in cells], K)
    return tuple(cell for cell, hide in zip(cells, hidden, strict=True) if not hide)
