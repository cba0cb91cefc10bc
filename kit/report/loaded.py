"""Sources that were read: narrow them, count them, report on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import ibis

from kit.quiz.model import Quiz
from kit.report.bundles import SessionRecord
from kit.report.counting import Counted, FormPlan, count_responses, count_totals
from kit.report.cube import Cube
from kit.report.faults import Fault
from kit.report.people import Tables
from kit.report.rescoring import Rescoring

if TYPE_CHECKING:
    from kit.report.report import Report

Progress = Callable[[str], None]


def silent(step: str) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Loaded:
    """Sources ready to be counted. `remarks` are for the operator only: they name personal codes."""

    names: tuple[str, ...]
    records: tuple[SessionRecord, ...]
    tables: Tables
    plan: FormPlan
    stored: tuple[Cube, ...] = ()
    remarks: tuple[Fault, ...] = ()
    versions: tuple[str, ...] = ()
    rescoring: Rescoring | None = None
    progress: Progress = field(default=silent, compare=False)

    @cached_property
    def counted(self) -> Counted:
        """The cube and the forms it was counted with."""
        counted = count_responses(self.tables, self.plan, self.progress)
        cube = counted.cube
        if self.tables.totals is not None:
            cube = cube + count_totals(self.tables.totals, self.tables.connection)
        for stored in self.stored:
            cube = cube + stored
        return Counted(cube, counted.plan)

    def cube(self) -> Cube:
        """The counts everything follows from."""
        return self.counted.cube

    @property
    def quizzes(self) -> dict[str, Quiz]:
        """The quizzes of the sessions, by id and as `id@hash`; the id alone is the earliest version."""
        return {
            name: quiz
            for record in reversed(self.records)
            for quiz in record.quizzes
            for name in (quiz.quiz_id, f"{quiz.quiz_id}@{quiz.sha256[:8]}")
        }

    def complaints(self, language: str = "id") -> list[str]:
        """Remarks about the sources in words: near-matches, people without a partner measurement."""
        return [remark.render(language) for remark in self.remarks]

    def where(
        self,
        *,
        site: str | Sequence[str] | None = None,
        audience: str | Sequence[str] | None = None,
        event: str | Sequence[str] | None = None,
        session: str | Sequence[str] | None = None,
        not_site: Sequence[str] = (),
    ) -> Loaded:
        """Keep some sites, audiences, events or sessions."""
        wanted = {"site": site, "audience": audience, "event": event, "session": session}
        kept = {k: [v] if isinstance(v, str) else list(v) for k, v in wanted.items() if v is not None}
        tables = Tables(
            self.tables.connection,
            *(
                _narrow(t, kept, not_site)
                for t in (self.tables.responses, self.tables.people, self.tables.totals)
            ),
        )
        records = tuple(r for r in self.records if _record_kept(r, kept, not_site))
        stored = tuple(_narrow_cube(cube, kept, not_site) for cube in self.stored)
        rescoring = self.rescoring and self.rescoring.where(kept, not_site)
        return replace(self, tables=tables, records=records, stored=stored, rescoring=rescoring)

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


def _narrow(
    table: ibis.Table | None, kept: Mapping[str, list[str]], not_site: Sequence[str]
) -> ibis.Table | None:
    if table is None:
        return None
    for column, values in kept.items():
        table = table.filter(table[column].isin(values))
    return table.filter(~table.site.isin(list(not_site))) if not_site else table


def _record_kept(record: SessionRecord, kept: Mapping[str, list[str]], not_site: Sequence[str]) -> bool:
    own = {"site": record.site, "event": record.event, "session": record.code}
    return record.site not in not_site and all(own[k] in v for k, v in kept.items() if k in own)


def _narrow_cube(cube: Cube, kept: Mapping[str, list[str]], not_site: Sequence[str]) -> Cube:
    """Narrow a stored cube; its item tables know no groups and are dropped unless everything is kept."""
    score = cube.score
    for column, values in kept.items():
        score = score[score[column].isin(values)]
    score = score[~score["site"].isin(list(not_site))]
    return cube if len(score) == len(cube.score) else Cube.of(score=score)
