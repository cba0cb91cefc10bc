"""The pages beside a session: practising alone, and the model of the register."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from kit.page.build import PAGE
from kit.quiz.read import load_quizzes
from tests.axe import Axe
from tests.conftest import QUIZZES
from tests.phone import Phone

pytestmark = pytest.mark.browser
REGISTER = yaml.safe_load((PAGE / "alone" / "register.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def alone(new_phone: Callable[..., Phone]) -> Phone:
    """A phone that belongs to no session."""
    return new_phone("")


def answer(phone: Phone) -> None:
    """Decide on the offer of the screen, see why, go on."""
    page = phone.page
    phone.options.first.click()
    page.wait_for_selector(".rationale")
    page.locator("main > p .button").click()
    page.wait_for_selector("main .rationale", state="detached")


def test_a_round_of_practice_says_why_at_once_and_keeps_nothing(alone: Phone) -> None:
    page = alone.page
    alone.visit("latihan")
    alone.wait_heading("Latihan sendiri")
    alone.shot("practise-door")
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="Siswa").click()
    page.wait_for_selector(".option")
    alone.shot("practise-offer")
    before = len(alone.requests)
    alone.options.first.click()
    page.wait_for_selector(".rationale")
    alone.shot("practise-reason")
    assert Axe().run(page).violations_count == 0
    page.locator("main > p .button").click()
    for _ in range(5):
        answer(alone)
    page.wait_for_selector("h1:text-matches('dari 6 tepat')")
    alone.shot("practise-done")
    assert len(alone.requests) == before, "nothing is sent"
    assert {request.method for request in alone.requests} == {"GET"}
    assert set(alone.kept) <= {"kit.language", "kit.big"}, "nothing is stored"


def test_practice_goes_on_in_the_other_language(alone: Phone) -> None:
    page = alone.page
    alone.visit("latihan")
    page.get_by_role("button", name="Warga").click()
    page.wait_for_selector(".option")
    alone.options.first.click()
    page.wait_for_selector(".rationale")
    page.click("#language")
    page.wait_for_selector("button:text-is('Next')")
    assert page.locator(".rationale b").inner_text() != ""


@pytest.mark.parametrize("path", ["latihan", "daftar"])
def test_help_and_the_quick_exit_are_there_too(alone: Phone, path: str) -> None:
    page = alone.page
    alone.visit(path)
    page.click("#help-open")
    page.locator("#help a[href='tel:110']").wait_for()
    page.click("#help-close")
    page.click("#leave")
    page.wait_for_url("**/blank.html")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("PT Contoh Dua", "Tercatat, izinnya berlaku"),
        ("contoh dua", "Tercatat, izinnya berlaku"),
        ("PT. CONTOH EMPAT", "Izinnya sudah habis"),
        ("PT Contoh Lima", "Tidak tercatat"),
        ("PT Contoh Tiga", "Tidak tercatat"),
        ("", "Tulis nama PT-nya dulu."),
    ],
)
def test_the_register_tells_what_is_on_record(alone: Phone, typed: str, told: str) -> None:
    page = alone.page
    alone.visit("daftar")
    assert "bukan daftar resmi" in page.locator("main .strip").first.inner_text()
    page.fill("#sought", typed)
    page.keyboard.press("Enter")
    page.locator("main [role=status]", has_text=told).wait_for()
    near = page.locator("main [role=status]", has_text="PT Contoh Tiga Jaya").count()
    assert near == (typed == "PT Contoh Tiga"), "a name that is nearly the same is another company"
    alone.shot(f"register-{typed[3:].strip().lower().replace(' ', '-') or 'empty'}")
    assert Axe().run(page).violations_count == 0


def test_no_company_of_the_register_stands_in_an_item() -> None:
    names = {one["name"].removeprefix("PT ") for one in (*REGISTER["companies"], *REGISTER["wishes"])}
    assert all("Contoh" in name for name in names)
    for quiz in load_quizzes(QUIZZES).values():
        written = quiz.canonical_json()
        assert [name for name in names if name in written] == []


def test_each_answer_of_the_register_has_its_task() -> None:
    licences = {one["name"]: one["licence"] for one in REGISTER["companies"]}
    asked = [licences.get(one["name"], "missing") for one in REGISTER["wishes"]]
    assert set(asked) == {"valid", "ended", "missing"}
