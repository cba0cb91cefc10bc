"""The start page: what can be started, resumed, read and thrown away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

import httpx
import pytest

from tests.axe import Axe
from tests.notebook.conftest import Desk, Laptop

pytestmark = pytest.mark.notebook


def write_bundle(laptop: Laptop, code: str, *, event: str, rehearsal: bool = False) -> None:
    folder = laptop.settings.results / f"2026-11-20-sma-contoh-{code}"
    folder.mkdir()
    about = {
        "schema_version": 1,
        "code": code,
        "title": {"id": "T", "en": "T"},
        "event": event,
        "site": {"name": "SMA Contoh"},
        "held_on": "2026-11-20",
        "rehearsal": rehearsal,
        "counts": {"joined": 40},
    }
    (folder / "session.json").write_text(json.dumps(about))
    (folder / "report.html").write_text("<h1>Laporan</h1><script>alert(1)</script>")
    (folder / "report.pdf").write_bytes(b"%PDF-1.7")


def test_it_lists_notebooks_by_title(owner: httpx.Client) -> None:
    page = owner.get("/kit").text
    assert "Tawaran ke luar negeri: lanjut atau jangan?" in page
    assert "Siswa · 60 menit" in page
    for name in ("evaluation", "guide"):
        assert f"/voila/render/{name}.ipynb" in page
    assert 'href="/kit/kiosk"' in page, "the kiosk is led to by a door of its own"
    assert "self_paced" not in page


def test_it_offers_to_resume_open_sessions_in_their_notebook(laptop: Laptop, owner: httpx.Client) -> None:
    code = laptop.service.open_session("residents", site="Kebon Kosong", event="Desa Binaan")
    page = owner.get("/kit").text
    assert f"/voila/render/session_residents.ipynb?session={code}" in page


def test_it_shows_the_reports_of_past_sessions(laptop: Laptop, owner: httpx.Client) -> None:
    write_bundle(laptop, "PAST22", event="Acara <b>lama</b>")
    page = owner.get("/kit").text
    assert "Acara &lt;b&gt;lama&lt;/b&gt;" in page
    assert "session=PAST22" not in page, "the store does not know it: no follow-up"
    report = owner.get("/kit/reports/2026-11-20-sma-contoh-PAST22/report.html")
    assert report.status_code == 200
    assert report.headers["content-security-policy"].startswith("sandbox")
    assert "allow-scripts" not in report.headers["content-security-policy"]
    assert (
        owner.get("/kit/reports/2026-11-20-sma-contoh-PAST22/report.pdf")
        .headers["content-disposition"]
        .startswith("attachment")
    )
    assert owner.get("/kit/reports/2026-11-20-sma-contoh-PAST22/session.json").status_code == 404


def test_closed_sessions_offer_their_followup(laptop: Laptop, owner: httpx.Client) -> None:
    service = laptop.service
    codes = [service.open_session("students", rehearsal=rehearsal) for rehearsal in (False, True)]
    for code in codes:
        assert f"followup.ipynb?session={code}" not in owner.get("/kit").text
        service.control.close(code)
        assert owner.get("/kit").text.count(f"followup.ipynb?session={code}") == 1
    # Its report has gone: the session is still there.
    shutil.rmtree(service.results / service.control.session(codes[0])["bundle"])
    assert f"followup.ipynb?session={codes[0]}" in owner.get("/kit").text


def test_a_rehearsal_is_deleted_in_one_click(laptop: Laptop, owner: httpx.Client) -> None:
    code = laptop.service.open_session("students", rehearsal=True)
    real = laptop.service.open_session("students")
    assert f"/kit/rehearsals/{code}/delete" in owner.get("/kit").text
    without = owner.post(f"/kit/rehearsals/{code}/delete")
    assert without.status_code == 403
    token = {"_xsrf": owner.cookies["_xsrf"]}
    assert owner.post(f"/kit/rehearsals/{real}/delete", data=token).status_code == 404
    done = owner.post(f"/kit/rehearsals/{code}/delete", data=token)
    assert f"Gladi {code} sudah dihapus." in done.text
    assert code not in {one["code"] for one in laptop.service.control.sessions()}
    again = owner.post(f"/kit/rehearsals/{code}/delete", data=token)
    assert (again.status_code, again.url.path) == (200, "/kit"), "the button was pressed twice"


def test_it_speaks_english_when_asked(owner: httpx.Client) -> None:
    assert "Start a meeting" in owner.get("/kit", params={"language": "en"}).text
    page = owner.get("/kit").text
    assert "Start a meeting" in page
    assert "Offers abroad: go on or not?" in page
    assert "Tawaran ke luar negeri: lanjut atau jangan?" not in page, "titles of notebooks too"


def test_it_says_when_the_service_does_not_answer(laptop: Laptop, owner: httpx.Client) -> None:
    laptop.service.process.kill()
    laptop.service.process.wait()
    try:
        page = owner.get("/kit")
        assert page.status_code == 200
        assert "Layanan belum menjawab." in page.text
        assert "Tawaran ke luar negeri" in page.text
    finally:
        laptop.service.restart(kill=True)


def test_a_bundle_that_is_being_written_is_not_listed(laptop: Laptop, owner: httpx.Client) -> None:
    write_bundle(laptop, "HALF22", event="Setengah jadi")
    whole = laptop.settings.results / "2026-11-20-sma-contoh-HALF22"
    whole.rename(whole.with_name(f".{whole.name}.new"))
    assert "Setengah jadi" not in owner.get("/kit").text


@pytest.mark.browser
def test_a_rehearsal_is_deleted_in_a_browser(desk: Desk) -> None:
    page, service = desk.page, desk.laptop.service
    code = service.open_session("students", rehearsal=True)
    page.goto(f"{desk.laptop.url}/kit")
    row = page.locator("li", has_text=code).last
    row.locator("summary").click()
    desk.shot("start-delete")
    row.get_by_text("Ya, hapus").click()
    page.get_by_text(f"Gladi {code} sudah dihapus.").wait_for()
    assert page.url == f"{desk.laptop.url}/kit"
    assert code not in {one["code"] for one in service.control.sessions()}
    page.get_by_text("English", exact=True).click()
    page.get_by_text("Start a meeting").wait_for()
    assert not page.get_by_text(code).count(), "the receipt is shown once"
    page.goto(f"{desk.laptop.url}/kit/rehearsals/{code}/delete")
    assert page.url == f"{desk.laptop.url}/kit"


@pytest.mark.browser
def test_a_deletion_that_reaches_no_service_says_so(desk: Desk) -> None:
    page, service = desk.page, desk.laptop.service
    code = service.open_session("students", rehearsal=True)
    page.goto(f"{desk.laptop.url}/kit")
    row = page.locator("li", has_text=code).last
    row.locator("summary").click()
    service.process.kill()
    service.process.wait()
    try:
        row.get_by_text("Ya, hapus").click()
        page.get_by_text(f"Gladi {code} belum terhapus.").wait_for()
        page.get_by_text("English", exact=True).click()
        page.get_by_text("Start a meeting").wait_for()
    finally:
        service.restart(kill=True)
    service.control.delete(code)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_a_long_word_does_not_widen_the_page(new_desk: Callable[..., Desk], width: int) -> None:
    desk = new_desk(width=width)
    code = desk.laptop.service.open_session("students", event="W" * 140, site="M" * 140)
    rehearsed = desk.laptop.service.open_session("students", event="W" * 140, rehearsal=True)
    write_bundle(desk.laptop, f"LONG{width}", event="W" * 140)
    desk.page.goto(f"{desk.laptop.url}/kit")
    desk.page.get_by_text("W" * 140).first.wait_for()
    assert desk.page.evaluate("document.documentElement.scrollWidth") == width
    desk.shot(f"start-long-{width}")
    for one in (code, rehearsed):
        desk.laptop.service.control.delete(one)


@pytest.mark.browser
def test_everybody_can_use_it(new_desk: Callable[..., Desk]) -> None:
    for theme in ("light", "dark"):
        desk = new_desk(theme=theme)
        desk.page.goto(f"{desk.laptop.url}/kit")
        assert desk.page.url == f"{desk.laptop.url}/kit"
        assert Axe().run(desk.page).violations_count == 0
        desk.shot(f"start-{theme}")
