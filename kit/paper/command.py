"""`kit print` and `kit scan`: the printer and the reader of sheets, at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import typer

from kit.errors import Unavailable
from kit.paper.draw import write_paper
from kit.session.acts.codes import normalise_join_code, normalise_personal_code
from kit.session.client import Control
from kit.text import message

# Sheets handed in at once: some of them carry a picture.
TOGETHER: Final = 20


def print_packets(
    control: Control, code: str, sheets: int, out: Path, *, large: bool, audience: str, language: str
) -> None:
    """Reserve packets and write what is to be printed."""
    reserved = control.reserve_packets(code, sheets, audience)
    written = write_paper(reserved, out, large=large, language=language)
    served = message(f"study.audiences.{reserved['audience']}", language)
    names = ", ".join(str(path) for path in written)
    typer.echo(message("paper.printed", language, n=sheets, audience=served, files=names))


def scan_files(control: Control, code: str, files: Sequence[Path], *, as_json: bool, language: str) -> None:
    """Read the sheets in pictures and PDFs and hand them in, a line a sheet."""
    for line in scan_lines(control, code, files):
        typer.echo(json.dumps(line, ensure_ascii=False) if as_json else _in_words(line, language))


def scan_lines(control: Control, code: str, files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """What became of every sheet in some files, as they are read; only the service writes."""
    try:
        from kit.paper.scan import Sheet, read_file, readers_of
    except ImportError:
        raise Unavailable("paper_missing") from None
    code = normalise_join_code(code)
    readers = readers_of(control.paper_forms(code))
    waiting: list[Sheet] = []
    for path in files:
        for sheet in read_file(path, code, readers):
            waiting.append(sheet)
            if len(waiting) == TOGETHER:
                yield from _hand_in(control, code, waiting, more=True)
                waiting = []
    yield from _hand_in(control, code, waiting, more=False)


def _hand_in(control: Control, code: str, sheets: Sequence[Any], *, more: bool) -> Iterator[dict[str, Any]]:
    """Send what was read; a sheet that was refused while reading is only told."""
    notes = [sheet.wire_note() for sheet in sheets if sheet.note is not None]
    noted = iter(control.send_sightings(code, notes) if notes else ())
    sent = [sheet for sheet in sheets if sheet.status != "refused" and sheet.note is None]
    answers = iter(control.send_sheets(code, [sheet.wire() for sheet in sent], more=more))
    for sheet in sheets:
        outcome = {}
        if sheet.status != "refused":
            outcome = next(answers if sheet.note is None else noted)
        yield sheet.line() | {
            name: outcome[name] for name in ("status", "reason", "sheet_id") if name in outcome
        }


def type_lines(control: Control, code: str, wave: str, text: str) -> list[dict[str, Any]]:
    """Hand in sheets typed as `RUSA-482193-K a b ? - …`, a line a sheet; what became of each line.

    A code that stands in two lines is taken from neither: one of them is somebody else's.
    """
    lines = [line.replace(",", " ").split() for line in text.splitlines() if line.strip()]
    names = [normalise_personal_code(line[0]) for line in lines]
    once = [place for place, name in enumerate(names) if names.count(name) == 1]
    sent = [
        {"personal_code": names[place], "wave": wave, "typed": True, "signs": lines[place][1:] or ["-"]}
        for place in once
    ]
    outcomes: dict[int, dict[str, Any]] = {}
    for start in range(0, len(sent), TOGETHER):
        part = control.send_sheets(code, sent[start : start + TOGETHER], more=start + TOGETHER < len(sent))
        outcomes |= dict(zip(once[start : start + TOGETHER], part, strict=True))
    twice = {"status": "refused", "reason": "typed_twice"}
    return [
        {
            "personal_code": name,
            "wave": wave,
            "file": str(place + 1),
            "page": "",
            **outcomes.get(place, twice),
        }
        for place, name in enumerate(names)
    ]


def _in_words(line: dict[str, Any], language: str) -> str:
    status = message(f"paper.status.{line['status']}", language)
    wave = message(f"paper.wave_{line['wave']}", language) if line["wave"] else ""
    reason = message(f"paper.reasons.{line['reason']}", language) if line["reason"] else ""
    where = f"{line['file']} {line['page']}"
    whose = line["personal_code"] or line.get("number", "")
    return " · ".join(filter(None, (where, whose, wave, status, reason)))
