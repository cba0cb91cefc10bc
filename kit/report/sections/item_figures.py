"""Item by item: who was right before and after, which answers were given, which wrong ones persist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kit.report.count.cube import Cube
from kit.report.count.forms import FormPlan
from kit.report.sections.base import Part, declare
from kit.report.sections.thresholds import COUNTS_ONLY_BELOW, EVERYTHING_FROM, PERSISTS_FROM
from kit.report.stats import items
from kit.report.stats.distributions import Interval
from kit.report.stats.items import FourFold

ItemRef = tuple[str, str]
"""A quiz id and an item id."""
SITES_ARE_UNITS_FROM = 3
UNNAMED: tuple[str, ...] = ("wrong", "*")
"""Answers of which nobody knows what they say."""


@dataclass(frozen=True)
class Persisting(Part):
    """A wrong answer that is still given after: its option and its shares before and after."""

    public: ClassVar = declare(by_rule="choice share_pre share_post")

    choice: str
    share_pre: float | None
    share_post: float


@dataclass(frozen=True)
class ItemFigures(Part):
    """One item: the same people twice (n11 …), or with parallel forms one arm before and the other after.

    `bound_pre` and `bound_post` stand for a share that is withheld since all or none of few were right;
    `by_site` counts the sites with more, as many and fewer right after than before.
    """

    key: ClassVar = "items"
    many: ClassVar = True
    verdicts: ClassVar = "item_verdicts.{code}"
    public: ClassVar = declare(
        always="item quiz_id form signal verdict_code",
        by_rule="""n n_pre n_post rest_r_pre rest_r_post n11 n01 n10 n00 p_pre p_post bound_pre
            bound_post change ci p_mcnemar p_fisher p_sites sites_unknown p_holm options_pre options_post
            shift persisting""",
        never="by_site",
    )

    item: str
    quiz_id: str
    form: str
    signal: str | None
    n: int
    n_pre: int
    n_post: int
    n11: int | None = None
    n01: int | None = None
    n10: int | None = None
    n00: int | None = None
    p_pre: float | None = None
    p_post: float | None = None
    bound_pre: str = ""
    bound_post: str = ""
    change: float | None = None
    ci: Interval | None = None
    p_mcnemar: float | None = None
    p_fisher: float | None = None
    p_sites: float | None = None
    sites_unknown: bool = False
    by_site: tuple[int, ...] = ()
    p_holm: float | None = None
    verdict_code: str | None = None
    rest_r_pre: float | None = None
    rest_r_post: float | None = None
    options_pre: dict[str, int | None] = field(default_factory=dict)
    options_post: dict[str, int | None] = field(default_factory=dict)
    shift: tuple[tuple[str, str, int], ...] = ()
    persisting: Persisting | None = None

    @property
    def place(self) -> ItemRef:
        """Where the item is found: in which quiz, under which id."""
        return self.quiz_id, self.item

    @property
    def fold(self) -> tuple[int | None, ...]:
        """Kept, learned, lost and never."""
        return self.n11, self.n01, self.n10, self.n00


def measure_items(cube: Cube, plan: FormPlan) -> Iterator[ItemFigures]:
    """Each item of each form, with verdicts adjusted for their number."""
    answers = cube.answer[cube.answer["matched"] == 1]
    by_item = dict(tuple(answers.groupby(["quiz_id", "item"], sort=True)))
    shifts = cube.shift[cube.shift["item"] == cube.shift["item_post"]]
    shift_by_item = dict(tuple(shifts.groupby(["quiz_id", "item"], sort=True)))
    by_site = dict(tuple(cube.right.groupby(["quiz_id", "item"], sort=True)))
    several = count_sites(cube) >= SITES_ARE_UNITS_FROM
    everybody = dict(tuple(cube.answer.groupby(["quiz_id", "item"], sort=True)))
    rows = []
    for known in _distinct_items(plan):
        place = (known["quiz_id"], known["item"])
        if place in by_item:
            figures = _shares(by_item[place], shift_by_item.get(place)) | _quality(everybody[place])
            row = ItemFigures(**known, **figures)
            rows.append(_over_sites(row, by_site.get(place)) if several else row)
    yield from _with_holm(rows)


def count_sites(cube: Cube) -> int:
    """How many sites have people who answered before and after."""
    matched = cube.score["pre"].notna() & cube.score["post"].notna()
    return int(cube.score.loc[matched, "site_id"].nunique())


def _over_sites(row: ItemFigures, counts: pd.DataFrame | None) -> ItemFigures:
    """The item tested with sites as units; without a test where nobody knows who was right at which site."""
    raw = row.p_fisher if row.p_mcnemar is None else row.p_mcnemar
    if raw is None:
        return row
    sites = None if counts is None else _site_counts(counts)
    found = None if sites is None else items.clustered_difference(sites)
    if sites is None or found is None:
        return replace(row, sites_unknown=True)
    return replace(row, p_sites=items.clustered_p(*found, raw), by_site=_moved_sites(sites))


def _moved_sites(sites: items.SiteCounts) -> tuple[int, ...]:
    """How many sites of five people or more before and after went up, stayed, and went down."""
    n_pre, n_post = sites.n
    told = (n_pre >= COUNTS_ONLY_BELOW) & (n_post >= COUNTS_ONLY_BELOW)
    if not told.any():
        return ()
    moved = sites.right[1][told] / n_post[told] - sites.right[0][told] / n_pre[told]
    return int((moved > 0).sum()), int((moved == 0).sum()), int((moved < 0).sum())


def _site_counts(counts: pd.DataFrame) -> items.SiteCounts:
    # Columns by number: a pivot for each item would take longer than counting everybody.
    site, sites = pd.factorize(counts["site_id"], sort=True)
    wave, right = counts["wave"].to_numpy(dtype=object), counts["correct"].to_numpy(dtype=np.int64)
    n, table = counts["n"].to_numpy(dtype=float), []
    for told in ((wave == when) & (right == is_right) for when in ("pre", "post") for is_right in (0, 1)):
        table.append(np.bincount(site[told], weights=n[told], minlength=len(sites)))
    wrong_pre, right_pre, wrong_post, right_post = table
    return items.SiteCounts((right_pre, right_post), (wrong_pre + right_pre, wrong_post + right_post))


def _distinct_items(plan: FormPlan) -> Iterator[dict[str, Any]]:
    """Quiz, item, form or forms, and signal, in the order of the forms."""
    seen: dict[ItemRef, tuple[list[str], str | None]] = {}
    for i in plan.items:
        seen.setdefault((i.quiz_id, i.item), ([], i.signal))[0].append(i.form)
    for (quiz_id, item), (forms, signal) in seen.items():
        yield {"quiz_id": quiz_id, "item": item, "form": "+".join(forms), "signal": signal}


class _Answers(NamedTuple):
    """The cells of one item as columns: taking them out of a table once is most of the work.

    Who did not know gave no right answer: `right` and `wrong` are both false there.
    """

    wave: NDArray[np.object_]
    choice: NDArray[np.object_]
    right: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    n: NDArray[np.int64]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> _Answers:
        wave, choice = (rows[name].to_numpy(dtype=object) for name in ("wave", "choice"))
        correct = rows["correct"].to_numpy(dtype=float, na_value=np.nan)
        return cls(wave, choice, correct == 1, correct == 0, rows["n"].to_numpy(dtype=np.int64))

    def people(self, wave: str) -> int:
        """How many answered the item in a wave."""
        return int(self.n[self.wave == wave].sum())

    def people_right(self, wave: str) -> int:
        """How many of them were right."""
        return int(self.n[(self.wave == wave) & self.right].sum())

    def options(self, chosen: NDArray[np.bool_]) -> dict[str, int]:
        """How many gave which of the chosen answers, in the order of their ids."""
        named = chosen & ~pd.isna(self.choice)
        found, place = np.unique(self.choice[named].astype(str), return_inverse=True)
        counts = np.zeros(len(found), dtype=np.int64)
        np.add.at(counts, place, self.n[named])
        return {str(choice): int(n) for choice, n in zip(found, counts, strict=True)}


def _shares(rows: pd.DataFrame, shift: pd.DataFrame | None) -> dict[str, Any]:
    answers = _Answers.of(rows)
    n_pre, n_post = (answers.people(wave) for wave in ("pre", "post"))
    right_pre, right_post = (answers.people_right(wave) for wave in ("pre", "post"))
    table = None if shift is None else four_fold(shift)
    figures: dict[str, Any] = {
        "n": table.n if table else n_pre + n_post,
        "n_pre": n_pre,
        "n_post": n_post,
        "p_pre": right_pre / n_pre if n_pre else None,
        "p_post": right_post / n_post if n_post else None,
        "options_pre": answers.options(answers.wave == "pre"),
        "options_post": answers.options(answers.wave == "post"),
        "persisting": _persisting(answers),
    }
    if shift is not None and table is not None:
        figures |= {"shift": _shift(shift), "n11": table.n11, "n01": table.n01}
        figures |= {"n10": table.n10, "n00": table.n00}
    if min(n_pre, n_post) < EVERYTHING_FROM:
        return figures
    figures["change"] = right_post / n_post - right_pre / n_pre
    if table is not None and table.n == n_pre == n_post:
        return figures | {
            "ci": items.paired_difference_interval(table),
            "p_mcnemar": items.mcnemar_p(table),
        }
    right, n = (right_pre, right_post), (n_pre, n_post)
    return figures | {
        "ci": items.independent_difference_interval(right, n),
        "p_fisher": items.fisher_p(right, n),
    }


def four_fold(shift: pd.DataFrame) -> FourFold:
    """Learned, lost, kept and never from pairs of answers; don't know is not right."""
    before, after = (
        shift[name].to_numpy(dtype=float, na_value=np.nan) == 1 for name in ("correct_pre", "correct_post")
    )
    n = shift["n"].to_numpy(dtype=np.int64)
    counts = [int(n[a & b].sum()) for a, b in
              ((before, after), (~before, after), (before, ~after), (~before, ~after))]  # fmt: skip
    return FourFold(*counts)


