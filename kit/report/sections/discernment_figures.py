"""More careful, or only more suspicious: the figures, how they are measured and what of them may leave."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd

from kit.report.count.cube import Cube
from kit.report.count.forms import FormPlan
from kit.report.sections.base import Part, declare
from kit.report.sections.cells import is_crossed
from kit.report.sections.thresholds import COUNTS_ONLY_BELOW
from kit.report.stats import discernment, ordinal
from kit.report.stats.distributions import Interval
from kit.report.stats.withholding import NO_EXTREMES_BELOW, SMALLEST, is_small, printable_share

K = SMALLEST["public"]
SITES_ARE_UNITS_FROM: Final = 3
RATES: Final = ("hit_rate_pre", "hit_rate_post", "false_alarm_rate_pre", "false_alarm_rate_post")
UNDECIDED: Final = ("unsure_rate_pre", "unsure_rate_post")
ACCEPTED: Final = ("accepted_rate_pre", "accepted_rate_post")
LEVELS: Final = tuple(
    f"{name}_{wave}" for name in ("d_prime", "criterion", "decidedness", "spread") for wave in ("pre", "post")
)
CHANGES: Final = ("d_prime_change", "criterion_change", "decidedness_change")
_DECIMALS: Final = 2
"""So exact are changes in a report for the public."""


@dataclass(frozen=True)
class DiscernmentFigures(Part):
    """Offers of the matched people: rates as observed, and what the ordinal model says of them.

    `hit_rate`: frauds refused; `false_alarm_rate`: genuine offers refused; `unsure_rate`: offers left
    undecided; `accepted_rate`: frauds that would go on. `decidedness` is the distance of the two thresholds,
    the room that "not sure yet" takes; `spread` the SD of people's criteria. `reason` says why there is no
    verdict.
    """

    key: ClassVar = "discernment"
    verdicts: ClassVar = "verdicts.{code}.name"
    public: ClassVar = declare(
        always="n_fraud n_genuine",
        by_rule="""n hit_rate_pre hit_rate_post false_alarm_rate_pre false_alarm_rate_post d_prime_change
            d_prime_change_ci criterion_change criterion_change_ci decidedness_change decidedness_change_ci
            hit_rate_pre_ci hit_rate_post_ci false_alarm_rate_pre_ci false_alarm_rate_post_ci reason
            verdict_code""",
        never="""unsure_rate_pre unsure_rate_post accepted_rate_pre accepted_rate_post d_prime_pre
            d_prime_post criterion_pre criterion_post decidedness_pre decidedness_post spread_pre spread_post
            pooled_d_prime_change pooled_d_prime_change_ci""",
    )

    n: int | None = None
    n_fraud: int | None = None
    n_genuine: int | None = None
    hit_rate_pre: float | None = None
    hit_rate_post: float | None = None
    false_alarm_rate_pre: float | None = None
    false_alarm_rate_post: float | None = None
    unsure_rate_pre: float | None = None
    unsure_rate_post: float | None = None
    accepted_rate_pre: float | None = None
    accepted_rate_post: float | None = None
    d_prime_pre: float | None = None
    d_prime_post: float | None = None
    d_prime_change: float | None = None
    d_prime_change_ci: Interval | None = None
    criterion_pre: float | None = None
    criterion_post: float | None = None
    criterion_change: float | None = None
    criterion_change_ci: Interval | None = None
    decidedness_pre: float | None = None
    decidedness_post: float | None = None
    decidedness_change: float | None = None
    decidedness_change_ci: Interval | None = None
    spread_pre: float | None = None
    spread_post: float | None = None
    pooled_d_prime_change: float | None = None
    pooled_d_prime_change_ci: Interval | None = None
    hit_rate_pre_ci: Interval | None = None
    hit_rate_post_ci: Interval | None = None
    false_alarm_rate_pre_ci: Interval | None = None
    false_alarm_rate_post_ci: Interval | None = None
    reason: str = ""
    verdict_code: str | None = None

    @property
    def rates(self) -> tuple[float | None, ...]:
        """Hits before and after, false alarms before and after."""
        return tuple(getattr(self, name) for name in RATES)

    @property
    def rate_intervals(self) -> tuple[Interval | None, ...]:
        """The intervals of the rates, in the same order."""
        return tuple(getattr(self, f"{name}_ci") for name in RATES)


def measure_discernment(cube: Cube, plan: FormPlan, unit: str) -> DiscernmentFigures:
    """Rates of matched people and the model's verdict; from three sites on, sites are units of its errors."""
    fraud, genuine = _offers(plan)
    rows = cube.signal
    total = int(rows["n"].sum())
    figures = DiscernmentFigures(n=total, n_fraud=fraud, n_genuine=genuine)
    if total < COUNTS_ONLY_BELOW:
        return replace(figures, reason="few") if total else figures
    figures = _with_rates(figures, rows, unit)
    if rows.filter(like="_unsure_").isna().to_numpy().any():
        return replace(figures, reason="unsure_unknown")
    return _with_model(_with_undecided(figures, rows), rows, unit)


