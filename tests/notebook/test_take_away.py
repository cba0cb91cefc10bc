"""Before and after a session: previews, far dates, what is taken home."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from kit.notebook.take_away import calendar_of, zip_of
from kit.office import Office, keep_office, read_office
from tests.notebook.conftest import Desk, Laptop

pytestmark = pytest.mark.notebook
ABOUT = {"held_on": "2026-11-23", "code": "ABC234"}


def at_the_form(desk: Desk) -> Any:
    """The page of the residents' deck, where a session is opened."""
    page = desk.show("session_residents")
    desk.station("station-open")
    page.wait_for_timeout(300)
    if desk.slide.locator("[data-key=fresh]").count():
        desk.press("fresh", sure=False)
    return page


def test_the_followup_is_six_weeks_later_in_any_calendar() -> None:
    lines = calendar_of(ABOUT, "Tindak lanjut, SMA; Contoh").split("\r\n")
    assert "DTSTART;VALUE=DATE:20270104" in lines
    assert "SUMMARY:Tindak lanjut\\, SMA\\; Contoh" in lines
    assert lines[-2:] == ["END:VCALENDAR", ""]


def test_long_names_are_folded_as_calendars_want() -> None:
    text = calendar_of(ABOUT, "Sekolah Menengah Ä " * 20)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "Sekolah Menengah Ä " * 20 in text.replace("\r\n ", "")


def test_a_backup_holds_every_file_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "2026-11-23-sma-contoh"
    folder.mkdir()
    (folder / "session.json").write_text("{}")
    (folder / "link").symlink_to("/etc/passwd")
    with zipfile.ZipFile(io.BytesIO(zip_of(folder))) as archive:
        assert archive.namelist() == ["2026-11-23-sma-contoh/session.json"]


def test_nothing_but_bundles_is_sent_and_only_to_the_owner(
    laptop: Laptop, owner: httpx.Client, visitor: httpx.Client
) -> None:
    for path in ("backup/{}.zip", "followup/{}.ics"):
        for name in ("nobody", "..", "%2e%2e", ".private", "..%2f..%2fetc"):
            assert owner.get(f"/kit/{path.format(name)}").status_code == 404, name
        assert visitor.get(f"/kit/{path.format('nobody')}").status_code == 302


@pytest.mark.browser
def test_slides_are_leafed_through_without_a_session(desk: Desk) -> None:
    page = desk.show("session_students")
    for key in ("lobby", "pre", "poll-poll-01", "practice", "post", "results", "close"):
        desk.station(f"station-{key}")
        desk.slide.get_by_text("Belum ada sesi.").wait_for()
        if "poll" in key or key == "practice":
            assert desk.slide.locator(".choices li").count() >= 3
        # The last slide leads nowhere: there the key does nothing, and nothing is said.
        assert (page.locator("#hint").inner_text() != "") == (key != "close"), key
        desk.shot(f"preview-{key}")


@pytest.mark.browser
def test_a_date_beyond_a_year_is_questioned_once(desk: Desk) -> None:
    page = at_the_form(desk)
    page.fill("#kit-site", "Desa Contoh")
    page.fill("#kit-held_on", (date.today() + timedelta(days=500)).isoformat())
    desk.press("submit", sure=False)
    desk.slide.locator("[data-key=faults]", has_text="Lebih dari setahun").wait_for()
    desk.shot("open-far-date")
    desk.press("submit", sure=False)
    page.wait_for_function("new URLSearchParams(location.search).has('session')")


@pytest.mark.browser
def test_notes_typed_before_a_reload_are_kept_until_the_session_is_closed(desk: Desk) -> None:
    code = desk.laptop.service.open_session("residents", minors_consent=False)
    for stage in ("pre", "lesson", "post", "results"):
        desk.laptop.service.control.move(code, stage)
    page = desk.show("session_residents", query=f"?session={code}")
    desk.station("station-close")
    page.fill("#kit-notes", "Ditanya: gaji di kapal.")
    page.reload()
    page.wait_for_selector("#kit-notes")
    assert page.input_value("#kit-notes") == "Ditanya: gaji di kapal."
    desk.press("close")
    desk.slide.get_by_text("Buka laporan").wait_for(timeout=120_000)
    assert desk.laptop.service.control.session(code)["notes"] == "Ditanya: gaji di kapal."
    assert "kapal" not in page.evaluate("JSON.stringify({...localStorage})"), "taken away once it is sent"


@pytest.mark.browser
def test_the_lobby_names_the_wifi_of_the_office(desk: Desk) -> None:
    office = read_office(desk.laptop.settings)
    keep_office(desk.laptop.settings, Office(wifi="Balai Desa"))
    code = desk.laptop.service.open_session("residents", minors_consent=False)
    desk.show("session_residents", query=f"?session={code}")
    desk.station("station-lobby")
    desk.slide.get_by_text("Sambungkan ponsel ke Wi-Fi “Balai Desa”.").wait_for()
    keep_office(desk.laptop.settings, office)


@pytest.mark.browser
def test_a_place_written_nearly_like_a_known_one_is_asked_about_in_sight(desk: Desk) -> None:
    control = desk.laptop.service.control
    code = desk.laptop.service.open_session("residents", site="Desa Contoh Raya", minors_consent=False)
    control.close(code)
    page = at_the_form(desk)
    page.fill("#kit-site", "Desa C0ntoh Raya")
    desk.slide.locator("summary").press("Enter")
    before = len(control.sessions())
    page.locator("#kit-target").press("Enter")
    asked = desk.slide.locator(".notice", has_text="mirip dengan tempat yang sudah ada: Desa Contoh Raya")
    asked.wait_for()
    page.wait_for_timeout(300)
    box = asked.bounding_box()
    assert box is not None
    assert box["y"] > -1, "the form is scrolled down to its last field, the question stands at its head"
    assert len(control.sessions()) == before
    page.fill("#kit-target", "500")
    page.locator("#kit-target").press("Enter")
    desk.slide.locator("[data-key=faults]").wait_for()
    assert not asked.count(), "what was wrong with the last try is no longer said above what is wrong now"
    page.fill("#kit-target", "")
    page.wait_for_timeout(1600)  # the same request once more, and not a second press within a moment
    page.locator("#kit-target").press("Enter")
    page.wait_for_function("new URLSearchParams(location.search).has('session')")


@pytest.mark.browser
def test_report_calendar_and_backup_are_there_after_closing(desk: Desk) -> None:
    page = desk.show("session_residents")
    code = desk.laptop.service.open_session("residents", minors_consent=False)
    desk.laptop.service.control.close(code)
    desk.show("session_residents", query=f"?session={code}")
    desk.station("station-close")
    links = desk.slide.locator(".actions a")
    desk.slide.get_by_text("Buka laporan").wait_for()
    kinds = []
    for link in links.all():
        answer = page.request.get(link.evaluate("link => link.href"))
        assert answer.status == 200
        kinds.append(answer.headers["content-type"].partition(";")[0])
    assert kinds == ["text/html", "text/calendar", "application/zip"]
    desk.shot("after-closing")
    page.locator("#strip", has_text="Sesi ditutup").wait_for()
    desk.station("station-lobby")
    desk.slide.get_by_text("tidak ada yang bisa bergabung lagi").wait_for()
