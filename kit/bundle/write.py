"""Leave a bundle: from the values of one session to the files of its folder.

The writer runs in a child of the service, because parquet and the report need libraries many times its size;
so pandas is loaded where it is used.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import kit
from kit.bundle import layout
from kit.quiz.model import Item, Quiz
from kit.quiz.scoring import score_choice
from kit.study.choice import read_choice
from kit.study.place import PLACE_FIELDS, Site
from kit.study.sighting import kept_counts
from kit.study.wave import POLL, WAVES, form_of

if TYPE_CHECKING:
    import pandas as pd

SHARED_BY: Final = 5
"""People who must share a combination before a row may carry it."""


@dataclass(frozen=True)
class ClosedSession:
    """One session as its store knows it.

    `details` are the fields of `session.json` that are copied as they are, `code`, `event` and `held_on`
    among them. `people` have `participant_id, audience, arm, quiz_id, language, joined_stage`, and
    `returning_of` where somebody was known again; `responses`
    have `participant_id, wave, item_id, choice`; `submitted` are (participant_id, wave). `joined` counts
    people by audience, `finished` by wave; `sightings` counts notes of offers by (list, value), and
    `returning` those who gave an earlier code.
    """

    details: Mapping[str, Any]
    title: Mapping[str, str]
    site: Site
    quizzes: Sequence[Quiz]
    people: Sequence[Mapping[Any, Any]]
    responses: Sequence[Mapping[Any, Any]]
    submitted: frozenset[tuple[str, str]]
    joined: Mapping[str, int]
    finished: Mapping[str, int] = field(default_factory=dict)
    # People whom the officer set aside: they are in nothing of the above.
    set_aside: int = 0
    sightings: Mapping[tuple[str, str], int] = field(default_factory=dict)
    returning: Mapping[str, float] = field(default_factory=dict)
    # Raised hands of polls beside the phones, and groups with one phone: counts of nobody.
    hands: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    groups: Mapping[str, Any] = field(default_factory=dict)

    @property
    def polls(self) -> dict[str, Item]:
        """Every poll item of the session by id."""
        return {item_id: quiz.item(item_id) for quiz in self.quizzes for item_id in quiz.polls}

    @property
    def folder_name(self) -> str:
        """What its bundle is called."""
        return layout.bundle_name(self.details["held_on"], self.site.name, self.details["code"])


def write_bundle(results: Path, session: ClosedSession, add_reports: Callable[[Path], object]) -> Path:
    """Write a bundle beside its place and swap it in whole, so that a reader never sees half of one.

    `add_reports` puts the cube and the reports into the folder it is given, before the sums are taken.
    """
    name = session.folder_name
    rough, old, final = results / f".{name}.new", results / f".{name}.old", results / name
    for folder in (rough, old):
        shutil.rmtree(folder, ignore_errors=True)
    rough.mkdir(mode=0o700, parents=True)
    write_tables(rough, session)
    add_reports(rough)
    seal(rough)
    make_private(rough)
    if final.exists():
        final.rename(old)
    rough.rename(final)
    shutil.rmtree(old, ignore_errors=True)
    return final


def make_private(folder: Path) -> None:
    """Let only their owner read the files of a folder; a memory stick that knows no owners stays as it is."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            path.chmod(0o600)
        folder.chmod(0o700)


def write_tables(folder: Path, session: ClosedSession) -> None:
    """Write what a session left: `session.json` and its rows."""
    write_json(folder / layout.SESSION, session_json(session))
    response_rows(session).to_parquet(folder / layout.RESPONSES, index=False)
    people_rows(session).to_parquet(folder / layout.PEOPLE, index=False)
    noted = sighting_rows(session)
    if len(noted):
        noted.to_parquet(folder / layout.SIGHTINGS, index=False)


def seal(folder: Path) -> None:
    """Write the manifest: the sha256 of every other file of the folder."""
    paths = sorted(path for path in folder.iterdir() if path.name != layout.MANIFEST)
    write_json(folder / layout.MANIFEST, {path.name: layout.file_sum(path) for path in paths})


