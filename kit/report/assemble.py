"""From sources to a report: every section measured, what is withheld, and a note for all that is missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol

import numpy as np
import pandas as pd

from kit import __version__
from kit.bundle.faults import SourceFault
from kit.bundle.layout import KEY, PARTS
from kit.bundle.read import SessionRecord
from kit.quiz.model import Quiz
from kit.report.count.counting import Counted
from kit.report.count.cube import Cube
from kit.report.count.rescoring import Rescoring
from kit.report.publish.disclosure import withhold
from kit.report.publish.register import UNMARKED, Release, describe_release
from kit.report.report import Report
from kit.report.sections import SECTIONS
from kit.report.sections.base import Evidence, Figures, Note, Options, SessionLine, Tells
from kit.report.sections.cells import Cells, score_cells
from kit.report.sections.comparison import Comparison
from kit.report.sections.limits import UNKNOWN_ONCE_MERGED, Rescored
from kit.report.stats.withholding import SMALLEST
from kit.text import entries, plain_parts

BY: Final = ("site", "audience", "session", "event")
PUBLIC_BY: Final = ("site", "audience")
"""The one shape of a report for the public: the whole, by site, by audience; never crossed."""
_COUNTED: Final = tuple(part for part in PARTS if part not in ("attempt", "site", "right"))
"""What the fingerprint is made of: attempts and right answers by site say no more than the rest, sites are
named in the scores."""


@dataclass(frozen=True)
class Request:
    """How a report was asked for."""

    by: tuple[str, ...] | None = None
    target: float | None = None
    audience: str = "internal"
    compare: tuple[str, ...] = ()
    language: str = "id"
    generated_at: datetime | None = None


class Sources(Protocol):
    """Sources that were read, as far as a report asks for them."""

    @property
    def names(self) -> tuple[str, ...]:
        """The sources by name."""

    @property
    def records(self) -> tuple[SessionRecord, ...]:
        """The sessions."""

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions of quizzes of which there are several."""

    @property
    def rescoring(self) -> Rescoring | None:
        """What re-scoring did."""

    @property
    def quizzes(self) -> dict[str, Quiz]:
        """The quizzes, by id."""

    @property
    def counted(self) -> Counted:
        """The cube and its forms."""

    @property
    def progress(self) -> Callable[[str], None]:
        """Told of each step."""

    def of_session(self, code: str) -> Counted:
        """The counts of one session alone."""

    def where(
        self,
        *,
        site: str | Sequence[str] | None = None,
        not_site: Sequence[str] = (),
    ) -> Sources:
        """Some of the sites."""


def make_report(sources: Sources, request: Request) -> Report:
    """Measure everything and put the notes beside it. Raises SourceFault for an impossible request.

    Nothing is read but the sources, and nothing is written: a report for the public is a draft.
    """
    _check(request)
    here = sources.where(not_site=request.compare) if request.compare else sources
    elsewhere = sources.where(site=request.compare) if request.compare else None
    cube = here.counted.cube
    _check_sites(sources, request, cube)
    sources.progress("computing")
    evidence = _evidence(here, elsewhere, request)
    measured = _measured(here, evidence)
    figures = withhold(measured, cube, elsewhere.counted.cube if elsewhere is not None else None)
    figures = replace(figures, notes=_notes(figures, evidence))
    mark = fingerprint(cube, measured)
    made_at = request.generated_at or datetime.now(UTC).replace(microsecond=0)
    return Report(
        kit=__version__,
        fingerprint=UNMARKED if figures.options.is_public else mark,
        generated_at=made_at,
        figures=plain_parts(figures),
        quizzes=here.quizzes,
        language=request.language,
        release=_release(figures, cube, elsewhere, mark, made_at),
    )


def _check(request: Request) -> None:
    for name in request.by or ():
        if name not in BY:
            raise SourceFault("by_unknown", name=name, known=", ".join(BY))
        if request.audience == "public" and name not in PUBLIC_BY:
            raise SourceFault("by_public", name=name)
    if request.audience not in SMALLEST:
        raise SourceFault("audience_unknown", name=request.audience)
    if request.target is not None and not -100 <= request.target <= 100:
        raise SourceFault("target_bad", value=request.target)


def _check_sites(sources: Sources, request: Request, cube: Cube) -> None:
    if not request.compare:
        return
    known = sorted(str(s) for s in sources.counted.cube.score["site"].unique())
    for site in request.compare:
        if site not in known:
            raise SourceFault("site_unknown", site=site, known=", ".join(known))
    if cube.score.empty:
        raise SourceFault("nothing_to_compare")


