"""The kiosk: one person at the laptop, in the same store as the phones."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.notebook.conftest import Desk

pytestmark = [pytest.mark.notebook, pytest.mark.browser]


def answer_item(desk: Desk) -> None:
    page = desk.page
    before = page.locator(".kiosk .muted").first.inner_text()
    page.locator(".kiosk .kit input, .kiosk .kit .phrase").first.click(force=True)
    page.click("[data-key=on]")
    page.wait_for_function(
        "before => document.querySelector('.kiosk .muted, .kiosk .lead').textContent !== before", arg=before
    )


def test_a_person_answers_before_and_after_and_makes_room_for_the_next(desk: Desk) -> None:
    service, page = desk.laptop.service, desk.page
    code = service.open_session("students")
    desk.show("self_paced")
    page.wait_for_selector("[data-key=join]")
    assert Axe().run(page).violations_count == 0
    page.click("[data-key=join]")
    page.wait_for_selector(".kiosk .notice.bad")
    page.check("[data-key=consent]")
    page.click("[data-key=join]")
    page.wait_for_selector(".kiosk .own-code")
    for wave in ("pre", "post"):
        if wave == "post":
            service.control.move(code, "lesson")
            page.wait_for_selector(".cekal")
        service.control.move(code, wave)
        page.wait_for_selector(".kiosk .kit")
        assert Axe().run(page).violations_count == 0
        while page.locator(".kiosk [data-key=on]").count():
            answer_item(desk)
        page.wait_for_selector(".kiosk .cekal")
        assert service.control.session(code)["finished"][wave] == 1
    item = service.join(code).quiz.item("know-01")
    assert item.rationale is not None
    assert item.rationale.id[:50] not in page.content()
    service.control.move(code, "results")
    page.wait_for_selector(".kiosk .told")
    assert Axe().run(page).violations_count == 0
    page.click("[data-key=leave]")
    page.locator(".kiosk .sure .main").click()
    page.wait_for_selector("[data-key=join]")
    assert not page.is_checked("[data-key=consent]")
    service.control.delete(code)


def test_a_person_chooses_among_several_sessions(desk: Desk) -> None:
    service, page = desk.laptop.service, desk.page
    students = service.open_session("students", event="Pekan Siswa")
    teachers = service.open_session("teachers", event="Pekan Guru")
    desk.show("self_paced")
    page.wait_for_selector(f"[data-key=session-{students}]")
    assert Axe().run(page).violations_count == 0
    assert not page.locator("[data-key=audience-student]").count(), "the newest session stands first"
    page.check(f"[data-key=session-{students}]")
    page.wait_for_selector("[data-key=audience-principal]", state="detached")
    page.check(f"[data-key=session-{teachers}]")
    page.check("[data-key=audience-principal]")
    page.check("[data-key=consent]")
    page.click("[data-key=join]")
    page.wait_for_selector(".kiosk .own-code")
    assert service.control.session(teachers)["by_audience"] == {"teacher": 0, "principal": 1}
    assert service.control.session(students)["joined"] == 0

    service.control.move(students, "pre")
    page.get_by_text("Kuis belum dibuka.").wait_for()
    service.control.move(teachers, "pre")
    page.wait_for_selector(".kiosk .kit")
    answer_item(desk)
    page.click("[data-key=leave]")
    page.locator(".kiosk .sure .main").click()

    page.check(f"[data-key=session-{students}]")
    page.check("[data-key=consent]")
    page.click("[data-key=join]")
    page.wait_for_selector(".kiosk .kit")
    assert service.control.session(students)["joined"] == 1
    assert service.control.session(teachers)["joined"] == 1
    for code in (students, teachers):
        service.control.delete(code)


def test_what_is_missing_is_said_before_anything_is_sent(desk: Desk) -> None:
    service, page = desk.laptop.service, desk.page
    code = service.open_session("teachers", event="Pekan Guru")
    desk.show("self_paced")
    page.locator(f"[data-key=session-{code}], [data-key=join]").first.wait_for()
    if page.locator(f"[data-key=session-{code}]").count():
        page.check(f"[data-key=session-{code}]")
    page.click("[data-key=join]")
    notice = page.locator(".kiosk .notice.bad p")
    notice.first.wait_for()
    assert notice.all_inner_texts() == [
        "! Pilih dulu: Guru, Kepala sekolah.",
        "! Centang persetujuan untuk melanjutkan.",
    ]
    desk.shot("kiosk-missing")
    page.check("[data-key=audience-teacher]")
    page.click("[data-key=join]")
    page.wait_for_selector(".kiosk .notice.bad p")
    assert notice.all_inner_texts() == ["! Centang persetujuan untuk melanjutkan."]
    page.check("[data-key=consent]")
    page.click("[data-key=join]")
    page.wait_for_selector(".kiosk .own-code")
    service.control.delete(code)


def test_without_a_session_it_says_so(desk: Desk) -> None:
    for one in desk.laptop.service.control.sessions():
        desk.laptop.service.control.delete(one["code"])
    desk.show("self_paced")
    desk.page.get_by_text("Tidak ada sesi yang terbuka.").wait_for()