def _with_rates(figures: DiscernmentFigures, rows: pd.DataFrame, unit: str) -> DiscernmentFigures:
    """The rates as observed, and the pooled d' of earlier reports for the appendix."""
    n = rows["n"].to_numpy(dtype=np.int64)
    codes, names = pd.factorize(rows[unit], sort=True)
    clusters = codes if len(names) >= SITES_ARE_UNITS_FROM else None
    found = discernment.discernment(_counts(rows, "pre"), _counts(rows, "post"), n, clusters)
    return replace(
        figures,
        hit_rate_pre=found.pre.hit_rate,
        hit_rate_post=found.post.hit_rate,
        false_alarm_rate_pre=found.pre.false_alarm_rate,
        false_alarm_rate_post=found.post.false_alarm_rate,
        pooled_d_prime_change=found.d_prime_change,
        pooled_d_prime_change_ci=found.d_prime_change_ci,
        hit_rate_pre_ci=found.pre.hit_rate_ci,
        hit_rate_post_ci=found.post.hit_rate_ci,
        false_alarm_rate_pre_ci=found.pre.false_alarm_rate_ci,
        false_alarm_rate_post_ci=found.post.false_alarm_rate_ci,
    )


def _counts(rows: pd.DataFrame, wave: str) -> discernment.SignalCounts:
    names = ("fraud_refused", "fraud_asked", "genuine_refused", "genuine_asked")
    return discernment.SignalCounts(*(rows[f"{name}_{wave}"].to_numpy(dtype=float) for name in names))


def _with_undecided(figures: DiscernmentFigures, rows: pd.DataFrame) -> DiscernmentFigures:
    """How many offers were left undecided, and how many frauds would go on."""
    n = rows["n"].to_numpy(dtype=float)
    found: dict[str, Any] = {}
    for wave in ("pre", "post"):
        fraud, genuine = (
            {name: float(n @ rows[f"{signal}_{name}_{wave}"].to_numpy(dtype=float))
             for name in ("refused", "unsure", "asked")}
            for signal in ("fraud", "genuine")
        )  # fmt: skip
        asked = fraud["asked"] + genuine["asked"]
        found[f"unsure_rate_{wave}"] = (fraud["unsure"] + genuine["unsure"]) / asked
        found[f"accepted_rate_{wave}"] = 1.0 - (fraud["refused"] + fraud["unsure"]) / fraud["asked"]
    return replace(figures, **found)


def _with_model(figures: DiscernmentFigures, rows: pd.DataFrame, unit: str) -> DiscernmentFigures:
    arms, names = _arms(rows, unit)
    found = ordinal.ordinal_discernment(arms, by_site=rows[unit].nunique() >= SITES_ARE_UNITS_FROM)
    told: dict[str, Any] = {}
    for wave, level in (("pre", found.pre), ("post", found.post)):
        if level is not None:
            told |= {f"d_prime_{wave}": level.discernment, f"criterion_{wave}": level.criterion}
            told |= {f"decidedness_{wave}": level.distance, f"spread_{wave}": level.spread}
    moves = (found.discernment, found.criterion, found.distance)
    for name, change in zip(CHANGES, moves, strict=True):
        if change is not None:
            told |= {name: change.change, f"{name}_ci": change.ci}
    one_order = len(names) == 1 and is_crossed(names[0])
    reason = found.reason or ("one_order" if one_order else "")
    verdict = None
    if not reason and found.discernment and found.criterion and found.distance:
        verdict = discernment.discernment_verdict(
            found.discernment.joint_ci, found.criterion.joint_ci, found.distance.joint_ci
        )
    return replace(figures, **told, reason=reason, verdict_code=verdict)


def _arms(rows: pd.DataFrame, unit: str) -> tuple[list[ordinal.Arm], list[str]]:
    """People by the order in which they got the forms; one arm where forms do not differ or nobody knows."""
    sites = pd.factorize(rows[unit], sort=True)[0]
    arm = rows["arm"].fillna("")
    names = sorted(arm.unique())
    if not any(is_crossed(name) for name in names):
        names, arm = [""], arm.mask(arm.notna(), "")
    whole = rows.assign(site=sites)
    found = [
        ordinal.arm_of_cells({str(column): part[column].to_numpy() for column in part.columns})
        for part in (whole[arm == name] for name in names)
    ]
    return found, names


def _offers(plan: FormPlan) -> tuple[int, int]:
    """Fraud and genuine offers in a form (the largest form, where they differ)."""
    counts: dict[str, dict[tuple[str, str], int]] = {"fraud": {}, "genuine": {}}
    for item in plan.items:
        if item.signal in counts:
            form = (item.quiz_id, item.form)
            counts[item.signal][form] = counts[item.signal].get(form, 0) + 1
    fraud, genuine = (max(counts[signal].values(), default=0) for signal in ("fraud", "genuine"))
    return fraud, genuine


def public_discernment(found: DiscernmentFigures, n_pairs: int) -> DiscernmentFigures:
    """All or none of a small group answered alike: no rate, and nothing that a rate follows from.

    Changes are told with two decimals and their intervals outward, so that no count follows from them.
    """
    n = found.n or 0
    if is_small(n_pairs - n, K) or is_small(n, K):
        return DiscernmentFigures(n_fraud=found.n_fraud, n_genuine=found.n_genuine)
    if any(printable_share(share, n) != share for share in found.rates):
        return DiscernmentFigures(
            n=found.n,
            n_fraud=found.n_fraud,
            n_genuine=found.n_genuine,
            verdict_code=found.verdict_code,
        )
    # That all of a few people answered alike speaks of each of them.
    alike = found.reason == "no_spread" and n < NO_EXTREMES_BELOW
    coarse: dict[str, Any] = {"reason": "" if alike else found.reason}
    for name in CHANGES:
        change, ci = getattr(found, name), getattr(found, f"{name}_ci")
        coarse[name] = None if change is None else round(change, _DECIMALS)
        coarse[f"{name}_ci"] = None if ci is None else _outward(ci)
    return replace(found, **coarse)


def _outward(ci: Interval) -> Interval:
    scale = 10.0**_DECIMALS
    return math.floor(ci[0] * scale) / scale, math.ceil(ci[1] * scale) / scale
