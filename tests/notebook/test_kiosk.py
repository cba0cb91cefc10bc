"""The kiosk: one person at the laptop, in the same store as the phones."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.axe import Axe
from tests.notebook.conftest import Desk

pytestmark = [pytest.mark.notebook, pytest.mark.browser]
TRY_CHANNEL = """address => new Promise(tell => {
  const socket = new WebSocket(address.replace("http", "ws"));
  socket.onopen = () => { tell("open"); socket.close(); };
  socket.onclose = () => tell("closed");
})"""


def answer_item(desk: Desk) -> None:
    page = desk.page
    before = page.locator(".kiosk h1").inner_text()
    page.locator(".kiosk .kit input, .kiosk .kit .phrase").first.click(force=True)
    page.click("[data-key=on]")
    page.wait_for_function(
        "before => (document.querySelector('.kiosk h1') || {}).textContent !== before", arg=before
    )


def discuss_and_practise(desk: Desk, code: str) -> None:
    service, page = desk.laptop.service, desk.page
    quiz = service.join(code).quiz
    poll = next(item_id for item_id in quiz.polls if quiz.item(item_id).kind == "choice")
    service.control.move(code, f"poll:{poll}")
    page.wait_for_selector(".kiosk h1:text-is('Bagaimana menurut Anda?')")
    page.locator(".kiosk .option").first.click()
    page.get_by_text("Jawaban masih boleh diubah").wait_for()
    service.control.move(code, f"reveal:{poll}")
    page.wait_for_selector(".kiosk .shown .own")
    service.control.move(code, "practice")
    for number, item_id in enumerate(quiz.practice):
        page.wait_for_selector(f".kiosk .stem:text-is('{quiz.item(item_id).stem.id}')")
        page.locator(".kiosk .option").first.click()
        page.wait_for_selector(".kiosk .rationale")
        assert tuple(page.locator(".kiosk .big-letter").all_inner_texts()) == quiz.item(item_id).letters
        if number == 0:
            assert Axe().run(page).violations_count == 0
            desk.shot("kiosk-practice")
        page.click("[data-key=on]")
    page.wait_for_selector(".kiosk h1:text-is('Latihan selesai')")
    assert service.control.session(code)["practice"]["finished"] == 1


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
            discuss_and_practise(desk, code)
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
    page.wait_for_selector(".kiosk details")
    assert page.locator(".kiosk .plan").count() == 1
    assert Axe().run(page).violations_count == 0
    desk.shot("kiosk-results")
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


def kiosk_address(owner: httpx.Client) -> str:
    found = re.search(r"http://[^\"<]+/kit/kiosk\?ticket=[\w-]+", owner.get("/kit/kiosk").text)
    assert found is not None
    return found[0]


def test_the_browser_at_a_kiosk_opens_the_kiosk_and_nothing_of_the_officers(
    desk: Desk, owner: httpx.Client
) -> None:
    service, page, url = desk.laptop.service, desk.page, desk.laptop.url
    code = service.open_session("students")
    officers = owner.get("/voila/render/guide.ipynb").text
    kernel = re.search(r'"?kernelId"?: ?"([0-9a-f-]{36})"', officers)
    assert kernel is not None
    page.goto(kiosk_address(owner))
    page.wait_for_selector("[data-key=join]", timeout=60_000)
    assert page.url == f"{url}/voila/render/self_paced.ipynb", "no ticket stays in the address"
    page.check("[data-key=consent]")
    page.click("[data-key=join]")
    page.wait_for_selector(".kiosk .own-code")

    asked = page.context.request
    for path in ("/kit", "/voila/render/session_students.ipynb", "/voila/render/../render/guide.ipynb",
                 "/kit/check", "/kit/notes/guide.ipynb", f"/kit/paper/{code}"):  # fmt: skip
        assert asked.get(url + path).url.startswith(f"{url}/login"), path
    for path in ("/api/kernels", f"/api/kernels/{kernel[1]}", "/api/contents/guide.ipynb", "/api/me"):
        assert asked.get(url + path).status == 403, path
    assert page.evaluate(TRY_CHANNEL, f"{url}/api/kernels/{kernel[1]}/channels") == "closed"
    own = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
    assert page.evaluate(TRY_CHANNEL, f"{url}/api/kernels/{own}/channels") == "open"
    assert owner.get("/kit").url.path == "/kit", "the officer's own browser is what it was"
    service.control.delete(code)


def test_a_guessed_ticket_opens_no_kiosk(visitor: httpx.Client) -> None:
    assert visitor.get("/kit/kiosk?ticket=guessed").headers["location"] == "/login"


def test_without_a_session_it_says_so(desk: Desk) -> None:
    """And it leads nowhere: the start page is the officer's."""
    for one in desk.laptop.service.control.sessions():
        desk.laptop.service.control.delete(one["code"])
    desk.show("self_paced")
    desk.page.get_by_text("Tidak ada sesi yang terbuka.").wait_for()
    assert desk.page.locator("a[href$='/kit']").count() == 0
