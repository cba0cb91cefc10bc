"""Answers as a report for the public has them: items, opinions, practice, and what offers tell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from kit.report.count.cube import Cube
from kit.report.publish.noise import REACH, K, People, hundredth, moved, protected_count, share_of
from kit.report.publish.secret import office_secret
from kit.report.sections.answers import LikertItem
from kit.report.sections.behaviour import SelfReport
from kit.report.sections.discernment_figures import CHANGES, RATES, DiscernmentFigures
from kit.report.sections.item_figures import ItemFigures, Persisting
from kit.report.sections.practice import PracticeItem
from kit.report.sections.twins import TwinFigures
from kit.report.stats.distributions import Interval
from kit.study.wave import POST, PRE

_FOLDS: Final = ("n11", "n01", "n10", "n00")
SWING: Final = 4.0
"""What one person may pull a change of the model by, over the number of people: about a whole unit a wave,
and as much again where a rate is near 0 or 1."""

ItemWave = tuple[str, str, str]


@dataclass(frozen=True)
class Answered:
    """Who answered an item in a wave, who was right, and who chose which option."""

    everybody: People
    right: People
    options: Mapping[str, People]


def answers_of(cube: Cube) -> dict[ItemWave, Answered]:
    """Who answered each item in each wave."""
    matched = cube.answer[cube.answer["matched"] == 1]
    found = {}
    for place, rows in matched.groupby(["quiz_id", "item", "wave"], sort=False):
        options = {str(choice): People.of(own) for choice, own in rows.groupby("choice", sort=False)}
        found[tuple(map(str, place))] = Answered(
            People.of(rows), People.of(rows[rows["correct"].fillna(0) == 1]), options
        )
    return found  # type: ignore[return-value]


def protect_item(row: ItemFigures, answers: Mapping[ItemWave, Answered]) -> ItemFigures:
    """Shares of protected counts, their difference as it is printed; no test, no single cell of a table."""
    told: dict[str, Any] = {}
    for wave in (PRE, POST):
        there = answers.get((row.quiz_id, row.item, wave))
        if there is None:
            continue
        told[f"n_{wave}"] = there.everybody.count or 0
        if getattr(row, f"p_{wave}") is not None:
            told |= _right(there, wave)
        shown = {
            choice: there.options[choice].count for choice in getattr(row, f"options_{wave}")
            if choice in there.options
        }  # fmt: skip
        told[f"options_{wave}"] = {choice: n for choice, n in shown.items() if n is not None}
    row = replace(row, **told)
    change = None
    if row.change is not None and row.p_pre is not None and row.p_post is not None:
        change = round(row.p_post - row.p_pre, 9)
    bare: dict[str, Any] = dict.fromkeys(
        (*_FOLDS, "p_mcnemar", "p_fisher", "p_sites", "p_holm", "rest_r_pre", "rest_r_post")
    )
    paired = row.n == row.n_pre == row.n_post
    return replace(
        row,
        **bare,
        n=row.n_pre if paired else (row.n_pre or 0) + (row.n_post or 0),
        change=change,
        ci=None if change is None else _around(change, row),
        shift=(),
        persisting=_persisting(row.persisting, answers, row),
    )


def _right(there: Answered, wave: str) -> dict[str, Any]:
    """The share right, or what stands for it where nearly all or hardly any were right."""
    share = share_of(there.right, there.everybody)
    if share is not None:
        return {f"p_{wave}": share}
    return {f"p_{wave}": None, f"bound_{wave}": _bound(there)}


def _bound(there: Answered) -> str:
    """Ten more or fewer than may be told, as a bound out of 100."""
    n = there.everybody.count or K
    edge = min(50, -(-100 * 10 // n))
    return f"≥ {100 - edge}" if 2 * there.right.n > there.everybody.n else f"≤ {edge}"


def _around(change: float, row: ItemFigures) -> Interval | None:
    """The interval of a change around its printed one, wider by what the noise of the shares adds.

    Around the true change its middle would tell what the noise hides. The variance of a share of two counts
    moved by -REACH to REACH is (1 + p^2) REACH (REACH + 2)/6 over n^2. What is proven stays so.
    """
    if row.ci is None:
        return None
    shares = ((row.p_pre or 0.0, row.n_pre), (row.p_post or 0.0, row.n_post))
    noise = sum((1.0 + p * p) * REACH * (REACH + 2) / 6.0 / max(n, K) ** 2 for p, n in shares)
    half = math.hypot((row.ci[1] - row.ci[0]) / 2.0, 1.96 * math.sqrt(noise))
    low, high = math.floor(100 * max(-1.0, change - half)), math.ceil(100 * min(1.0, change + half))
    proven_up, proven_down = row.ci[0] > 0, row.ci[1] < 0
    return (max(low / 100, 0.001) if proven_up else low / 100), (
        min(high / 100, -0.001) if proven_down else high / 100
    )


def _persisting(
    found: Persisting | None, answers: Mapping[ItemWave, Answered], row: ItemFigures
) -> Persisting | None:
    """A wrong answer with the shares that follow from its protected counts."""
    if found is None:
        return None
    shares = []
    for wave in (PRE, POST):
        there = answers.get((row.quiz_id, row.item, wave))
        chose = there and there.options.get(found.choice)
        shares.append(share_of(chose, there.everybody) if there and chose else None)
    return None if shares[1] is None else replace(found, share_pre=shares[0], share_post=shares[1])


def protect_twin(twin: TwinFigures) -> TwinFigures:
    """A pair of items: the change moved by up to half of one person's answer."""
    counts: dict[str, Any] = dict.fromkeys(_FOLDS)
    people = People(twin.n or 0, _secret_key(twin.quiz_id, twin.item, twin.n))
    by = people.shift("twin", 1.0)
    change = None if twin.change is None else hundredth(twin.change + by)
    return replace(twin, **counts, n=people.count or 0, change=change, ci=moved(twin.ci, by, 1.0, people.n))


