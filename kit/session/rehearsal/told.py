"""`python -m kit.session.rehearsal.told`: a rehearsal that tells its progress, a line of JSON at a time.

For the start page: `{stage, done, of}` while it runs, at last `{code, bundle, sent, lost, double}`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

import kit
from kit.config import settings
from kit.errors import KitError
from kit.quiz.read import load_quizzes
from kit.session.rehearsal.conduct import rehearse


class Lines:
    """Tells each stage as a line."""

    def __init__(self) -> None:
        self._stages: list[tuple[str, float]] = []
        self._last: tuple[Any, float] | None = None

    def add_task(self, description: str, *, total: float | None) -> int:
        """Begin to tell of a stage."""
        self._stages.append((description, total or 0))
        task = len(self._stages) - 1
        self.update(task, completed=0)
        return task

    def update(self, task_id: Any, *, completed: float | None) -> None:
        """Tell how many are done, when that has changed."""
        if self._last != (task_id, completed or 0):
            self._last = (task_id, completed or 0)
            stage, of = self._stages[task_id]
            say(stage=stage, done=int(completed or 0), of=int(of))


def say(**values: object) -> None:
    """Print a line."""
    print(json.dumps(values, ensure_ascii=False), flush=True)


def main() -> int:
    """Rehearse as the command line asks."""
    parser = argparse.ArgumentParser(prog="kit.session.rehearsal.told")
    parser.add_argument("--phones", type=int, default=40)
    parser.add_argument("--quiz", default="students")
    parser.add_argument("--live", default="", help="join code of a rehearsal that a deck runs")
    given = parser.parse_args()
    chosen = settings()
    try:
        known = load_quizzes(chosen.quizzes)
        with kit.connect() as control:
            tally, code, bundle = asyncio.run(
                rehearse(
                    control,
                    known,
                    phones=given.phones,
                    quiz_ids=[given.quiz],
                    live=given.live,
                    bar=Lines(),
                )
            )
    except KitError as error:
        say(failed=error.render(chosen.language))
        return 1
    say(code=code, bundle=bundle, sent=tally.sent, lost=tally.lost, double=tally.double)
    return 0


if __name__ == "__main__":
    sys.exit(main())
