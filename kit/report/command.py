"""The body of `kit report`, and the reports inside a bundle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from kit.report.faults import SourceFault
from kit.report.loaded import silent
from kit.report.report import FORMATS, Report, note_text, registered, render_report
from kit.report.sources import load
from kit.text import LANGUAGES, message

_WARNINGS: Final = ("releases_unknown",)


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
    generated_at: datetime | None = None,
    progress: Callable[[str], None] = silent,
) -> Outcome:
    """Make a report of any sources and write it to a folder. Raises SourceFault with place and remedy.

    `progress` is called with the name of each step in the reader's language.
    """

    def tell(step: str) -> None:
        progress(message(f"report.progress.{step}", language))

    if language not in LANGUAGES:
        raise SourceFault("language_unknown", name=language, known=", ".join(LANGUAGES))
    wanted = _formats(formats)
    loaded = load(list(sources), max_score=max_score, rescore=rescore, progress=tell)
    report = loaded.report(
        by=_names(by) or None,
        target=target,
        audience=audience_of_report,
        compare=_names(compare),
        language=language,
        generated_at=generated_at,
    )
    tell("writing")
    report = registered(report)
    files = render_report(report, Path(out), wanted)
    return Outcome(report, tuple(files), tuple(loaded.complaints(language)))


def run_report(sources: Sequence[Any], out: Path, *, language: str = "id", **options: Any) -> int:
    """The body of `kit report`: progress and remarks on the error stream, files on the output; 0 when done.

    Options are those of `write_report`.
    """
    from rich.console import Console

    screen = Console(stderr=True)
    with screen.status("") as status:
        outcome = write_report(
            sources, out, language=language, progress=lambda step: status.update(f"{step} …"), **options
        )
    for remark in (*outcome.remarks, *outcome.warnings(language)):
        screen.print(remark, markup=False, highlight=False)
    Console().print(outcome.report.summary(language).change, markup=False, highlight=False)
    for path in outcome.files:
        Console().print(str(path), markup=False, highlight=False, soft_wrap=True)
    return 0


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
    return [cube, *render_report(report, folder, _formats(formats))]
