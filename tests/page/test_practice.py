"""Practice on a phone: an answer stays, its reason follows at once, both errors are named; then the plan."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import ROOT
from tests.page.test_journey import QUIZ
from tests.phone import keep_picture

pytestmark = pytest.mark.browser


def practise(phone: Any, item_id: str, option_id: str) -> str:
    """Answer one offer; the words above its reason."""
    item = QUIZ.item(item_id)
    phone.page.wait_for_selector(f".stem:text-is('{item.stem.id}')")
    phone.page.locator(f"main .option:has(input[value={option_id}])").click()
    phone.page.wait_for_selector(".rationale")
    assert item.rationale is not None
    assert phone.page.locator(".rationale p").inner_text() == item.rationale.id
    letters = phone.page.locator(".cekal .big-letter").all_inner_texts()
    assert tuple(letters) == item.letters
    assert phone.page.locator("main .option").count() == 0, "what was answered stays"
    return str(phone.page.locator("main h1").inner_text())


def test_a_phone_practises_and_takes_its_plan_home(service: Any, phone: Any, code: str) -> None:
    phone.join()
    for stage in ("pre", "lesson", "practice"):
        service.control.move(code, stage)
    phone.wait_heading(f"1 dari {len(QUIZ.practice)}")
    said = {}
    for place, item_id in enumerate(QUIZ.practice):
        wrong = "genuine" if QUIZ.item(item_id).signal == "fraud" else "fraud"
        choice = "unsure" if place == 4 else str(QUIZ.item(item_id).signal) if place > 4 else wrong
        said[item_id] = practise(phone, item_id, choice)
        if place == 1:
            keep_picture(phone.page, ROOT / "artifacts" / "page" / "practice-refused.png")
            phone.page.reload()
            phone.page.wait_for_selector(".rationale")
        phone.next.click()
    first, second = QUIZ.practice[:2]
    assert (said[first], said[second]) == ("Hati-hati, ini menipu", "Yang ini aman")
    assert list(said.values())[4:] == ["Belum tahu pun tidak apa-apa", "Tepat"]
    phone.wait_heading("Latihan selesai")
    assert service.control.session(code)["practice"]["finished"] == 1
    assert phone.outbox == []

    service.control.move(code, "post")
    phone.answer_wave()
    phone.wait_heading("Terima kasih")
    service.control.move(code, "results")
    phone.wait_heading("Hasil Anda")
    practised = phone.page.locator(".fold", has=phone.page.locator("h2:text-matches('^Latihan')"))
    practised.locator("summary").first.click()
    assert practised.locator(".group details").count() == len(QUIZ.practice)
    practised.locator(".group summary").first.click()
    why = QUIZ.item(first).rationale
    assert why is not None
    assert practised.locator(".rationale p").inner_text() == why.id
    assert tuple(practised.locator(".big-letter").all_inner_texts()) == QUIZ.item(first).letters
    plan = QUIZ.item(QUIZ.plan or "")
    assert plan.options[0].text.id in phone.page.locator(".plan").inner_text()
    service.control.close(code)
    service.control.move(code, "followup")
    phone.page.wait_for_selector(".plan")
    assert plan.stem.id in phone.page.locator(".plan").inner_text()
