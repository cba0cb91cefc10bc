"""A report in a notebook: page one where it is shown, one line where it is printed, found from any folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from kit.report import Report, load
from tests.crowd import Crowd, leave_bundle

README = Path(__file__).parents[3] / "README.md"


@pytest.fixture
def report(bundle_of: Callable[..., Path], crowd_of: Any) -> Report:
    return load(bundle_of(crowd_of(n=24))).report()


def test_a_notebook_shows_page_one(report: Report) -> None:
    shown = report._repr_html_()
    page = report.summary()
    assert page.change in shown
    assert page.verdict in shown
    assert "<script" not in shown
    assert "Statistik nilai" not in shown
    assert len(shown.encode()) < 100_000


def test_a_draft_for_the_public_shows_no_figure(bundle_of: Callable[..., Path], crowd_of: Any) -> None:
    draft = load(bundle_of(crowd_of(n=48))).report(audience="public")
    assert draft._repr_html_() == "<p>Laporan untuk umum ini masih rancangan.</p>"


def test_its_repr_is_one_line_with_the_change(report: Report) -> None:
    line = repr(report)
    assert "\n" not in line
    assert line.startswith("<Report Desa Mawar · 23 November 2026: Naik rata-rata ")
    assert report.fingerprint in line


def test_the_results_of_the_workspace_are_found_from_any_folder(
    own_register: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = leave_bundle(own_register, Crowd(n=12))
    monkeypatch.chdir(tmp_path)
    assert load("results").report().figures.flow.n_joined == 12
    assert load(f"{own_register.name}/{folder.name}").report().figures.flow.n_joined == 12


def test_the_lines_of_the_readme_run_in_a_notebook(
    own_register: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_bundle(own_register, Crowd(n=24))
    found = re.search(r"```python\n(import kit\.report\n.*?)```", README.read_text(encoding="utf-8"), re.S)
    assert found
    *lines, last = found[1].strip().split("\n")
    cells = ["\n".join([*lines, "report"]), last]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    first, second = (cell["outputs"][-1]["data"] for cell in notebook.cells)
    assert "Naik rata-rata" in first["text/html"]
    assert first["text/plain"].startswith("<Report ")
    assert "'mean_change'" in second["text/plain"]
