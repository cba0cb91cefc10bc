"""Bundles and tables made of simulated people, for the reports on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kit.bundle.write import response_rows, seal
from kit.quiz.model import Quiz
from tests.crowd import Crowd, leave_bundle, make_quiz, session_of

# Ibis 12 calls DuckDB 2 by a name that DuckDB is about to drop: not ours to mend; nothing else passes.
_IBIS = "ignore:fetch_arrow_table.. is deprecated:DeprecationWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(_IBIS))


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
        return leave_bundle(tmp_path / "results", crowd, **details)

    return write


@pytest.fixture
def responses_of() -> Callable[..., pd.DataFrame]:
    """`responses_of(Crowd(...))` gives the response rows alone."""

    def make(crowd: Crowd, **place: str) -> pd.DataFrame:
        return response_rows(session_of(crowd, **{"code": "S1", "event": "", **place}))

    return make


@pytest.fixture
def seal_bundle() -> Callable[[Path], None]:
    return seal
