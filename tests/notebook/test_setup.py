"""The way of an officer without a terminal: office, poster, phone test, rehearsal, quizzes, backup."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pypdfium2
import pytest

from kit.notebook.setup import wifi_text
from kit.office import Office
from tests.axe import Axe
from tests.conftest import QUIZZES
from tests.notebook.conftest import Desk, Laptop

pytestmark = pytest.mark.notebook


def send(owner: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return owner.post(path, data={"_xsrf": owner.cookies["_xsrf"], **fields})


def test_a_new_laptop_is_set_up_and_the_poster_has_both_codes(laptop: Laptop, owner: httpx.Client) -> None:
    assert "/kit/setup" in owner.get("/kit").text
    poster = owner.get("/kit/poster").text
    assert poster.count("<svg") == 1
    wrong = send(owner, "/kit/setup", name="Kanim", wifi="Balai", wifi_password="short")
    assert "Kata sandi Wi-Fi 8 sampai 63 huruf" in wrong.text
    assert 'value="Kanim"' in wrong.text, "what was typed is still there"
    done = send(
        owner, "/kit/setup", name="Kanim Contoh", contact="021 000", wifi="Balai", wifi_password="rahasia 8"
    )
    assert "Tersimpan." in done.text
    code = laptop.service.open_session("students", site="SMA Poster")
    poster = owner.get(f"/kit/poster/{code}").text
    assert poster.count("<svg") == 2
    for told in ("Kanim Contoh", "Balai", "rahasia 8", code, "Pilih tetap tersambung"):
        assert told in poster
    assert owner.get("/kit/poster/ZZZZZZ").status_code == 404


def test_the_poster_is_one_sheet_of_paper_with_large_codes(
    desk: Desk, laptop: Laptop, owner: httpx.Client
) -> None:
    code = laptop.service.open_session("students", site="SMA Poster")
    for wifi, password, millimetres in (("BALAI DESA", "rahasia 8", 75), ("", "", 100)):
        send(owner, "/kit/setup", name="Kanim Contoh", wifi=wifi, wifi_password=password)
        desk.page.goto(f"{laptop.url}/kit/poster/{code}")
        desk.page.emulate_media(media="print")
        for qr in desk.page.locator(".poster .qr").all():
            box = qr.bounding_box()
            assert box is not None
            assert box["width"] / 96 * 25.4 > millimetres
        printed = pypdfium2.PdfDocument(desk.page.pdf(prefer_css_page_size=True))
        assert (len(printed), [round(side) for side in printed[0].get_size()]) == (1, [595, 842])
        printed.close()


def test_the_wifi_code_is_what_cameras_read() -> None:
    assert (
        wifi_text(Office(wifi="Balai;Desa", wifi_password="a:b12345"))
        == r"WIFI:T:WPA;S:Balai\;Desa;P:a\:b12345;;"
    )
    assert wifi_text(Office(wifi="Balai")) == "WIFI:T:nopass;S:Balai;;"


def test_the_first_phone_is_waited_for(laptop: Laptop, owner: httpx.Client) -> None:
    assert "/coba" in owner.get("/kit/check").text
    xsrf = {"X-XSRFToken": owner.cookies["_xsrf"]}
    assert owner.put("/kit/check/phone", headers=xsrf).json()["words"].startswith("Menunggu")
    ahead = (datetime.now(UTC) + timedelta(minutes=90)).isoformat()
    laptop.service.phone().post("/api/trial", json={"clock": ahead})
    told = owner.get("/kit/check/phone").json()
    assert told["status"] == "warn"
    assert "tertinggal 90 menit" in told["words"]


def test_a_quiz_is_installed_only_without_faults(laptop: Laptop, owner: httpx.Client) -> None:
    assert laptop.settings.quizzes == QUIZZES
    token = {"_xsrf": owner.cookies["_xsrf"]}

    def upload(content: bytes) -> str:
        files = {"file": ("../../students.yaml", content)}
        return owner.post("/kit/quizzes/import", data=token, files=files).text

    before = (QUIZZES / "students.yaml").read_bytes()
    assert "Kuis students sudah ada" in upload(before)
    assert "Kuis belum dapat dipakai" in upload(b"quiz_id: x\n")
    assert (QUIZZES / "students.yaml").read_bytes() == before
    assert "students" in owner.get("/kit/quizzes").text


def test_without_a_stick_the_page_says_so(owner: httpx.Client) -> None:
    page = owner.get("/kit/keep").text
    assert ("Belum ada flashdisk" in page) != ("Tulis cadangan sekarang" in page)
    refused = send(owner, "/kit/keep", stick="/etc")
    assert "Flashdisk itu tidak ada lagi" in refused.text
    assert "Flashdisk itu tidak ada lagi" in send(owner, "/kit/keep/restore", backup="/etc/passwd").text


@pytest.mark.browser
def test_a_rehearsal_runs_with_its_progress(desk: Desk) -> None:
    page, service = desk.page, desk.laptop.service
    page.goto(f"{desk.laptop.url}/kit/rehearse")
    assert Axe().run(page).violations_count == 0
    form = page.locator("form").first
    form.locator("[name=quiz]").select_option("students")
    form.locator("[name=phones]").fill("3")
    form.locator("button").click()
    page.get_by_text("Kuis awal").wait_for()
    page.get_by_text(re.compile(r"Selesai: \d+ jawaban terkirim")).wait_for(timeout=90_000)
    desk.shot("rehearse")
    (held,) = [one for one in service.control.sessions() if one["rehearsal"]]
    assert (held["joined"], held["stage"]) == (3, "closed")
    assert desk.errors == []


@pytest.mark.browser
def test_everybody_can_use_them(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(width=360)
    for path in ("setup", "check", "poster", "keep", "quizzes"):
        desk.page.goto(f"{desk.laptop.url}/kit/{path}")
        assert Axe().run(desk.page).violations_count == 0, path
        assert desk.page.evaluate("document.documentElement.scrollWidth") == 360, path
        desk.shot(f"{path}-360")
    assert desk.errors == []


def test_the_first_run_is_shown_the_way_though_samples_lie_there(laptop: Laptop, owner: httpx.Client) -> None:
    results = laptop.settings.results
    for sample in (QUIZZES.parent / "results").glob("contoh-*"):
        shutil.copytree(sample, results / sample.name)
    office = laptop.settings.private / "office.json"
    office.unlink(missing_ok=True)
    for one in laptop.service.control.sessions():
        laptop.service.control.delete(one["code"])
    page = owner.get("/kit").text
    assert "Contoh laporan" in page
    assert "Pertama kali di laptop ini?" in page
    steps = owner.get("/kit/setup").text.count("<h2")
    assert steps == 6, "the words say six"
