"""Notebooks in JupyterLab: they run from top to bottom with pictures, in the chosen language, in peace."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.conftest import ROOT, start_service
from tests.notebook.conftest import ARTIFACTS, Desk, Laptop, start_laptop
from tests.phone import keep_picture

pytestmark = [pytest.mark.notebook, pytest.mark.browser]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Laptop]:
    """A laptop as `kit serve --lab` leaves it, with the sample in its results."""
    results = tmp_path / "results"
    results.mkdir()
    for sample in (ROOT / "results").glob("contoh-*"):
        shutil.copytree(sample, results / sample.name)
    service = start_service(results)
    running = start_laptop(tmp_path, service, lab=True)
    yield running
    running.stop()
    service.stop()


def test_a_notebook_runs_in_jupyterlab_in_the_chosen_language_without_news(
    browser: Browser, lab: Laptop
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    desk = Desk(lab, context)
    page = desk.page
    page.goto(f"{lab.url}/lab/tree/evaluation.ipynb")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.get_by_role("heading", name="Pilih pertemuan").wait_for()
    page.click("[data-key=show]")
    page.wait_for_selector(".evaluation .report", timeout=90_000)
    assert page.evaluate(
        "[...document.querySelectorAll('.evaluation figure img')].every(image => image.naturalWidth > 100)"
    )
    assert page.locator('.jp-OutputArea-output[data-mime-type*="error"]').count() == 0
    assert page.locator('.jp-OutputArea-output[data-mime-type*="stderr"]').count() == 0
    assert page.get_by_text("news", exact=False).count() == 0
    assert page.locator(".Toastify__toast, .jp-Notification-List").count() == 0
    assert "shown=1" not in page.url
    keep_picture(page, ARTIFACTS / "lab-evaluation.png")
    context.close()
    assert (desk.errors, desk.foreign) == ([], [])
