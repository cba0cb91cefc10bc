"""The parts of the cube as questions to the engine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis
import numpy as np
import pandas as pd

from kit.bundle.layout import KEY, SIGNAL_COUNTS
from kit.report.count.answers import OTHER_UNSURE, OTHER_WRONG
from kit.report.count.cells import Cells, form_numbers
from kit.report.count.engine import asked_once
from kit.report.count.forms import FormPlan
from kit.report.read.held import named_table
from kit.report.read.keys import counted
from kit.study.choice import UNSURE
from kit.study.kinds import SIGNALS
from kit.study.wave import POST, PRE, WAVES


@dataclass(frozen=True)
class Counting:
    """What a cube is counted from: scored people on an engine, their cells, the answer codes and the forms.

    Each part is an expression that gives one row per cell with a count `n` and the sum of keys `key`.
    """

    connection: Any
    people: ibis.Table
    cells: Cells
    codes: pd.DataFrame
    plan: FormPlan

    def score(self) -> ibis.Table:
        """People per cell and scores."""
        return asked_once(self.connection, _score, people=self.people)

    def signal(self) -> ibis.Table:
        """Matched people per cell and offers refused and undecided, where forms hold both kinds of them."""
        return asked_once(self.connection, _signal, people=self.people)

    def attempt(self) -> ibis.Table:
        """Attempts per cell and wave: complete, partial (it counts all the same) or short."""
        return asked_once(self.connection, _attempt, people=self.people)

    def answers(self) -> ibis.Table:
        """How many rows of answers there are in the attempts that count."""
        return asked_once(self.connection, _answers, people=self.people)

    def answer(self) -> ibis.Table:
        """People per item, answer and score of the wave."""
        items = self._items[["of_form", "line", "block", "shift"]]
        held = named_table(items, self.connection)
        return asked_once(self.connection, _answer, self._blocks, people=self.people, items=held)

    def right(self) -> ibis.Table:
        """Matched people per cell and item, before and after, by whether they were right.

        Apart from `answer`: answers by site and score would be as many cells as there are people.
        """
        items = self._items[["of_form", "line", "block", "shift", "last_right"]]
        held = named_table(items, self.connection)
        return asked_once(self.connection, _right, self._blocks, people=self.people, items=held)

    def shift(self) -> ibis.Table:
        """Matched people per item and pair of answers; with parallel forms the item and its twin."""
        columns = ["form_before", "form_after", "line", "block", "shift", "block_post", "shift_post"]
        held = named_table(self._links[columns], self.connection)
        return asked_once(self.connection, _shift, self._blocks, people=self.people, links=held)

    def named(self, counts: pd.DataFrame) -> pd.DataFrame:
        """Counts with the quiz, form and item of each line."""
        lines = self._items[["line", "i_quiz", "i_form", "item"]]
        lines = lines.rename(columns={"i_quiz": "quiz_id", "i_form": "form"})
        return _put(counts, lines)

    def linked(self, counts: pd.DataFrame) -> pd.DataFrame:
        """Counts of pairs of answers with their arm, and the quiz and items of each line."""
        lines = self._links[["line", "i_quiz", "item", "item_post"]].rename(columns={"i_quiz": "quiz_id"})
        arms = self.cells.arms.take(counts["arm"].to_numpy(dtype="int64"))
        return _put(counts.assign(arm=arms), lines)

    @property
    def _blocks(self) -> int:
        """How many packed columns a wave has."""
        return int(self.codes["block"].max()) + 1

    @cached_property
    def _items(self) -> pd.DataFrame:
        """Form items with the place of their digit, and the last code of a right answer; a line for each."""
        rows = [(i.quiz_id, i.form, i.item, i.twin or "") for i in self.plan.items]
        items = pd.DataFrame(rows, columns=["i_quiz", "i_form", "item", "twin"])
        places = self.codes[["quiz_id", "item", "block", "shift"]].drop_duplicates()
        items = items.merge(places.rename(columns={"quiz_id": "i_quiz"}), on=["i_quiz", "item"])
        right = self.codes[self.codes["correct"] == 1].groupby(["quiz_id", "item"])["code"].max()
        known = right.rename("last_right").reset_index().rename(columns={"quiz_id": "i_quiz"})
        items = items.merge(known, on=["i_quiz", "item"], how="left").fillna({"last_right": 0})
        numbers = form_numbers(self.plan)
        of_form = [numbers[form] for form in zip(items["i_quiz"], items["i_form"], strict=True)]
        whole = dict.fromkeys(("of_form", "line", "block", "shift", "last_right"), "int32")
        return items.assign(of_form=of_form, line=range(len(items))).astype(whole)

    @cached_property
    def _links(self) -> pd.DataFrame:
        """Which item after belongs to which item before: the same one, else its twin in the other form."""
        items = self._items.drop(columns=["line", "last_right"])
        before = items[~items["i_quiz"].isin(self.plan.open_forms)]
        after = before.rename(columns={"item": "item_post", "block": "block_post", "shift": "shift_post"})
        pairs = before.merge(after.drop(columns="twin"), on="i_quiz", suffixes=("", "_after"))
        same_form = pairs["i_form"] == pairs["i_form_after"]
        same_item = pairs["item"] == pairs["item_post"]
        linked = pairs[
            (same_form & same_item) | (~same_form & (same_item | (pairs["twin"] == pairs["item_post"])))
        ]
        linked = linked.rename(columns={"of_form": "form_before", "of_form_after": "form_after"})
        return linked.assign(line=np.arange(len(linked), dtype="int32"))

    def decode(self, frame: pd.DataFrame, item: str, code: str, suffix: str = "") -> pd.DataFrame:
        """Turn codes back into choice and correct; no answer in a counted attempt is `unsure`."""
        names = self.codes.drop_duplicates(["quiz_id", "item", "code"])
        others = names["code"].isin([OTHER_WRONG, OTHER_UNSURE])
        names = names.assign(choice=names["choice"].mask(others, "*"))
        names = names[["quiz_id", "item", "code", "choice", "correct"]].rename(
            columns={"item": item, "code": code, "choice": f"choice{suffix}", "correct": f"correct{suffix}"}
        )
        decoded = frame.astype({code: "int64"}).merge(names, on=["quiz_id", item, code], how="left")
        missing = decoded[code] == 0
        right = decoded[f"correct{suffix}"].astype("Int64")
        right = right.mask(missing | (right == -1).fillna(True))
        unnamed = right.map({1: "right", 0: "wrong"}).astype("str").fillna(UNSURE)
        choice = decoded[f"choice{suffix}"].fillna("")
        decoded[f"choice{suffix}"] = choice.where(choice != "", unnamed).mask(missing, UNSURE)
        decoded[f"correct{suffix}"] = right
        return decoded.drop(columns=code)


def _put(counts: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """The texts of each line beside its counts."""
    texts = lines.drop(columns="line").take(counts["line"].to_numpy(dtype="int64"))
    return pd.concat([counts.drop(columns="line"), texts.set_axis(counts.index)], axis=1)


def _score(people: ibis.Table) -> ibis.Table:
    return people.group_by(["cell", *WAVES]).agg(**counted(people))


def _signal(people: ibis.Table) -> ibis.Table:
    asked = [people[f"{signal}_asked_{wave}"] > 0 for signal in SIGNALS for wave in (PRE, POST)]
    both = asked[0] & asked[1] & asked[2] & asked[3]
    asked_both = _matched(people).filter(both)
    return asked_both.group_by(["cell", *SIGNAL_COUNTS]).agg(**counted(asked_both))


def _matched(people: ibis.Table) -> ibis.Table:
    """People measured before and after."""
    return people.filter(people.pre.notnull(), people.post.notnull())


def _attempt(people: ibis.Table) -> ibis.Table:
    waves = []
    for wave in WAVES:
        p = people.filter(people[f"rows_{wave}"] > 0)
        status = ibis.cases(
            (p[wave].isnull(), "short"),
            (p[f"rows_{wave}"] >= p[f"most_{wave}"], "complete"),
            else_="partial",
        )
        shown = p.select(p.cell, p.key, wave=ibis.literal(wave), status=status)
        waves.append(shown.group_by(_cells_of(shown)).agg(**counted(shown)))
    return ibis.union(*waves)


def _answers(people: ibis.Table) -> ibis.Table:
    return people.agg(**{wave: people[f"rows_{wave}"].sum(where=people[wave].notnull()) for wave in WAVES})


def _answer(blocks: int, people: ibis.Table, items: ibis.Table) -> ibis.Table:
    waves = []
    for wave in WAVES:
        p = people.filter(people[wave].notnull())
        each = p.join(items, p[f"form_{wave}"] == items.of_form)
        shown = each.select(
            line=each.line,
            wave=ibis.literal(wave),
            code=_digit(blocks, each, wave, each.block, each["shift"]),
            total=each[wave],
            matched=(each.pre.notnull() & each.post.notnull()).ifelse(1, 0),
            key=each.key,
        )
        waves.append(shown.group_by(_cells_of(shown)).agg(**counted(shown)))
    return ibis.union(*waves)


def _right(blocks: int, people: ibis.Table, items: ibis.Table) -> ibis.Table:
    p, waves = _matched(people), []
    for wave in (PRE, POST):
        each = p.join(items, p[f"form_{wave}"] == items.of_form)
        code = _digit(blocks, each, wave, each.block, each["shift"])
        shown = each.select(
            cell=each.cell,
            line=each.line,
            wave=ibis.literal(wave),
            # Answers that are right have the first codes.
            correct=((code > 0) & (code <= each.last_right)).ifelse(1, 0),
            given=(code > 0).ifelse(1, 0),
            key=each.key,
        )
        waves.append(shown.group_by(_cells_of(shown)).agg(**counted(shown)))
    return ibis.union(*waves)


def _shift(blocks: int, people: ibis.Table, links: ibis.Table) -> ibis.Table:
    p = _matched(people)
    each = p.join(links, [p.form_pre == links.form_before, p.form_post == links.form_after])
    shown = each.select(
        "arm",
        "line",
        "key",
        code_pre=_digit(blocks, each, "pre", each.block, each["shift"]),
        code_post=_digit(blocks, each, "post", each.block_post, each.shift_post),
    )
    return shown.group_by(_cells_of(shown)).agg(**counted(shown))


def _digit(blocks: int, person: ibis.Table, wave: str, block: Any, shift: Any) -> Any:
    """The code of one person's answer: one digit of one of the packed columns."""
    packed = [person[f"digits_{wave}_{b}"].fill_null(0) for b in range(blocks)]
    chosen = packed[0]
    if blocks > 1:
        chosen = ibis.cases(*((block == b, packed[b]) for b in range(1, blocks)), else_=packed[0])
    return (chosen >> shift.cast("int32")) & 15


def _cells_of(people: ibis.Table) -> list[str]:
    """What people are grouped by: everything but their keys."""
    return [name for name in people.columns if name != KEY]
