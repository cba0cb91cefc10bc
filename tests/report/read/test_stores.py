"""The live store as a source: the same report as from its bundle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from kit.bundle.faults import SourceFault
from kit.report import load
from kit.session.store.tables import metadata


def fill(url: str, folder: Path, *, stage: str = "closed", rehearsal: bool = False) -> None:
    """Put a bundle's rows into a store."""
    import pandas as pd

    session = json.loads((folder / "session.json").read_text())
    rows, people = (pd.read_parquet(folder / f"{n}.parquet") for n in ("responses", "participants"))
    engine = sa.create_engine(url)
    metadata.create_all(engine)
    tables = metadata.tables
    held = {"code": session["code"], "event": session["event"], "held_on": session["held_on"]}
    fixed = {
        "minors_consent": True,
        "followup_days": 90,
        "version": 1,
        "seed": "0",
        "opened_at": "",
        "notes": "",
    }
    person = {
        "session_id": "x",
        "quiz_id": "students",
        "language": "id",
        "joined_stage": "lobby",
        "joined_at": "",
    }
    with engine.begin() as tx:
        tx.execute(tables["site"].insert(), session["site"])
        opened = {
            "session_id": "x",
            "site_id": session["site"]["site_id"],
            "stage": stage,
            "rehearsal": rehearsal,
            "target": None,
        }
        tx.execute(tables["session"].insert(), {**opened, **held, **fixed})
        for position, entry in enumerate(session["quizzes"]):
            snapshot = {
                "quiz_id": entry["quiz_id"],
                "sha256": entry["sha256"],
                "quiz": json.dumps(entry["quiz"]),
            }
            tx.execute(tables["session_quiz"].insert(), {"session_id": "x", "position": position, **snapshot})
        for p in people.itertuples():
            own = {
                "participant_id": p.participant,
                "code_hash": p.participant,
                "token_hash": p.participant,
            }
            tx.execute(
                tables["participant"].insert(), {**person, **own, "audience": p.audience, "arm": p.arm}
            )
        answers = [
            {"participant_id": r.participant, "wave": r.wave, "item_id": r.item, "choice": r.choice}
            for r in rows.itertuples()
        ]
        tx.execute(tables["response"].insert(), [{**a, "seq": 1, "answered_at": ""} for a in answers])
    engine.dispose()


def test_store_and_bundle_give_the_same_report(store_url: str, bundle_of: Any, crowd_of: Any) -> None:
    folder = bundle_of(crowd_of(n=30, drop=0.2, followup=0.4))
    fill(store_url, folder)
    assert load(store_url).report().fingerprint == load(folder).report().fingerprint


def test_a_running_session_stays_out(tmp_path: Path, bundle_of: Any, crowd_of: Any) -> None:
    url = f"sqlite:///{tmp_path / 'kit.db'}"
    fill(url, bundle_of(crowd_of(n=12)), stage="pre")
    with pytest.raises(SourceFault) as caught:
        load(url)
    assert "no session whose results are open" in caught.value.render("en")


def test_a_rehearsal_in_the_store_stays_out(tmp_path: Path, bundle_of: Any, crowd_of: Any) -> None:
    url = f"sqlite:///{tmp_path / 'kit.db'}"
    fill(url, bundle_of(crowd_of(n=12)), rehearsal=True)
    with pytest.raises(SourceFault):
        load(url)


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/kit.db", "postgresql+psycopg://u:secret@127.0.0.1:1/kit", "x://y"]
)
def test_a_store_that_cannot_be_read_says_so_without_its_password(url: str) -> None:
    with pytest.raises(SourceFault) as caught:
        load(url)
    assert "secret" not in caught.value.render("en")
