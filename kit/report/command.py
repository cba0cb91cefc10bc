"""The body of `kit report`, and the reports inside a bundle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kit.report.assemble import known_groups
from kit.report.loaded import silent
from kit.report.report import FORMATS, Report, render_report
from kit.report.sources import load
from kit.text import message


@dataclass(frozen=True)
class Outcome:
    """What a run produced: the report, the files, and remarks for the operator (they name personal codes)."""

    report: Report
    files: tuple[Path, ...]
    remarks: tuple[str, ...]


def run_report(
    sources: Sequence[Any],
    out: Path,
    *,
    formats: Iterable[str] = ("html", "json"),
    by: Iterable[str] = (),
    target: float | None = None,
    max_score: int | None = None,
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

    wanted = _formats(formats)
    groups = known_groups(by)
    loaded = load(list(sources), max_score=max_score, progress=tell)
    report = loaded.report(
        by=groups or None,
        target=target,
        audience=audience_of_report,
        compare=tuple(compare),
        language=language,
        generated_at=generated_at,
    )
    tell("writing")
    files = render_report(report, Path(out), wanted)
    return Outcome(report, tuple(files), tuple(loaded.complaints(language)))


def _formats(formats: Iterable[str]) -> tuple[str, ...]:
    """Split comma-separated formats; unknown ones are refused before any work is done."""
    from kit.report.faults import SourceFault

    names = tuple(
        dict.fromkeys(n.strip().lower() for chunk in formats for n in chunk.split(",") if n.strip())
    )
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
