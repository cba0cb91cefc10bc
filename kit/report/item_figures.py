"""Sections 4, 5 and 7 from the cube: items, twins, reliability, discernment, attitude statements."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from kit.report.counting import FormPlan
from kit.report.cube import SIGNAL_COUNTS, Cube
from kit.report.disclosure import withheld_cells
from kit.report.figures import (
    AlphaFigures,
    DiscernmentFigures,
    ItemFigures,
    LikertItem,
    Persisting,
    Reliability,
    TwinFigures,
    Unsure,
)
from kit.report.measure import COUNTS_ONLY_BELOW, EVERYTHING_FROM
from kit.report.public import public_options
from kit.report.stats import discernment, items
from kit.report.stats.distributions import Interval
from kit.report.stats.items import FourFold
from kit.text import message

ALPHA_FROM: Final = 50
PERSISTS_FROM: Final = 0.10


def measure_items(cube: Cube, plan: FormPlan, language: str, smallest: int | None) -> tuple[ItemFigures, ...]:
    """Each item of each form; `smallest` withholds table cells below it (reports for the public)."""
    answers = cube.answer[cube.answer["matched"] == 1]
    by_item = dict(tuple(answers.groupby(["quiz_id", "item"], sort=True)))
    shifts = cube.shift[cube.shift["item"] == cube.shift["item_post"]]
    shift_by_item = dict(tuple(shifts.groupby(["quiz_id", "item"], sort=True)))
    quality = dict(tuple(cube.answer.groupby(["quiz_id", "item"], sort=True)))
    rows = []
    for form_item in _distinct_items(plan):
        place = (form_item[0], form_item[1])
        if place in by_item:
            rows.append(_item(form_item, by_item[place], shift_by_item.get(place), quality[place], smallest))
    return _with_holm(rows, language)


def _distinct_items(plan: FormPlan) -> list[tuple[str, str, str, str | None]]:
    """(quiz, item, form or forms, signal), in the order of the forms."""
    seen: dict[tuple[str, str], tuple[list[str], str | None]] = {}
    for i in plan.items:
        seen.setdefault((i.quiz_id, i.item), ([], i.signal))[0].append(i.form)
    return [(quiz, item, "+".join(forms), signal) for (quiz, item), (forms, signal) in seen.items()]


def _item(
    form_item: tuple[str, str, str, str | None],
    answers: pd.DataFrame,
    shift: pd.DataFrame | None,
    quality: pd.DataFrame,
    smallest: int | None,
) -> ItemFigures:
    quiz_id, item, form, signal = form_item
    (right_pre, n_pre), (right_post, n_post) = (_right(answers, wave) for wave in ("pre", "post"))
    table = None if shift is None else four_fold(shift)
    figures: dict[str, Any] = {
        "item": item,
        "quiz_id": quiz_id,
        "form": form,
        "signal": signal,
        "n": table.n if table else n_pre + n_post,
        "n_pre": n_pre,
        "n_post": n_post,
        "p_pre": right_pre / n_pre if n_pre else None,
        "p_post": right_post / n_post if n_post else None,
        "rest_r_pre": _rest_r(quality, "pre"),
        "rest_r_post": _rest_r(quality, "post"),
        "options_pre": _options(answers, "pre", smallest),
        "options_post": _options(answers, "post", smallest),
        "persisting": _persisting(answers, smallest),
    }
    if table is not None:
        figures |= {"shift": _shift(shift, smallest)} | _fold(table, smallest)
    if min(n_pre, n_post) < EVERYTHING_FROM:
        return ItemFigures(**figures)
    figures["change"] = right_post / n_post - right_pre / n_pre
    if table is not None and table.n == n_pre == n_post:
        figures["ci"] = items.paired_difference_interval(table)
        figures["p_mcnemar"] = items.mcnemar_p(table)
    else:
        figures["ci"] = items.independent_difference_interval((right_pre, right_post), (n_pre, n_post))
        figures["p_fisher"] = items.fisher_p((right_pre, right_post), (n_pre, n_post))
    return ItemFigures(**figures)


def _right(answers: pd.DataFrame, wave: str) -> tuple[int, int]:
    rows = answers[answers["wave"] == wave]
    return int(rows.loc[rows["correct"] == 1, "n"].sum()), int(rows["n"].sum())


def four_fold(shift: pd.DataFrame) -> FourFold:
    """Learned, lost, kept and never from pairs of answers; don't know is not right."""
    before, after = (shift[c].fillna(0) == 1 for c in ("correct_pre", "correct_post"))
    counts = [int(shift.loc[a & b, "n"].sum()) for a, b in
              ((before, after), (~before, after), (before, ~after), (~before, ~after))]  # fmt: skip
    return FourFold(*counts)


