"""In which order the files of the tests begin: a file that waits for browsers beside one that computes.

Two browsers at once, each with its service, its Jupyter and its kernels, keep each other waiting, and then a
limit in seconds is passed for no fault. So the two workers take files by turns, the longest first: what is
short fills the end on both. A file stays whole on one worker.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WAITING: Final = ("browser", "notebook", "page", "workspace")
"""Rooms whose tests mostly wait: for a page, a kernel, a package."""
PER_TEST: Final = {
    "browser": 60.0,
    "workspace": 4.0,
    "notebook": 5.0,
    "page": 2.0,
    "session": 1.2,
    "paper": 2.0,
}
"""Seconds of a test by room; any other room takes `OTHERS`."""
OTHERS: Final = 0.4
MEASURED: Final = {
    "notebook/test_deck.py": 90.0,
    "notebook/test_doubts.py": 1.0,
    "notebook/test_followup.py": 120.0,
    "notebook/test_nbval.py": 40.0,
    "notebook/test_notebooks.py": 40.0,
    "notebook/test_stations.py": 140.0,
    "page/test_access.py": 75.0,
    "page/test_light.py": 15.0,
    "report/count/test_cube.py": 36.0,
    "report/count/test_engines.py": 60.0,
    "report/count/test_merged_cells.py": 16.0,
    "report/count/test_places.py": 30.0,
    "report/count/test_rescoring.py": 45.0,
    "report/publish/test_audit.py": 50.0,
    "report/publish/test_disclosure.py": 12.0,
    "report/publish/test_door.py": 13.0,
    "report/publish/test_same_claims.py": 19.0,
    "report/read/test_deformed.py": 6.0,
    "report/read/test_sheets.py": 12.0,
    "report/read/test_sources.py": 11.0,
    "report/render/test_evaluating.py": 23.0,
    "report/render/test_fonts.py": 14.0,
    "report/render/test_formats.py": 45.0,
    "report/render/test_hostile_text.py": 40.0,
    "report/render/test_notebooks.py": 19.0,
    "report/render/test_pages.py": 20.0,
    "report/sections/test_report.py": 42.0,
    "report/sections/test_returning.py": 40.0,
    "report/sections/test_sightings.py": 11.0,
    "report/sections/test_sites.py": 25.0,
    "report/sections/test_visits.py": 37.0,
    "workspace/test_pack.py": 85.0,
    "workspace/test_wheel.py": 50.0,
}
"""Seconds of files that take far longer than their tests by number, as measured on two cores."""


def seconds(file: str, tests: int) -> float:
    """How long a file takes, about; `file` is its path below `tests/`."""
    return MEASURED.get(file, PER_TEST.get(file.partition("/")[0], OTHERS) * tests)


def in_turns(files: Mapping[str, int]) -> list[str]:
    """Files, with their number of tests, in the order in which two workers shall begin them."""
    took = {file: seconds(file, tests) for file, tests in files.items()}
    longest = sorted(files, key=lambda file: (-took[file], file))
    waiting = [file for file in longest if file.partition("/")[0] in WAITING]
    computing = [file for file in longest if file not in waiting]
    order: list[str] = []
    free_at = [0.0, 0.0]
    waits = [False, False]
    while waiting or computing:
        mine = free_at.index(min(free_at))
        chosen = computing if (waits[1 - mine] and computing) or not waiting else waiting
        waits[mine] = chosen is waiting
        order.append(chosen.pop(0))
        free_at[mine] += took[order[-1]]
    return order
