"""What people ask reaches the officer's second window, and one at a time the projector."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page

from tests.axe import Axe
from tests.conftest import Person
from tests.notebook.conftest import ARTIFACTS, Desk, Laptop
from tests.phone import keep_picture

pytestmark = [pytest.mark.notebook, pytest.mark.browser]
EVIL = "<img src=x onerror=document.title='evil'> benar?"
VISA = "Apakah visa turis boleh dipakai bekerja?"


def open_notes(desk: Desk) -> Page:
    with desk.context.expect_page() as opened:
        desk.page.keyboard.press("n")
    return opened.value


def ask(person: Person, text: str) -> int:
    return person.http.post(f"/api/sessions/{person.code}/questions", json={"text": text}).status_code


def press(notes: Page, text: str, to: str) -> None:
    notes.locator(".asked li", has_text=text).locator(f"[data-to={to}]").click()


def test_the_officer_opens_questions_and_shows_one_at_a_time(desk: Desk) -> None:
    page = desk.show("session_students")
    notes = open_notes(desk)
    notes.get_by_text("Pertanyaan tampil di sini sesudah sesi dibuka.").wait_for()
    code = desk.open_session()
    notes.get_by_text("Tertutup di ponsel. Menunggu: 0.").wait_for()
    assert notes.get_by_text("Belum ada pertanyaan.").is_visible()
    person = desk.laptop.service.join(code)
    assert ask(person, VISA) == 409
    notes.get_by_role("button", name="Buka pertanyaan").click()
    notes.get_by_text("Terbuka di ponsel. Menunggu: 0.").wait_for()
    assert [ask(person, text) for text in (VISA, EVIL)] == [201, 201]
    notes.get_by_text("Menunggu: 2.").wait_for()
    assert notes.locator(".asked li > p").all_inner_texts() == [VISA, EVIL]
    assert Axe().run(notes).violations_count == 0
    keep_picture(notes, ARTIFACTS / "questions-notes.png")
    assert VISA not in page.content(), "nothing stands on the projector before it is shown"

    press(notes, VISA, "shown")
    page.locator("#asked", has_text=VISA).wait_for()
    press(notes, EVIL, "shown")
    page.locator("#asked", has_text=EVIL).wait_for()
    assert VISA not in page.locator("#asked").inner_text()
    assert [one.title() for one in (page, notes)].count("evil") == 0
    assert not page.locator("#asked img").count()
    desk.go(3)
    assert page.locator("#asked").is_visible(), "it stays over any slide"
    assert Axe().run(page).violations_count == 0
    desk.shot("question-shown")
    press(notes, EVIL, "hidden")
    page.locator("#asked").wait_for(state="detached")

    notes.locator("#asked-done summary", has_text="2").click()
    press(notes, VISA, "shown")
    page.locator("#asked", has_text=VISA).wait_for()
    page.get_by_role("button", name="Sudah dijawab").click()
    page.locator("#asked").wait_for(state="detached")
    notes.get_by_role("button", name="Tutup pertanyaan").click()
    notes.get_by_text("Tertutup di ponsel. Menunggu: 0.").wait_for()
    assert ask(person, VISA) == 409


def test_questions_ask_for_a_login_and_for_the_page_they_came_with(
    laptop: Laptop, visitor: httpx.Client, owner: httpx.Client
) -> None:
    code = laptop.service.open_session()
    address = f"/kit/questions/{code}"
    assert visitor.get(address).headers["location"].startswith("/login")
    assert visitor.put(address, json={"open": True}).status_code == 403
    assert owner.put(address, json={"open": True}).status_code == 403, "another site knows no token"
    assert laptop.service.control.questions(code)["open"] is False
    token = {"X-XSRFToken": owner.cookies["_xsrf"]}
    assert owner.put(address, json={"open": True}, headers=token).json()["open"] is True
    unknown = owner.put(f"{address}/x", json={"state": "shown"}, headers=token)
    assert (unknown.status_code, "trouble" in unknown.json()) == (404, True)
