"""Load sources and report on them: the way in for notebooks and analysts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.bundle.faults import Remark, SourceFault, remark
from kit.bundle.layout import file_sum
from kit.config import settings
from kit.report.count.correction import read_corrections
from kit.report.count.engine import Progress, connect, silent
from kit.report.count.sources import Sources, bring_together
from kit.report.publish.secret import office_secret
from kit.report.read.rows import Contents
from kit.report.read.several import session_names
from kit.report.read.sources import is_lock, is_sheet, read_source
from kit.report.read.tables import full_marks, read_tables

if TYPE_CHECKING:
    from kit.report.report import Report


@dataclass(frozen=True)
class Loaded(Sources):
    """Sources that were read: narrow them with `where`, count them with `cube`, report on them."""

    def report(
        self,
        *,
        by: Sequence[str] | None = None,
        target: float | None = None,
        audience: str = "internal",
        compare: Sequence[str] = (),
        language: str = "id",
        generated_at: datetime | None = None,
    ) -> Report:
        """Count and judge: the report. `target` is in points out of 100. Raises SourceFault."""
        from kit.report.assemble import Request, make_report

        request = Request(
            by=None if by is None else tuple(by),
            target=target,
            audience=audience,
            compare=tuple(compare),
            language=language,
            generated_at=generated_at,
        )
        return make_report(self, request)


def _spread(sources: Iterable[Any]) -> list[Any]:
    """Sources one by one: a pattern (`*.csv`) stands for the files and folders that it fits."""
    found: list[Any] = []
    for source in sources:
        text = str(source)
        fits = sorted(glob(text)) if "://" not in text and not Path(text).exists() else []
        found += fits or [source]
    return found


def _without_copies(sources: Iterable[Any]) -> tuple[list[Any], tuple[Remark, ...]]:
    """Sources without files of the same content (a browser's `nilai (1).csv`), which are remarked."""
    seen: dict[str, str] = {}
    own, copies = [], []
    for source in sources:
        path = Path(str(source))
        content = file_sum(path) if path.is_file() else str(source)
        if path.is_file() and content in seen:
            copies.append(remark("same_content", file=path.name, first=seen[content]))
        else:
            seen[content] = path.name
            own.append(source)
    return own, tuple(copies)


def _found(source: Any) -> Any:
    """A source as named, or in the workspace: a notebook in any folder finds `results` and what is in it."""
    path = Path(str(source))
    if "://" in str(source) or path.is_absolute() or path.exists():
        return source
    results = settings().results
    elsewhere = results if path.parts == ("results",) else results.parent / path
    return elsewhere if elsewhere.exists() else source


def _refuse_sample_among_people(readings: Sequence[Contents]) -> None:
    """Invented people are counted with nobody but themselves. Raises SourceFault."""
    samples = [record for reading in readings for record in reading.records if record.sample]
    everything = sum(len(reading.names) for reading in readings)
    if samples and everything > len(samples):
        raise SourceFault("sample_mixed", code=samples[0].code)


def load(
    *sources: Any,
    max_score: int | None = None,
    rescore: Iterable[Path | str] = (),
    progress: Progress = silent,
    connection: Any = None,
) -> Loaded:
    """Read sources: bundle folders, folders of bundles, tables (CSV, Excel, Parquet), store URLs.

    `max_score` is K, needed for tables with one total per wave. `rescore` names corrected quiz files: their
    sessions are scored anew from the stored choices. `connection` is an Ibis connection to another engine
    than DuckDB. Raises SourceFault with place and remedy.
    """
    flat = [s for one in sources for s in (one if isinstance(one, (list, tuple)) else (one,))]
    if not flat:
        raise SourceFault("no_source")
    if max_score is not None:
        full_marks(max_score)
    engine = connect() if connection is None else connection
    corrections = read_corrections(rescore)
    progress("reading")
    own, copies = _without_copies(_spread(_found(source) for source in flat))
    readings = [Contents(remarks=copies)]
    if own and all(is_lock(source) for source in own):
        raise SourceFault("lock_only", file=Path(str(own[0])).name)
    sheets = [Path(str(source)) for source in own if is_sheet(source)]
    if sheets:
        readings.append(read_tables(sheets, engine, max_score))
    others = [source for source in own if not is_sheet(source)]
    sessions = session_names([Path(str(source)) for source in others])
    for source in others:
        progress("reading")
        known = {record.code for reading in readings for record in reading.records}
        session = sessions[Path(str(source))]
        readings.append(read_source(source, engine, max_score, known, session))
    _refuse_sample_among_people(readings)
    if max_score is not None and not any(reading.totals for reading in readings):
        readings.append(Contents(remarks=(remark("max_score_unused", value=max_score),)))
    together = bring_together(readings, engine, max_score, corrections, office_secret())
    parts = {one.name: getattr(together, one.name) for one in fields(Sources)}
    return Loaded(**{**parts, "progress": progress})
