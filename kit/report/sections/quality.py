"""The quality of the quiz itself: alpha, statistics of its items, and whether its forms are equally hard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from kit.report.count.cube import Cube
from kit.report.count.forms import FormPlan
from kit.report.sections.base import (
    Evidence,
    Figures,
    Note,
    Part,
    Parts,
    Secrecy,
    Section,
    View,
    declare,
    note,
)
from kit.report.sections.cells import Cells, moments
from kit.report.sections.item_figures import ItemFigures
from kit.report.sections.score import Score
from kit.report.sections.spoken import adds_up, number, outward, points
from kit.report.sections.thresholds import ALPHA_FROM, COUNTS_ONLY_BELOW
from kit.report.stats import items, paired
from kit.report.stats.distributions import Interval


@dataclass(frozen=True)
class AlphaFigures(Part):
    """Internal consistency of one wave."""

    public: ClassVar = declare(by_rule="alpha ci n")

    alpha: float | None = None
    ci: Interval | None = None
    n: int | None = None


@dataclass(frozen=True)
class Reliability(Part):
    """Alpha before and after, pooled within forms."""

    key: ClassVar = "reliability"
    public: ClassVar = declare(by_rule="pre post")

    pre: AlphaFigures = field(default_factory=AlphaFigures)
    post: AlphaFigures = field(default_factory=AlphaFigures)


@dataclass(frozen=True)
class Forms(Part):
    """Are the parallel forms equally hard? Change per arm, their difference, and the mean of the two arms."""

    key: ClassVar = "forms"
    public: ClassVar = declare(by_rule="arms n change difference difference_ci balanced_change balanced_ci")

    arms: tuple[str, ...] = ()
    n: tuple[int, ...] = ()
    change: tuple[float, ...] = ()
    difference: float | None = None
    difference_ci: Interval | None = None
    balanced_change: float | None = None
    balanced_ci: Interval | None = None


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


def measure_forms(cells: Cells) -> Forms:
    """Compare the arms of a counterbalanced design: equal forms give equal changes."""
    parts = [(arm, part) for arm, part in cells.matched().split("arm") if len(arm) == 2 and arm[0] != arm[1]]
    if len(parts) != 2:
        return Forms()
    arms = [arm for arm, _ in parts]
    sides = [moments(part.waves["post"] - part.waves["pre"], part.n) for _, part in parts]
    first, second = sides
    if first is None or second is None or min(first[2], second[2]) < COUNTS_ONLY_BELOW:
        return Forms(tuple(arms), tuple(s[2] for s in sides if s))
    welch = paired.welch_difference(first, second)
    middle = (first[0] + second[0]) / 2.0
    # The mean of two independent arms errs half as far as their difference does.
    half = None if welch.ci is None else (welch.ci[1] - welch.ci[0]) / 4.0
    return Forms(
        arms=tuple(arms),
        n=(first[2], second[2]),
        change=(first[0], second[0]),
        difference=welch.difference,
        difference_ci=welch.ci,
        balanced_change=middle,
        balanced_ci=None if half is None else (middle - half, middle + half),
    )


def arms_pull(figures: Figures) -> bool:
    """Whether the arms changed differently: two forms that are equally hard give equal changes."""
    ci = figures.of(Forms).difference_ci
    return ci is not None and not ci[0] <= 0 <= ci[1]


class QualitySection(Section):
    """What the quiz is worth."""

    name = "quality"
    parts = (Reliability, Forms)
    reads = (
        "item_constant", "alpha_few", "arms_small", "arms_unequal", "one_form", "one_order", "twins_few",
        "options_hidden", "likert_hidden", "forms_hidden",
    )  # fmt: skip

    def measure(self, evidence: Evidence, so_far: Figures) -> Parts:
        """Alpha of each wave, and the two arms beside each other."""
        return {
            Reliability.key: measure_reliability(evidence.cube, evidence.plan),
            Forms.key: measure_forms(evidence.cells),
        }

    def withhold(self, figures: Figures, secrecy: Secrecy) -> Parts:
        """Arms only where every order of forms has ten people."""
        small = any(by == "arm" for by, _ in secrecy.hidden)
        forms = Forms() if small else figures.of(Forms)
        return {Reliability.key: figures.of(Reliability), Forms.key: forms}

    def notes(self, figures: Figures, evidence: Evidence) -> Iterator[Note]:
        """Too few people for alpha, forms that cannot be or are not compared, arms that pull."""
        reliability, forms = figures.of(Reliability), figures.of(Forms)
        if figures.rows(ItemFigures) and None in (reliability.pre.alpha, reliability.post.alpha):
            yield note("alpha_few", "reliability.*", k=ALPHA_FROM)
        if not forms.arms:
            orders = {arm for arm in evidence.cube.score["arm"].dropna().unique() if arm}
            hidden = figures.options.is_public and len(orders) > 1
            alone = "one_order" if figures.of(Score).one_order else "one_form"
            yield note("forms_hidden" if hidden else alone, "forms.*")
        elif forms.difference is None:
            yield note("arms_small", "forms.*")
        elif arms_pull(figures):
            yield note("arms_unequal", n=" / ".join(str(n) for n in forms.n))

    def words(self, view: View) -> list[str]:
        """Alpha, and how equal the forms are."""
        forms, language = view.figures.of(Forms), view.language
        lines = _alpha_sentences(view)
        if forms.difference is not None and forms.difference_ci is not None:
            ends = outward(*(view.per_hundred(x) for x in forms.difference_ci))
            low, high = (points(x, language) for x in ends)
            a, b, difference = (
                points(view.per_hundred(x), language, signed=True) for x in (*forms.change, forms.difference)
            )
            named = {"first": forms.arms[0], "second": forms.arms[1], "low": low, "high": high}
            lines.append(view.say("sentences.forms", a=a, b=b, difference=difference, **named))
            if not adds_up(*(view.per_hundred(x) for x in (*reversed(forms.change), forms.difference))):
                lines.append(view.say("sentences.rounded"))
        return lines


def _alpha_sentences(view: View) -> list[str]:
    shown = []
    for found in (view.figures.of(Reliability).pre, view.figures.of(Reliability).post):
        if found.alpha is None:
            return []
        low, high = (number(x, view.language, 2) for x in found.ci or (0.0, 0.0))
        interval = view.say("to", low=low, high=high)
        shown.append(f"{number(found.alpha, view.language, 2)} ({interval})")
    return [view.say("sentences.alpha", pre=shown[0], post=shown[1])]
