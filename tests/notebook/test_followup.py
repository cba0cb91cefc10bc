"""Weeks later: a closed session is opened once more, people come back, and the report is written anew."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.axe import Axe
from tests.conftest import Person
from tests.notebook.conftest import Desk, Laptop
from tests.notebook.test_deck import OVERFLOW
from tests.notebook.test_one_key import stage
from tests.phone import Phone

pytestmark = [pytest.mark.notebook, pytest.mark.browser]


def hold_session(laptop: Laptop, people: int, **choices: Any) -> tuple[str, list[Person]]:
    """A closed session with its bundle, and those who were there."""
    service = laptop.service
    code = service.open_session("students", site="SMA Contoh", **choices)
    present = [service.join(code) for _ in range(people)]
    for wave, right in (("pre", 5), ("post", 9)):
        service.control.move(code, wave)
        for person in present:
            person.answer(wave, right)
        service.control.move(code, "lesson" if wave == "pre" else "results")
    service.control.close(code)
    return code, present


def from_start_page(desk: Desk, code: str) -> None:
    """Press the action of a session on the start page."""
    desk.leave()
    desk.context.route("**/*", desk._only_here)
    desk.page.goto(f"{desk.laptop.url}/kit")
    desk.page.locator(f"a[href*='followup.ipynb?session={code}']").first.click()
    desk.page.wait_for_selector("#deck:not([hidden])", state="attached", timeout=60_000)


def test_the_followup_begins_at_its_own_first_slide_after_the_session_ended_on_the_last(desk: Desk) -> None:
    code, _ = hold_session(desk.laptop, 1)
    page = desk.show("session_students", query=f"?session={code}")
    page.keyboard.press("End")
    page.wait_for_function("Number(location.hash.slice(1)) > 20")
    from_start_page(desk, code)
    page.wait_for_function("location.hash === '#1'")
    for words, expected in (("Buka tindak lanjut", "followup"), ("Tutup tindak lanjut", "closed")):
        page.locator("#hint", has_text=words).wait_for()
        page.wait_for_timeout(1000)  # a little more than in key.js
        page.keyboard.press("PageDown")
        page.locator("#hint", has_text="Ya").wait_for()
        page.wait_for_timeout(1000)
        page.keyboard.press("PageDown")
        stage(desk, code, expected)


def bundle_json(laptop: Laptop, code: str, name: str) -> Any:
    folder = laptop.service.results / laptop.service.control.session(code)["bundle"]
    return json.loads((folder / name).read_text(encoding="utf-8"))


def test_people_come_back_and_the_report_counts_them(
    desk: Desk, laptop: Laptop, new_phone: Callable[..., Phone]
) -> None:
    code, people = hold_session(laptop, 6, event="Pekan Contoh")
    control, results = laptop.service.control, laptop.service.results
    assert bundle_json(laptop, code, "report.json")["flow"]["n_followup"] == 0
    from_start_page(desk, code)
    desk.slide.get_by_text("Pekan Contoh · SMA Contoh").wait_for()
    assert control.session(code)["stage"] == "closed", "looking at it opens nothing on phones"
    desk.press("start")
    desk.slide.get_by_text("Belum ada yang menjawab lagi, dari 6 orang.").wait_for()
    assert desk.slide.locator(".code").inner_text() == code
    assert desk.slide.locator(".qr svg").is_visible()
    assert f":{laptop.service.port}" in desk.slide.locator(".address").inner_text()

    phone = new_phone(code)
    phone.come_back(people[0].personal_code.lower())
    phone.answer_wave()
    desk.slide.locator(".joined b:text-is('1')").wait_for()
    assert desk.slide.locator(".joined").inner_text().startswith("1 dari 6 orang sudah menjawab lagi")
    for person in people[1:3]:
        person.answer("followup", 8)
    desk.slide.locator(".joined b:text-is('3')").wait_for()
    desk.slide.get_by_text("1 ponsel tersambung").wait_for()

    before = bundle_json(laptop, code, "manifest.json")
    desk.slide.locator("[data-key=end]").click()
    assert "1 ponsel masih tersambung" in desk.slide.locator(".sure p").inner_text()
    desk.slide.locator("[data-key=end-yes]").click()
    desk.slide.get_by_text("Tindak lanjut ditutup.").wait_for(timeout=120_000)
    assert desk.slide.locator(".big").inner_text() == "3 dari 6 orang menjawab lagi."
    assert control.session(code)["stage"] == "closed"
    assert bundle_json(laptop, code, "report.json")["flow"]["n_followup"] == 3
    assert bundle_json(laptop, code, "session.json")["counts"]["finished"]["followup"] == 3
    assert bundle_json(laptop, code, "manifest.json") != before
    report = desk.page.request.get(desk.slide.locator("a.main").evaluate("link => link.href"))
    assert report.status == 200
    bundle = control.session(code)["bundle"]
    assert report.text() == (results / bundle / "report.html").read_text(encoding="utf-8")
    assert people[3].put("followup", "offer-01", ["fraud"]).status_code == 409

    desk.press("start")
    desk.slide.locator(".joined b:text-is('3')").wait_for()
    people[3].answer("followup", 8)
    desk.slide.locator(".joined b:text-is('4')").wait_for()
    desk.press("end")
    desk.slide.get_by_text("4 dari 6 orang menjawab lagi.").wait_for(timeout=120_000)
    desk.page.goto(f"{desk.laptop.url}/kit")
    desk.page.get_by_text("tindak lanjut: 4 orang").wait_for()


def test_a_followup_opened_by_mistake_is_closed_again(desk: Desk, laptop: Laptop) -> None:
    code, _ = hold_session(laptop, 2, rehearsal=True)
    from_start_page(desk, code)
    desk.slide.locator(".rehearsal").wait_for()
    desk.slide.locator("[data-key=start]").click()
    desk.slide.locator("[data-key=start-no]").click()
    assert laptop.service.control.session(code)["stage"] == "closed"
    desk.press("start")
    desk.slide.locator("[data-key=end]").click()
    assert "Belum ada yang menjawab lagi" in desk.slide.locator(".sure p").inner_text()
    desk.slide.locator("[data-key=end-yes]").click()
    desk.slide.locator("[data-key=start]").wait_for(timeout=120_000)
    assert laptop.service.control.session(code)["stage"] == "closed"


def test_a_report_that_could_not_be_written_is_said_and_written_again(desk: Desk, laptop: Laptop) -> None:
    code, people = hold_session(laptop, 1)
    bundle = laptop.service.control.session(code)["bundle"]
    in_the_way = laptop.service.results / f".{bundle}.new"
    in_the_way.write_text("")
    desk.show("followup", query=f"?session={code}")
    desk.press("start")
    desk.slide.locator(".lobby").wait_for()
    people[0].answer("followup", 8)
    desk.slide.locator(".joined b:text-is('1')").wait_for()
    desk.press("end")
    desk.slide.get_by_text("Laporannya belum ditulis ulang.").wait_for(timeout=120_000)
    assert "belum dapat ditulis" in desk.slide.locator(".notice.bad strong").inner_text()
    in_the_way.unlink()
    desk.press("again", sure=False)
    desk.slide.get_by_text("Buka laporan").wait_for(timeout=120_000)
    assert bundle_json(laptop, code, "session.json")["counts"]["finished"]["followup"] == 1


def test_a_reopening_that_reaches_no_service_does_not_disown_the_report(desk: Desk, laptop: Laptop) -> None:
    code, people = hold_session(laptop, 1)
    laptop.service.control.move(code, "followup")
    people[0].answer("followup", 8)
    laptop.service.control.close(code)
    desk.show("followup", query=f"?session={code}")
    desk.slide.get_by_text("Buka laporan").wait_for()
    desk.slide.locator("[data-key=start]").click()
    laptop.service.process.kill()
    desk.slide.locator("[data-key=start-yes]").click()
    trouble = desk.slide.get_by_text("tidak menjawab.")
    trouble.wait_for()
    assert desk.slide.get_by_text("Buka laporan").is_visible()
    assert not desk.slide.get_by_text("Laporannya belum ditulis ulang.").count()
    laptop.service.restart(kill=True)
    trouble.wait_for(state="detached")


def test_an_open_followup_is_found_again_from_the_start_page_and_after_a_reload(
    desk: Desk, laptop: Laptop, owner: httpx.Client
) -> None:
    code, _ = hold_session(laptop, 1)
    laptop.service.control.move(code, "followup")
    page = owner.get("/kit").text
    assert page.count(f"/voila/render/followup.ipynb?session={code}") == 2, "to go on, and at its report"
    assert f"session_students.ipynb?session={code}" not in page
    from_start_page(desk, code)
    desk.slide.locator(f".code:text-is('{code}')").wait_for()
    desk.page.reload()
    desk.slide.locator(f".code:text-is('{code}')").wait_for(timeout=60_000)
    laptop.service.control.close(code)


def test_the_deck_of_a_session_does_not_offer_a_followup_to_resume(desk: Desk, laptop: Laptop) -> None:
    code, _ = hold_session(laptop, 1)
    running = laptop.service.open_session("students")
    laptop.service.control.move(code, "followup")
    desk.show("session_students")
    desk.station("station-open")
    desk.slide.locator(f"[data-key=resume-{running}]").wait_for()
    assert not desk.slide.locator(f"[data-key=resume-{code}]").count()
    laptop.service.control.close(code)
    laptop.service.control.delete(running)


def test_after_the_retention_time_nothing_can_be_opened(
    desk: Desk, laptop: Laptop, owner: httpx.Client
) -> None:
    code, _ = hold_session(laptop, 1)
    assert f"followup.ipynb?session={code}" in owner.get("/kit").text
    with contextlib.closing(sqlite3.connect(laptop.service.results / "kit.db")) as store, store:
        store.execute("UPDATE session SET purged_at = '2027-03-25T08:00:00.000Z' WHERE code = ?", (code,))
    page = owner.get("/kit").text
    assert f"followup.ipynb?session={code}" not in page
    assert "Masa tindak lanjut sudah lewat" in page
    desk.show("followup", query=f"?session={code}")
    desk.slide.get_by_text("sudah dihapus pada 2027-03-25").wait_for()
    assert not desk.slide.locator("[data-key=start]").count()
    assert desk.slide.get_by_text("Buka laporan").is_visible()
    assert Axe().run(desk.page).violations_count == 0
    desk.shot("followup-over")


def test_a_session_that_still_runs_is_sent_back(desk: Desk, laptop: Laptop) -> None:
    code = laptop.service.open_session("students")
    desk.show("followup", query=f"?session={code}")
    desk.slide.get_by_text("belum ditutup; sekarang tahap Ruang tunggu").wait_for()
    assert not desk.slide.locator("[data-key=start]").count()
    laptop.service.control.delete(code)


def test_without_a_session_the_way_leads_to_the_start_page(desk: Desk) -> None:
    for query in ("", "?session=XXXXXX"):
        desk.show("followup", query=query)
        desk.slide.get_by_text("Pilih pertemuannya di halaman awal.").wait_for()
        assert Axe().run(desk.page).violations_count == 0
    desk.slide.get_by_text("Ke halaman awal").click()
    desk.page.wait_for_url("**/kit")


def test_nobody_can_come_back_where_nobody_was(desk: Desk, laptop: Laptop) -> None:
    code = laptop.service.open_session("students")
    laptop.service.control.close(code)
    desk.show("followup", query=f"?session={code}")
    desk.slide.get_by_text("Tidak ada peserta di sesi ini").wait_for()
    assert not desk.slide.locator("[data-key=start]").count()


@pytest.mark.parametrize(
    ("width", "height", "theme", "language"), [(1280, 720, "light", "id"), (1920, 1080, "dark", "en")]
)
def test_every_state_fits_and_is_read_from_the_last_row(
    new_desk: Callable[..., Desk], laptop: Laptop, width: int, height: int, theme: str, language: str
) -> None:
    code, people = hold_session(laptop, 6, event="Pekan Kerja Aman SMA Contoh")
    control = laptop.service.control
    desk = new_desk(width, height, theme, language)
    desk.page.emulate_media(reduced_motion="reduce")  # colours are judged at rest
    desk.show("followup", query=f"?session={code}")

    def look(state: str, ready: str) -> None:
        desk.slide.locator(ready).first.wait_for(timeout=60_000)
        found = desk.page.evaluate(OVERFLOW)
        assert not found["over"], state
        assert not found["long"], state
        assert found["type"] >= 0.74 * 32 * height / 720, state
        result = Axe().run(desk.page)
        assert result.violations_count == 0, f"{state}: {result.generate_report()}"
        desk.shot(f"followup-{state}-{height}-{theme}-{language}")

    look("ready", "[data-key=start]")
    control.move(code, "followup")
    look("nobody", ".lobby .qr svg")
    for person in people[:4]:
        person.answer("followup", 8)
    look("some", ".joined b:text-is('4')")
    desk.slide.locator("[data-key=end]").click()
    look("sure", "[data-key=end-yes]")
    control.close(code)
    look("done", ".big")
    for slide in (2, 3):
        desk.go(slide)
        look(f"slide-{slide}", "h2:visible")
