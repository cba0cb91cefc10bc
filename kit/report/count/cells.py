"""What people have in common, by number.

The texts of every person (session, site, quiz, arm, forms) are compared once. From then on an engine joins
and groups whole numbers, and the texts are put back to the counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import ibis
import numpy as np
import pandas as pd

from kit.report.count.engine import asked_once, fetch
from kit.report.count.forms import FormPlan, form_rows
from kit.report.read.rows import ROW_KEYS
from kit.study.wave import WAVES

NO_FORM: Final = -1
_FORMS: Final = tuple(f"form_{wave}" for wave in WAVES)
_ASKED: Final = ("fraud_asked", "genuine_asked", "most")


def form_numbers(plan: FormPlan) -> dict[tuple[str, str], int]:
    """A number for each form of each quiz."""
    return {(quiz_id, form): place for place, (quiz_id, form, *_) in enumerate(form_rows(plan))}


@dataclass(frozen=True)
class Cells:
    """Every combination of texts that somebody has; its number is its place in the table."""

    frame: pd.DataFrame

    @classmethod
    def of(cls, packed: ibis.Table, connection: Any) -> Cells:
        """The combinations among packed people."""
        found = fetch(connection, asked_once(connection, _combinations, packed=packed))
        return cls(found.sort_values(list(found.columns), ignore_index=True))

    def numbered(self, plan: FormPlan) -> pd.DataFrame:
        """The texts, named `of_…`, beside their number, the number of the arm, and what each form asks."""
        texts = self.frame.rename(columns=lambda name: f"of_{name}")
        numbers = {"cell": np.arange(len(self.frame)), "arm": pd.factorize(self.frame["arm"])[0]}
        for wave in WAVES:
            numbers |= self._form(plan, wave)
        return texts.assign(**{name: np.asarray(values, "int32") for name, values in numbers.items()})

    def _form(self, plan: FormPlan, wave: str) -> dict[str, Any]:
        """The number of each cell's form in a wave, its offers and its maximum; nothing where none is."""
        asked = {(row[0], row[1]): row[2:] for row in form_rows(plan)}
        numbers = form_numbers(plan)
        forms = list(zip(self.frame["quiz_id"], self.frame[f"form_{wave}"], strict=True))
        told = {f"form_{wave}": [numbers.get(form, NO_FORM) for form in forms]}
        for place, name in enumerate(_ASKED):
            told[f"{name}_{wave}"] = [asked[form][place] if form in asked else 0 for form in forms]
        return told

    @property
    def arms(self) -> pd.Index[str]:
        """The arms in the order of their numbers."""
        arms: pd.Index[str] = pd.Index(self.frame["arm"].unique(), dtype="str")
        return arms

    def put_texts(self, counts: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
        """A table of counts with the texts of its cells: as categories, for there may be a million rows."""
        cell = counts["cell"].to_numpy(dtype="int64")
        texts = {}
        for name in names:
            codes, distinct = self._coded[name]
            texts[name] = pd.Categorical.from_codes(codes[cell], distinct)
        return counts.drop(columns="cell").assign(**texts)

    @cached_property
    def _coded(self) -> dict[str, tuple[Any, pd.Index[str]]]:
        coded = {name: pd.factorize(self.frame[name], sort=True) for name in ROW_KEYS}
        return {name: (codes, pd.Index(distinct, dtype="str")) for name, (codes, distinct) in coded.items()}


def _combinations(packed: ibis.Table) -> ibis.Table:
    # Who has no answers of a wave has no form there: nothing of that wave is counted.
    forms = {name: packed[name].fill_null("") for name in _FORMS}
    return packed.select(*ROW_KEYS, **forms).distinct()


def same_texts(packed: ibis.Table, cells: ibis.Table) -> list[Any]:
    """Whether a person has the texts of a cell."""
    own = {name: packed[name] for name in ROW_KEYS} | {name: packed[name].fill_null("") for name in _FORMS}
    return [own[name] == cells[f"of_{name}"] for name in own]