def _quality(answers: pd.DataFrame) -> dict[str, Any]:
    """Item-rest r over everybody who answered the item, matched or not."""
    return {f"rest_r_{wave}": _rest_r(answers[answers["wave"] == wave]) for wave in ("pre", "post")}


def _rest_r(rows: pd.DataFrame) -> float | None:
    if int(rows["n"].sum()) < EVERYTHING_FROM:
        return None
    right = (rows["correct"].fillna(0) == 1).to_numpy(dtype=float)
    return items.rest_correlation(
        right, rows["total"].to_numpy(dtype=float), rows["n"].to_numpy(dtype=np.int64)
    )


def _shift(shift: pd.DataFrame) -> tuple[tuple[str, str, int], ...]:
    """How many moved from which answer to which."""
    moved = shift.groupby(["choice_pre", "choice_post"], sort=True, observed=True)["n"].sum().reset_index()
    rows = zip(moved["choice_pre"], moved["choice_post"], moved["n"], strict=True)
    return tuple((str(before), str(after), int(n)) for before, after, n in rows if n)


def _persisting(answers: _Answers) -> Persisting | None:
    """The most frequent wrong answer after, if at least one in ten still gives it."""
    n_pre, n_post = (answers.people(wave) for wave in ("pre", "post"))
    wrong = answers.wrong & ~np.isin(answers.choice.astype(str), UNNAMED)
    after = answers.options(wrong & (answers.wave == "post"))
    if n_post < EVERYTHING_FROM or not after or max(after.values()) < PERSISTS_FROM * n_post:
        return None
    choice = max(after, key=lambda choice: after[choice])
    before = answers.options(wrong & (answers.wave == "pre")).get(choice, 0)
    share_pre = before / n_pre if n_pre >= EVERYTHING_FROM else None
    return Persisting(choice, share_pre, after[choice] / n_post)


def _p(row: ItemFigures) -> float | None:
    """The item's own p: with sites as units where there are three or more."""
    own = row.p_fisher if row.p_mcnemar is None else row.p_mcnemar
    return own if row.p_sites is None else row.p_sites


def _with_holm(rows: list[ItemFigures]) -> Iterable[ItemFigures]:
    """Adjust for the number of items and judge each."""
    tested = [i for i, row in enumerate(rows) if row.ci is not None and not row.sites_unknown]
    raw = [_p(rows[i]) for i in tested]
    for i, adjusted in zip(tested, items.holm([p for p in raw if p is not None]), strict=True):
        change, ci = rows[i].change, rows[i].ci
        if change is not None and ci is not None:
            code = items.item_verdict(change, adjusted)
            rows[i] = replace(rows[i], p_holm=adjusted, verdict_code=code)
    return rows
