"""Bring every kind of source to the same tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Final

import ibis

from kit.quiz.model import Quiz
from kit.report.bundles import SessionRecord, bundle_folders, read_session
from kit.report.counting import FormItem, FormPlan
from kit.report.cube import KEYS, SCORE, WAVES, Cube
from kit.report.faults import Fault, SourceFault, fault
from kit.report.loaded import Loaded, Progress, silent
from kit.report.people import Tables, held_table
from kit.report.rescoring import (
    Correction,
    Rescoring,
    corrected,
    read_corrections,
    refuse_without_choices,
    rescore,
)
from kit.report.tables import LONG, WIDE, check_long, check_wide, read_sheet

_TEXTS: Final = (
    "session", "event", "site", "audience", "participant", "arm", "quiz_id", "wave", "form", "item", "kind",
    "signal", "choice", "held_on",
)  # fmt: skip
RESPONSE: Final[dict[str, str]] = {**dict.fromkeys(_TEXTS, "string"), "correct": "int64"}
PEOPLE: Final = dict.fromkeys(("participant", *KEYS), "string")
TOTALS: Final = {name: "int64" if name in WAVES else "string" for name in ("participant", *SCORE)}
NULLABLE: Final = ("kind", "signal", "choice", "correct", *WAVES)


def load(
    *sources: Any,
    max_score: int | None = None,
    rescore: Iterable[Path | str] = (),
    progress: Progress = silent,
    connection: Any = None,
) -> Loaded:
    """Read sources: bundle folders, folders of bundles, tables (CSV, Excel, Parquet), store URLs.

    `max_score` is K, needed for tables with one total per wave. `rescore` names corrected quiz files: their
    sessions are scored anew from the stored choices. Raises SourceFault with place and remedy.
    """
    flat = [s for one in sources for s in (one if isinstance(one, (list, tuple)) else (one,))]
    if not flat:
        raise SourceFault("no_source")
    reader = _Reader(connection or _connect(), max_score, read_corrections(rescore))
    for source in flat:
        progress("reading")
        reader.add(source)
    return reader.loaded(progress)


def _connect() -> Any:
    connection = ibis.duckdb.connect()
    # Counting is a stream: order does not matter, and what does not fit spills to disk.
    connection.raw_sql("SET preserve_insertion_order = false")
    connection.raw_sql("SET memory_limit = '500MB'")
    spill = str(Path(gettempdir()) / "kit-report-spill").replace("'", "''")
    connection.raw_sql(f"SET temp_directory = '{spill}'")
    connection.raw_sql("SET enable_progress_bar = false")
    return connection


class _Reader:
    """Collects sources one by one."""

    def __init__(
        self, connection: Any, max_score: int | None, corrections: tuple[Correction, ...] = ()
    ) -> None:
        self.connection = connection
        self.max_score = max_score
        self.corrections = corrections
        self.purged: list[tuple[str, SessionRecord]] = []
        self.summed: list[str] = []
        self.names: list[str] = []
        self.records: dict[str, SessionRecord] = {}
        self.responses: list[ibis.Table] = []
        self.people: list[ibis.Table] = []
        self.totals: list[ibis.Table] = []
        self.stored: list[Cube] = []
        self.remarks: list[Fault] = []
        self.declared: dict[str, int] = {}

    def add(self, source: Any) -> None:
        """Read one source by what it looks like."""
        text = str(source)
        if "://" in text:
            return self._add_store(text)
        path = Path(text)
        if path.is_dir():
            return self._add_bundles(path)
        if not path.is_file():
            raise SourceFault("not_found", source=text)
        suffix = path.suffix.lower()
        if suffix == ".parquet":
            return self._add_parquet(path)
        if suffix in (".csv", ".tsv", ".txt", ".xlsx", ".xlsm"):
            return self._add_sheet(path)
        raise SourceFault("unknown_format", source=path.name)

    def _add_bundles(self, folder: Path) -> None:
        bundles = bundle_folders(folder)
        if not bundles:
            raise SourceFault("no_bundles", folder=folder)
        chosen = len(bundles) == 1 and bundles[0] == folder
        for bundle in bundles:
            record = read_session(bundle)
            if record.rehearsal and not chosen:
                self.remarks.append(fault("rehearsal_left_out", folder=bundle.name))
            elif record.code in self.records:
                self.remarks.append(fault("session_twice", code=record.code, folder=bundle.name))
            else:
                self._add_bundle(bundle, record)

    def _add_bundle(self, folder: Path, record: SessionRecord) -> None:
        responses, people = folder / "responses.parquet", folder / "participants.parquet"
        if responses.is_file():
            rows = self._parquet(responses, RESPONSE, {})
            # An unanswered item may be listed with no choice; it is no answer.
            self.responses.append(rows.filter(rows.choice.notnull()))
            if people.is_file():
                self.people.append(self._parquet(people, PEOPLE, {"held_on": record.held_on}))
        elif (folder / "cube.parquet").is_file():
            self.stored.append(Cube.read(folder / "cube.parquet"))
            self.purged.append((folder.name, record))
        else:
            raise SourceFault("bundle_empty", folder=folder)
        self.records[record.code] = record
        # Not the folder: while a bundle is written it has a name of its own.
        self.names.append(f"{record.held_on} {record.site} {record.code}")

    def _parquet(self, path: Path, columns: Mapping[str, str], fixed: Mapping[str, str]) -> ibis.Table:
        try:
            table = self._open_parquet(path)
        except Exception as broken:  # DuckDB and Ibis raise many kinds for a file that is not Parquet
            raise SourceFault("not_parquet", file=path.name) from broken
        return _shape(table, columns, fixed)

    def _open_parquet(self, path: Path) -> ibis.Table:
        if self.connection.name == "duckdb":
            return self.connection.read_parquet(str(path))
        # Other backends take rows, not files.
        import pyarrow.parquet as pq

        return ibis.memtable(pq.read_table(path))

    def _add_parquet(self, path: Path) -> None:
        try:
            columns = set(self._open_parquet(path).columns)
        except Exception as broken:  # as above
            raise SourceFault("not_parquet", file=path.name) from broken
        fixed = {"session": path.stem, "quiz_id": "quiz"}
        if set(LONG) <= columns:
            self.responses.append(self._parquet(path, RESPONSE, fixed))
        elif set(WIDE) <= columns:
            totals = self._parquet(path, TOTALS, fixed)
            self._check_range(totals, path.name)
            self._add_totals(totals, path.name)
        else:
            found, long, wide = (", ".join(names) for names in (sorted(columns), LONG, WIDE))
            raise SourceFault("columns", file=path.name, found=found, long=long, wide=wide)
        self.names.append(path.name)

    def _check_range(self, totals: ibis.Table, name: str) -> None:
        most = self._most(name)
        outside = [(totals[w] < 0) | (totals[w] > most) for w in WAVES]
        bad = totals.filter(outside[0] | outside[1] | outside[2]).count()
        if int(self.connection.to_pyarrow(bad).as_py()):
            raise SourceFault("totals_range", file=name, most=most)

    def _add_sheet(self, path: Path) -> None:
        sheet = read_sheet(path)
        if sheet.shape == "long":
            checked = check_long(sheet)
            self.responses.append(_shape(held_table(checked.frame), RESPONSE))
        else:
            checked = check_wide(sheet, self._most(path.name))
            self._add_totals(_shape(held_table(checked.frame), TOTALS), path.name)
        self.remarks += checked.remarks
        self.names.append(path.name)

    def _most(self, name: str) -> int:
        if self.max_score is None:
            raise SourceFault("max_score_needed", file=name)
        if self.max_score < 1:
            raise SourceFault("max_score_bad", value=self.max_score)
        return self.max_score

    def _add_totals(self, totals: ibis.Table, name: str) -> None:
        self.declared["quiz"] = self._most(name)
        self.totals.append(totals)
        self.summed.append(name)

    def _add_store(self, url: str) -> None:
        # SQLAlchemy takes a while to load and most reports have no store.
        from kit.report.store import read_store

        rows = read_store(url)
        self.remarks += rows.remarks
        if not rows.responses.empty:
            self.responses.append(
                _shape(held_table(rows.responses[list(RESPONSE)].astype(_pandas(RESPONSE))), RESPONSE)
            )
        if not rows.people.empty:
            self.people.append(_shape(held_table(rows.people[list(PEOPLE)]), PEOPLE))
        self.records |= {record.code: record for record in rows.records}
        self.names.append("store")

    def loaded(self, progress: Progress) -> Loaded:
        """Everything read so far as one."""
        if not (self.responses or self.people or self.totals or self.stored):
            raise SourceFault("only_rehearsals")
        responses, rescoring = self._rescored(_union(self.responses))
        plan, versions, renamed = _plan(
            self.records.values(), self.max_score, self.declared, lambda q: corrected(q, self.corrections)
        )
        tables = Tables(
            self.connection,
            _renamed(responses, renamed),
            _renamed(_union(self.people), renamed),
            _union(self.totals),
        )
        return Loaded(
            names=(*sorted(self.names), *(f"{c.file} {c.quiz.sha256[:12]}" for c in self.corrections)),
            records=tuple(sorted(self.records.values(), key=lambda r: (r.held_on, r.code))),
            tables=tables,
            plan=plan,
            stored=tuple(self.stored),
            remarks=tuple(self.remarks),
            versions=versions,
            rescoring=rescoring,
            progress=progress,
        )

    def _rescored(self, responses: ibis.Table | None) -> tuple[ibis.Table | None, Rescoring | None]:
        if not self.corrections:
            return responses, None
        refuse_without_choices(self.corrections, self.summed, self.purged)
        if responses is None:
            raise SourceFault("rescore_no_choices")
        return rescore(responses, self.connection, tuple(self.records.values()), self.corrections)


def _pandas(columns: Mapping[str, str]) -> dict[str, str]:
    return {name: "Int64" if kind == "int64" else "str" for name, kind in columns.items()}


def _shape(table: ibis.Table, columns: Mapping[str, str], fixed: Mapping[str, str] = {}) -> ibis.Table:
    """Give a table exactly these columns and types; absent ones are blank, or null where that says more."""
    shaped = {}
    for name, kind in columns.items():
        value = table[name].cast(kind) if name in table.columns else ibis.null(kind)
        if name not in NULLABLE:
            value = value.fill_null(fixed.get(name, "") if kind == "string" else 0)
            if name in fixed and kind == "string":
                value = (value == "").ifelse(fixed[name], value)
        shaped[name] = value
    return table.select(**shaped)


def _union(parts: list[ibis.Table]) -> ibis.Table | None:
    return None if not parts else parts[0] if len(parts) == 1 else ibis.union(*parts)


def _structure(quiz: Quiz) -> tuple[object, ...]:
    """What makes two versions of a quiz comparable: its forms, and the key and signal of every item."""
    items = {i.item_id: (i.kind, i.signal, tuple(sorted(i.key)), i.twin) for i in quiz.items}
    return tuple((form, tuple((i, items[i]) for i in ids)) for form, ids in sorted(quiz.forms.items()))


def _plan(
    records: Iterable[SessionRecord],
    max_score: int | None,
    declared: Mapping[str, int],
    scored_by: Callable[[Quiz], Quiz],
) -> tuple[FormPlan, tuple[str, ...], dict[tuple[str, str], str]]:
    """Forms of all quizzes. A version with other items or another key becomes a quiz of its own."""
    first: dict[str, tuple[object, ...]] = {}
    hashes: dict[str, set[str]] = {}
    renamed: dict[tuple[str, str], str] = {}
    items: dict[tuple[str, str, str], FormItem] = {}
    for record in sorted(records, key=lambda r: (r.held_on, r.code)):
        for quiz in record.quizzes:
            hashes.setdefault(quiz.quiz_id, set()).add(quiz.sha256[:8])
            name, scored = quiz.quiz_id, scored_by(quiz)
            if first.setdefault(name, _structure(scored)) != _structure(scored):
                name = f"{quiz.quiz_id}@{quiz.sha256[:8]}"
                renamed[record.code, quiz.quiz_id] = name
            for form in scored.forms:
                for item in scored.form_items(form):
                    place = FormItem(name, form, item.item_id, item.signal, item.twin)
                    items.setdefault((name, form, item.item_id), place)
    most = dict.fromkeys({i.quiz_id for i in items.values()} or {"quiz"}, max_score) if max_score else {}
    versions = tuple(
        f"{q} {h}" for q, found in sorted(hashes.items()) if len(found) > 1 for h in sorted(found)
    )
    return FormPlan(tuple(items.values()), {**most, **declared}), versions, renamed


def _renamed(table: ibis.Table | None, names: Mapping[tuple[str, str], str]) -> ibis.Table | None:
    if table is None or not names:
        return table
    branches = [((table.session == s) & (table.quiz_id == q), new) for (s, q), new in names.items()]
    return table.mutate(quiz_id=ibis.cases(*branches, else_=table.quiz_id))