def _fold(table: FourFold, smallest: int | None) -> dict[str, int | None]:
    counts = np.array([[table.n11, table.n10], [table.n01, table.n00]])
    hidden = np.zeros_like(counts, dtype=bool) if smallest is None else withheld_cells(counts, smallest)
    shown = [None if h else int(c) for c, h in zip(counts.ravel(), hidden.ravel(), strict=True)]
    return {"n11": shown[0], "n10": shown[1], "n01": shown[2], "n00": shown[3]}


def _rest_r(answers: pd.DataFrame, wave: str) -> float | None:
    rows = answers[answers["wave"] == wave]
    if int(rows["n"].sum()) < EVERYTHING_FROM:
        return None
    right = (rows["correct"].fillna(0) == 1).to_numpy(dtype=float)
    return items.rest_correlation(
        right, rows["total"].to_numpy(dtype=float), rows["n"].to_numpy(dtype=np.int64)
    )


def _options(answers: pd.DataFrame, wave: str, smallest: int | None) -> dict[str, int | None]:
    rows = answers[answers["wave"] == wave].groupby("choice", sort=True)["n"].sum()
    counts = {str(choice): int(n) for choice, n in rows.items()}
    if smallest is None:
        return dict(counts)
    right = answers.loc[answers["correct"] == 1, "choice"].unique()
    return public_options(counts, right, answers["choice"].unique())


def _shift(shift: pd.DataFrame | None, smallest: int | None) -> tuple[tuple[str, str, int], ...]:
    if shift is None:
        return ()
    table = shift.pivot_table(
        index="choice_pre", columns="choice_post", values="n", aggfunc="sum", fill_value=0, observed=True
    )
    counts = table.to_numpy(dtype=np.int64)
    if smallest is not None and withheld_cells(counts, smallest).any():
        return ()
    return tuple(
        (str(before), str(after), int(counts[i, j]))
        for i, before in enumerate(table.index)
        for j, after in enumerate(table.columns)
        if counts[i, j]
    )


def _persisting(answers: pd.DataFrame, smallest: int | None) -> Persisting | None:
    """The most frequent wrong answer after, if at least one in ten still gives it."""
    n_pre, n_post = (int(answers.loc[answers["wave"] == w, "n"].sum()) for w in ("pre", "post"))
    wrong = answers[(answers["correct"] == 0) & ~answers["choice"].isin(["wrong", "*"])]
    after = wrong[wrong["wave"] == "post"].groupby("choice", sort=True)["n"].sum()
    if n_post < EVERYTHING_FROM or after.empty or after.max() < max(PERSISTS_FROM * n_post, smallest or 0):
        return None
    choice = str(after.idxmax())
    before = int(wrong.loc[(wrong["wave"] == "pre") & (wrong["choice"] == choice), "n"].sum())
    if smallest is not None and (before < smallest or choice not in _options(answers, "post", smallest)):
        return None
    return Persisting(
        choice, before / n_pre if n_pre >= EVERYTHING_FROM else None, float(after.max()) / n_post
    )


