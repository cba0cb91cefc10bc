"""A service for each module of tests on the participant page, and phones at its LAN address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser

from tests.conftest import RunningService, start_service
from tests.phone import Phone, phones_at


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One service for a module: each test has a session of its own in it."""
    running = start_service(tmp_path_factory.mktemp("service") / "results")
    yield running
    running.stop()


@pytest.fixture
def new_phone(browser: Browser, service: RunningService) -> Iterator[Callable[..., Phone]]:
    """Phones that must not raise script errors nor ask any other host."""
    with phones_at(browser, service.lan_url) as make:
        yield make


@pytest.fixture
def code(service: RunningService) -> str:
    """A session for students."""
    return str(service.open_session("students"))


@pytest.fixture
def phone(new_phone: Callable[..., Phone], code: str) -> Phone:
    """A phone at the door of a session."""
    return new_phone(code)


@pytest.fixture
def write_quiz(tmp_path: Path) -> Callable[..., Path]:
    """Write a small quiz with texts of the test's own; answers the folder."""

    def write(quiz_id: str = "small", audience: list[str] | None = None, text: str = "Teks") -> Path:
        both = {"id": text, "en": text}
        options = [{"option_id": name, "text": both} for name in ("a", "b")]
        shared: dict[str, Any] = {"topic": "scam-job", "stem": both, "rationale": both, "sources": ["L01"]}
        scenario = {"channel": "whatsapp", "from": both, "text": both}
        spot = {**scenario, "text": {"id": f"[[a|{text}]] x [[b|y]]", "en": f"[[a|{text}]] x [[b|y]]"}}
        offer = {"item_id": "offer-01", "kind": "offer", "signal": "fraud", "scenario": scenario, **shared}
        multi = {"item_id": "know-01", "kind": "multi", "options": options, "key": ["a", "b"], **shared}
        tap = {"item_id": "know-02", "kind": "spot", "scenario": spot, "key": ["a"], **shared}
        poll = {"item_id": f"{quiz_id}-poll", "kind": "choice", "options": options, "key": ["a"], **shared}
        quiz = {
            "quiz_id": quiz_id, "title": both, "audience": audience or ["resident"],
            "reviewed_on": "2026-11-23", "design": "same",
            "forms": {"A": ["offer-01", "know-01", "know-02"]}, "polls": [f"{quiz_id}-poll"],
            "items": [offer, multi, tap, poll],
        }  # fmt: skip
        folder = tmp_path / "quizzes"
        folder.mkdir(exist_ok=True)
        dumper = yaml.SafeDumper
        dumper.ignore_aliases = lambda self, data: True  # type: ignore[method-assign]  # the loader refuses them
        (folder / f"{quiz_id}.yaml").write_text(yaml.dump(quiz, Dumper=dumper, allow_unicode=True))
        return folder

    return write
