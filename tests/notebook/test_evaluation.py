"""The evaluation in Voila: choose bundles, read the report, take it away."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import openpyxl
import pytest
from playwright.sync_api import Download, Page

from tests.axe import Axe
from tests.notebook.conftest import ARTIFACTS, Desk
from tests.phone import keep_picture

pytestmark = [pytest.mark.notebook, pytest.mark.browser]

# Boxes that are wider than what they show; lists and code scroll by themselves.
WIDE = """() => [...document.querySelectorAll("*")]
  .filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth)
  .filter(one => !one.closest(".scroll, pre, svg"))
  .filter(one => getComputedStyle(one).display !== "inline")
  .map(one => `${one.tagName}.${one.className} ${one.clientWidth} ${one.scrollWidth}`)"""


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
    desk.shot("evaluation-empty")
    desk.page.get_by_role("link", name="Halaman awal").click()
    desk.page.wait_for_url("**/kit")


def download(page: Page, kind: str) -> Download:
    with page.expect_download() as started:
        page.click(f"[data-key^=file-{kind}-]")
    return started.value


def idle(page: Page) -> None:
    """Wait until the kernel has done what was asked."""
    page.wait_for_function("!document.querySelector('.evaluation .working')", timeout=90_000)


def test_the_report_of_chosen_sessions_is_shown_shared_compared_and_taken_away(desk: Desk) -> None:
    hold_a_session(desk, 12)
    page = desk.show("evaluation")
    page.wait_for_selector(".evaluation tbody tr")
    row = page.locator(".evaluation tbody tr").filter(has_text="Pekan Contoh")
    assert row.locator(".number").all_inner_texts() == ["12", "12"]
    row.locator("input").uncheck()
    page.fill("#evaluation-only", "pekan contoh")
    page.click("[data-key=show]")
    page.get_by_text("Pilih paling sedikit satu pertemuan.").wait_for()
    row.locator("input").check()
    page.click("[data-key=show]")
    page.wait_for_selector(".evaluation .report", timeout=90_000)
    assert "12" in page.locator(".evaluation .report").inner_text()
    assert page.locator(".evaluation figure img").count() >= 2
    assert page.evaluate(
        "[...document.querySelectorAll('.evaluation figure img')].every(image => image.naturalWidth > 100)"
    )
    keep_picture(page, ARTIFACTS / "evaluation-report.png", full_page=True)
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    assert json.loads(download(page, "json").path().read_text())["flow"]["n_pairs"] == 12
    assert download(page, "html").path().read_text().lower().startswith("<!doctype html>")
    pdf = download(page, "pdf")
    assert pdf.suggested_filename.endswith(".pdf")
    assert pdf.path().read_bytes().startswith(b"%PDF-")
    assert b"/StructTreeRoot" in pdf.path().read_bytes(), "a tagged PDF"
    xlsx = download(page, "xlsx")
    assert xlsx.suggested_filename.endswith(".xlsx")
    book = openpyxl.load_workbook(io.BytesIO(xlsx.path().read_bytes()))
    assert book.sheetnames == ["Ringkasan", "Butir", "Lokasi", "Pengakuan", "Metode"]
    assert 12 in {cell.value for row in book["Ringkasan"].iter_rows() for cell in row}
    page.click("[data-key^=keep-]")
    page.click("[data-key=options]")
    page.fill("#evaluation-target", "30")
    page.click("[data-key=show]")
    page.wait_for_selector(".evaluation .report:nth-of-type(2)", timeout=90_000)
    assert "+30" in page.locator(".evaluation .report").last.inner_text()
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".evaluation .report:nth-of-type(2)", timeout=90_000)
    assert page.locator(".reports > .beside tbody tr").count() == 2
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    keep_picture(page, ARTIFACTS / "evaluation-beside.png", full_page=True)


def test_pages_beside_the_report_and_a_table_from_outside(desk: Desk) -> None:
    hold_a_session(desk, 12)
    page = desk.show("evaluation", query="?view=villages")
    page.wait_for_selector(".evaluation .page tbody tr", timeout=90_000)
    lines = "cell => { const all = new Range(); all.selectNodeContents(cell); return all.getClientRects() }"
    opening = page.get_by_role("button", name="Buka: SMA Contoh")
    assert len(opening.evaluate(lines)) == 1, "no word is broken to fit"
    opening.click()
    page.wait_for_selector(".evaluation .report", timeout=90_000)
    assert "view=" not in page.url
    assert "first=visits" in page.url
    for view, found in (("items", ".page .group h3"), ("planning", ".page .headline")):
        page.click(f"[data-key=view-{view}]")
        page.wait_for_selector(f".evaluation {found}", timeout=90_000)
        idle(page)
        result = Axe().run(page)
        assert result.violations_count == 0, result.generate_report()
    page.click("[data-key=view-table]")
    rows = "".join(f"P{n};{n % 5};{4 + n % 6};Mawar\n" for n in range(20))
    table = {"name": "nilai.csv", "mimeType": "text/csv", "buffer": f"Nama;Awal;Akhir;Desa\n{rows}".encode()}
    page.set_input_files("#evaluation-file", [table])  # type: ignore[list-item]
    page.get_by_text("nilai.csv: 20 baris").wait_for()
    page.select_option("#evaluation-column-pre", label="Awal (0, 1, 2)")
    page.select_option("#evaluation-column-participant", "0")
    page.select_option("#evaluation-column-post", "2")
    page.fill("#evaluation-most", "10")
    page.click("[data-key=match]")
    page.wait_for_selector(".evaluation .preview")
    assert page.locator(".preview dd").first.inner_text() == "20"
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    page.click("[data-key=table-report]")
    page.get_by_text("Dari 20 peserta, 20").first.wait_for()


@pytest.mark.parametrize("width", [1280, 800])
def test_a_long_word_does_not_widen_the_list(new_desk: Callable[..., Desk], width: int) -> None:
    desk = new_desk(width=width)
    service = desk.laptop.service
    code = service.open_session("students", site="M" * 140, event="W" * 140)
    service.control.close(code)
    page = desk.show("evaluation")
    page.locator(".choose tbody").get_by_text("W" * 140).first.wait_for()
    assert page.locator(".choose .scroll").evaluate("list => list.scrollWidth <= list.clientWidth")
    desk.shot(f"evaluation-long-word-{width}")


def test_a_phone_needs_no_scrolling_sideways(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(width=360, height=640)
    hold_a_session(desk, 12)
    page = desk.show("evaluation")
    row = page.locator(".evaluation tbody tr").filter(has_text="Pekan Contoh")
    row.first.wait_for()
    page.click("[data-key=show]")
    page.wait_for_selector(".evaluation .report", timeout=90_000)
    views = ("table", "planning", "items", "villages", "report")
    for view in views:
        page.click(f"[data-key=view-{view}]")
        idle(page)
        desk.shot(f"evaluation-360-{view}")
        wide = page.evaluate(WIDE)
        assert not wide, (view, *wide)
