"""The notebooks in the repository: material, not programs; no outputs; every one runs."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from kit.notebook.slides import keyed_slides
from kit.quiz.read import load_quizzes
from tests.conftest import QUIZZES, ROOT, TOKEN, RunningService

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
IDS = [path.stem for path in NOTEBOOKS]


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_all_seven_are_there() -> None:
    wanted = {
        "session_students",
        "session_teachers",
        "session_residents",
        "self_paced",
        "followup",
        "evaluation",
        "guide",
    }
    assert set(IDS) == wanted


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_notebooks_are_clean_and_define_nothing(path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    assert len({cell.id for cell in book.cells}) == len(book.cells)
    for cell in code_cells(path):
        assert cell.outputs == []
        assert cell.execution_count is None
        assert len(cell.source.splitlines()) <= 15
        defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, defined)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_every_slide_can_be_drawn_in_both_languages(path: Path) -> None:
    for key, slide in keyed_slides(path):
        assert slide.title, key
        if slide.layout != "station":
            assert slide.english, key


@pytest.mark.parametrize(
    "path", [path for path in NOTEBOOKS if path.stem.startswith("session_")], ids=lambda path: path.stem
)
def test_every_slide_of_a_session_has_notes(path: Path) -> None:
    assert [key for key, slide in keyed_slides(path) if slide.layout != "station" and not slide.notes] == []


def test_polls_named_in_notebooks_exist() -> None:
    quizzes = load_quizzes(QUIZZES)
    for path in NOTEBOOKS:
        sources = "\n".join(cell.source for cell in code_cells(path))
        calls = [node for node in ast.walk(ast.parse(sources)) if isinstance(node, ast.Call)]
        named = {getattr(call.func, "id", getattr(call.func, "attr", "")): call for call in calls}
        if "Hall" not in named:
            continue
        known = {
            item
            for arg in named["Hall"].args
            if isinstance(arg, ast.Constant)
            for item in quizzes[str(arg.value)].polls
        }
        polls = {call.args[0].value for call in calls if getattr(call.func, "attr", "") == "poll"}  # type: ignore[attr-defined]
        assert polls <= known, path.stem


@pytest.mark.notebook
@pytest.mark.parametrize("path", NOTEBOOKS, ids=IDS)
def test_run_all_works_in_a_plain_kernel(
    path: Path, service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIT_URL", service.url)
    monkeypatch.setenv("KIT_CONTROL_TOKEN", TOKEN)
    monkeypatch.setenv("KIT_RESULTS", str(service.results))
    book = nbformat.read(path, as_version=4)
    NotebookClient(
        book, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    shown = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output for output in shown if output.output_type == "error"] == []
    if code_cells(path):
        assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in shown)
