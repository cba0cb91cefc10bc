"""From packed people to the six tables of the cube."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import ibis
import pandas as pd

from kit.report.cube import KEYS, SCORE, SIGNAL, WAVES, Cube, in_order
from kit.report.faults import SourceFault
from kit.report.people import (
    MARK,
    Tables,
    answer_codes,
    answer_kinds,
    check_kinds,
    fetch,
    held_table,
    likert_kinds,
    people_packed,
    scored_kinds,
)


@dataclass(frozen=True)
class FormItem:
    """One scored item of one form: its place, its signal if it is an offer, its twin in the other form."""

    quiz_id: str
    form: str
    item: str
    signal: str | None = None
    twin: str | None = None


@dataclass(frozen=True)
class FormPlan:
    """The scored items of every form; `most` is K per quiz; in `open_forms` nobody knows who had which."""

    items: tuple[FormItem, ...]
    most: dict[str, int] = field(default_factory=dict)
    open_forms: frozenset[str] = frozenset()

    def maximum(self, quiz_id: str, form: str) -> int:
        """K of a form."""
        return self.most.get(quiz_id) or sum(i.quiz_id == quiz_id and i.form == form for i in self.items)


def plan_forms(kinds: pd.DataFrame, known: FormPlan, rows_per_attempt: dict[str, int]) -> FormPlan:
    """Complete what the sources declare about their forms from the answers themselves.

    A quiz without a form column has one form if every attempt can hold all of its items; if attempts are much
    shorter, each person answered only a part of them and the form is unknown (`open_forms`).
    """
    declared = {(i.quiz_id, i.form) for i in known.items}
    items = list(known.items)
    most, open_forms = dict(known.most), set(known.open_forms)
    seen = kinds[["quiz_id", "form", "item", "signal"]].fillna({"signal": ""})
    seen = seen.groupby(["quiz_id", "form", "item"], sort=True)["signal"].max().reset_index()
    for (quiz_id, form), rows in seen.groupby(["quiz_id", "form"], sort=True):
        if (quiz_id, form) in declared:
            continue
        longest = rows_per_attempt.get(str(quiz_id), len(rows))
        if form == "" and longest * 5 < len(rows) * 4:
            open_forms.add(str(quiz_id))
            most.setdefault(str(quiz_id), longest)
        pairs = zip(rows["item"], rows["signal"], strict=True)
        items += [FormItem(str(quiz_id), str(form), str(item), str(signal) or None) for item, signal in pairs]
    return FormPlan(tuple(items), most, frozenset(open_forms))


def _form_rows(plan: FormPlan) -> list[tuple[str, str, int, int, int]]:
    """Each form with its fraud offers, genuine offers and maximum; unknown forms have no offers to count."""
    rows = []
    for quiz_id, form in sorted({(i.quiz_id, i.form) for i in plan.items}):
        signals = [i.signal for i in plan.items if (i.quiz_id, i.form) == (quiz_id, form)]
        known = quiz_id not in plan.open_forms
        fraud, genuine = (known * signals.count(signal) for signal in ("fraud", "genuine"))
        rows.append((quiz_id, form, fraud, genuine, plan.maximum(quiz_id, form)))
    return rows


def _counter(marks: Any, place: int) -> Any:
    """One counter of a packed mark: 0 answers, 1 right, 2 hits, 3 false alarms."""
    return (marks >> (MARK * place)) & (2**MARK - 1)


def people_scored(packed: ibis.Table, plan: FormPlan) -> ibis.Table:
    """Add to each packed person which attempts count (at least 80 % answered), and their scores."""
    forms = pd.DataFrame(_form_rows(plan), columns=["f_quiz", "f_form", "fraud", "genuine", "most"])
    forms = forms.astype(dict.fromkeys(("fraud", "genuine", "most"), "int16"))
    people = packed
    for wave in WAVES:
        form = held_table(forms.rename(columns={c: f"{c}_{wave}" for c in forms.columns}))
        people = people.left_join(
            form,
            [people.quiz_id == form[f"f_quiz_{wave}"], people[f"form_{wave}"] == form[f"f_form_{wave}"]],
        ).drop(f"f_quiz_{wave}", f"f_form_{wave}")
        marks = people[f"marks_{wave}"]
        counts = (_counter(marks, 0) > 0) & (_counter(marks, 0) * 5 >= people[f"most_{wave}"] * 4)
        people = people.mutate(
            **{
                f"rows_{wave}": _counter(marks, 0),
                wave: counts.ifelse(_counter(marks, 1), None).cast("int16"),
                f"hits_{wave}": _counter(marks, 2).cast("int16"),
                f"false_{wave}": _counter(marks, 3).cast("int16"),
            }
        )
    return people


@dataclass(frozen=True)
class Counting:
    """What a cube is counted from: scored people on a backend, the answer codes and the forms."""

    connection: Any
    people: ibis.Table
    codes: pd.DataFrame
    plan: FormPlan

    def score(self) -> ibis.Table:
        """People per cell of keys and scores."""
        return self.people.group_by(list(SCORE)).agg(n=lambda t: t.count())

    def signal(self) -> ibis.Table:
        """Matched people per cell of hits and false alarms, where their forms hold both kinds of offers."""
        p = self.people
        both = (p.fraud_pre > 0) & (p.genuine_pre > 0) & (p.fraud_post > 0) & (p.genuine_post > 0)
        return self.matched().filter(both).group_by(list(SIGNAL)).agg(n=lambda t: t.count())

    def matched(self) -> ibis.Table:
        """People measured before and after."""
        return self.people.filter(self.people.pre.notnull(), self.people.post.notnull())

    def attempt(self) -> ibis.Table:
        """Attempts per quiz and wave: complete, partial (counted all the same) or short (not counted)."""
        waves = []
        for wave in WAVES:
            p = self.people.filter(self.people[f"rows_{wave}"] > 0)
            status = ibis.cases(
                (p[wave].isnull(), "short"),
                (p[f"rows_{wave}"] >= p[f"most_{wave}"], "complete"),
                else_="partial",
            )
            shown = p.select(p.quiz_id, wave=ibis.literal(wave), status=status)
            waves.append(shown.group_by(["quiz_id", "wave", "status"]).agg(n=lambda t: t.count()))
        return ibis.union(*waves)

    def _digit(self, person: ibis.Table, wave: str, block: Any, shift: Any) -> Any:
        blocks = range(int(self.codes["block"].max()) + 1)
        packed = [person[f"digits_{wave}_{b}"].fill_null(0) for b in blocks]
        chosen = (
            ibis.cases(*((block == b, packed[b]) for b in blocks[1:]), else_=packed[0])
            if blocks[1:]
            else packed[0]
        )
        return (chosen >> shift.cast("int32")) & 15

    def _places(self) -> pd.DataFrame:
        """Form items with the place of their digit."""
        rows = [(i.quiz_id, i.form, i.item, i.twin or "") for i in self.plan.items]
        items = pd.DataFrame(rows, columns=["i_quiz", "i_form", "item", "twin"])
        places = self.codes[["quiz_id", "item", "block", "shift"]].drop_duplicates()
        return items.merge(places.rename(columns={"quiz_id": "i_quiz"}), on=["i_quiz", "item"])

    def answer(self) -> ibis.Table:
        """People per item, answer and score of the wave."""
        items = held_table(self._places()[["i_quiz", "i_form", "item", "block", "shift"]])
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
            )
            waves.append(shown.group_by(shown.columns).agg(n=lambda t: t.count()))
        return ibis.union(*waves)

    def shift(self) -> ibis.Table:
        """Matched people per item and pair of answers; with parallel forms the item and its twin."""
        p = self.matched()
        links = held_table(self._links())
        each = p.join(
            links,
            [p.quiz_id == links.i_quiz, p.form_pre == links.form_before, p.form_post == links.form_after],
        )
        shown = each.select(
            "quiz_id",
            "arm",
            "item",
            "item_post",
            code_pre=self._digit(each, "pre", each.block, each["shift"]),
            code_post=self._digit(each, "post", each.block_post, each.shift_post),
        )
        return shown.group_by(shown.columns).agg(n=lambda t: t.count())

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
        columns = [
            "i_quiz",
            "i_form",
            "i_form_after",
            "item",
            "item_post",
            "block",
            "shift",
            "block_post",
            "shift_post",
        ]
        return linked[columns].rename(columns={"i_form": "form_before", "i_form_after": "form_after"})

    def decode(self, frame: pd.DataFrame, item: str, code: str, suffix: str = "") -> pd.DataFrame:
        """Turn codes back into choice and correct; no answer in a counted attempt is `unsure`."""
        names = self.codes.drop_duplicates(["quiz_id", "item", "code"])
        others = names["code"].isin([14, 15])
        names = names.assign(choice=names["choice"].mask(others, "*"))
        names = names[["quiz_id", "item", "code", "choice", "correct"]].rename(
            columns={"item": item, "code": code, "choice": f"choice{suffix}", "correct": f"correct{suffix}"}
        )
        decoded = frame.astype({code: "int64"}).merge(names, on=["quiz_id", item, code], how="left")
        missing = decoded[code] == 0
        right = decoded[f"correct{suffix}"].astype("Int64")
        right = right.mask(missing | (right == -1).fillna(True))
        unnamed = right.map({1: "right", 0: "wrong"}).astype("str").fillna("unsure")
        choice = decoded[f"choice{suffix}"].fillna("")
        decoded[f"choice{suffix}"] = choice.where(choice != "", unnamed).mask(missing, "unsure")
        decoded[f"correct{suffix}"] = right
        return decoded.drop(columns=code)


def count_totals(totals: ibis.Table, connection: Any) -> Cube:
    """The cube of sources that give only a total per wave."""
    return Cube.of(score=fetch(connection, totals.group_by(list(SCORE)).agg(n=lambda t: t.count())))


Progress = Callable[[str], None]


@dataclass(frozen=True)
class Counted:
    """A cube together with the forms it was counted with, and the rows that appeared twice."""

    cube: Cube
    plan: FormPlan


def count_responses(tables: Tables, known: FormPlan, progress: Progress = lambda step: None) -> Counted:
    """Count the cube of responses: one pass for the answers in use, one GROUP BY, then counts of people.

    Raises SourceFault when somebody answered the same item of a wave twice.
    """
    connection, responses = tables.connection, tables.responses
    progress("reading")
    if responses is None:
        return Counted(Cube.of(score=_only_joined(tables)), known)
    found = answer_kinds(responses, connection)
    check_kinds(found)
    kinds, likert = scored_kinds(found), likert_kinds(found)
    if kinds.empty:
        return Counted(Cube.of(score=_only_joined(tables), likert=likert), known)
    codes = answer_codes(kinds)
    progress("grouping")
    with _kept(connection, people_packed(responses, codes, connection.name)) as packed:
        longest = fetch(connection, _longest_attempts(packed)).set_index("quiz_id")["longest"].to_dict()
        plan = plan_forms(kinds, known, {str(q): int(n) for q, n in longest.items()})
        with _kept(connection, people_scored(packed, plan)) as scored:
            progress("counting")
            return Counted(_count(Counting(connection, scored, codes, plan), tables, likert), plan)


@contextmanager
def _kept(connection: Any, expression: ibis.Table) -> Iterator[ibis.Table]:
    """Hold a result on the backend while it is used."""
    name = ibis.util.gen_name("people")
    try:
        yield connection.create_table(name, expression, temp=True)
    finally:
        # Ibis' own drop writes SQL that this DuckDB does not read.
        connection.raw_sql(f'DROP TABLE IF EXISTS "{name}"')


def _count(counting: Counting, tables: Tables, likert: pd.DataFrame) -> Cube:
    """Count the parts one after the other, each brought into order before the next is fetched."""
    connection = counting.connection
    answered = fetch(connection, counting.answer())
    _check_single_answers(counting, answered)
    not_given = answered["quiz_id"].isin(counting.plan.open_forms) & (answered["code"] == 0)

    def score() -> pd.DataFrame:
        silent = _never_answered(tables, counting.people)
        cells = fetch(connection, counting.score(), small=True)
        return cells if silent.empty else pd.concat([cells, silent])

    def shift() -> pd.DataFrame:
        before = counting.decode(fetch(connection, counting.shift()), "item", "code_pre", "_pre")
        return counting.decode(before, "item_post", "code_post", "_post")

    return Cube(
        score=in_order("score", score()),
        signal=in_order("signal", fetch(connection, counting.signal(), small=True)),
        answer=in_order("answer", counting.decode(answered[~not_given], "item", "code")),
        shift=in_order("shift", shift()),
        attempt=in_order("attempt", fetch(connection, counting.attempt())),
        likert=in_order("likert", likert),
    )


def _check_single_answers(counting: Counting, answered: pd.DataFrame) -> None:
    """Compare rows with packed answers: fewer answers than rows means that an item was answered twice."""
    counted = [counting.people[f"rows_{w}"].sum(where=counting.people[w].notnull()) for w in WAVES]
    rows = fetch(
        counting.connection, counting.people.agg(pre=counted[0], post=counted[1], followup=counted[2])
    )
    surplus = int(rows.fillna(0).to_numpy().sum()) - int(answered.loc[answered["code"] > 0, "n"].sum())
    if surplus:
        raise SourceFault("answers_twice", n=surplus)


def _longest_attempts(packed: ibis.Table) -> ibis.Table:
    rows = ibis.greatest(*(_counter(packed[f"marks_{wave}"], 0) for wave in WAVES))
    return packed.group_by("quiz_id").agg(longest=rows.max())


def _never_answered(tables: Tables, scored: ibis.Table) -> pd.DataFrame:
    """People who joined and have no scored answer, as cells with every wave missing."""
    if tables.people is None:
        return pd.DataFrame()
    silent = tables.people.anti_join(scored, ["session", "participant"])
    return _joined_cells(tables, silent)


def _only_joined(tables: Tables) -> pd.DataFrame:
    return pd.DataFrame() if tables.people is None else _joined_cells(tables, tables.people)


def _joined_cells(tables: Tables, people: ibis.Table) -> pd.DataFrame:
    cells = fetch(tables.connection, people.group_by(list(KEYS)).agg(n=lambda t: t.count()))
    missing = pd.array([pd.NA] * len(cells), dtype="Int64")
    return cells.assign(pre=missing, post=missing, followup=missing)
