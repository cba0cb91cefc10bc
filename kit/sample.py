"""`python -m kit.sample [--seed N] [--out FOLDER]`: write the sample reports that come with the kit.

Two visits to an invented village, so that an evaluator sees reports before the first session: 60 simulated
people before, after and at follow-up, and others at the visit after it. The same seed, quiz and kit give the
same bytes. The people follow the model of the report itself: each takes an offer for a fraud from a point of
their own on, and tells offers apart better after the session than before.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from kit.bundle.layout import SAMPLE_PREFIX
from kit.bundle.write import ClosedSession, make_private, write_bundle
from kit.config import settings
from kit.quiz.model import Item, Quiz
from kit.quiz.read import load_quizzes
from kit.report import load, render_report
from kit.study.choice import UNSURE, write_choice
from kit.study.place import Site
from kit.study.wave import FOLLOWUP, POST, PRACTICE, PRE, WAVES, form_of

QUIZ: Final = "residents"
PEOPLE: Final = 60
LATE_EVERY: Final = 12
DROPOUT_EVERY: Final = 9
RETURNING: Final = 0.7
"""The share of those measured twice who answer again weeks later."""
FORMATS: Final = ("html", "json")
"""PDF and workbook are a click away in the evaluation, and would weigh more than all the rest."""

# Standard deviations between frauds and genuine offers, and how far people lean towards "do not go on".
DISCERNMENT: Final = {PRE: 0.9, PRACTICE: 1.3, POST: 2.0, FOLLOWUP: 1.6}
WARINESS: Final = {PRE: 0.35, PRACTICE: 0.3, POST: 0.2, FOLLOWUP: 0.25}
UNDECIDED: Final = 0.18
"""Half the width, in standard deviations, of what is neither safe nor a fraud."""
KNOWN: Final = {PRE: 0.45, POST: 0.7, FOLLOWUP: 0.62}
UNEQUAL: Final = 0.55
"""How far offers differ in difficulty, in standard deviations."""


@dataclass(frozen=True)
class Visit:
    """One invented session; `gained` is how much people know before they come, for the village talks."""

    code: str
    held_on: str
    event: str
    gained: float
    followed_up: bool


VISITS: Final = (
    Visit("CNTH34", "2026-02-10", "Contoh: kunjungan pertama", 0.0, True),
    Visit("CNTH67", "2026-06-16", "Contoh: kunjungan kedua", 0.35, False),
)
PLACE: Final = Site("c0" * 16, "Desa Contoh", "Kecamatan Contoh", "Kabupaten Contoh", "Provinsi Contoh")


def write_samples(results: Path, quiz: Quiz, seed: int = 1) -> list[Path]:
    """Write both bundles into a results folder, over earlier ones; their folders."""
    results.mkdir(parents=True, exist_ok=True)
    written = []
    for visit in VISITS:
        with tempfile.TemporaryDirectory(dir=results, prefix=".sample-") as rough:
            made = write_bundle(Path(rough), sample_session(visit, quiz, seed), add_reports)
            final = results / f"{SAMPLE_PREFIX}{made.name}"
            shutil.rmtree(final, ignore_errors=True)
            made.rename(final)
        make_private(final)
        written.append(final)
    return written


def sample_session(visit: Visit, quiz: Quiz, seed: int) -> ClosedSession:
    """One invented session as its store would know it, drawn from a seed."""
    dice = random.Random(f"{seed}:{visit.code}")
    people = [_person(visit, quiz, number, dice) for number in range(PEOPLE)]
    responses, submitted = [], set()
    # Of the seed alone: what is hard at the first visit is hard at the second.
    hard = {item.item_id: random.Random(f"{seed}:{item.item_id}").gauss(0.0, UNEQUAL) for item in quiz.items}
    for number, person in enumerate(people):
        lean = dice.gauss(0.0, 0.45)
        for wave in _attended(visit, number, dice):
            for item in _items(quiz, person["arm"], wave):
                choice = _choose(item, wave, _Eye(lean, visit.gained, hard[item.item_id]), dice)
                about = {"participant_id": person["participant_id"], "wave": wave, "item_id": item.item_id}
                responses.append(about | {"choice": write_choice(choice)})
            submitted.add((person["participant_id"], wave))
    waves = Counter(wave for _, wave in submitted if wave in WAVES)
    return ClosedSession(
        details=_details(visit),
        title=quiz.title.to_dict(),
        site=PLACE,
        quizzes=(quiz,),
        people=people,
        responses=responses,
        submitted=frozenset(submitted),
        joined={quiz.audience[0]: PEOPLE},
        finished=dict(waves),
    )


def _details(visit: Visit) -> dict[str, Any]:
    return {
        "code": visit.code,
        "event": visit.event,
        "held_on": visit.held_on,
        "target": 10.0,
        "opened_at": f"{visit.held_on}T02:00:00+00:00",
        "closed_at": f"{visit.held_on}T03:30:00+00:00",
        "notes": "",
        "followup_days": 90,
        "rehearsal": True,
        "sample": True,
        "minors_consent": False,
    }


def _person(visit: Visit, quiz: Quiz, number: int, dice: random.Random) -> dict[str, Any]:
    return {
        "participant_id": f"{dice.getrandbits(128):032x}",
        "audience": quiz.audience[0],
        "arm": ("AB", "BA")[number % 2],
        "quiz_id": quiz.quiz_id,
        "language": "id",
        "joined_stage": "lesson" if _is_late(number) else "lobby",
    }


def _is_late(number: int) -> bool:
    return number % LATE_EVERY == LATE_EVERY - 1


def _attended(visit: Visit, number: int, dice: random.Random) -> Iterator[str]:
    """The waves that a person answers: a few come late, a few leave, and not everybody comes back."""
    late, leaves = _is_late(number), number % DROPOUT_EVERY == DROPOUT_EVERY - 1
    comes_back = dice.random() < RETURNING
    if not late:
        yield PRE
    if late or not leaves:
        yield PRACTICE
        yield POST
        if visit.followed_up and not late and comes_back:
            yield FOLLOWUP


def _items(quiz: Quiz, arm: str, wave: str) -> Sequence[Item]:
    if wave == PRACTICE:
        return [quiz.item(item_id) for item_id in quiz.practice]
    return quiz.wave_items(form_of(arm, wave), wave)


@dataclass(frozen=True)
class _Eye:
    """With what somebody meets an item: an own criterion, what is known before, and how hard the item is."""

    lean: float
    gained: float
    hard: float


def _choose(item: Item, wave: str, eye: _Eye, dice: random.Random) -> list[str]:
    """What a person answers to an item."""
    if item.kind == "offer":
        return [_judge(item, wave, eye, dice)]
    options = [option.option_id for option in item.options if option.option_id != UNSURE]
    if not item.scored:
        return [dice.choice(options)]
    if dice.random() < KNOWN[wave] + 0.2 * eye.gained:
        return [option for option in options if option in item.key]
    return [UNSURE] if dice.random() < 0.25 else [dice.choice(options)]


def _judge(item: Item, wave: str, eye: _Eye, dice: random.Random) -> str:
    """An offer by how much of a fraud it looks to this person, against the person's own criterion."""
    half = (DISCERNMENT[wave] + (eye.gained if wave == PRE else 0.0)) / 2 - eye.hard
    looks = dice.gauss(half if item.signal == "fraud" else -half, 1.0) + WARINESS[wave] + eye.lean
    if abs(looks) < UNDECIDED:
        return UNSURE
    return "fraud" if looks > 0 else "genuine"


def add_reports(folder: Path) -> None:
    """The cube and the reports, dated by their session: bytes must not depend on the day they are made."""
    loaded = load(folder)
    loaded.cube().write(folder / "cube.parquet")
    closed = datetime.fromisoformat(f"{loaded.records[0].held_on}T03:30:00+00:00")
    render_report(loaded.report(generated_at=closed), folder, FORMATS, stem="report")


def main() -> None:
    """Write the samples and print their folders."""
    parser = argparse.ArgumentParser(prog="python -m kit.sample")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=settings().results)
    asked = parser.parse_args()
    for folder in write_samples(asked.out, load_quizzes(settings().quizzes)[QUIZ], asked.seed):
        print(folder)


if __name__ == "__main__":
    main()
