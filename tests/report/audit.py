"""A hostile statistician: what can be worked out from public reports about fewer than ten people?

    python -m tests.report.audit                # random events, as the tests run them
    python -m tests.report.audit --events 200   # more of them

Everything that the reports on the same people publish becomes a linear constraint on unknown counts; then the
least and the largest value of each withheld count is found by integer programming. What the attacker knows
besides: which sessions, audiences and orders exist, and the quiz with its keys. Two criteria:

- people (sites, audiences, sessions, events, quizzes, orders): a withheld group of 1 to 9 must be able to
  hold ten, given all that is published; a part of groups (teachers of one session) also passes if it can
  be empty;
- answers (options, four-fold tables, cube): the share right of an item is published from ten people on, so
  the wrong answers together may be known to be few; no withheld count of 1 to 9 may be pinned to one value.

How many came and how many of them answered twice is published by design and is not under audit.
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

import kit.report
from kit.quiz.model import Quiz

K = 10
POPULATIONS = ("joined", "pre", "post", "pairs")
GROUPINGS = ("site", "audience", "session", "event", "quiz_id", "arm")
NEAR = 1e-6


@dataclass
class Unknowns:
    """Counts that are not published, and the sums over them that are."""

    places: dict[Hashable, int] = field(default_factory=dict)
    most: list[float] = field(default_factory=list)
    sums: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def add(self, key: Hashable, most: float) -> None:
        """One more unknown count."""
        if key not in self.places:
            self.places[key] = len(self.places)
            self.most.append(most)

    def know(self, members: Mapping[Hashable, float], low: float, high: float | None = None) -> None:
        """A published sum, or its bounds."""
        row = {self.places[key]: float(x) for key, x in members.items()}
        self.sums.append((row, low, low if high is None else high))

    def reach(self, keys: Iterable[Hashable]) -> tuple[int, int]:
        """The least and the largest sum over some counts."""
        target = np.zeros(len(self.places))
        target[[self.places[key] for key in keys]] = 1.0
        low, high = (round(float(target @ self._solve(sign * target))) for sign in (1, -1))
        return low, high

    def pinned(self, truth: Mapping[Hashable, int]) -> list[Hashable]:
        """Which counts can only be what they are."""
        open_to_doubt = dict(truth)
        rng = np.random.default_rng(1)
        for _ in range(8):
            found = self._solve(rng.normal(size=len(self.places)), gap=1.0)
            open_to_doubt = {k: n for k, n in open_to_doubt.items() if round(found[self.places[k]]) == n}
        return [key for key, n in open_to_doubt.items() if self.reach([key]) == (n, n)]

    def _solve(self, cost: np.ndarray, gap: float = 0.0) -> np.ndarray:
        entries = [(r, c, x) for r, (row, _, _) in enumerate(self.sums) for c, x in row.items()]
        shape = (len(self.sums), len(self.places))
        rows, columns, values = zip(*entries, strict=True)
        known = LinearConstraint(
            csr_array((values, (rows, columns)), shape=shape),
            np.array([low - NEAR for _, low, _ in self.sums]),
            np.array([high + NEAR for _, _, high in self.sums]),
        )
        bounds, whole = Bounds(0, np.array(self.most)), np.ones(len(cost))
        found = milp(cost, constraints=known, bounds=bounds, integrality=whole, options={"mip_rel_gap": gap})
        assert found.status == 0, found.message  # the truth is a solution, so there is one
        return np.asarray(found.x)


@dataclass(frozen=True)
class Leak:
    """A withheld count that the published ones give away."""

    what: str
    where: Hashable
    truth: int
    low: int
    high: int


# People


def people_of(score: pd.DataFrame) -> pd.DataFrame:
    """The truth: people of each cell of the groupings in each population."""
    pre, post, n = score["pre"].notna(), score["post"].notna(), score["n"].astype("int64")
    frame = score[["site", "audience", "session", "event", "quiz_id", "arm"]].fillna("").astype("str")
    frame = frame.assign(joined=n, pre=n.where(pre, 0), post=n.where(post, 0), pairs=n.where(pre & post, 0))
    return frame.groupby(list(GROUPINGS))[list(POPULATIONS)].sum().reset_index()


def audit_people(reports: Iterable[Mapping[str, Any]], truth: pd.DataFrame) -> list[Leak]:
    """Groups and parts of groups that some reports on the same people give away together."""
    reports = [report for report in reports if report["flow"]["n_pairs"] is not None]
    leaks = []
    for population in POPULATIONS:
        unknowns = Unknowns()
        for place in truth.index:
            unknowns.add(place, float(truth[population].sum()))
        for report in reports:
            _know_people(unknowns, report, truth, population)
        leaks += _people_leaks(unknowns, truth, population)
    return leaks


def _know_people(unknowns: Unknowns, report: Mapping[str, Any], truth: pd.DataFrame, population: str) -> None:
    def know(mask: pd.Series, n: int | None) -> None:
        if n is not None and mask.any():
            unknowns.know(dict.fromkeys(truth.index[mask], 1.0), n)

    know(truth["site"].notna(), report["flow"][f"n_{population}"])
    for group in report["groups"]:
        know(truth[group["by"]] == group["name"], group["flow"][f"n_{population}"])
    if population != "pairs":
        return
    for site in report["pooled"]["sites"]:
        know(truth[report["pooled"]["unit"]] == site["name"], site["n"])
    for arm, n in zip(report["forms"]["arms"], report["forms"]["n"], strict=False):
        know(truth["arm"] == arm, n)
    for item in report["items"]:
        quiz = truth["quiz_id"] == item["quiz_id"]
        for place, n in ((0, item["n_pre"]), (1, item["n_post"])):
            know(quiz & [len(arm) < 2 or arm[place] in item["form"] for arm in truth["arm"]], n)


def _people_leaks(unknowns: Unknowns, truth: pd.DataFrame, population: str) -> list[Leak]:
    leaks = []
    for by in GROUPINGS:
        for name, rows in truth.groupby(by):
            n = int(rows[population].sum())
            if 0 < n < K and len(rows) < len(truth):
                low, high = unknowns.reach(rows.index)
                if high < K:
                    leaks.append(Leak(f"{population} by {by}", name, n, low, high))
    for name, rows in truth.groupby(["session", "audience"]):
        n = int(rows[population].sum())
        if 0 < n < K and len(rows) < len(truth):
            low, high = unknowns.reach(rows.index)
            if low > 0 and high < K:
                leaks.append(Leak(f"{population} by session and audience", name, n, low, high))
    return leaks


# Answers


@dataclass(frozen=True)
class Answers:
    """The truth about answers: counts of matched people per (item, wave, option) and four-fold tables."""

    options: dict[tuple[str, str, str], int]
    folds: dict[tuple[str, str], dict[str, int]]
    quiz: Quiz


def answers_of(cube: Any, quiz: Quiz) -> Answers:
    """Read the truth from a cube."""
    rows = cube.answer[(cube.answer["matched"] == 1) & cube.answer["wave"].isin(["pre", "post"])]
    options = rows.groupby(["item", "wave", "choice"])["n"].sum()
    folds: dict[tuple[str, str], dict[str, int]] = {}
    for row in cube.shift.itertuples():
        first, second = sorted((str(row.item), str(row.item_post)))
        fold = folds.setdefault((first, second), dict.fromkeys(("n11", "n01", "n10", "n00"), 0))
        was, is_now = (
            int(mark is not pd.NA and mark == 1) for mark in (row.correct_pre, row.correct_post)
        )  # fmt: skip
        fold[f"n{was}{is_now}" if was == is_now else ("n10" if was else "n01")] += int(row.n)
    return Answers({k: int(n) for k, n in options.items()}, folds, quiz)


def _options_of(quiz: Quiz, item_id: str) -> list[str]:
    item = quiz.item(item_id)
    return list(dict.fromkeys([*(o.option_id for o in item.options), "unsure"]))


def audit_answers(report: Mapping[str, Any], truth: Answers) -> list[Leak]:
    """Options and four-fold tables of one report that are not printed and can be worked out all the same."""
    unknowns = Unknowns()
    rows = {row["item"]: row for row in report["items"]}
    asked = {(i, w): sum(n for (j, v, _), n in truth.options.items() if (j, v) == (i, w))
             for i, w in {(i, w) for i, w, _ in truth.options}}  # fmt: skip
    for (item, wave), n in asked.items():
        for option in _options_of(truth.quiz, item):
            unknowns.add((item, wave, option), n)
    for (item, wave), n in asked.items():
        _know_options(unknowns, (item, wave), rows.get(item), n, truth.quiz)
    _know_sums(unknowns, report, asked, truth)
    secret = {
        (item, wave, option): n
        for (item, wave, option), n in truth.options.items()
        if 0 < n < K and option not in truth.quiz.item(item).key
    }
    return [*_pinned(unknowns, secret, "option"), *_audit_folds(report, rows, truth)]


def _know_options(
    unknowns: Unknowns, place: tuple[str, str], row: Mapping[str, Any] | None, n: int, quiz: Quiz
) -> None:
    item, wave = place
    published = row is not None and row[f"n_{wave}"] is not None
    if not published or row is None:
        return
    unknowns.know({(item, wave, o): 1.0 for o in _options_of(quiz, item)}, row[f"n_{wave}"])
    share = row[f"p_{wave}"]
    if share is not None:
        unknowns.know({(item, wave, o): 1.0 for o in quiz.item(item).key}, round(share * n))
    for option, count in row[f"options_{wave}"].items():
        if count is not None:
            unknowns.know({(item, wave, option): 1.0}, count)


def _know_sums(
    unknowns: Unknowns, report: Mapping[str, Any], asked: Mapping[tuple[str, str], int], truth: Answers
) -> None:
    quiz, score, found = truth.quiz, report["score"], report["discernment"]
    n = report["flow"]["n_pairs"]
    for wave in ("pre", "post"):
        here = [item for item, w in asked if w == wave]
        people = sum(asked[item, wave] for item in here)
        if score[f"mean_{wave}"] is not None:
            keys = {(item, wave, o): 1.0 for item in here for o in quiz.item(item).key}
            unknowns.know(keys, round(score[f"mean_{wave}"] * n))
        if report["unsure"][wave] is not None:
            unknowns.know({(i, wave, "unsure"): 1.0 for i in here}, round(report["unsure"][wave] * people))
        for signal, rate in (("fraud", "hit_rate"), ("genuine", "false_alarm_rate")):
            offers = [item for item in here if quiz.item(item).signal == signal]
            share = found[f"{rate}_{wave}"]
            if share is not None:
                total = sum(asked[item, wave] for item in offers)
                unknowns.know({(item, wave, "fraud"): 1.0 for item in offers}, round(share * total))


def _audit_folds(
    report: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]], truth: Answers
) -> list[Leak]:
    """Each table alone: what its shares, its change and its exact p allow."""
    leaks = []
    twins = {tuple(sorted((t["item"], t["twin"]))): t for t in report["twins"]}
    for place, fold in truth.folds.items():
        first, second = place
        row = rows.get(first) if first == second else twins.get(place)
        if row is None or row["n11"] is not None:
            continue
        unknowns = Unknowns()
        for cell in fold:
            unknowns.add((place, cell), row["n"])
        unknowns.know({(place, cell): 1.0 for cell in fold}, row["n"])
        before, after = (_right(rows, place, w) for w in ("pre", "post"))
        if before is not None:
            unknowns.know({(place, "n11"): 1.0, (place, "n10"): 1.0}, before)
        if after is not None:
            unknowns.know({(place, "n11"): 1.0, (place, "n01"): 1.0}, after)
        if row.get("p_mcnemar") is not None or (first != second and row["ci"] is not None):
            unknowns.know({(place, "n01"): 1.0, (place, "n10"): 1.0}, fold["n01"] + fold["n10"])
        # A cell that equals a published margin (nobody was right before) tells no more than the margin.
        margins = {before, after, row["n"] - (before or 0), row["n"] - (after or 0)}
        secret = {(place, c): n for c, n in fold.items() if 0 < n < K and n not in margins}
        leaks += _pinned(unknowns, secret, "four-fold")
    return leaks


def _right(rows: Mapping[str, Mapping[str, Any]], place: tuple[str, str], wave: str) -> int | None:
    """Right answers in a wave over an item, or over an item and its twin."""
    shares = [(rows.get(item) or {}).get(f"p_{wave}") for item in dict.fromkeys(place)]
    if any(share is None for share in shares):
        return None
    return sum(round(s * rows[i][f"n_{wave}"]) for i, s in zip(dict.fromkeys(place), shares, strict=True))


def _pinned(unknowns: Unknowns, secret: Mapping[Hashable, int], what: str) -> list[Leak]:
    return [Leak(what, key, secret[key], secret[key], secret[key]) for key in unknowns.pinned(secret)]


# The cube sheet


def sheets(workbook: bytes) -> list[list[tuple[Any, ...]]]:
    """All rows of all sheets of a report's workbook."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    return [[tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets]


