"""A phone's first screen: what must be reached without scrolling, at 360 by 640 and 320 by 568."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.session.acts.codes import WORDS as WORDS_OF_CODES

pytestmark = pytest.mark.browser
SIZES = [(360, 640), (320, 568)]
ACROSS = (640, 360)
# Put each item of a quiz in place of the one on the screen, and see whether its first answer is in sight.
FIRST_ANSWERS = """items => items.map(item => {
  const quiz = document.querySelector('kit-quiz');
  quiz.data = {item, choice: [], language: 'id'};
  scrollTo(0, 0);
  const first = quiz.querySelector('.option, .phrase').getBoundingClientRect();
  return first.bottom <= innerHeight + 1;
})"""
# How much room a code leaves beside it, in the widest letters that may come.
SPARE = """code => {
  const shown = document.querySelector('main .big-code');
  shown.textContent = code;
  const ends = document.createRange();
  ends.selectNodeContents(shown);
  const around = shown.closest('.card') || document.querySelector('main');
  const padding = parseFloat(getComputedStyle(around).paddingRight);
  return around.getBoundingClientRect().right - padding - ends.getBoundingClientRect().right;
}"""
HALLS = [("students", "student"), ("teachers", "teacher"), ("residents", "resident")]


def both_forms(service: Any, code: str, quiz: str, audience: str) -> list[dict[str, Any]]:
    """Every item that people of a session are asked before and after."""
    found: dict[str, dict[str, Any]] = {}
    for _ in range(4):  # a block of the randomisation: both orders are in it
        person = service.join(code, audience=audience, quiz=quiz)
        found |= {item["item_id"]: item for item in person.wave("pre").json()["items"]}
    return list(found.values())


@pytest.mark.parametrize("size", [*SIZES, ACROSS], ids=str)
def test_four_of_five_items_show_their_first_answer_without_scrolling(
    service: Any, new_phone: Callable[..., Any], size: tuple[int, int]
) -> None:
    shares = {}
    for quiz, audience in HALLS:
        code = service.open_session(quiz)
        phone = new_phone(code, viewport={"width": size[0], "height": size[1]})
        phone.visit()
        if phone.page.locator(".choice").count():
            phone.page.locator(".choice").first.click()
        phone.page.locator("main .button").first.wait_for()
        if phone.heading != "Sebelum mulai":
            phone.page.locator(".choice").first.click()
        phone.page.get_by_text("Saya setuju dan ikut").click()
        phone.page.wait_for_selector("#who > *")
        service.control.move(code, "pre")
        phone.page.wait_for_selector(".nav")
        phone.shot(f"fits-{size[0]}-{quiz}")
        seen = phone.page.evaluate(FIRST_ANSWERS, both_forms(service, code, quiz, audience))
        shares[quiz] = sum(seen) / len(seen)
    print(shares)
    assert {quiz: share for quiz, share in shares.items() if share < 0.8} == {}


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_consent_fits_one_screen_with_both_answers(
    service: Any, new_phone: Callable[..., Any], size: tuple[int, int]
) -> None:
    code = service.open_session("students")
    phone = new_phone(code, viewport={"width": size[0], "height": size[1]})
    phone.visit()
    phone.wait_heading("Sebelum mulai")
    phone.shot(f"fits-consent-{size[0]}")
    for words in ("Saya setuju dan ikut", "Saya tidak ikut"):
        box = phone.page.get_by_text(words).bounding_box()
        assert box["y"] + box["height"] <= size[1], words
    phone.page.get_by_text("Saya tidak ikut").click()
    phone.wait_heading("Terima kasih")
    assert phone.page.locator("main .numbers a").count() >= 5
    assert service.control.session(code)["joined"] == 0
    phone.page.get_by_text("Saya ikut saja").click()
    phone.wait_heading("Sebelum mulai")


def test_a_question_is_asked_from_any_screen_and_survives_a_change_of_stage(
    service: Any, new_phone: Callable[..., Any]
) -> None:
    code = service.open_session("students")
    phone = new_phone(code)
    phone.join()
    assert phone.page.get_by_text("Tanya petugas").count() == 0
    token = {"Authorization": f"Bearer {service.environment['KIT_CONTROL_TOKEN']}"}
    path = f"/api/control/sessions/{code}/questions"
    assert service.phone().put(path, headers=token, json={"open": True}).status_code == 200
    phone.page.get_by_text("Tanya petugas").click()
    phone.page.fill("#question", "Boleh bekerja dengan visa turis? 081234567890")
    service.control.move(code, "pre")
    phone.page.wait_for_selector(".nav")
    phone.page.get_by_text("Tanya petugas").click()
    assert phone.page.input_value("#question").startswith("Boleh bekerja")
    phone.shot("ask")
    phone.page.get_by_text("Kirim", exact=True).click()
    phone.wait_heading("Terkirim")
    (kept,) = service.phone().get(path, headers=token).json()["questions"]
    assert kept["text"] == "Boleh bekerja dengan visa turis? •••"


def test_an_offer_is_noted_after_the_results_in_six_taps(service: Any, phone: Any, code: str) -> None:
    phone.join()
    for stage in ("pre", "lesson", "post", "results"):
        service.control.move(code, stage)
    phone.wait_heading("Hasil Anda")
    phone.page.get_by_text("Saya pernah mendengar tawaran").click()
    for name in ("Kerja di luar negeri", "Facebook", "Kamboja", "Gaji besar"):
        phone.shot(f"sight-{name.split()[0].lower()}")
        phone.page.locator("main .choice", has_text=name).click()
    phone.page.get_by_text("Utang dipotong dari gaji").click()
    phone.shot("sight-signs")
    phone.page.get_by_text("Berikutnya", exact=True).click()
    phone.page.get_by_text("Bulan ini", exact=True).click()
    phone.wait_heading("Terima kasih, sudah dicatat")
    phone.page.get_by_text("Kembali ke hasil").click()
    phone.wait_heading("Hasil Anda")


def test_an_earlier_code_is_taken_on_the_consent_screen(service: Any, new_phone: Callable[..., Any]) -> None:
    before = service.join(service.open_session("students"))
    code = service.open_session("students")
    phone = new_phone(code)
    phone.visit()
    phone.wait_heading("Sebelum mulai")
    phone.page.get_by_text("Pernah ikut di tempat ini dulu?").click()
    letter = "A" if before.personal_code[-1] != "A" else "C"
    phone.page.fill("#earlier", before.personal_code[:-1] + letter)
    phone.shot("earlier")
    phone.page.get_by_text("Saya setuju dan ikut").click()
    phone.page.wait_for_selector("#earlier-error")
    phone.page.fill("#earlier", before.personal_code)
    phone.page.get_by_text("Saya setuju dan ikut").click()
    phone.page.wait_for_selector("#who > *")
    service.control.close(code)
    bundle = Path(service.results, service.control.session(code)["bundle"])
    assert '"known": 1' in (bundle / "session.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("around", ["{}.", "{}/", "%22{}%22", "%20{}%20", "{},", "({})", "{}%", "'{}'"])
def test_signs_around_a_code_in_the_address_do_no_harm(phone: Any, code: str, around: str) -> None:
    phone.visit(around.format(code))
    phone.wait_heading("Sebelum mulai")
    assert phone.page.url.endswith(f"/{code}")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_results_help_and_code_stand_on_the_first_screen(
    service: Any, new_phone: Callable[..., Any], size: tuple[int, int]
) -> None:
    code = service.open_session("residents", minors_consent=False)
    phone = new_phone(code, viewport={"width": size[0], "height": size[1]})
    phone.join()
    for stage in ("pre", "lesson", "post"):
        service.control.move(code, stage)
        if stage != "lesson":
            phone.answer_wave()
    service.control.move(code, "results")
    phone.wait_heading("Hasil Anda")
    phone.shot(f"fits-results-{size[0]}")
    for part in (".scores", ".take-along", ".short-help", ".big-code"):
        box = phone.page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= size[1], part


@pytest.mark.parametrize("width", [360, 320])
def test_the_longest_personal_code_fits_its_card_and_the_results(
    service: Any, new_phone: Callable[..., Any], code: str, width: int
) -> None:
    longest = f"{max(WORDS_OF_CODES, key=len)}-888888-W"
    phone = new_phone(code, viewport={"width": width, "height": 640})
    phone.join()

    def spare() -> float:
        return float(phone.page.evaluate(SPARE, longest))

    assert spare() >= 0
    phone.page.locator("#next-person").click()
    phone.wait_heading("Peserta berikutnya?")
    assert spare() >= 0
    phone.page.reload()
    for stage in ("pre", "lesson", "post", "results"):
        service.control.move(code, stage)
    phone.wait_heading("Hasil Anda")
    assert spare() >= 0
