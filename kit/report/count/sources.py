"""All sources of a report as one: narrow them, count them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import Any, Self

import ibis

from kit.bundle import layout
from kit.bundle.faults import Remark, SourceFault
from kit.bundle.read import SessionRecord
from kit.quiz.model import Quiz
from kit.report.count.correction import Correction, corrected, refuse_without_choices
from kit.report.count.counting import Counted, count_responses, count_totals
from kit.report.count.cube import Cube
from kit.report.count.engine import Progress, silent
from kit.report.count.forms import Declared, FormPlan, declared_forms, with_full_marks
from kit.report.count.places import Places
from kit.report.count.rescoring import Rescoring, rescore
from kit.report.read.keys import RecordKeys
from kit.report.read.rows import Contents, Rows, listed_sites, union


@dataclass(frozen=True)
class Sources:
    """Sources ready to be counted. `remarks` are for the operator only: they name personal codes.

    `stored` are cubes of sessions whose rows were deleted; `places` says which sites there are.
    """

    names: tuple[str, ...]
    records: tuple[SessionRecord, ...]
    rows: Rows
    plan: FormPlan
    places: Places = field(default_factory=Places)
    stored: tuple[Cube, ...] = ()
    remarks: tuple[Remark, ...] = ()
    versions: tuple[str, ...] = ()
    rescoring: Rescoring | None = None
    progress: Progress = field(default=silent, compare=False)

    @cached_property
    def counted(self) -> Counted:
        """The cube and the forms it was counted with."""
        totals = () if self.rows.totals is None else (count_totals(self.rows, self.places),)
        others = (*totals, *self.stored)
        counted = count_responses(self.rows, self.plan, self.places, self.progress, others)
        return counted.pooled(others, self.places) if others else counted

    def of_session(self, code: str) -> Counted:
        """The counts of one session alone, its answers only as right or not where that spares a count."""
        known = self.counted.by_session
        alone = self.where(session=code)
        stored = [cube for cube in alone.stored if not cube.score.empty]
        if known is None or (stored and (code in known.sessions or self.rows.totals is not None)):
            return alone.counted
        if stored:
            return Counted(Cube.pooled(stored, self.places), self.plan)
        cube = known.cube(code, self.counted.cube, self.places)
        return alone.counted if cube is None else Counted(cube, self.counted.plan)

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
    ) -> Self:
        """Keep some sites, audiences, events or sessions.

        A site is meant by its label, its id, or its name; a name that several sites share means all of them.
        Labels stay as they are, also where only one of those sites is left.
        """
        wanted = {"audience": audience, "event": event, "session": session}
        kept = {name: _listed(value) for name, value in wanted.items() if value is not None}
        if site is not None:
            kept["site_id"] = self.places.ids(_listed(site))
        left_out = self.places.ids(not_site)
        rows = self.rows
        return replace(
            self,
            rows=replace(
                rows,
                responses=_narrow(rows.responses, kept, left_out),
                people=_narrow(rows.people, kept, left_out),
                totals=_narrow(rows.totals, kept, left_out),
            ),
            records=tuple(record for record in self.records if _is_kept(record, kept, left_out)),
            stored=tuple(_narrow_cube(cube, kept, left_out) for cube in self.stored),
            rescoring=self.rescoring and self.rescoring.where(kept, left_out),
        )


def _listed(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _narrow(
    table: ibis.Table | None, kept: Mapping[str, list[str]], left_out: Sequence[str]
) -> ibis.Table | None:
    if table is None:
        return None
    for column, values in kept.items():
        table = table.filter(table[column].isin(values))
    return table.filter(~table.site_id.isin(list(left_out))) if left_out else table


def _is_kept(record: SessionRecord, kept: Mapping[str, list[str]], left_out: Sequence[str]) -> bool:
    site_id = record.place.site_id
    own = {"site_id": site_id, "event": record.event, "session": record.code}
    return site_id not in left_out and all(own[name] in kept[name] for name in kept if name in own)


def _narrow_cube(cube: Cube, kept: Mapping[str, list[str]], left_out: Sequence[str]) -> Cube:
    """Narrow a stored cube; its item tables know no groups and are dropped unless everything is kept."""
    score = cube.score
    for column, values in kept.items():
        score = score[score[column].isin(values)]
    score = score[~score["site_id"].isin(list(left_out))]
    return cube if len(score) == len(cube.score) else Cube.of(score=score)


def bring_together(
    readings: Sequence[Contents],
    connection: Any,
    max_score: int | None = None,
    corrections: tuple[Correction, ...] = (),
    secret: str = "",
) -> Sources:
    """What was read of all sources as one, scored anew where corrections say so. Raises SourceFault.

    `secret` of the office goes into the record keys of people whose ids can be guessed.
    """
    read = reduce(Contents.__add__, readings, Contents())
    if read.is_empty:
        raise SourceFault("only_rehearsals")
    places = _places(read, connection)
    records = _records(read, places)
    responses, rescoring = _rescored(read, records, connection, corrections)
    declared = declared_forms(records, lambda quiz: corrected(quiz, corrections))
    people = union(read.people)
    corrected_by = (f"{one.file} {one.quiz.sha256[:12]}" for one in corrections)
    return Sources(
        names=(*sorted(read.names), *corrected_by),
        records=records,
        rows=Rows(
            connection,
            _renamed(responses, declared),
            _renamed(people, declared),
            union(read.totals),
            RecordKeys(secret, frozenset(record.code for record in records)),
        ),
        plan=with_full_marks(declared.plan, max_score or read.most, totals=bool(read.totals)),
        places=places,
        stored=tuple(Cube.read(folder / layout.CUBE, record.place) for folder, record in read.stripped),
        remarks=read.remarks,
        versions=declared.versions,
        rescoring=rescoring,
    )


def _places(read: Contents, connection: Any) -> Places:
    """The sites of everything read.

    A table that knows only names cannot clash with itself; to look through it costs a scan.
    """
    sites = list(read.sites)
    if sites or len(read.unlisted) > 1:
        for table in read.unlisted:
            sites += listed_sites(table, connection)
    return Places.of(sites)


def _records(read: Contents, places: Places) -> tuple[SessionRecord, ...]:
    """The sessions in order of their dates, their sites by label."""
    by_code = {record.code: record for record in read.records}
    ordered = sorted(by_code.values(), key=lambda record: (record.held_on, record.code))
    return tuple(replace(record, site=places.label(record.place.site_id)) for record in ordered)


def _rescored(
    read: Contents,
    records: Sequence[SessionRecord],
    connection: Any,
    corrections: Sequence[Correction],
) -> tuple[ibis.Table | None, Rescoring | None]:
    responses = union(read.responses)
    if not corrections:
        return responses, None
    refuse_without_choices(corrections, read.summed, read.stripped)
    if responses is None:
        raise SourceFault("rescore_no_choices")
    return rescore(responses, connection, records, corrections)


def _renamed(table: ibis.Table | None, declared: Declared) -> ibis.Table | None:
    """Give versions of a quiz that are counted apart their own name."""
    if table is None or not declared.renamed:
        return table
    branches = [
        ((table.session == session) & (table.quiz_id == quiz_id), name)
        for (session, quiz_id), name in declared.renamed.items()
    ]
    return table.mutate(quiz_id=ibis.cases(*branches, else_=table.quiz_id))
