"""The officer's phone is paired in the notes window and leads the deck; the projector shows none of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.axe import Axe
from tests.notebook.conftest import ARTIFACTS, Desk
from tests.notebook.test_questions import ask, open_notes
from tests.phone import keep_picture

pytestmark = [pytest.mark.notebook, pytest.mark.browser]
expect.set_options(timeout=60_000)
VISA = "Apakah visa turis boleh dipakai bekerja?"


def at(page: Page, stage: str) -> None:
    page.wait_for_function(
        "stage => !document.querySelector(`[data-runs='${stage}']`).closest('.slide').hidden", arg=stage
    )


def test_a_phone_leads_the_deck(desk: Desk, browser: Browser) -> None:
    page = desk.show("session_students")
    code = desk.open_session()
    notes = open_notes(desk)
    notes.get_by_role("button", name="Sambungkan ponsel").click()
    address = notes.locator("#remote-address")
    expect(address).to_be_visible()
    assert "/remote/" not in page.content(), "the projector shows no way to the remote"
    assert Axe().run(notes).violations_count == 0
    keep_picture(notes, ARTIFACTS / "notes-pairing.png")

    context = browser.new_context(viewport={"width": 320, "height": 568}, has_touch=True)
    phone = context.new_page()
    errors: list[str] = []
    phone.on("pageerror", lambda error: errors.append(str(error)))
    phone.goto(address.inner_text().replace(address.inner_text().split("/")[2], desk.laptop.service.url[7:]))
    phone.locator(".slide .number").wait_for()
    expect(notes.locator("#remote-now")).to_contain_text("Satu ponsel tersambung")
    expect(address).to_be_hidden()

    before = page.evaluate("location.hash")
    phone.get_by_role("button", name="Slide berikutnya").click()
    page.wait_for_function("before => location.hash !== before", arg=before)
    expect(phone.locator("h1")).to_have_text("Ikut menjawab dari ponsel")
    phone.get_by_role("button", name="Slide sebelumnya").click()
    page.wait_for_function("before => location.hash === before", arg=before)

    person = desk.laptop.service.join(code)
    phone.get_by_role("button", name="Mulai Kuis awal").click()
    assert desk.laptop.service.control.session(code)["stage"] == "lobby", "it asks first"
    phone.get_by_role("button", name="Ya", exact=True).click()
    at(page, "pre")
    expect(phone.locator(".runs")).to_have_text("Kuis awal")
    phone.get_by_role("button", name="Buka pertanyaan di ponsel").click()
    expect(phone.get_by_role("button", name="Tutup pertanyaan di ponsel")).to_be_visible()
    assert ask(person, VISA) == 201
    phone.locator("[data-key^=show-]").click()
    page.locator("#asked", has_text=VISA).wait_for()
    assert Axe().run(phone).violations_count == 0
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keep_picture(phone, ARTIFACTS / "remote-320.png")

    phone.reload()
    expect(phone.locator(".runs")).to_have_text("Kuis awal")
    phone.get_by_role("button", name="Hentikan Kuis awal").click()
    phone.get_by_role("button", name="Ya", exact=True).click()
    expect(phone.locator(".runs")).to_have_text("Materi")
    notes.get_by_role("button", name="Putuskan ponsel").click()
    expect(phone.get_by_role("heading", name="Remote ini sudah berakhir.")).to_be_visible()
    assert errors == []
    context.close()


def test_the_notes_window_shows_the_slide_the_next_the_key_and_the_room(desk: Desk) -> None:
    desk.show("session_students")
    code = desk.open_session()
    notes = open_notes(desk)
    desk.station("station-lobby")
    expect(notes.locator("#title")).to_have_text("Bergabung")
    look = "id => document.getElementById(id).shadowRoot.querySelector('.slide')?.textContent ?? ''"
    notes.wait_for_function(f"code => ({look})('look-now').includes(code)", arg=code)
    notes.wait_for_function(f"() => ({look})('look-next').includes('Tanpa nama')")
    expect(notes.locator("#left")).to_contain_text("Sisa menurut rencana")
    service = desk.laptop.service
    people = [service.join(code) for _ in range(2)]
    service.control.move(code, "pre")
    people[0].answer("pre", right=3)
    expect(notes.locator("#phones-now")).to_have_text("Kuis awal: soal kuis awal.")
    expect(notes.locator("#phones-table")).to_contain_text("Siswa1 dari 2")
    desk.station("station-poll-poll-01")
    solved = notes.locator("#text .solved")
    expect(solved).to_contain_text("Jawaban yang tepat")
    expect(solved).to_contain_text("Alasannya")
    assert Axe().run(notes).violations_count == 0
    keep_picture(notes, ARTIFACTS / "notes-poll.png")