def _evidence(here: Sources, elsewhere: Sources | None, request: Request) -> Evidence:
    cells = score_cells(here.counted.cube, here.counted.plan)
    compared = None
    if elsewhere is not None:
        compared = score_cells(elsewhere.counted.cube, elsewhere.counted.plan)
        if compared.most != cells.most:
            raise SourceFault("compare_scale", here=cells.most, there=compared.most)
    asked = None if request.audience == "public" else request.by
    by = asked if asked is not None else _natural_groups(cells)
    target = request.target if request.target is not None else _declared_target(here)
    return Evidence(
        cube=here.counted.cube,
        plan=here.counted.plan,
        cells=cells,
        options=Options(by, target, request.audience, request.compare),
        records=here.records,
        versions=here.versions,
        rescoring=here.rescoring,
        elsewhere=compared,
        of_session=here.of_session,
    )


def _natural_groups(cells: Cells) -> tuple[str, ...]:
    """Sites and audiences, where there are several."""
    return tuple(name for name in PUBLIC_BY if len(cells.names(name)) > 1)


def _declared_target(sources: Sources) -> float | None:
    """The target the sessions were opened with, if they agree."""
    targets = {record.target for record in sources.records}
    return targets.pop() if len(targets) == 1 else None


def _measured(here: Sources, evidence: Evidence) -> Figures:
    """All figures, nothing withheld."""
    sessions = tuple(_session_line(record) for record in here.records)
    figures = Figures(evidence.options, here.names, sessions, evidence.cells.most)
    for section in SECTIONS:
        figures = figures.with_parts(section.measure(evidence, figures))
    return figures


def _session_line(record: SessionRecord) -> SessionLine:
    return SessionLine(
        code=record.code,
        title=record.title,
        event=record.event,
        site=record.site,
        held_on=record.held_on,
        quizzes=tuple((quiz.quiz_id, quiz.sha256) for quiz in record.quizzes),
        site_id=record.place.site_id,
    )


def _notes(figures: Figures, evidence: Evidence) -> tuple[Note, ...]:
    """The notes of all sections that may speak, in the order in which the locale lists their words."""
    order = {code: place for place, code in enumerate(entries("report.notes"))}
    speaking = [section for section in SECTIONS if section.tells <= figures.told]
    notes = [note for section in speaking for note in section.notes(figures, evidence)]
    if any(record.is_merged for record in evidence.records):
        # Who only answered before, or came back, may be among those who were left out.
        notes = [note for note in notes if note.code not in UNKNOWN_ONCE_MERGED]
    return tuple(sorted(notes, key=lambda note: order[note.code]))


def _release(
    figures: Figures, cube: Cube, elsewhere: Sources | None, mark: str, made_at: datetime
) -> Release | None:
    """What a report for the public tells of whom; None where it tells nothing of anybody."""
    if not figures.options.is_public or figures.told == Tells.SOURCES:
        return None
    compared = elsewhere.counted.cube.score if elsewhere is not None else None
    return describe_release(figures, (cube.score, compared), mark, made_at)


def fingerprint(cube: Cube, figures: Figures) -> str:
    """Sixteen hex digits of the counts and the request: equal data and questions, equal fingerprint.

    Names of people are not in the counts, so relabelling participants or reordering rows does not change it.
    """
    digest = hashlib.sha256()
    for part in _COUNTED:
        frame = getattr(cube, part)
        digest.update(part.encode())
        for column in frame.columns:
            if column in ("site_id", KEY):
                continue  # random; the labels tell sites apart too, and two stores may hold equal data
            values = frame[column]
            digest.update(column.encode())
            if values.dtype == "Int64":
                digest.update(values.fillna(-1).to_numpy(dtype=np.int64).tobytes())
            else:
                # Few texts stand in many cells; each is brought here once.
                codes, texts = pd.factorize(values.fillna(""))
                digest.update("\x1f".join(np.asarray(texts, dtype=object)[codes]).encode())
    options = figures.options
    asked = [
        options.by,
        options.target,
        options.audience,
        options.compare,
        figures.of(Comparison).difference,
        __version__,
    ]
    digest.update(json.dumps(asked).encode())
    for line in figures.rows(Rescored):
        digest.update(json.dumps([line.quiz_id, line.sha256_before, line.sha256_after]).encode())
    return digest.hexdigest()[:16]