def cube_sheet(workbook: bytes) -> list[tuple[Any, ...]]:
    """The rows of the last sheet of a report's workbook."""
    return sheets(workbook)[-1][1:]


def audit_cube(
    report: Mapping[str, Any], sheet: Iterable[tuple[Any, ...]], score: pd.DataFrame
) -> list[Leak]:
    """Pairs of scores that fewer than ten people have, from the cube sheet and the moments of the score."""
    published, most = report["score"], report["score"]["max"]
    matched = score[score["pre"].notna() & score["post"].notna()]
    truth = {(int(a), int(b)): int(n) for (a, b), n in matched.groupby(["pre", "post"])["n"].sum().items()}
    unknowns = Unknowns()
    for a in range(most + 1):
        for b in range(most + 1):
            unknowns.add((a, b), float(matched["n"].sum()))
    n = report["flow"]["n_pairs"]
    told: dict[tuple[int, int], int] = {}
    for pre, post, _, people in sheet:
        if pre is not None and post is not None and people is not None:
            told[int(pre), int(post)] = told.get((int(pre), int(post)), 0) + int(people)
    for cell, people in told.items():
        unknowns.know({cell: 1.0}, people, n)
    _know_moments(unknowns, published, n)
    secret = {cell: people for cell, people in truth.items() if people < K and cell not in told}
    return _pinned(unknowns, secret, "cube")


