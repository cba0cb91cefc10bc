"""From responses to people in one GROUP BY.

Each person and wave is packed into whole numbers: answer code 1-15 of item i is digit i in base 16, fifteen
digits to a column. So one pass over the responses keeps everything: scores, hits, and which answer followed
which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import ibis
import numpy as np
import pandas as pd

from kit.report.cube import WAVES
from kit.report.faults import SourceFault

DIGITS: Final = 15
OTHER_WRONG: Final = 14
OTHER_UNSURE: Final = 15


@dataclass(frozen=True)
class Tables:
    """Normalised sources on one Ibis backend; any of the three may be absent.

    responses: one row per participant, wave and item. people: everyone who joined. totals: pre, post and
    followup scores where single answers are not known.
    """

    connection: Any
    responses: ibis.Table | None = None
    people: ibis.Table | None = None
    totals: ibis.Table | None = None


def scored_responses(responses: ibis.Table) -> ibis.Table:
    """Rows that count towards a score: the three waves, without attitude statements."""
    kept = responses.wave.isin(WAVES) & (responses.kind.isnull() | (responses.kind != "likert"))
    return responses.filter(kept)


def answer_kinds(responses: ibis.Table, connection: Any) -> pd.DataFrame:
    """Every distinct combination of quiz, form, item, wave and answer with its count: one scan."""
    names = ["quiz_id", "form", "item", "kind", "signal", "wave", "choice", "correct"]
    found = responses.group_by(names).agg(n=lambda t: t.count())
    return fetch(connection, found).sort_values(names, kind="stable", ignore_index=True)


def check_kinds(kinds: pd.DataFrame) -> None:
    """Refuse waves and marks that nobody knows. Raises SourceFault."""
    waves = sorted(set(kinds["wave"].dropna()) - {*WAVES, "poll"})
    if waves:
        raise SourceFault("wave_words", found=", ".join(waves))
    marks = sorted({int(m) for m in kinds["correct"].dropna()} - {0, 1})
    if marks:
        raise SourceFault("right_values", found=", ".join(map(str, marks)))


def scored_kinds(kinds: pd.DataFrame) -> pd.DataFrame:
    """The combinations that count towards a score, waves added up."""
    kept = kinds[kinds["wave"].isin(WAVES) & (kinds["kind"].fillna("") != "likert")]
    names = ["quiz_id", "form", "item", "signal", "choice", "correct"]
    return kept.groupby(names, dropna=False, sort=True)["n"].sum().reset_index()


def likert_kinds(kinds: pd.DataFrame) -> pd.DataFrame:
    """Answers to attitude statements per wave: shown as bars, never scored."""
    return kinds[kinds["wave"].isin(WAVES) & (kinds["kind"] == "likert")]


def fetch(connection: Any, expression: Any, *, small: bool = False) -> pd.DataFrame:
    """Run an expression; whole numbers stay whole beside nulls. `small`: texts as categories."""
    import pyarrow as pa

    table = connection.to_pyarrow(expression)
    if small:
        for place, column in enumerate(table.columns):
            if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                table = table.set_column(place, table.column_names[place], column.dictionary_encode())
        del column
    frame: pd.DataFrame = table.to_pandas(types_mapper=_whole, split_blocks=True, self_destruct=True)
    return frame


def held_table(frame: pd.DataFrame) -> ibis.Table:
    """A data frame as an Ibis table; by way of Arrow, for Ibis still asks pandas for an option it gave up."""
    import pyarrow as pa

    return ibis.memtable(pa.Table.from_pandas(frame, preserve_index=False))


def _whole(arrow_type: Any) -> Any:
    import pyarrow as pa

    if not pa.types.is_integer(arrow_type):
        return None
    return pd.Int16Dtype() if arrow_type.bit_width == 16 else pd.Int64Dtype()


def answer_codes(kinds: pd.DataFrame) -> pd.DataFrame:
    """Give each item a position and each of its answers a code: right ones first, then the most frequent.

    Answers beyond the thirteenth share code 14 (wrong) or 15 (unsure): they keep their score and lose their
    name.
    """
    counted = kinds.assign(
        choice=kinds["choice"].fillna(""),
        correct=kinds["correct"].fillna(-1).astype("int64"),
        signal=kinds["signal"].fillna("").groupby([kinds["quiz_id"], kinds["item"]]).transform("max"),
    )
    names = ["quiz_id", "item", "choice", "correct", "signal"]
    counted = counted.groupby(names, sort=True)["n"].sum().reset_index()
    right_first = counted.assign(right=(counted["correct"] != 1).astype("int64"), rare=-counted["n"])
    ordered = right_first.sort_values(["quiz_id", "item", "right", "rare", "choice"], kind="stable")
    rank = ordered.groupby(["quiz_id", "item"]).cumcount() + 1
    rest = np.where(ordered["correct"] == 0, OTHER_WRONG, OTHER_UNSURE)
    ordered["code"] = np.where(rank < OTHER_WRONG, rank, rest).astype("int64")
    items = ordered[["quiz_id", "item"]].drop_duplicates().sort_values(["quiz_id", "item"])
    items["place"] = items.groupby("quiz_id").cumcount().astype("int64")
    coded = ordered.merge(items, on=["quiz_id", "item"])
    coded["block"], coded["shift"] = coded["place"] // DIGITS, 4 * (coded["place"] % DIGITS)
    coded["digit"] = coded["code"].to_numpy() << coded["shift"].to_numpy()
    hit = (coded["correct"] == 1) & (coded["signal"] == "fraud")
    false = (coded["correct"] == 0) & (coded["signal"] == "genuine")
    coded["mark"] = 1 + ((coded["correct"] == 1) * 2**MARK) + hit * 4**MARK + false * 8**MARK
    return coded[[*names, "code", "place", "block", "shift", "digit", "mark"]]


MARK: Final = 10
"""Bits per counter of a wave: answers, right, hits, false alarms in one sum, each up to 1,023."""


def people_packed(responses: ibis.Table, codes: pd.DataFrame, backend: str) -> ibis.Table:
    """The one GROUP BY: a row per participant with counters, form and packed answers of each wave."""
    # All rows of a person agree, so any will do; not every backend has a word for that.
    any_of = "arbitrary" if backend == "duckdb" else "max"
    names = {name: f"code_{name}" for name in ("quiz_id", "item", "choice", "correct")}
    coded = held_table(
        codes[[*names, "signal", "block", "digit", "mark"]].rename(columns=names | {"signal": "code_signal"})
    )
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
            columns[f"digits_{wave}_{block}"] = joined.digit.bit_or(where=here & (joined.block == block))
    for name in ("event", "site", "audience", "held_on", "quiz_id", "arm"):
        columns[name] = getattr(joined[name], any_of)()
    return joined.group_by(["session", "participant"]).agg(**columns)
