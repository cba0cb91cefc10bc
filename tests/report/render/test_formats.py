"""HTML, PDF, XLSX, JSON: one report, one fingerprint; safe, small, the same bytes again."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from altair.utils.schemapi import SchemaValidationError

from kit.bundle.faults import SourceFault
from kit.report import Report, load, render_report, report_bundle, run_report, write_report
from kit.report.render.page import drawings_of, page_context
from kit.report.render.xlsx import inert
from kit.report.sections import SECTIONS

DAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def report(bundle_of: Callable[..., Path], crowd_of: Any) -> Report:
    return load(bundle_of(crowd_of(n=48, drop=0.1, followup=0.5))).report(generated_at=DAY)


def test_all_formats_carry_the_same_fingerprint(report: Report, tmp_path: Path) -> None:
    files = render_report(report, tmp_path / "out", ["html", "json", "pdf", "xlsx"])
    assert [f.name for f in files] == [
        f"2026-11-23-desa-mawar-ABC234.{x}" for x in ("html", "json", "pdf", "xlsx")
    ]
    assert report.fingerprint in files[0].read_text()
    assert report.fingerprint in files[1].read_text()
    book = openpyxl.load_workbook(files[3])
    assert any(report.fingerprint in str(cell.value) for row in book["Metode"] for cell in row)
    assert book.properties.description == report.fingerprint


def test_html_is_one_small_file_without_script(report: Report) -> None:
    html = report.html()
    assert len(html.encode()) < 200_000
    assert "<script" not in html.lower()
    assert not re.findall(r'(?:src|href)="(?!#)', html)
    assert "http" not in re.sub(r"http://www\.w3\.org/\S+", "", html)
    assert 'lang="id"' in html
    assert "@media print" in html


def test_every_chart_has_words_and_readable_text(report: Report) -> None:
    charts = report.charts()
    assert {"gain", "discernment", "items", "answers", "waves", "likert"} <= set(charts)
    ids: list[str] = []
    for chart in charts.values():
        root = ElementTree.fromstring(chart.svg)
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"] == chart.alt
        assert len(chart.alt) > 20
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', chart.svg)]
        assert min(sizes) >= 12
        ids += re.findall(r' id="([^"]+)"', chart.svg)
    assert len(ids) == len(set(ids))


def test_every_chart_is_sound_vega_lite(report: Report) -> None:
    """Altair's own check of parts is off while charts are put together."""
    drawings = drawings_of(report, "en", SECTIONS)
    assert {"gain", "discernment", "items", "answers", "waves", "likert"} <= set(drawings)
    for drawing in drawings.values():
        drawing.layers.to_dict(validate=True)
    broken = drawings["gain"].layers.copy()
    broken.layer[0].mark = "no such mark"
    with pytest.raises(SchemaValidationError):
        broken.to_dict(validate=True)


def test_pages_draw_only_what_they_show_and_only_once(report: Report) -> None:
    page = report.html("id")
    assert "waves" in report.drawn["id"]
    assert 'aria-label="' + escape(report.drawn["id"]["waves"].alt, quote=True) in page
    assert "items" not in report.drawn["id"], "drawn in the rows of a table"
    drawn = dict(report.drawn["id"])
    report.pdf("id")
    charts = report.charts("id")
    assert charts["items"].svg
    assert all(charts[name] is chart for name, chart in drawn.items())


def test_pdf_is_tagged_accessible_and_the_same_bytes_again(report: Report) -> None:
    first, second = report.pdf(), report.pdf()
    assert first == second
    assert first.startswith(b"%PDF-1.7")
    assert b"pdfuaid" in first
    assert b"/MarkInfo" in first


def test_pdf_of_another_load_on_the_same_day_is_the_same_file(bundle_of: Any, crowd_of: Any) -> None:
    folder = bundle_of(crowd_of(n=20))
    later = DAY.replace(hour=15)
    assert load(folder).report(generated_at=DAY).pdf() == load(folder).report(generated_at=later).pdf()


def test_workbook_has_four_sheets_and_numbers_as_numbers(report: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(report.xlsx()))
    assert book.sheetnames == ["Ringkasan", "Butir", "Lokasi", "Metode"]
    figures = {row[0].value: row[1].value for row in book["Ringkasan"].iter_rows() if row[0].value}
    assert figures["score.mean_change"] == pytest.approx(report.figures.score.mean_change)
    english = openpyxl.load_workbook(io.BytesIO(report.xlsx("en")))
    assert english.sheetnames == ["Summary", "Items", "Sites", "Method"]


