"""The consent screen: everything the law asks for, on one small screen, and which text it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from kit.config import project_root
from kit.text import sentences
from tests.conftest import RunningService
from tests.phone import Phone

TOLD = {
    "id": ("kantor imigrasi", "Gunanya", "Disimpan", "Dasarnya", "120 hari", "Hak Anda"),
    "en": ("immigration office", "to judge", "Kept", "The basis", "120 days", "Your rights"),
}


@pytest.mark.parametrize("language", ["id", "en"])
def test_one_screen_of_a_small_phone_tells_all_that_the_law_asks_for(
    service: RunningService, new_phone: Callable[..., Phone], language: str
) -> None:
    code = service.open_session("students")
    phone = new_phone(code)
    page = phone.page
    page.set_viewport_size({"width": 320, "height": 640})
    phone.visit()
    if language == "en":
        page.get_by_role("button", name="English").click()
    page.get_by_role("heading").first.wait_for()
    page.wait_for_function("document.querySelector('.plain-list.close')")
    words = page.locator("main").inner_text()
    for told in TOLD[language]:
        assert told in words
    box = page.locator("main .button").first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 640, "the button to consent is on the first screen"


def test_the_version_of_the_text_is_kept_with_the_consent(
    service: RunningService, new_phone: Callable[..., Phone]
) -> None:
    code = service.open_session("residents", minors_consent=False)
    new_phone(code).join()
    with closing(sqlite3.connect(service.results / "kit.db")) as store:
        query = "SELECT p.consent_text FROM participant p JOIN session s USING (session_id) WHERE s.code = ?"
        kept = store.execute(query, (code,)).fetchall()
    assert kept == [(version(),)]


def test_both_languages_and_the_privacy_pages_name_one_version() -> None:
    words = sentences("page")
    assert {part["first"]["consent"]["version"] for part in words.values()} == {version()}
    for name in ("privacy.md", "privacy.en.md"):
        assert version() in (project_root() / "docs" / name).read_text(encoding="utf-8")


def version() -> str:
    return str(sentences("page")["id"]["first"]["consent"]["version"])