def _with_holm(rows: list[ItemFigures], language: str) -> tuple[ItemFigures, ...]:
    """Adjust for the number of items and put the verdict in words."""
    tested = [i for i, row in enumerate(rows) if row.ci is not None]
    raw = [rows[i].p_fisher if rows[i].p_mcnemar is None else rows[i].p_mcnemar for i in tested]
    for i, adjusted in zip(tested, items.holm([p for p in raw if p is not None]), strict=True):
        change, ci = rows[i].change, rows[i].ci
        assert change is not None
        assert ci is not None
        code = items.item_verdict(change, ci, adjusted)
        words = message(f"report.item_verdicts.{code}", language)
        rows[i] = ItemFigures(**{**vars(rows[i]), "p_holm": adjusted, "verdict": words, "verdict_code": code})
    return tuple(rows)


def measure_twins(cube: Cube, smallest: int | None) -> tuple[TwinFigures, ...]:
    """Items and their twins: learned, lost, kept and never of the same people, arms balanced.

    The change is the mean of the two arms' changes, so a twin that is easier does not look like learning.
    """
    rows = cube.shift[cube.shift["item"] != cube.shift["item_post"]]
    if rows.empty:
        return ()
    ordered = rows.assign(
        first=rows[["item", "item_post"]].min(axis=1), second=rows[["item", "item_post"]].max(axis=1)
    )
    found = []
    for (quiz_id, first, second), pair in ordered.groupby(["quiz_id", "first", "second"], sort=True):
        arms = [four_fold(arm) for _, arm in pair.groupby("arm", sort=True)]
        table = four_fold(pair)
        change, ci = _balanced_change(arms)
        enough = len(arms) == 2 and min(arm.n for arm in arms) >= EVERYTHING_FROM
        fold = _fold(table, smallest)
        found.append(
            TwinFigures(
                item=str(first),
                twin=str(second),
                quiz_id=str(quiz_id),
                n=table.n,
                n11=fold["n11"],
                n01=fold["n01"],
                n10=fold["n10"],
                n00=fold["n00"],
                change=change if enough else None,
                ci=ci if enough else None,
            )
        )
    return tuple(found)


def _balanced_change(arms: list[FourFold]) -> tuple[float, Interval]:
    """Mean of the arms' changes; its interval from those of the arms (Bonett & Price), in quadrature."""
    changes = [(arm.n01 - arm.n10) / arm.n for arm in arms]
    halves = [np.diff(items.paired_difference_interval(arm))[0] / 2 for arm in arms]
    middle = sum(changes) / len(arms)
    reach = float(np.sqrt(np.sum(np.square(halves)))) / len(arms)
    return middle, (max(-1.0, middle - reach), min(1.0, middle + reach))


def measure_reliability(cube: Cube, plan: FormPlan) -> Reliability:
    """Alpha of each wave, pooled within forms; from 50 people on."""
    return Reliability(*(_alpha(cube.answer[cube.answer["wave"] == wave], plan) for wave in ("pre", "post")))


def _alpha(answers: pd.DataFrame, plan: FormPlan) -> AlphaFigures:
    item_part = total_part = 0.0
    df = people = length = 0
    for (quiz_id, _form), rows in answers.groupby(["quiz_id", "form"], sort=True):
        if quiz_id in plan.open_forms:
            continue
        first = rows[rows["item"] == rows["item"].iloc[0]]
        n = int(first["n"].sum())
        if n < 2:
            continue
        length = max(length, rows["item"].nunique())
        shares = rows[rows["correct"] == 1].groupby("item")["n"].sum() / n
        item_part += float((shares * (1 - shares)).sum()) * n
        totals, counts = first["total"].to_numpy(dtype=float), first["n"].to_numpy(dtype=float)
        total_part += float(np.dot(counts, (totals - np.dot(totals, counts) / n) ** 2))
        df, people = df + n - 1, people + n
    if people < ALPHA_FROM:
        return AlphaFigures(n=people)
    result = items.cronbach_alpha(item_part / df, total_part / df, length, df)
    return AlphaFigures(result.alpha, result.ci, people)


