"""The body of `kit report`, and the reports inside a bundle."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from kit.bundle.faults import SourceFault
from kit.errors import KitError
from kit.report.count.engine import connected, silent
from kit.report.loaded import load
from kit.report.publish.door import UNCHECKED, publish
from kit.report.read.held import first_line
from kit.report.report import FORMATS, Report, render_report
from kit.report.sections.base import note_text
from kit.text import LANGUAGES, message

_WARNINGS: Final = (UNCHECKED,)


@dataclass(frozen=True)
class Outcome:
    """What a run produced: the report, the files, and remarks for the operator (they name personal codes)."""

    report: Report
    files: tuple[Path, ...]
    remarks: tuple[str, ...]

    def warnings(self, language: str) -> list[str]:
        """Notes that whoever publishes the report must read first."""
        return [note_text(note, language) for note in self.report.figures.notes if note.code in _WARNINGS]


def write_report(
    sources: Sequence[Any],
    out: Path,
    *,
    formats: str | Iterable[str] = ("html", "json"),
    by: str | Iterable[str] = (),
    target: float | None = None,
    max_score: int | None = None,
    rescore: Iterable[Path | str] = (),
    audience_of_report: str = "internal",
    compare: Iterable[str] = (),
    language: str = "id",
    engine: str = "duckdb",
    generated_at: datetime | None = None,
    progress: Callable[[str], None] = silent,
) -> Outcome:
    """Make a report of any sources and write it to a folder. Raises SourceFault with place and remedy.

    `engine` counts the rows: `duckdb`, `postgresql://…` or `sc://host:port`. `progress` is called with
    the name of each step in the reader's language.
    """

    def tell(step: str) -> None:
        progress(message(f"report.progress.{step}", language))

    if language not in LANGUAGES:
        raise SourceFault("language_unknown", name=language, known=", ".join(LANGUAGES))
    wanted = _formats(formats)
    with connected(engine) as connection:
        loaded = load(
            list(sources), max_score=max_score, rescore=rescore, progress=tell, connection=connection
        )
        report = loaded.report(
            by=_names(by) or None,
            target=target,
            audience=audience_of_report,
            compare=_names(compare),
            language=language,
            generated_at=generated_at,
        )
    tell("writing")
    report = publish(report)
    try:
        files = render_report(report, Path(out), wanted)
    except OSError as broken:
        # A file of that name, a report open in Excel, a full or read-only disk.
        raise SourceFault("not_writable", path=broken.filename or out, reason=broken.strerror) from broken
    return Outcome(report, tuple(files), tuple(loaded.complaints(language)))


def run_report(sources: Sequence[Any], out: Path, *, language: str = "id", **options: Any) -> int:
    """The body of `kit report`: progress and remarks on the error stream, files on the output; 0 when done.

    Options are those of `write_report`.
    """
    from rich.console import Console

    screen = Console(stderr=True)
    try:
        with screen.status("") as status:
            outcome = write_report(
                sources, out, language=language, progress=lambda step: status.update(f"{step} …"), **options
            )
    except KitError:
        raise
    except Exception as broken:  # a fault of the kit itself; whoever asked gets a sentence
        raise _unforeseen(broken) from broken
    for remark in (*outcome.remarks, *outcome.warnings(language)):
        screen.print(remark, markup=False, highlight=False)
    Console().print(outcome.report.summary(language).change, markup=False, highlight=False)
    for path in outcome.files:
        Console().print(str(path), markup=False, highlight=False, soft_wrap=True)
    return 0


def _unforeseen(broken: Exception) -> SourceFault:
    """What happened and where in the kit, for the mail to its makers."""
    own = [step for step in traceback.extract_tb(broken.__traceback__) if "kit" in Path(step.filename).parts]
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "?"
    reason = f"{type(broken).__name__}: {first_line(broken)}"
    return SourceFault("unforeseen", reason=reason, place=place)


def _names(text: str | Iterable[str]) -> tuple[str, ...]:
    """Names from one comma-separated text; a list is taken as it is (names of sites may hold commas)."""
    if not isinstance(text, str):
        return tuple(text)
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _formats(formats: str | Iterable[str]) -> tuple[str, ...]:
    """Known formats, each once; others are refused before any work is done."""
    names = tuple(dict.fromkeys(name.lower() for name in _names(formats)))
    for name in names:
        if name not in FORMATS:
            raise SourceFault("format_unknown", name=name, known=", ".join(FORMATS))
    return names or ("html", "json")


def report_bundle(
    folder: Path | str, *, formats: Iterable[str] = ("html", "json"), language: str = "id"
) -> list[Path]:
    """Write `cube.parquet` and the reports into a bundle folder; returns the files written."""
    folder = Path(folder)
    loaded = load(folder)
    cube = folder / "cube.parquet"
    loaded.cube().write(cube)
    report = loaded.report(language=language)
    return [cube, *render_report(report, folder, _formats(formats), stem="report")]