def _know_moments(unknowns: Unknowns, score: Mapping[str, Any], n: int) -> None:
    def know(weight: Callable[[int, int], float], total: float | None) -> None:
        if total is not None:
            unknowns.know({(a, b): weight(a, b) for a, b in unknowns.places}, round(total))

    def squares(mean: float | None, sd: float | None) -> float | None:
        return None if mean is None or sd is None else sd**2 * (n - 1) + n * mean**2

    most = score["max"]
    know(lambda a, b: 1, n)
    for mean, sd, value in (
        ("mean_pre", "sd_pre", lambda a, b: a),
        ("mean_post", "sd_post", lambda a, b: b),
        ("mean_change", "sd_change", lambda a, b: b - a),
    ):
        know(value, None if score[mean] is None else score[mean] * n)
        know(lambda a, b, value=value: value(a, b) ** 2, squares(score[mean], score[sd]))
    know(lambda a, b: b > a, score["n_up"])
    know(lambda a, b: b < a, score["n_down"])
    know(lambda a, b: b == a, score["n_same"])
    for share, level in (("ceiling_pre", most), ("floor_pre", 0)):
        know(lambda a, b, level=level: a == level, None if score[share] is None else score[share] * n)


# Random events


def random_table(seed: int) -> pd.DataFrame:
    """People of an unbalanced event: sites, sessions, tiny audiences, leavers, latecomers; totals of 8."""
    rng = np.random.default_rng(seed)
    rows = []
    for site in range(int(rng.integers(1, 6))):
        for part in range(int(rng.integers(1, 4))):
            session = f"S{site}{part}"
            sizes = {
                "student": int(rng.choice([0, 3, 8, 14, 30])),
                "teacher": int(rng.choice([0, 0, 1, 4, 12])),
                "resident": int(rng.choice([0, 0, 2, 15])),
            }
            for audience, size in sizes.items():
                for person in range(size):
                    pre, late, left = int(rng.binomial(8, 0.5)), rng.random() < 0.1, rng.random() < 0.15
                    rows.append(
                        {
                            "session": session,
                            "site": f"Desa {site}",
                            "event": f"E{site % 2}",
                            "audience": audience,
                            "participant": f"{session}{audience}{person}",
                            "pre": "" if late else pre,
                            "post": "" if left else min(8, pre + int(rng.integers(0, 3))),
                        }
                    )
    return pd.DataFrame(rows)


