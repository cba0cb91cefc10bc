"""Scores of all quizzes on one scale, as cells of people; what every section measures from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kit.report.count.cube import Cube
from kit.report.count.forms import FormPlan
from kit.report.stats import paired
from kit.report.stats.balanced import Arm
from kit.report.stats.paired import Numbers, Pairs


@dataclass(frozen=True)
class Cells:
    """The score table on one scale: points out of `most` per wave, NaN where missing, and `n` people.

    `labels` holds, per grouping, the number of each cell's group and the names in order.
    """

    waves: dict[str, Numbers]
    n: Numbers
    labels: dict[str, tuple[Numbers, list[str]]]
    most: int

    def chosen(self, mask: Numbers) -> Cells:
        """Some of the cells."""
        labels = {name: (codes[mask], names) for name, (codes, names) in self.labels.items()}
        return Cells({w: x[mask] for w, x in self.waves.items()}, self.n[mask], labels, self.most)

    def present(self, *waves: str) -> Numbers:
        """Which cells have all of these waves."""
        return np.asarray(~np.logical_or.reduce([np.isnan(self.waves[wave]) for wave in waves]))

    def total(self, *waves: str) -> int:
        """People who have all of these waves."""
        return int(self.n[self.present(*waves)].sum())

    def matched(self) -> Cells:
        """Cells of people measured before and after."""
        both = self.present("pre", "post")
        return self if both.all() else self.chosen(both)

    def names(self, by: str) -> list[str]:
        """The groups that occur, by name."""
        codes, names = self.labels[by]
        return [names[code] for code in np.unique(codes)]

    def split(self, by: str) -> list[tuple[str, Cells]]:
        """The cells of each group, in order of name."""
        codes, names = self.labels[by]
        if not len(codes):
            return []
        order = np.argsort(codes, kind="stable")
        present, starts = np.unique(codes[order], return_index=True)
        if len(present) == 1:
            return [(names[present[0]], self)]
        parts = np.split(order, starts[1:])
        return [(names[code], self.chosen(part)) for code, part in zip(present, parts, strict=True)]

    def arms(self) -> list[Arm]:
        """Matched people by order of forms: within a quiz each order counts the same, quizzes by people.

        Where forms do not differ, or nobody knows who got which, everybody is one arm.
        """
        matched, found = self.matched(), []
        people = int(matched.n.sum())
        for _, quiz in matched.split("quiz_id"):
            orders = quiz.split("arm")
            parts = [part for _, part in orders] if any(is_crossed(name) for name, _ in orders) else [quiz]
            weight = int(quiz.n.sum()) / people / len(parts)
            found += [Arm(part.pairs(), weight) for part in parts]
        return found

    def one_order(self) -> bool:
        """Whether in some quiz everybody got different forms in one order: form and change are one then."""
        quizzes = (quiz.names("arm") for _, quiz in self.matched().split("quiz_id"))
        return any(len(orders) == 1 and is_crossed(orders[0]) for orders in quizzes)

    def level_changes(self) -> Numbers:
        """Each cell's change less what its arm differs from the balanced mean of its quiz."""
        change = self.waves["post"] - self.waves["pre"]
        quizzes, arms = self.labels["quiz_id"][0], self.labels["arm"][0]
        named = self.labels["arm"][1]
        for quiz in np.unique(quizzes):
            orders = [arm for arm in np.unique(arms[quizzes == quiz]) if is_crossed(named[arm])]
            places = [(quizzes == quiz) & (arms == arm) for arm in orders]
            means = [float(change[at] @ self.n[at] / self.n[at].sum()) for at in places]
            for at, mean in zip(places, means, strict=True):
                change[at] -= mean - float(np.mean(means))
        return change

    def pairs(self) -> Pairs:
        """Matched people, equal pairs of scores added up."""
        both = self.matched()
        size = self.most + 1
        key = (both.waves["pre"] * size + both.waves["post"]).astype(np.int64)
        distinct, where = np.unique(key, return_inverse=True)
        n = np.bincount(where, weights=both.n, minlength=len(distinct)).astype(np.int64)
        return Pairs(distinct // size, distinct % size, n)


def score_cells(cube: Cube, plan: FormPlan) -> Cells:
    """Bring all quizzes to one scale: the least common multiple of their maxima, still whole points."""
    frame = cube.score
    most = quiz_maxima(plan, frame["quiz_id"].dropna().unique().tolist())
    scale = int(np.lcm.reduce(list(most.values()))) if most else 1
    factor = (
        frame["quiz_id"].map({quiz: scale // k for quiz, k in most.items()}).fillna(1).to_numpy(dtype=float)
    )
    waves = {w: frame[w].to_numpy(dtype=float, na_value=np.nan) * factor for w in ("pre", "post", "followup")}
    labels = {}
    for by in ("site", "audience", "session", "event", "arm", "quiz_id"):
        codes, names = pd.factorize(frame[by].fillna(""), sort=True)
        labels[by] = (codes, [str(name) for name in names])
    return Cells(waves, frame["n"].to_numpy(dtype=np.int64), labels, scale)


def site_ids(score: pd.DataFrame) -> dict[str, str]:
    """The identity of each site by its label; a table that knows only names has the name as identity."""
    if "site_id" not in score.columns:
        return {}
    pairs = score[["site", "site_id"]].drop_duplicates().dropna()
    return {str(label): str(site_id) for label, site_id in zip(pairs["site"], pairs["site_id"], strict=True)}


def is_crossed(arm: str) -> bool:
    """Whether an order of forms (AB, BA) has another form after than before."""
    return len(arm) == 2 and arm[0] != arm[1]


def quiz_maxima(plan: FormPlan, quizzes: list[str]) -> dict[str, int]:
    """K of each quiz: as declared, else the length of its longest form."""
    longest: dict[str, dict[str, int]] = {}
    for item in plan.items:
        forms = longest.setdefault(item.quiz_id, {})
        forms[item.form] = forms.get(item.form, 0) + 1
    found = {quiz: plan.most.get(quiz) or max(longest.get(quiz, {"": 0}).values()) for quiz in quizzes}
    return {quiz: k for quiz, k in found.items() if k > 0}


def moments(values: Numbers, n: Numbers) -> tuple[float, float | None, int] | None:
    """Mean, standard deviation and number of people of values in points; None for nobody."""
    if n.sum() == 0:
        return None
    return paired.weighted_mean(values, n), paired.weighted_sd(values, n), int(n.sum())


def cluster_column(cells: Cells) -> str:
    """What counts as a unit: sites where there are several, else sessions."""
    return "site" if len(cells.matched().names("site")) > 1 else "session"
