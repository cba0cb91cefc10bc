"""From responses to people in one GROUP BY.

Each person and wave is packed into whole numbers: answer code 1-15 of item i is digit i in base 16, fifteen
digits to a column. So one pass over the responses keeps everything: scores, hits, and which answer followed
which.
"""

from __future__ import annotations

from typing import Any

import ibis
import pandas as pd

from kit.report.count.answers import (
    ANSWERS,
    FRAUD_REFUSED,
    FRAUD_SAFE,
    GENUINE_REFUSED,
    GENUINE_SAFE,
    MARK,
    RIGHT,
    scored_responses,
)
from kit.report.count.cells import Cells, same_texts
from kit.report.count.engine import asked_once
from kit.report.count.forms import FormPlan
from kit.report.read.held import DUCKDB, held_table, named_table
from kit.report.read.keys import RecordKeys
from kit.report.read.rows import ROW_KEYS
from kit.study.wave import COUNTS_FROM_PERCENT, WAVES


def _all_bits(digit: int) -> int:  # type: ignore[empty-body]
    """The bits of all rows; Ibis knows this aggregate on some engines only, all of them have it."""


_bit_or: Any = ibis.udf.agg.builtin(_all_bits, name="bit_or")


def people_packed(
    responses: ibis.Table, codes: pd.DataFrame, keys: RecordKeys, connection: Any
) -> ibis.Table:
    """The one GROUP BY: a row per participant with key, counters, form and packed answers of each wave."""
    # All rows of a person agree, so any will do; not every engine has a word for that.
    any_of = "arbitrary" if connection.name == DUCKDB else "max"
    names = {name: f"code_{name}" for name in ("quiz_id", "item", "choice", "correct")}
    coded = codes[[*names, "signal", "block", "digit", "mark"]]
    coded = held_table(coded.rename(columns=names | {"signal": "code_signal"}), connection)
    rows = scored_responses(responses)
    joined = rows.join(
        coded,
        [
            rows.quiz_id == coded.code_quiz_id,
            rows.item == coded.code_item,
            rows.choice.fill_null("") == coded.code_choice,
            rows.correct.fill_null(-1) == coded.code_correct,
        ],
    )
    columns: dict[str, Any] = {}
    for wave in WAVES:
        here = joined.wave == wave
        columns[f"form_{wave}"] = getattr(joined.form, any_of)(where=here)
        columns[f"marks_{wave}"] = joined.mark.sum(where=here).fill_null(0).cast("int64")
        for block in range(int(codes["block"].max()) + 1):
            columns[f"digits_{wave}_{block}"] = _bit_or(
                (here & (joined.block == block)).ifelse(joined.digit, None)
            )
    for name in ("event", "site_id", "audience", "held_on", "quiz_id", "arm"):
        columns[name] = getattr(joined[name], any_of)()
    packed = joined.group_by(["session", "participant"]).agg(**columns)
    return packed.mutate(key=keys.of(packed))


def counter(marks: Any, place: int) -> Any:
    """One counter of a packed mark."""
    return (marks >> (MARK * place)) & (2**MARK - 1)


def people_scored(packed: ibis.Table, cells: Cells, plan: FormPlan, connection: Any) -> ibis.Table:
    """People in whole numbers: their cell, which attempts count (at least 80 % answered), and scores."""
    held = named_table(cells.numbered(plan), connection)
    return asked_once(connection, _scored, packed=packed, cells=held)


def _scored(packed: ibis.Table, cells: ibis.Table) -> ibis.Table:
    texts = {*ROW_KEYS, "participant", *(f"form_{wave}" for wave in WAVES)}
    own = [packed[name] for name in packed.columns if name not in texts]
    numbers = [cells[name] for name in cells.columns if not name.startswith("of_")]
    people = packed.join(cells, same_texts(packed, cells)).select(*own, *numbers)
    for wave in WAVES:
        marks = people[f"marks_{wave}"]
        answered, asked = counter(marks, ANSWERS), people[f"most_{wave}"].cast("int64")
        # The rule of `kit.study.wave.counts`, in columns.
        counts = (answered > 0) & (answered * 100 >= asked * COUNTS_FROM_PERCENT)
        people = people.mutate(
            **{
                f"rows_{wave}": answered,
                wave: counts.ifelse(counter(marks, RIGHT), None).cast("int16"),
            }
        ).mutate(**_offers(people, wave))
    return people.drop(*(f"marks_{wave}" for wave in WAVES))


def _offers(people: ibis.Table, wave: str) -> dict[str, Any]:
    """Offers refused and left undecided in a wave; one without an answer was not decided either."""
    marks, columns = people[f"marks_{wave}"], {}
    for signal, refused, safe in (
        ("fraud", FRAUD_REFUSED, FRAUD_SAFE),
        ("genuine", GENUINE_REFUSED, GENUINE_SAFE),
    ):
        asked = people[f"{signal}_asked_{wave}"].cast("int64")
        said_no = counter(marks, refused)
        columns[f"{signal}_asked_{wave}"] = asked.cast("int16")
        columns[f"{signal}_refused_{wave}"] = said_no.cast("int16")
        columns[f"{signal}_unsure_{wave}"] = (asked - said_no - counter(marks, safe)).cast("int16")
    return columns
