"""What the bundles of one place say together: its visits, what is still wrong, what is going round.

`python -m kit.notebook.board LANGUAGE FOLDER…` prints it as JSON. A process of its own, because a report
needs libraries many times the size of the server that also leads the projector.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from kit.bundle.layout import MANIFEST

KEPT: Final = 64
SECONDS: Final = 120
_known: OrderedDict[tuple[Any, ...], dict[str, Any]] = OrderedDict()


def board_of(folders: Sequence[Path], language: str) -> dict[str, Any] | None:
    """Lines, charts and tables about a place from its bundles; None where they cannot be read together.

    `{visits: {lines, charts, tables}, returning: …, sightings: …, summary: {understood, wrong, next_steps}}`.
    Made once for bundles that have not changed.
    """
    key = (language, *((folder, _written(folder)) for folder in folders))
    if key not in _known:
        made = _make(folders, language)
        if made is None:
            return None
        _known[key] = made
        if len(_known) > KEPT:
            _known.popitem(last=False)
    _known.move_to_end(key)
    return _known[key]


def _written(folder: Path) -> int:
    try:
        return (folder / MANIFEST).stat().st_mtime_ns
    except OSError:
        return 0


def _make(folders: Sequence[Path], language: str) -> dict[str, Any] | None:
    command = [sys.executable, "-m", "kit.notebook.board", language, *map(str, folders)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
        made: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError, OSError):
        return None
    return made


def main() -> int:
    """Print the board of the bundles named on the command line."""
    from kit.report import load
    from kit.report.charts.look import finish
    from kit.report.render.page import drawings_of, headings, tables_of

    language, folders = sys.argv[1], sys.argv[2:]
    report = load(*folders).report(language=language)
    view = report.view(language)
    told: dict[str, Any] = {}
    for heading in headings(report.figures):
        if heading.name in ("visits", "returning", "sightings"):
            drawings = drawings_of(report, language, heading.sections)
            told[heading.name] = {
                "lines": heading.lines(view),
                "charts": [asdict(finish(one)) for one in drawings.values()],
                "tables": [asdict(table) for table in tables_of(view, heading.sections).values()],
            }
    page = report.summary(language)
    told["summary"] = {name: getattr(page, name) for name in ("understood", "wrong", "next_steps")}
    print(json.dumps(told, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