def test_a_formula_in_a_name_stays_text_everywhere(tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://x","y")'
    rows = ["site,participant,pre,post"]
    for site in ('"=HYPERLINK(""http://x"",""y"")"', "@SUM(A1)", "<script>alert(1)</script>"):
        rows += [f"{site},P{site[1:4]}{i},{i % 4},{i % 4 + 1 + i % 2}" for i in range(12)]
    path = tmp_path / "evil.csv"
    path.write_text("\n".join(rows))
    report = load(path, max_score=10).report()
    book = openpyxl.load_workbook(io.BytesIO(report.xlsx()))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not str(cell.value).startswith(("=", "@"))
    assert inert(evil) == "'" + evil
    assert "<script>" not in report.html()
    assert report.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("site", ["Desa 😀❤️ 🇰🇷 Mawar", "村 Mawar", "قرية ក្រុង"])
def test_letters_that_no_font_has_cost_nobody_the_report(bundle_of: Any, crowd_of: Any, site: str) -> None:
    first = bundle_of(crowd_of(n=12), site=site)
    bundle_of(crowd_of(n=12, seed=2), site="Desa Melati", code="DEF234")
    report = load(first.parent).report()
    assert report.pdf().startswith(b"%PDF")
    assert site in report.html()


def test_a_rehearsal_is_marked_in_every_format(bundle_of: Any, crowd_of: Any, tmp_path: Path) -> None:
    report = load(bundle_of(crowd_of(n=12), rehearsal=True)).report(generated_at=DAY)
    book = openpyxl.load_workbook(io.BytesIO(report.xlsx()))
    assert "GLADI" in str(book["Ringkasan"]["A2"].value)
    assert any(note["code"] == "rehearsal" for note in report.to_dict()["notes"])
    honest = load(bundle_of(crowd_of(n=12), code="DEF234")).report(generated_at=DAY)
    for name in ("html", "json", "xlsx"):
        path = render_report(honest, tmp_path, [name])[0]
        assert b"GLADI" not in path.read_bytes()
    # The words of a PDF are packed; its pages are told apart by what the template gets.
    assert page_context(report, "id")["summary"].flags
    assert not page_context(honest, "id")["summary"].flags


def test_opinions_before_stand_above_opinions_after(report: Report) -> None:
    svg = report.charts("en")["likert"].svg
    assert svg.index("Before (n") < svg.index("After (n")


def test_each_form_has_its_chart(report: Report) -> None:
    charts = report.charts("en")
    assert charts["items"].title.endswith("form A")
    assert charts["items-2"].title.endswith("form B")
    html = report.html("en")
    assert charts["items-2"].svg not in html, "the rows of the table draw it"
    assert html.count('<svg class="dumbbell"') == len(report.figures.items)


def test_bundle_gets_its_cube_and_reports(bundle_of: Any, crowd_of: Any, seal_bundle: Any) -> None:
    folder = bundle_of(crowd_of(n=20), manifest=False)
    made = report_bundle(folder, formats=["html", "json"])
    assert [path.name for path in made] == ["cube.parquet", "report.html", "report.json"]
    seal_bundle(folder)
    assert load(folder).report().figures.flow.n_pairs == 20


def test_command_writes_files_and_tells_its_steps(bundle_of: Any, crowd_of: Any, tmp_path: Path) -> None:
    steps: list[str] = []
    outcome = write_report(
        [bundle_of(crowd_of(n=30))],
        tmp_path / "out",
        formats="json,html",
        by="audience",
        audience_of_report="public",
        language="en",
        progress=steps.append,
    )
    assert [path.name for path in outcome.files] == [
        f"2026-11-23-desa-mawar-ABC234.{x}" for x in ("json", "html")
    ]
    assert outcome.report.figures.options.by == (), "a public report has one shape, whatever was asked"
    assert steps[-1] == "Writing"


def test_command_prints_the_change_the_files_and_the_remarks(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "data.csv"
    path.write_text(
        "participant,pre,post\n"
        + "".join(f"P{i},{i % 4},{i % 4 + 1 + i % 2}\n" for i in range(12))
        + "p1,2,\n"
    )
    assert run_report([str(path)], tmp_path / "out", formats="json", max_score=10, language="en") == 0
    printed = capsys.readouterr()
    assert "Up 15 points out of 100" in printed.out
    assert re.search(r"report-[0-9a-f]{8}\.json", printed.out)
    assert "P1 / p1" in printed.err.replace("\n", " ")


def test_unknown_format_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(SourceFault) as caught:
        run_report(["nowhere.csv"], tmp_path, formats=["docx"])
    assert "docx" in caught.value.render("en")


def test_unknown_language_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(SourceFault) as caught:
        run_report(["nowhere.csv"], tmp_path, language="fr")
    assert "fr" in caught.value.render("en")
    assert "id, en" in caught.value.render("en")


def test_a_register_that_cannot_be_used_is_told_on_screen_and_in_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("KIT_RESULTS", str(tmp_path / "file"))
    path = tmp_path / "data.csv"
    path.write_text(
        "participant,pre,post\n" + "".join(f"P{i},{i % 4},{i % 4 + 1 + i % 2}\n" for i in range(30))
    )
    options: dict[str, Any] = {"formats": "html", "max_score": 10, "audience_of_report": "public"}
    assert run_report([str(path)], tmp_path / "out", language="en", **options) == 0
    warning = "Compare by hand before publishing."
    assert warning in capsys.readouterr().err.replace("\n", " ")
    assert warning in next((tmp_path / "out").glob("*.html")).read_text()


def test_importing_the_package_is_light() -> None:
    heavy = ("pandas", "ibis", "duckdb", "altair", "scipy")
    script = f"import sys, kit.report; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12])
def test_a_report_of_few_people_is_written_in_every_format(
    bundle_of: Any, crowd_of: Any, n: int, tmp_path: Path
) -> None:
    report = load(bundle_of(crowd_of(n=n))).report(generated_at=DAY)
    assert len(render_report(report, tmp_path / "out", ["html", "json", "pdf", "xlsx"])) == 4
    for section in page_context(report, "id")["sections"]:
        for table in section["tables"].values():
            assert len(table.columns) > 1, "no table of names alone"
