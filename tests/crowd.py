"""Simulated people, and the closed sessions they leave."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kit.bundle import layout
from kit.bundle.write import ClosedSession, seal, write_bundle
from kit.quiz.model import Quiz, quiz_from_dict
from kit.study.place import Site, place_id
from kit.study.wave import WAVES, form_of


def offer(number: int, signal: str, twin: int) -> dict[str, Any]:
    return {
        "item_id": f"offer-{number:02d}",
        "kind": "offer",
        "signal": signal,
        "topic": "scam-job" if signal == "fraud" else "travel-offer",
        "twin": f"offer-{twin:02d}",
        "scenario": {
            "channel": "whatsapp",
            "from": {"id": f"Agen {number}", "en": f"Agent {number}"},
            "text": {"id": f"Lowongan nomor {number} di luar negeri.", "en": f"Vacancy {number} abroad."},
        },
        "stem": {"id": "Tawaran ini palsu atau asli?", "en": "Is this offer fraudulent or genuine?"},
        "rationale": {"id": "Lihat izinnya.", "en": "Look at the licence."},
        "sources": ["L31"],
    }


def choice(number: int, twin: int) -> dict[str, Any]:
    return {
        "item_id": f"know-{number:02d}",
        "kind": "choice",
        "topic": "getting-help",
        "twin": f"know-{twin:02d}",
        "stem": {"id": f"Ke mana melapor untuk hal {number}?", "en": f"Where to report matter {number}?"},
        "options": [
            {"option_id": letter, "text": {"id": f"Pilihan {letter}", "en": f"Option {letter}"}}
            for letter in "abcd"
        ],
        "key": ["a"],
        "rationale": {"id": "Ini nomornya.", "en": "This is the number."},
        "sources": ["L31"],
    }


def make_quiz(fraud: int = 5, genuine: int = 5, know: int = 4, design: str = "counterbalanced") -> Quiz:
    """A quiz with two parallel forms (or one), and one attitude statement."""
    half = fraud + genuine
    signals = ["fraud"] * fraud + ["genuine"] * genuine
    forms = {"A": [], "B": []}
    items = []
    for shift, form in ((0, "A"), (half, "B")):
        for place, signal in enumerate(signals, start=1):
            items.append(offer(shift + place, signal, half - shift + place))
        forms[form] += [item["item_id"] for item in items[-half:]] if half else []
    for shift, form in ((0, "A"), (know, "B")):
        for place in range(1, know + 1):
            items.append(choice(shift + place, know - shift + place))
            forms[form].append(items[-1]["item_id"])
    likert = {
        "item_id": "feel-01",
        "kind": "likert",
        "topic": "getting-help",
        "stem": {"id": "Saya berani bertanya.", "en": "I dare to ask."},
    }
    return quiz_from_dict(
        {
            "quiz_id": "students",
            "title": {"id": "Aman ke luar negeri", "en": "Safe abroad"},
            "audience": ["student"],
            "reviewed_on": "2026-11-23",
            "design": design,
            "forms": forms if design == "counterbalanced" else {"A": forms["A"]},
            "likert": ["feel-01"],
            "items": [*items, likert],
        }
    )


@dataclass(frozen=True)
class Crowd:
    """How simulated people answer: chance of being right before, and what the session adds."""

    n: int = 40
    know_pre: float = 0.5
    know_gain: float = 0.2
    hit_pre: float = 0.6
    hit_post: float = 0.8
    false_pre: float = 0.35
    false_post: float = 0.25
    drop: float = 0.0
    late: float = 0.0
    followup: float = 0.0
    seed: int = 1
    spread: float = 0.1
    quiz: Quiz = field(default_factory=make_quiz)


def choices_of(
    rng: np.random.Generator, crowd: Crowd, form: str, shift: float, wave: str
) -> list[tuple[str, str]]:
    """(item, choice) for one attempt."""
    later = wave != "pre"
    picked: list[tuple[str, str]] = []
    for item in crowd.quiz.form_items(form):
        if item.kind == "offer":
            rate = {
                ("fraud", False): crowd.hit_pre,
                ("fraud", True): crowd.hit_post,
                ("genuine", False): crowd.false_pre,
                ("genuine", True): crowd.false_post,
            }[(item.signal or "", later)]
            sign = 1 if item.signal == "fraud" else -1
            says_fraud = rng.random() < np.clip(rate + sign * shift, 0.02, 0.98)
            choice = "fraud" if says_fraud else ("unsure" if rng.random() < 0.15 else "genuine")
        else:
            right = rng.random() < np.clip(crowd.know_pre + shift + later * crowd.know_gain, 0.02, 0.98)
            choice = "+".join(item.key) if right else str(rng.choice(["b", "b", "c", "unsure"]))
        picked.append((item.item_id, choice))
    return [*picked, *((item_id, str(int(rng.integers(2, 6)))) for item_id in crowd.quiz.likert)]


def session_of(
    crowd: Crowd,
    *,
    code: str = "ABC234",
    event: str = "Gelar 2026",
    site: str | Site = "Desa Mawar",
    audience: str = "student",
    held_on: str = "2026-11-23",
    rehearsal: bool = False,
    target: float | None = None,
) -> ClosedSession:
    """The session a crowd took part in, as a store would tell it."""
    rng = np.random.default_rng(crowd.seed)
    two = crowd.quiz.design == "counterbalanced"
    people: list[dict[str, str]] = []
    responses: list[dict[str, str]] = []
    for number in range(crowd.n):
        name = f"{code}-P{number:03d}"
        arm = ("AB", "BA")[number % 2] if two else "AA"
        late = rng.random() < crowd.late
        waves = [] if late else ["pre"]
        waves += [] if rng.random() < crowd.drop else ["post"]
        waves += ["followup"] if rng.random() < crowd.followup else []
        shift = float(rng.normal(0, crowd.spread))
        person = {"participant_id": name, "audience": audience, "arm": arm, "quiz_id": crowd.quiz.quiz_id}
        people.append(person | {"language": "id", "joined_stage": "post" if late else "lobby"})
        for wave in waves:
            for item, choice in choices_of(rng, crowd, form_of(arm, wave), shift, wave):
                responses.append({"participant_id": name, "wave": wave, "item_id": item, "choice": choice})
    attempts = {(row["participant_id"], row["wave"]) for row in responses}
    return ClosedSession(
        details={
            "code": code,
            "event": event,
            "held_on": held_on,
            "target": target,
            "opened_at": f"{held_on}T01:00:00Z",
            "closed_at": f"{held_on}T04:00:00Z",
            "notes": "Ibu Sari (HP 0812) bertanya tentang agen.",
            "rehearsal": rehearsal,
            "minors_consent": True,
        },
        title=crowd.quiz.title.to_dict(),
        site=site if isinstance(site, Site) else Site(place_id(site), site),
        quizzes=(crowd.quiz,),
        people=people,
        responses=responses,
        submitted=frozenset(attempts),
        joined={audience: crowd.n},
        finished={wave: sum(attempt[1] == wave for attempt in attempts) for wave in WAVES},
    )


def leave_bundle(results: Path, crowd: Crowd, *, manifest: bool = True, **details: Any) -> Path:
    """Write the bundle of a crowd's session, without cube and reports."""
    folder = write_bundle(results, session_of(crowd, **details), lambda folder: None)
    if not manifest:
        (folder / layout.MANIFEST).unlink()
    return folder


def as_schema_1(folder: Path) -> Path:
    """A bundle as the kit left it before sites had an identity."""
    session = json.loads((folder / layout.SESSION).read_text(encoding="utf-8"))
    del session["site"]["site_id"]
    (folder / layout.SESSION).write_text(json.dumps(session | {"schema_version": 1}), encoding="utf-8")
    for name in layout.RAW:
        pd.read_parquet(folder / name).drop(columns="site_id").to_parquet(folder / name, index=False)
    seal(folder)
    return folder
