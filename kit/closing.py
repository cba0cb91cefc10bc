"""`python -m kit.closing CODE`: leave the bundle of a closed session, with its cube and reports.

`python -m kit.closing CODE PARTICIPANT`: take one person's rows out of it; what was counted stays.

`python -m kit.closing CODE --results`: say what the report will say of the room, before it is closed.

`python -m kit.closing CODE --merge`: after the retention time, merge the cells of its cube.

`python -m kit.closing CODE --place`: after the retention time, give it the place that its session has now.

Session and report meet only in the bundle: the one gives values, the other fills the folder.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from kit.bundle import layout
from kit.bundle.strip import has_cells_of_few, merge_cells_of_few, move_place, strip_person
from kit.bundle.write import write_bundle, write_tables
from kit.config import settings
from kit.errors import KitError
from kit.report import FORMATS, load, report_bundle
from kit.session.acts.close import closed_session, site_of
from kit.session.acts.view import view_session
from kit.session.store.store import Store
from kit.study.wave import POST, PRE
from kit.text import LANGUAGES


def close_session(store: Store, code: str, results: Path) -> Path:
    """Write the bundle of a session; its folder. Raises NotFound, Conflict for one whose rows are gone."""
    with store.reading() as tx:
        # Short: as long as it reads, deleted rows of other sessions cannot leave the store's log.
        view = view_session(tx, code)
        view.check_not_purged()
        session = closed_session(tx, view)
    return write_bundle(results, session, lambda folder: report_bundle(folder, formats=FORMATS))


def tell_results(store: Store, code: str) -> dict[str, Any]:
    """What page one of the report of a session says now: the same words, from the same functions.

    `{n_pairs, change, verdict, hit_pre, hit_post, false_alarm_pre, false_alarm_post}`; sentences by language,
    shares from 0 to 1 or None. Raises NotFound, Conflict for a session whose rows are gone.
    """
    with store.reading() as tx:
        view = view_session(tx, code)
        view.check_not_purged()
        session = closed_session(tx, view)
    with tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder), session)
        report = load(Path(folder)).report()
    figures = report.to_dict()["discernment"]
    pages = {language: report.summary(language) for language in LANGUAGES}
    return {
        "n_pairs": report.to_dict()["flow"]["n_pairs"],
        "change": {language: page.change for language, page in pages.items()},
        "verdict": {language: page.verdict for language, page in pages.items()},
        **{
            f"{short}_{wave}": figures[f"{name}_{wave}"]
            for short, name in (("hit", "hit_rate"), ("false_alarm", "false_alarm_rate"))
            for wave in (PRE, POST)
        },
    }


def merge_session(code: str, results: Path) -> None:
    """Merge the cells of a session's bundle whose rows are gone."""
    for folder in layout.bundles_of(results, code):
        if has_cells_of_few(folder):
            merge_cells_of_few(folder)


def move_session(store: Store, code: str, results: Path) -> None:
    """Give the bundle of a session whose rows are gone the place that the store says. Raises NotFound."""
    with store.reading() as tx:
        site = site_of(view_session(tx, code))
    for folder in layout.bundles_of(results, code):
        move_place(folder, site)


def main() -> int:
    """Write the bundle of the session named on the command line; print its folder."""
    if hasattr(os, "nice"):
        os.nice(5)
    chosen = settings()
    if sys.argv[2:] == ["--merge"]:
        merge_session(sys.argv[1], chosen.results)
        return 0
    telling, moving = sys.argv[2:] == ["--results"], sys.argv[2:] == ["--place"]
    if len(sys.argv) > 2 and not telling and not moving:
        for folder in layout.bundles_of(chosen.results, sys.argv[1]):
            strip_person(folder, sys.argv[2])
        return 0
    store = Store(chosen.store, read_only=True)
    try:
        if telling:
            print(json.dumps(tell_results(store, sys.argv[1])))
        elif moving:
            move_session(store, sys.argv[1], chosen.results)
        else:
            print(close_session(store, sys.argv[1], chosen.results).name)
    except KitError as error:
        print(error.render(chosen.language), file=sys.stderr)
        return 1
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
