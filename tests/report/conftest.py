"""Simulated people, and bundles and tables made from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kit.quiz.model import Quiz, quiz_from_dict

# Ibis 12 calls DuckDB 2 by a name that DuckDB is about to drop: not ours to mend; nothing else passes.
_IBIS = "ignore:fetch_arrow_table.. is deprecated:DeprecationWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(_IBIS))


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


def answers_of(
    rng: np.random.Generator, crowd: Crowd, form: str, shift: float, wave: str
) -> list[tuple[str, str, str | None, str, int | None]]:
    """(item, kind, signal, choice, correct) for one attempt."""
    later = wave != "pre"
    rows: list[tuple[str, str, str | None, str, int | None]] = []
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
            picked = "fraud" if says_fraud else ("unsure" if rng.random() < 0.15 else "genuine")
        else:
            right = rng.random() < np.clip(crowd.know_pre + shift + later * crowd.know_gain, 0.02, 0.98)
            picked = "a" if right else str(rng.choice(["b", "b", "c", "unsure"]))
        correct = None if picked == "unsure" else int(frozenset({picked}) == item.key)
        rows.append((item.item_id, item.kind, item.signal, picked, correct))
    for item_id in crowd.quiz.likert:
        rows.append((item_id, "likert", None, str(int(rng.integers(2, 6))), None))
    return rows


def simulate(crowd: Crowd, place: dict[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Responses and participants in the bundle's columns."""
    rng = np.random.default_rng(crowd.seed)
    two = crowd.quiz.design == "counterbalanced"
    rows, people = [], []
    for number in range(crowd.n):
        name = f"{place['session']}-P{number:03d}"
        arm = ("AB", "BA")[number % 2] if two else "AA"
        late = rng.random() < crowd.late
        waves = [] if late else ["pre"]
        waves += [] if rng.random() < crowd.drop else ["post"]
        waves += ["followup"] if rng.random() < crowd.followup else []
        shift = float(rng.normal(0, crowd.spread))
        person = {**place, "participant": name, "arm": arm}
        held_on = person.pop("held_on")
        people.append({**person, "language": "id", "joined_stage": "post" if late else "lobby"})
        for wave in waves:
            form = arm[1] if wave == "post" else arm[0]
            for item, kind, signal, picked, correct in answers_of(rng, crowd, form, shift, wave):
                answer = {"item": item, "kind": kind, "signal": signal, "choice": picked, "correct": correct}
                where = {"quiz_id": crowd.quiz.quiz_id, "wave": wave, "form": form, "held_on": held_on}
                rows.append({**person, **where, **answer, "submitted": True})
    columns = """session event site audience participant arm quiz_id wave form item kind signal choice correct
        submitted held_on""".split()
    responses = pd.DataFrame(rows, columns=columns)
    types = {c: "string" for c in columns if c not in ("correct", "submitted")}
    return responses.astype({**types, "correct": "Int8", "submitted": "bool"}), pd.DataFrame(people).astype(
        "string"
    )


def write_bundle(
    folder: Path,
    crowd: Crowd,
    *,
    code: str = "ABC234",
    site: str = "Desa Mawar",
    audience: str = "student",
    rehearsal: bool = False,
    target: float | None = None,
    held_on: str = "2026-11-23",
    manifest: bool = True,
) -> Path:
    """Write a bundle folder as `kit.session.bundle` does."""
    place = {"session": code, "event": "Gelar 2026", "site": site, "audience": audience, "held_on": held_on}
    responses, people = simulate(crowd, place)
    folder = folder / f"{held_on}-{site.lower().replace(' ', '-')}-{code}"
    folder.mkdir(parents=True)
    responses.to_parquet(folder / "responses.parquet", index=False)
    people.to_parquet(folder / "participants.parquet", index=False)
    finished = {wave: int(responses[responses["wave"] == wave]["participant"].nunique()) for wave in
                ("pre", "post", "followup")}  # fmt: skip
    session = {
        "schema_version": 1,
        "code": code,
        "title": crowd.quiz.title.to_dict(),
        "event": place["event"],
        "site": {"name": site, "district": "", "city": "", "province": ""},
        "held_on": held_on,
        "target": target,
        "rehearsal": rehearsal,
        "minors_consent": True,
        "opened_at": f"{held_on}T01:00:00Z",
        "closed_at": f"{held_on}T04:00:00Z",
        "kit": "0.1.0",
        "notes": "Ibu Sari (HP 0812) bertanya tentang agen.",
        "quizzes": [
            {"quiz_id": crowd.quiz.quiz_id, "sha256": crowd.quiz.sha256, "quiz": crowd.quiz.to_dict()}
        ],
        "counts": {"joined": crowd.n, "by_audience": {audience: crowd.n}, "finished": finished},
    }
    (folder / "session.json").write_text(json.dumps(session, ensure_ascii=False), encoding="utf-8")
    if manifest:
        seal(folder)
    return folder


def seal(folder: Path) -> None:
    """Write manifest.json."""
    sums = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in folder.iterdir()
        if p.name != "manifest.json"
    }
    (folder / "manifest.json").write_text(json.dumps(sums), encoding="utf-8")


@pytest.fixture(autouse=True)
def own_register(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A results folder of the test's own: public reports are kept in a register there."""
    results = tmp_path_factory.mktemp("results")
    monkeypatch.setenv("KIT_RESULTS", str(results))
    return results


@pytest.fixture
def quiz_of() -> Callable[..., Quiz]:
    return make_quiz


@pytest.fixture
def crowd_of() -> type[Crowd]:
    return Crowd


@pytest.fixture
def bundle_of(tmp_path: Path) -> Callable[..., Path]:
    """`bundle_of(Crowd(...), code=..., site=...)` writes a bundle below `tmp_path/results`."""

    def write(crowd: Crowd, **details: Any) -> Path:
        return write_bundle(tmp_path / "results", crowd, **details)

    return write


@pytest.fixture
def responses_of() -> Callable[..., pd.DataFrame]:
    """`responses_of(Crowd(...))` gives the response rows alone."""

    def make(crowd: Crowd, **place: str) -> pd.DataFrame:
        full = {
            "session": "S1",
            "event": "",
            "site": "Desa Mawar",
            "audience": "student",
            "held_on": "2026-11-23",
        }
        return simulate(crowd, full | place)[0]

    return make


@pytest.fixture
def seal_bundle() -> Callable[[Path], None]:
    return seal
