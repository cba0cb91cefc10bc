"""Cards to print: all of them there, in both languages, each sheet one page of A4."""

from __future__ import annotations

import re

import httpx
import pytest
import yaml

from kit.notebook.cards import ROLES, TACTICS
from kit.page.build import PAGE
from kit.study.help import HELP_NUMBERS
from tests.axe import Axe
from tests.notebook.conftest import ARTIFACTS, Desk
from tests.phone import keep_picture

CUT = "[...document.querySelectorAll('.card')].filter(one => one.scrollHeight > one.clientHeight).length"
pytestmark = pytest.mark.notebook


def test_the_start_page_leads_to_them_and_nobody_else_sees_them(owner: httpx.Client, desk: Desk) -> None:
    assert 'href="/kit/cards"' in owner.get("/kit").text
    stranger = httpx.get(f"{desk.laptop.url}/kit/cards", trust_env=False)
    assert stranger.status_code in (302, 403)


@pytest.mark.parametrize(
    ("language", "words"), [("id", ["Ajak bicara", "Petugas", "Jawab:"]), ("en", ["Officer", "Say:"])]
)
def test_every_card_is_there_in_both_languages(owner: httpx.Client, language: str, words: list[str]) -> None:
    page = owner.get(f"/kit/cards?language={language}").text
    assert page.count('<article class="card family') == 4
    assert page.count('<article class="card role"') == len(ROLES)
    assert page.count('<article class="card tactic"') == len(TACTICS) == 6
    assert [letter for letter in "CEKAL" if f'<b class="letter">{letter}</b>' not in page] == []
    assert all(HELP_NUMBERS[name] in page for name in ("police", "women_children", "migrants"))
    assert [said for said in words if said not in page] == []
    assert "{migrants}" not in page


def test_the_role_play_agrees_with_the_model_of_the_register(owner: httpx.Client) -> None:
    register = yaml.safe_load((PAGE / "alone" / "register.yaml").read_text(encoding="utf-8"))
    listed = {
        f"{one['name']} – {vacancy['country']['id']}, {vacancy['job']['id']}"
        for one in register["companies"]
        for vacancy in one["vacancies"]
    }
    page = owner.get("/kit/cards?language=id").text
    officer = re.findall(r"PT Contoh \w+ – \w+, [\w ]+", page)
    assert len(officer) == 2
    assert set(officer) <= listed


@pytest.mark.browser
def test_they_print_on_three_sheets_and_nothing_is_cut_off(desk: Desk) -> None:
    page = desk.page
    page.goto(f"{desk.laptop.url}/kit/cards")
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keep_picture(page, ARTIFACTS / "cards.png", full_page=True)
    for language in ("id", "en"):
        page.goto(f"{desk.laptop.url}/kit/cards?language={language}")
        page.emulate_media(media="print")
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 3
        assert page.evaluate(CUT) == 0
        keep_picture(page, ARTIFACTS / f"cards-print-{language}.png", full_page=True)
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 360, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
