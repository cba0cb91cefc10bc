"""The evaluation in Voila: choose bundles, read the report, take it away."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.notebook.conftest import ARTIFACTS, Desk

pytestmark = [pytest.mark.notebook, pytest.mark.browser]


def hold_a_session(desk: Desk, people: int) -> str:
    """A session from pre to bundle, over HTTP; the folder of its bundle."""
    service = desk.laptop.service
    code = service.open_session("students", site="SMA Contoh", event="Pekan Contoh")
    present = [service.join(code) for _ in range(people)]
    for wave, right in (("pre", 5), ("post", 9)):
        service.control.move(code, wave)
        for number, person in enumerate(present):
            person.answer(wave, right + number % 3)
        service.control.move(code, "lesson" if wave == "pre" else "results")
    return str(service.control.close(code)["bundle"])


def test_without_bundles_it_says_so(desk: Desk) -> None:
    desk.show("evaluation")
    desk.page.get_by_text("Belum ada pertemuan yang ditutup.").wait_for()


def test_the_report_of_chosen_sessions_is_shown_and_taken_away(desk: Desk) -> None:
    hold_a_session(desk, 12)
    page = desk.show("evaluation")
    page.wait_for_selector(".evaluation tbody tr")
    assert "SMA Contoh" in page.locator(".evaluation tbody").inner_text()
    page.locator(".evaluation tbody input").first.uncheck()
    page.click("[data-key=show]")
    page.get_by_text("Pilih paling sedikit satu pertemuan.").wait_for()
    page.locator(".evaluation tbody input").first.check()
    page.click("[data-key=show]")
    page.wait_for_selector(".evaluation .report", timeout=90_000)
    assert "12" in page.locator(".evaluation .report").inner_text()
    assert page.locator(".evaluation figure img").count() >= 2
    assert page.evaluate(
        "[...document.querySelectorAll('.evaluation figure img')].every(image => image.naturalWidth > 100)"
    )
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(ARTIFACTS / "evaluation-report.png"), full_page=True)
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    with page.expect_download() as download:
        page.click("[data-key=file-json]")
    assert json.loads(download.value.path().read_text())["flow"]["n_pairs"] == 12
    with page.expect_download() as download:
        page.click("[data-key=file-html]")
    assert download.value.path().read_text().lower().startswith("<!doctype html>")
    with page.expect_download() as download:
        page.click("[data-key=file-pdf]")
    assert download.value.suggested_filename == "report.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    assert b"/StructTreeRoot" in download.value.path().read_bytes(), "a tagged PDF"
    with page.expect_download() as download:
        page.click("[data-key=file-xlsx]")
    assert download.value.suggested_filename == "report.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert book.sheetnames == ["Ringkasan", "Butir", "Lokasi", "Metode", "Kubus"]
    assert 12 in {cell.value for row in book["Ringkasan"].iter_rows() for cell in row}


@pytest.mark.parametrize("width", [1280, 800])
def test_a_long_word_does_not_widen_the_list(new_desk: Callable[..., Desk], width: int) -> None:
    desk = new_desk(width=width)
    service = desk.laptop.service
    code = service.open_session("students", site="M" * 140, event="W" * 140)
    service.control.close(code)
    page = desk.show("evaluation")
    page.get_by_text("W" * 140).first.wait_for()
    assert page.locator(".choose .scroll").evaluate("list => list.scrollWidth <= list.clientWidth")
    desk.shot(f"evaluation-long-word-{width}")
