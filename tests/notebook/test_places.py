"""The pages of places, and the page on which a session is corrected, closed and deleted."""

from __future__ import annotations

import html
import json
import re
from datetime import date, timedelta

import httpx
import pytest

from tests.axe import Axe
from tests.notebook.conftest import Desk, Laptop

pytestmark = pytest.mark.notebook


def hidden(page: str, name: str) -> str:
    """A value that a form carries."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return html.unescape(found[1])


def send(owner: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return owner.post(path, data={"_xsrf": owner.cookies["_xsrf"], **fields})


def fields_of(laptop: Laptop, code: str, **typed: str) -> dict[str, str]:
    """What the form of a session sends."""
    kept = laptop.service.control.session(code)
    rest = {name: kept[name] for name in ("held_on", "event", "notes")}
    return {**kept["site"], **rest, **typed}


def test_a_place_shows_its_meetings_over_months(laptop: Laptop, owner: httpx.Client) -> None:
    service = laptop.service
    first, second = (
        service.open_session("residents", site="Desa Dua Kali", held_on=day, event=f"Acara {day}")
        for day in ("2026-09-14", "2026-11-20")
    )
    for code in (first, second):
        service.join(code, audience="resident", quiz="residents")
    service.control.close(first)
    rehearsal = service.open_session("residents", site="Desa Dua Kali", rehearsal=True)
    listed = owner.get("/kit/places").text
    assert "Desa Dua Kali" in listed
    assert "2 pertemuan" in listed
    site_id = service.control.session(first)["site_id"]
    assert f"/kit/places/{site_id}" in listed
    page = owner.get(f"/kit/places/{site_id}").text
    for told in ("Acara 2026-09-14", "Acara 2026-11-20", f"followup.ipynb?session={first}", "Warga 1"):
        assert told in page
    assert rehearsal not in page
    assert "Belum ada tawaran yang dicatat" in page
    for text in re.findall(r"<textarea[^>]*>([^<]*)<", page):
        assert "Desa Dua Kali" in text
        assert first not in text, "a reminder names no session that somebody could join from outside"
    assert owner.get("/kit/places/nobody").status_code == 404


def test_places_that_look_alike_are_asked_about_and_merged(laptop: Laptop, owner: httpx.Client) -> None:
    service = laptop.service
    one, other = (service.open_session("students", site=name) for name in ("Suka Maju", "SUKAMAJU"))
    page = owner.get("/kit/places").text
    assert "Suka Maju dan SUKAMAJU: tempat yang sama?" in page or "SUKAMAJU dan Suka Maju" in page
    gone, into = (service.control.session(code)["site_id"] for code in (other, one))
    assert owner.post("/kit/places/merge", data={"site_id": gone, "into": into}).status_code == 403
    done = send(owner, "/kit/places/merge", site_id=gone, into=into)
    assert done.url.path == f"/kit/places/{into}"
    assert "Tempat sudah digabung." in done.text
    assert service.control.session(other)["site"]["name"] == "Suka Maju"
    again = send(owner, "/kit/places/merge", site_id=gone, into=into)
    assert "Tempat sudah digabung." in again.text, "the button was pressed twice"


def test_a_session_is_corrected_and_slips_are_asked_about(laptop: Laptop, owner: httpx.Client) -> None:
    service = laptop.service
    service.open_session("students", site="Tanjung Raya")
    code = service.open_session("students", site="Tanjung Rya", event="Pekn")
    path = f"/kit/sessions/{code}"
    assert path in owner.get("/kit").text
    assert "Pekn" in owner.get(path).text
    far = (date.today() + timedelta(days=400)).isoformat()
    asked = send(owner, path, **fields_of(laptop, code, held_on=far, name="tanjung  raya", event="Pekan"))
    assert f"{far} lebih dari setahun dari hari ini" in asked.text
    assert "mirip dengan Tanjung Raya" in asked.text
    assert service.control.session(code)["event"] == "Pekn", "nothing is kept before the answer"
    sure = hidden(asked.text, "sure")
    other = send(owner, path, **fields_of(laptop, code, held_on="1999-01-01"), sure=sure)
    assert "1999-01-01 lebih dari setahun" in other.text, "another slip is another question"
    kept = send(
        owner, path, **fields_of(laptop, code, held_on=far, name="tanjung  raya", event="Pekan"), sure=sure
    )
    assert "Sesi sudah dibetulkan." in kept.text
    session = service.control.session(code)
    assert (session["held_on"], session["event"]) == (far, "Pekan")
    wrong = send(owner, path, **fields_of(laptop, code, name=" "))
    assert "Nama tempat belum diisi." in wrong.text
    assert owner.get("/kit/sessions/ZZZZZZ").status_code == 404


def test_a_session_left_open_is_offered_with_its_day_and_closed(laptop: Laptop, owner: httpx.Client) -> None:
    service = laptop.service
    yesterday = (date.today() - timedelta(days=1)).isoformat()
    code = service.open_session("students", site="SMA Kemarin", held_on=yesterday)
    today = service.open_session("students", site="SMA Hari Ini")
    page = owner.get("/kit").text
    assert f"Dari {yesterday} dan belum ditutup." in page
    assert f"/kit/sessions/{code}/close" in page
    assert f"/kit/sessions/{today}/close" not in page
    done = send(owner, f"/kit/sessions/{code}/close")
    assert "Sesi sudah ditutup" in done.text
    closed = service.control.session(code)
    assert closed["stage"] == "closed"
    assert f"/kit/reports/{closed['bundle']}/report.html" in done.text
    told = json.loads((service.results / closed["bundle"] / "session.json").read_text())
    assert told["held_on"] == yesterday


def test_a_session_is_deleted_with_a_receipt(laptop: Laptop, owner: httpx.Client) -> None:
    service = laptop.service
    code = service.open_session("students", site="SMA Hapus")
    service.join(code)
    path = f"/kit/sessions/{code}/delete"
    assert "Belum dihapus" in send(owner, path, again="WRONG2").text
    assert service.control.session(code)["joined"] == 1
    receipt = send(owner, path, again=f" {code.lower()} ").text
    for told in ("Tanda terima penghapusan", code, "SMA Hapus", "<dt>Peserta</dt><dd>1</dd>"):
        assert told in receipt
    assert code not in {one["code"] for one in service.control.sessions()}


@pytest.mark.browser
def test_everybody_can_use_them(desk: Desk) -> None:
    service = desk.laptop.service
    code = service.open_session("students", site="SMA Semua")
    site_id = service.control.session(code)["site_id"]
    for path in ("places", f"places/{site_id}", f"sessions/{code}"):
        desk.page.goto(f"{desk.laptop.url}/kit/{path}")
        assert Axe().run(desk.page).violations_count == 0, path
        assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert desk.errors == []
