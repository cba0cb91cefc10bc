"""One phone for several people: they say how many they are, answer once, and are no persons."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import RunningService
from tests.phone import ARTIFACTS, Phone, keep_picture


def test_a_group_joins_with_one_phone(service: RunningService, new_phone: Callable[..., Phone]) -> None:
    code = service.open_session("residents", minors_consent=False)
    phone = new_phone(code)
    page = phone.page
    page.set_viewport_size({"width": 320, "height": 568})
    phone.visit()
    page.get_by_role("button", name="Berbagi ponsel").click()
    for typed in ("", "1", "99", "tiga"):
        page.get_by_label("Berapa orang menjawab bersama?").fill(typed)
        page.get_by_role("button", name="Lanjut").click()
        page.locator(".error", has_text="2 sampai 60").wait_for()
    keep_picture(page, ARTIFACTS / "together-320.png")
    page.get_by_label("Berapa orang menjawab bersama?").fill("4")
    page.get_by_role("button", name="Lanjut").click()
    page.get_by_text("Kelompok 4 orang").wait_for()
    page.get_by_role("button", name="Saya setuju dan ikut").click()
    page.wait_for_selector("#who > *")
    live = service.control.session(code)
    assert (live["joined"], live["groups"]["phones"], live["groups"]["people"]) == (0, 1, 4)
    assert phone.errors == []
