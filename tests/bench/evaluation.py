"""The evaluation's way: reading its list warm, a report of 13 sessions for the first time and again.

`uv run --group dev python -m tests.bench evaluation [--runs 5]`: medians of new processes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from kit.bundle.write import write_bundle
from kit.quiz.read import load_quizzes
from kit.sample import QUIZ, Visit, add_reports, sample_session
from kit.study.place import Site
from tests.conftest import QUIZZES

SESSIONS: Final = 13
SITES: Final = 10
_RUN: Final = """
import json, sys, time
from pathlib import Path
started = time.perf_counter()
from kit.notebook.evaluation import Evaluation
shown = Evaluation(Path(sys.argv[1]))
told = {"list": time.perf_counter() - started}
asked = {"choices": [{"sessions": [one["folder"] for one in shown.bundles]}], "language": "id"}
shown._warm_up()
for name in ("first", "again"):
    started = time.perf_counter()
    shown._do_reports(asked)
    told[name] = time.perf_counter() - started
print(json.dumps(told))
"""


def lay(results: Path) -> None:
    """Thirteen sessions of 60 people at ten sites."""
    quiz = load_quizzes(QUIZZES)[QUIZ]
    for number in range(SESSIONS):
        code = f"{'ACDEFGHJKMNPQ'[number] * 3}V34"
        visit = Visit(code, f"2026-{1 + number % 10:02d}-{10 + number}", "Pekan", 0.0, number % 2 == 0)
        place = Site(f"{number % SITES:032x}", f"Desa {number % SITES}")
        made = sample_session(visit, quiz, number)
        real = {**made.details, "rehearsal": False, "sample": False}
        write_bundle(results, replace(made, site=place, details=real), add_reports)


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        lay(Path(folder))
        command = [sys.executable, "-c", _RUN, folder]
        told = [
            json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(runs)
        ]
    for name, goal in (("list", 1.5), ("first", 5.0), ("again", 0.1)):
        median = statistics.median(one[name] for one in told)
        print(f"{name}: {median:.2f} s (goal {goal} s), {SESSIONS} sessions, median of {runs}")