def measure_unsure(cube: Cube) -> Unsure:
    """Share of don't know among the scored answers of matched people."""
    matched = cube.answer[cube.answer["matched"] == 1]
    shares = []
    for wave in ("pre", "post"):
        rows = matched[matched["wave"] == wave]
        total = int(rows["n"].sum())
        shares.append(int(rows.loc[rows["correct"].isna(), "n"].sum()) / total if total else None)
    return Unsure(*shares)


def measure_discernment(cube: Cube, plan: FormPlan, unit: str, language: str) -> DiscernmentFigures:
    """Section 5 over matched people; with three sites or more, sites are the units of the interval."""
    fraud, genuine = _offers(plan)
    rows = cube.signal
    n = rows["n"].to_numpy(dtype=np.int64)
    total = int(n.sum())
    if total < COUNTS_ONLY_BELOW:
        return DiscernmentFigures(n=total, n_fraud=fraud, n_genuine=genuine)
    counts = {c: rows[c].to_numpy(dtype=float) for c in SIGNAL_COUNTS}
    pre, post = (
        discernment.SignalCounts(
            *(counts[f"{name}_{wave}"] for name in ("hits", "fraud", "false", "genuine"))
        )
        for wave in ("pre", "post")
    )
    codes, names = pd.factorize(rows[unit], sort=True)
    found = discernment.discernment(pre, post, n, codes if len(names) >= 3 else None)
    words = message(f"report.verdicts.{found.verdict}.name", language) if found.verdict else None
    return DiscernmentFigures(
        n=total,
        n_fraud=fraud,
        n_genuine=genuine,
        hit_rate_pre=found.pre.hit_rate,
        hit_rate_post=found.post.hit_rate,
        false_alarm_rate_pre=found.pre.false_alarm_rate,
        false_alarm_rate_post=found.post.false_alarm_rate,
        d_prime_pre=found.pre.d_prime,
        d_prime_post=found.post.d_prime,
        d_prime_change=found.d_prime_change,
        d_prime_change_ci=found.d_prime_change_ci,
        criterion_pre=found.pre.criterion,
        criterion_post=found.post.criterion,
        criterion_change=found.criterion_change,
        criterion_change_ci=found.criterion_change_ci,
        hit_rate_pre_ci=found.pre.hit_rate_ci,
        hit_rate_post_ci=found.post.hit_rate_ci,
        false_alarm_rate_pre_ci=found.pre.false_alarm_rate_ci,
        false_alarm_rate_post_ci=found.post.false_alarm_rate_ci,
        verdict=words,
        verdict_code=found.verdict,
    )


def _offers(plan: FormPlan) -> tuple[int, int]:
    """Fraud and genuine offers in a form (the largest form, where they differ)."""
    per_form: dict[tuple[str, str], list[int]] = {}
    for i in plan.items:
        counts = per_form.setdefault((i.quiz_id, i.form), [0, 0])
        if i.signal in ("fraud", "genuine"):
            counts[i.signal == "genuine"] += 1
    return max((c[0] for c in per_form.values()), default=0), max(
        (c[1] for c in per_form.values()), default=0
    )


def measure_likert(cube: Cube) -> tuple[LikertItem, ...]:
    """Counts of 1-5 per statement and wave."""
    found = []
    for (quiz_id, item, wave), rows in cube.likert.groupby(["quiz_id", "item", "wave"], sort=True):
        counts = rows.groupby("choice")["n"].sum()
        five = tuple(int(counts.get(str(level), 0)) for level in range(1, 6))
        found.append(LikertItem(str(item), str(quiz_id), str(wave), five))  # type: ignore[arg-type]
    return tuple(found)
