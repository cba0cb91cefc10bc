"""A hostile statistician with every public report and the kit's own code: what is learnt of a few people?

Each function is one attack that once worked. It takes what was published (`report.json` as plain values, or
the workbook) and what an attacker may know besides, and returns what it claims to know. The tests beside
`publish` run each twice: against the kit, and against the kit with one rule switched off, where it must leak.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pypdfium2

import kit.report
from kit.bundle.faults import SourceFault

Plain = Mapping[str, Any]


def crowd(n: int, seed: int = 1, **labels: str) -> pd.DataFrame:
    """People with totals out of ten before and after."""
    rng = np.random.default_rng(seed)
    pre = rng.integers(0, 7, n)
    rows = {"participant": [f"{seed}-{i}" for i in range(n)], "pre": pre, "post": pre + rng.integers(0, 4, n)}
    return pd.DataFrame({**rows, "session": "S1", "site": "Desa Mawar", "audience": "resident", **labels})


def draft(folder: Path, *tables: pd.DataFrame, name: str = "people", **options: Any) -> kit.report.Report:
    """A report for the public on some tables, not yet published."""
    path = folder / f"{name}.csv"
    pd.concat(tables).to_csv(path, index=False)
    return kit.report.load(path, max_score=10).report(**{"audience": "public", **options})


def absent_person(report: Plain) -> float | None:
    """The first score of the one who did not come back: everybody's sum less that of those who came."""
    flow, score, later = report["flow"], report["score"], report["followup"]
    if None in (flow["n_pairs"], later["n"], later["mean_pre"]):
        return None
    return float(flow["n_pairs"] * score["mean_pre"] - later["n"] * later["mean_pre"])


def table_behind_mark(mark: str, candidates: Iterable[tuple[str, Callable[[], str]]]) -> str | None:
    """Which of some tables a public report was made of: the one whose data have its mark."""
    return next((name for name, fingerprint in candidates if fingerprint() == mark), None)


def sums_of_moments(report: Plain) -> tuple[int, int] | None:
    """Sum and sum of squares of the first scores, whole numbers both."""
    n, score = report["flow"]["n_pairs"], report["score"]
    if None in (n, score["mean_pre"], score["sd_pre"]):
        return None
    total = n * score["mean_pre"]
    return round(total), round(score["sd_pre"] ** 2 * (n - 1) + total**2 / n)


def bracket(publish: Callable[[float], Plain]) -> float:
    """How close verdicts on one target after the other come to the lower end of the range, in points."""
    low, high = -100.0, 100.0
    for _ in range(12):
        middle = round((low + high) / 2, 1)
        try:
            verdict = publish(middle)["target"]["verdict_code"]
        except SourceFault:
            break
        low, high = (middle, high) if verdict == "reached" else (low, middle)
    return high - low


def few_wrong(report: Plain) -> dict[str, int]:
    """How many were wrong after, for items that nearly everybody had right."""
    found = {}
    for row in report["items"]:
        if row["n_post"] and row["p_post"] is not None:
            wrong = round(row["n_post"] * (1 - row["p_post"]))
            if 0 < wrong < 10:
                found[row["item"]] = wrong
    return found


def hidden_site(report: Plain) -> int:
    """People of the one site that is not named: the whole less the others."""
    shown = [g["flow"]["n_pairs"] for g in report["groups"] if g["by"] == "site" and not g["suppressed"]]
    return int(report["flow"]["n_pairs"] - sum(shown))


def averaged(reports: Iterable[Plain]) -> float:
    """The mean of what many releases on the same people say of their number."""
    return float(np.mean([report["flow"]["n_pairs"] for report in reports]))


def last_of_many(report: Plain, n: int, known: Iterable[int]) -> float:
    """The first score of one person from those of all the others, who have put theirs together."""
    return float(report["score"]["mean_pre"] * n - sum(known))


def numbers_in(workbook: bytes) -> list[float]:
    """Every number of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row]
    return [float(cell) for cell in cells if isinstance(cell, (int, float)) and not isinstance(cell, bool)]


def words_of(page: str) -> str:
    """What an HTML report says, without its styles, marks and the method that it carries along."""
    body = re.sub(r"<style.*?</style>|<section id=\"method\".*?</section>", " ", page, flags=re.S)
    return re.sub(r"<[^>]+>", " ", body)


def words_of_pdf(content: bytes) -> str:
    """What a PDF says, page after page."""
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))


def printed_beside(words: str, secrets: Mapping[str, str]) -> set[str]:
    """Which figures stand in a text as a report inside would print them."""
    return {
        name
        for name, shown in secrets.items()
        if re.search(rf"(?<![\d.,]){re.escape(shown)}(?![\d.,]*\d)", words)
    }


def told_beside(numbers: Iterable[float], secrets: Mapping[str, float]) -> set[str]:
    """Which exact figures one format tells although another keeps them."""
    told = np.array(list(numbers))
    return {name for name, value in secrets.items() if bool((abs(told - value) < 1e-9).any())}
