"""The parts of the cube as questions to the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import pandas as pd

from kit.bundle.layout import KEY, SIGNAL_COUNTS
from kit.report.count.answers import OTHER_UNSURE, OTHER_WRONG
from kit.report.count.forms import FormPlan
from kit.report.read.held import held_table
from kit.report.read.keys import counted
from kit.report.read.rows import ROW_KEYS
from kit.study.choice import UNSURE
from kit.study.kinds import SIGNALS
from kit.study.wave import POST, PRE, WAVES


@dataclass(frozen=True)
class Counting:
    """What a cube is counted from: scored people on an engine, the answer codes and the forms.

    Each part is an expression that gives one row per cell with a count `n` and the sum of keys `key`.
    """

    connection: Any
    people: ibis.Table
    codes: pd.DataFrame
    plan: FormPlan

    def score(self) -> ibis.Table:
        """People per cell of keys and scores."""
        return self.people.group_by([*ROW_KEYS, *WAVES]).agg(**counted(self.people))

    def signal(self) -> ibis.Table:
        """Matched people per cell of offers refused and undecided, where forms hold both kinds of them."""
        p = self.people
        asked = [p[f"{signal}_asked_{wave}"] > 0 for signal in SIGNALS for wave in (PRE, POST)]
        both = asked[0] & asked[1] & asked[2] & asked[3]
        asked_both = self.matched().filter(both)
        cells = asked_both.group_by(["session", "site_id", "arm", *SIGNAL_COUNTS])
        return cells.agg(**counted(asked_both))

    def matched(self) -> ibis.Table:
        """People measured before and after."""
        return self.people.filter(self.people.pre.notnull(), self.people.post.notnull())

    def attempt(self) -> ibis.Table:
        """Attempts per session, quiz and wave: complete, partial (it counts all the same) or short."""
        waves = []
        for wave in WAVES:
            p = self.people.filter(self.people[f"rows_{wave}"] > 0)
            status = ibis.cases(
                (p[wave].isnull(), "short"),
                (p[f"rows_{wave}"] >= p[f"most_{wave}"], "complete"),
                else_="partial",
            )
            shown = p.select(p.session, p.quiz_id, p.key, wave=ibis.literal(wave), status=status)
            waves.append(shown.group_by(_cells_of(shown)).agg(**counted(shown)))
        return ibis.union(*waves)

    def _digit(self, person: ibis.Table, wave: str, block: Any, shift: Any) -> Any:
        """The code of one person's answer: one digit of one of the packed columns."""
        blocks = range(int(self.codes["block"].max()) + 1)
        packed = [person[f"digits_{wave}_{b}"].fill_null(0) for b in blocks]
        chosen = packed[0]
        if len(packed) > 1:
            chosen = ibis.cases(*((block == b, packed[b]) for b in blocks[1:]), else_=packed[0])
        return (chosen >> shift.cast("int32")) & 15

    def _places(self) -> pd.DataFrame:
        """Form items with the place of their digit."""
        rows = [(i.quiz_id, i.form, i.item, i.twin or "") for i in self.plan.items]
        items = pd.DataFrame(rows, columns=["i_quiz", "i_form", "item", "twin"])
        places = self.codes[["quiz_id", "item", "block", "shift"]].drop_duplicates()
        return items.merge(places.rename(columns={"quiz_id": "i_quiz"}), on=["i_quiz", "item"])

    def answer(self) -> ibis.Table:
        """People per item, answer and score of the wave."""
        items = held_table(self._places()[["i_quiz", "i_form", "item", "block", "shift"]], self.connection)
        waves = []
        for wave in WAVES:
            p = self.people.filter(self.people[wave].notnull())
            each = p.join(items, [p.quiz_id == items.i_quiz, p[f"form_{wave}"] == items.i_form])
            shown = each.select(
                quiz_id=each.quiz_id,
                wave=ibis.literal(wave),
                form=each[f"form_{wave}"],
                item=each.item,
                code=self._digit(each, wave, each.block, each["shift"]),
                total=each[wave],
                matched=(each.pre.notnull() & each.post.notnull()).ifelse(1, 0),
                key=each.key,
            )
            waves.append(shown.group_by(_cells_of(shown)).agg(**counted(shown)))
        return ibis.union(*waves)

    def right(self) -> ibis.Table:
        """Matched people per session, site and item, before and after, by whether they were right.

        Apart from `answer`: answers by site and score would be as many cells as there are people.
        """
        right = self.codes[self.codes["correct"] == 1].groupby(["quiz_id", "item"])["code"].max()
        known = right.rename("last_right").reset_index().rename(columns={"quiz_id": "i_quiz"})
        items = self._places().merge(known, on=["i_quiz", "item"], how="left").fillna({"last_right": 0})
        columns = ["i_quiz", "i_form", "item", "block", "shift", "last_right"]
        held = held_table(items[columns].astype({"last_right": "int64"}), self.connection)
        p, waves = self.matched(), []
        for wave in (PRE, POST):
            each = p.join(held, [p.quiz_id == held.i_quiz, p[f"form_{wave}"] == held.i_form])
            code = self._digit(each, wave, each.block, each["shift"])
            shown = each.select(
                quiz_id=each.quiz_id,
                item=each.item,
                wave=ibis.literal(wave),
                site_id=each.site_id,
                session=each.session,
                # Answers that are right have the first codes.
                correct=((code > 0) & (code <= each.last_right)).ifelse(1, 0),
                given=(code > 0).ifelse(1, 0),
                key=each.key,
            )
            waves.append(shown.group_by(_cells_of(shown)).agg(**counted(shown)))
        return ibis.union(*waves)

    def shift(self) -> ibis.Table:
        """Matched people per item and pair of answers; with parallel forms the item and its twin."""
        p = self.matched()
        links = held_table(self._links(), self.connection)
        each = p.join(
            links,
            [p.quiz_id == links.i_quiz, p.form_pre == links.form_before, p.form_post == links.form_after],
        )
        shown = each.select(
            "quiz_id",
            "arm",
            "item",
            "item_post",
            "key",
            code_pre=self._digit(each, "pre", each.block, each["shift"]),
            code_post=self._digit(each, "post", each.block_post, each.shift_post),
        )
        return shown.group_by(_cells_of(shown)).agg(**counted(shown))

    def _links(self) -> pd.DataFrame:
        """Which item after belongs to which item before: the same one, else its twin in the other form."""
        before = self._places()[~self._places()["i_quiz"].isin(self.plan.open_forms)]
        after = before.rename(columns={"item": "item_post", "block": "block_post", "shift": "shift_post"})
        pairs = before.merge(after.drop(columns="twin"), on="i_quiz", suffixes=("", "_after"))
        same_form = pairs["i_form"] == pairs["i_form_after"]
        same_item = pairs["item"] == pairs["item_post"]
        linked = pairs[
            (same_form & same_item) | (~same_form & (same_item | (pairs["twin"] == pairs["item_post"])))
        ]
        columns = ["i_quiz", "i_form", "i_form_after", "item", "item_post"]
        columns += ["block", "shift", "block_post", "shift_post"]
        return linked[columns].rename(columns={"i_form": "form_before", "i_form_after": "form_after"})

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


def _cells_of(people: ibis.Table) -> list[str]:
    """What people are grouped by: everything but their keys."""
    return [name for name in people.columns if name != KEY]