def protect_discernment(found: DiscernmentFigures, people: People) -> DiscernmentFigures:
    """Rates and changes moved by up to half of what one person may pull them by, like mean scores.

    As they are, rates of few people are counts, and the changes of the model tell the one table that is left
    to whoever knows all others.
    """
    if found.n is None:
        return found
    told: dict[str, Any] = {}
    for name, most in (*((name, 1.0) for name in RATES), *((name, SWING) for name in CHANGES)):
        value, ci = getattr(found, name), getattr(found, f"{name}_ci")
        by = people.shift(name, most)
        if value is not None:
            printed = hundredth(value + by, most) or 0.0
            bounded = most == 1.0 and 0.0 < value < 1.0
            told[name] = min(0.99, max(0.01, printed)) if bounded else printed if most > 1 else value
        told[f"{name}_ci"] = moved(ci, by, most, people.n)
        if most == 1.0 and told[f"{name}_ci"] is not None:
            low, high = told[f"{name}_ci"]
            told[f"{name}_ci"] = max(0.0, low), min(1.0, high)
    return replace(found, **told, n=people.count)


def _secret_key(*content: object) -> int:
    """A key for people that are not known one by one: of what is counted, and of the office's secret.

    Without the secret whoever has the code could try which count is told by the published one.
    """
    text = f"{office_secret()} {content}"
    return int(pd.util.hash_array(pd.array([text], dtype=object).to_numpy())[0])


def content_count(n: int, *place: object) -> int:
    """A count of answers of which no person is known: its noise follows from what is counted."""
    return protected_count(n, _secret_key(*place, n)) or 0


def protect_practice(one: PracticeItem) -> PracticeItem:
    """A practice offer with protected counts."""
    right, wrong, unsure = (
        content_count(getattr(one, how), one.quiz_id, one.item, how) for how in ("right", "wrong", "unsure")
    )
    return replace(one, n=right + wrong + unsure, right=right, wrong=wrong, unsure=unsure)


def protect_self_report(one: SelfReport) -> SelfReport:
    """Plans or behaviour with protected counts."""
    place = one.quiz_id, one.item, one.wave
    counts = tuple((choice, content_count(n, *place, choice)) for choice, n in one.counts)
    return replace(one, n=content_count(one.n, *place), counts=counts)


def protect_likert(line: LikertItem) -> LikertItem:
    """An opinion with protected counts."""
    place = line.quiz_id, line.item, line.wave
    one, two, three, four, five = (content_count(n, *place, i) for i, n in enumerate(line.counts))
    return replace(line, counts=(one, two, three, four, five))