CHOICES = (["site"], ["audience"], ["session"], ["site", "audience"], ["event", "session", "audience"])


def audit_table(table: pd.DataFrame, folder: Path) -> list[Leak]:
    """Publish a table in several ways, as somebody would who does not keep a register; all leaks together."""
    path = folder / "people.csv"
    table.to_csv(path, index=False)
    loaded = kit.report.load(path, max_score=8)
    truth = people_of(loaded.cube().score)
    reports = [loaded.report(by=by, audience="public") for by in CHOICES]
    leaks = audit_people([report.to_dict() for report in reports], truth)
    if reports[0].figures.flow.n_pairs is not None:
        sheet = cube_sheet(reports[0].xlsx())
        leaks += audit_cube(reports[0].to_dict(), sheet, loaded.cube().score)
    return leaks


def main() -> int:
    """Audit random events; 1 when anything leaks."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--events", type=int, default=40)
    events = asked.parse_args().events
    found = 0
    for seed in range(events):
        table = random_table(seed)
        if table.empty:
            continue
        with tempfile.TemporaryDirectory() as folder:
            os.environ["KIT_RESULTS"] = folder
            leaks = audit_table(table, Path(folder))
        found += len(leaks)
        for leak in leaks:
            print(f"event {seed}: {leak}")
    print(f"{events} events, {found} leaks")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