def session_json(session: ClosedSession) -> dict[str, Any]:
    """Everything about a session but its people."""
    site = {"site_id": session.site.site_id}
    site |= {name: getattr(session.site, name) for name in PLACE_FIELDS}
    return {
        "schema_version": layout.SCHEMA_VERSION,
        "kit": kit.__version__,
        "title": dict(session.title),
        **session.details,
        "site": site,
        "quizzes": [
            {"quiz_id": quiz.quiz_id, "sha256": quiz.sha256, "quiz": quiz.to_dict()}
            for quiz in session.quizzes
        ],
        "counts": {
            "joined": sum(session.joined.values()),
            "by_audience": dict(session.joined),
            "finished": {wave: session.finished.get(wave, 0) for wave in WAVES},
            "set_aside": session.set_aside,
            "returning": dict(session.returning),
            "hands": dict(session.hands),
            "groups": dict(session.groups),
        },
    }


def response_rows(session: ClosedSession) -> pd.DataFrame:
    """All responses in the long format, one row for each (participant, wave, item), in the order given."""
    import pandas as pd

    people = {person["participant_id"]: person for person in session.people}
    quizzes, polls = {quiz.quiz_id: quiz for quiz in session.quizzes}, session.polls
    rows = []
    # In order of the people's random ids, whatever order they came or answered in.
    for response in sorted(session.responses, key=itemgetter("participant_id", "wave", "item_id")):
        person, wave, item_id = people[response["participant_id"]], response["wave"], response["item_id"]
        item = polls[item_id] if wave == POLL else quizzes[person["quiz_id"]].item(item_id)
        scored = wave in WAVES
        rows.append(
            {
                **_place(session),
                "audience": person["audience"],
                "participant": person["participant_id"],
                "arm": person["arm"],
                "quiz_id": person["quiz_id"],
                "wave": wave,
                "form": form_of(person["arm"], wave) if scored else None,
                "item": item_id,
                "kind": item.kind,
                "signal": item.signal,
                "choice": response["choice"],
                "correct": score_choice(item, read_choice(response["choice"])) if scored else None,
                "submitted": (person["participant_id"], wave) in session.submitted,
                "held_on": session.details["held_on"],
            }
        )
    return pd.DataFrame(rows, columns=list(layout.RESPONSE_COLUMNS)).astype(layout.RESPONSE_COLUMNS)


def people_rows(session: ClosedSession) -> pd.DataFrame:
    """Everyone who joined, also those who never answered."""
    import pandas as pd

    rows = [
        {
            **_place(session),
            "participant": person["participant_id"],
            "audience": person["audience"],
            "arm": person["arm"],
            **_coarse(person, session.people),
            "returning_of": person.get("returning_of") or None,
        }
        for person in sorted(session.people, key=itemgetter("participant_id"))
    ]
    return pd.DataFrame(rows, columns=list(layout.PEOPLE_COLUMNS)).astype("string")


def _coarse(person: Mapping[Any, Any], people: Sequence[Mapping[Any, Any]]) -> dict[str, str | None]:
    """Language and stage of joining as far as enough people of the same audience share them, else nothing.

    The one who joined late, or the one who read English, would be known by it to everybody who was there.
    """
    told: dict[str, str | None] = {}
    alike = [one for one in people if one["audience"] == person["audience"]]
    for name in ("joined_stage", "language"):
        alike = [one for one in alike if one[name] == person[name]]
        told[name] = person[name] if len(alike) >= SHARED_BY else None
    return told


def sighting_rows(session: ClosedSession) -> pd.DataFrame:
    """How many notes of offers name each value, those that enough people have named."""
    import pandas as pd

    place = {name: value for name, value in _place(session).items() if name != "event"}
    place["held_on"] = session.details["held_on"]
    kept = sorted(kept_counts(session.sightings).items())
    rows = [{**place, "list": name, "value": value, "n": n} for (name, value), n in kept]
    return pd.DataFrame(rows, columns=list(layout.SIGHTING_COLUMNS)).astype(layout.SIGHTING_COLUMNS)


def _place(session: ClosedSession) -> dict[str, str]:
    return {
        "session": session.details["code"],
        "event": session.details["event"],
        "site_id": session.site.site_id,
        "site": session.site.name,
    }


def write_json(path: Path, content: object) -> None:
    """Write a file that people may open too."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
