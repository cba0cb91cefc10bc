"""The bundle: the folder of one closed session in `results/`.

It is written by a child process, because parquet and the report need libraries many times the size of the
service, which must stay small while phones are connected.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import re
import shutil
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import kit
from kit.config import Settings, child_environment, settings
from kit.errors import KitError, Unavailable
from kit.quiz.scoring import score_choice
from kit.session.log import describe_trace
from kit.session.rules import WAVES, SessionView, check_not_purged, form_of, view_session
from kit.session.store import Store, Transaction

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION: Final = 1
FORMATS: Final = ("html", "json", "pdf", "xlsx")
_COLUMNS: Final = {
    **dict.fromkeys("session event site audience participant arm quiz_id wave form item".split(), "string"),
    **dict.fromkeys("kind signal choice".split(), "string"),
    "correct": "Int8",
    "submitted": "bool",
    "held_on": "string",
}
_log = logging.getLogger("kit.bundle")


async def write_bundle_in_child(chosen: Settings, code: str) -> str:
    """Write a session's bundle; its folder relative to `results/`. Raises Unavailable.

    The session is closed already and nothing is lost when this fails: closing again tries again.
    """
    environment = child_environment(KIT_STORE=chosen.store, KIT_RESULTS=str(chosen.results))
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kit.session.bundle",
        code,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()
    if child.returncode != 0:
        printed = err.decode(errors="replace").strip()
        _log.error("bundle: %s", describe_trace(printed))
        # Shown on the projector: the cause, not where this laptop keeps its files.
        last = re.sub(r":? '[^']*'", "", printed.rpartition("\n")[2])
        raise Unavailable("bundle_failed", code=code, reason=last[:200] or str(child.returncode))
    return out.decode().strip().rpartition("\n")[2]


def bundle_name(view: SessionView) -> str:
    """`<held_on>-<site>-<code>`, safe on every file system."""
    plain = unicodedata.normalize("NFKD", view.row["site_name"]).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "site"
    return f"{view.row['held_on']}-{slug}-{view.row['code']}"


def write_bundle(store: Store, code: str, results: Path) -> Path:
    """Write the bundle beside its place and swap it in whole, so that a reader never sees half of one."""
    from kit.report import report_bundle

    with store.reading() as tx:
        # Short: as long as it reads, deleted rows of other sessions cannot leave the store's log.
        check_not_purged(tx, code)
        view = view_session(tx, code)
        session, responses, people = (
            session_json(tx, view),
            response_rows(tx, view),
            participant_rows(tx, view),
        )
    name = bundle_name(view)
    rough, old = results / f".{name}.new", results / f".{name}.old"
    for folder in (rough, old):
        shutil.rmtree(folder, ignore_errors=True)
    rough.mkdir(parents=True)
    _write_json(rough / "session.json", session)
    responses.to_parquet(rough / "responses.parquet", index=False)
    people.to_parquet(rough / "participants.parquet", index=False)
    report_bundle(rough, formats=FORMATS, language="id")
    _write_json(rough / "manifest.json", checksums(rough))
    final = results / name
    if final.exists():
        final.rename(old)
    rough.rename(final)
    shutil.rmtree(old, ignore_errors=True)
    return final


def session_json(tx: Transaction, view: SessionView) -> dict[str, Any]:
    """Everything about the session but its people."""
    row = view.row
    same = ("code", "event", "held_on", "target", "opened_at", "closed_at", "notes", "followup_days")
    by_audience = tx.joined_by_audience(row["session_id"])
    finished = tx.finished_by_wave(row["session_id"])
    return {
        "schema_version": SCHEMA_VERSION,
        "kit": kit.__version__,
        "title": view.title.to_dict(),
        **{name: row[name] for name in same},
        "site": {name: row[f"site_{name}"] for name in ("name", "district", "city", "province")},
        "rehearsal": bool(row["rehearsal"]),
        "minors_consent": bool(row["minors_consent"]),
        "quizzes": [
            {"quiz_id": quiz.quiz_id, "sha256": quiz.sha256, "quiz": quiz.to_dict()} for quiz in view.quizzes
        ],
        "counts": {
            "joined": sum(by_audience.values()),
            "by_audience": by_audience,
            "finished": {wave: finished.get(wave, 0) for wave in WAVES},
        },
    }


def response_rows(tx: Transaction, view: SessionView) -> pd.DataFrame:
    """All responses in the long format, one row for each (participant, wave, item)."""
    import pandas as pd

    people = {row["participant_id"]: row for row in tx.participants(view.row["session_id"])}
    submitted = {(row["participant_id"], row["wave"]) for row in tx.session_attempts(view.row["session_id"])}
    rows = []
    for row in tx.session_responses(view.row["session_id"]):
        person = people[row["participant_id"]]
        wave = row["wave"]
        quiz = view.quiz(person["quiz_id"])
        item = view.polls()[row["item_id"]] if wave == "poll" else quiz.item(row["item_id"])
        correct = None if wave == "poll" else score_choice(item, row["choice"].split("+"))
        rows.append(
            {
                "session": view.row["code"],
                "event": view.row["event"],
                "site": view.row["site_name"],
                "audience": person["audience"],
                "participant": row["participant_id"],
                "arm": person["arm"],
                "quiz_id": person["quiz_id"],
                "wave": wave,
                "form": None if wave == "poll" else form_of(person["arm"], wave),
                "item": row["item_id"],
                "kind": item.kind,
                "signal": item.signal,
                "choice": row["choice"],
                "correct": correct,
                "submitted": (row["participant_id"], wave) in submitted,
                "held_on": view.row["held_on"],
            }
        )
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    return frame.astype(_COLUMNS)


def participant_rows(tx: Transaction, view: SessionView) -> pd.DataFrame:
    """Everyone who joined, also those who never answered."""
    import pandas as pd

    columns = ["session", "event", "site", "audience", "participant", "arm", "language", "joined_stage"]
    rows = [
        (
            view.row["code"],
            view.row["event"],
            view.row["site_name"],
            person["audience"],
            person["participant_id"],
            person["arm"],
            person["language"],
            person["joined_stage"],
        )
        for person in tx.participants(view.row["session_id"])
    ]
    return pd.DataFrame(rows, columns=columns).astype("string")


def checksums(folder: Path) -> dict[str, str]:
    """sha256 of every file of a folder."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json"
    }


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Write the bundle of the session named on the command line; print its folder."""
    os.nice(5) if hasattr(os, "nice") else None
    chosen = settings()
    store = Store(chosen.store, read_only=True)
    try:
        print(write_bundle(store, sys.argv[1], chosen.results).name)
    except KitError as error:
        print(error.render(chosen.language), file=sys.stderr)
        return 1
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
