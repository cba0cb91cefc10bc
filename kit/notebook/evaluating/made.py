"""Reports made once: by what the sources hold and how they were asked for, never by when."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

import kit.report
from kit.bundle.faults import SourceFault
from kit.notebook.evaluating.choice import Choice, content_of
from kit.notebook.evaluating.lines import pandas_lines
from kit.report.charts.fonts import face_rules
from kit.report.publish.door import publish

T = TypeVar("T")
MOST_KEPT: Final = 24
SUMMARY: Final = tuple(
    "flags title place target change compared verdict verdict_mark verdict_text pair counted understood "
    "wrong next_steps unknown fingerprint date".split()
)


class Kept:
    """The values last used, by key; the one longest unused goes first."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._values: OrderedDict[Any, Any] = OrderedDict()

    def get(self, key: object, make: Callable[[], T]) -> T:
        """The value of a key, made when it is not there."""
        if key not in self._values:
            self._values[key] = make()
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        self._values.move_to_end(key)
        found: T = self._values[key]
        return found


class Maker:
    """Makes reports of a results folder and of tables from outside, and shows them."""

    def __init__(self, results: Path) -> None:
        self.results = results
        self.tables: dict[str, tuple[Path, int | None]] = {}
        """Tables from outside by the sum of their content: where they lie, and their full marks."""
        self._loaded, self._reports, self._shown = Kept(), Kept(), Kept()

    def sources(self, choice: Choice) -> tuple[str, Any]:
        """The sum of the content that a choice means, and the sources, read once. Raises SourceFault."""
        if choice.table:
            if choice.table not in self.tables:
                raise SourceFault("table_gone")
            path, most = self.tables[choice.table]
            key = f"{choice.table} {most}"
            return key, self._loaded.get(key, lambda: kit.report.load(path, max_score=most))
        folders = [self._folder(name) for name in choice.sessions]
        if not folders:
            raise SourceFault("no_source")
        key = content_of(folders)
        return key, self._loaded.get(key, lambda: kit.report.load(*folders))

    def _folder(self, name: str) -> Path:
        """A bundle of the results folder: an address may say anything."""
        folder = self.results / name
        if name.startswith(".") or folder.resolve().parent != self.results.resolve():
            raise SourceFault("not_found", source=Path(name).name)
        if not folder.is_dir():
            raise SourceFault("not_found", source=name)
        return folder

    def report(self, choice: Choice) -> kit.report.Report:
        """The report of a choice; one for the public has passed the door. Raises SourceFault."""
        content, sources = self.sources(choice)
        return self._reports.get(_key(content, choice), lambda: _made(sources, choice))

    def shown(self, choice: Choice, language: str) -> dict[str, Any]:
        """What the page shows of a report: page one, and heading after heading words, pictures, tables."""
        content, _ = self.sources(choice)
        report = self.report(choice)
        key = _key(content, choice)
        found = self._shown.get((key, language), lambda: show_report(report, language, choice))
        return {"key": key, "choice": choice.model_dump(mode="json"), **found}


def _key(content: str, choice: Choice) -> str:
    """Which report it is: the sources by content, the questions; what is shown first does not matter."""
    asked = choice.model_copy(update={"sessions": tuple(sorted(choice.sessions)), "first": ""})
    return hashlib.sha256(f"{content} {asked.model_dump_json()}".encode()).hexdigest()[:16]


def _made(sources: Any, choice: Choice) -> kit.report.Report:
    if choice.audience:
        sources = sources.where(audience=choice.audience)
    report: kit.report.Report = sources.report(
        by=choice.by or None,
        target=choice.target,
        audience="public" if choice.public else "internal",
        compare=choice.compare,
    )
    return publish(report)


def show_report(report: kit.report.Report, language: str, choice: Choice) -> dict[str, Any]:
    """What the page shows of a report, from the same words and pictures as its files."""
    shown, drawn = report.shown(language), report.charts(language)
    faces = face_rules("".join(chart.letters for chart in drawn.values()))
    sections = []
    for heading in shown.headings.values():
        charts = [
            asdict(drawn[name])
            | {"svg": drawn[name].alone(faces), "name": name}
            | {"lines": [] if choice.public else pandas_lines(name, choice)}
            for name in heading.charts
        ]
        tables = [asdict(table) for table in heading.tables.values()]
        if heading.lines or charts or tables:
            said = {"name": heading.name, "title": heading.title, "lines": heading.lines}
            sections.append(said | {"charts": charts, "tables": tables})
    return {
        "name": report.name,
        "summary": {name: getattr(shown.page_one, name) for name in SUMMARY},
        "sections": sections,
    }
