"""The deck on a projector: it moves, it fits, it asks nobody else, it says when it is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.axe import Axe
from tests.notebook.conftest import ARTIFACTS, Desk
from tests.phone import keep_picture

pytestmark = [pytest.mark.notebook, pytest.mark.browser]
DECKS = ["session_students", "session_teachers", "session_residents"]
OVERFLOW = """() => {
  const slide = [...document.querySelectorAll("#deck > .slide")].find((one) => !one.hidden);
  const box = slide.querySelector(".content").getBoundingClientRect(), room = slide.getBoundingClientRect();
  return {
    long: slide.classList.contains("long"),
    over: box.bottom > room.bottom + 1 || box.right > room.right + 1 ||
      box.top < room.top - 1,
    type: parseFloat(getComputedStyle(slide).fontSize) };
}"""


def test_keys_and_remotes_move_it_and_the_address_remembers(desk: Desk) -> None:
    page = desk.show("session_students")
    count = page.locator("#deck > .slide").count()
    assert page.locator("#number").inner_text() == f"1 / {count}"
    for key, number in [
        ("PageDown", 2),
        ("ArrowRight", 3),
        ("PageUp", 2),
        ("ArrowLeft", 1),
        ("End", count),
        ("Home", 1),
    ]:
        page.keyboard.press(key)
        assert page.locator("#number").inner_text() == f"{number} / {count}", key
        page.wait_for_function("number => location.hash === `#${number}`", arg=number)
    desk.go(4)
    page.reload()
    page.wait_for_selector("#number")
    assert page.locator("#number").inner_text() == f"4 / {count}"


def test_touching_the_edges_moves_it(desk: Desk) -> None:
    page = desk.show("session_students")
    page.mouse.click(1270, 300)
    page.wait_for_function("location.hash === '#2'")
    page.mouse.click(10, 300)
    page.wait_for_function("location.hash === '#1'")


def test_light_dark_language_blank_and_help(desk: Desk) -> None:
    page = desk.show("session_students")
    page.keyboard.press("d")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.keyboard.press("l")
    assert page.locator("#deck h1:visible").first.inner_text().startswith("Offers abroad")
    page.reload()
    page.wait_for_selector("#number")
    assert page.evaluate("[document.documentElement.dataset.theme, document.documentElement.lang]") == [
        "dark",
        "en",
    ]
    page.keyboard.press("b")
    assert page.locator("#blank").is_visible()
    page.keyboard.press("b")
    assert not page.locator("#blank").count()
    page.keyboard.press("?")
    assert page.locator("dialog[open] dt").count() > 5


def test_notes_follow_in_a_second_window_and_never_stand_on_the_projector(desk: Desk) -> None:
    page = desk.show("session_students")
    assert "Sapa" not in page.content()
    with desk.context.expect_page() as opened:
        page.keyboard.press("n")
    notes = opened.value
    notes.locator("#number", has_text="1 /").wait_for()
    assert "Sapa" in notes.locator("#text").inner_text()
    assert "1 menit" in notes.locator("#planned").inner_text()
    own = desk.laptop.kernel_of(page)
    notes.locator("#on").click()
    page.wait_for_function("location.hash === '#2'")
    notes.wait_for_function("document.querySelector('#title').textContent === 'Buka sesi'")
    assert desk.laptop.kernel_of(page) == own
    assert own.is_running()
    assert "kernelId" not in notes.content(), "a window of the deck's page, and no page of its own"
    assert Axe().run(notes).violations_count == 0


@pytest.mark.parametrize("name", DECKS)
@pytest.mark.parametrize(
    ("width", "height", "theme", "language"), [(1280, 720, "light", "id"), (1920, 1080, "dark", "en")]
)
def test_every_slide_fits_and_is_read_from_the_last_row(
    new_desk: Callable[..., Desk], name: str, width: int, height: int, theme: str, language: str
) -> None:
    desk = new_desk(width, height, theme, language)
    page = desk.show(name)
    for number in range(1, page.locator("#deck > .slide").count() + 1):
        desk.go(number)
        found = page.evaluate(OVERFLOW)
        assert not found["over"], number
        assert not found["long"], number
        # 32 px at 720 lines is the base; a full slide may go down to three quarters of it.
        assert found["type"] >= 0.74 * 32 * height / 720, number
        if name == DECKS[0]:
            desk.shot(f"{name}-{number:02}-{height}-{theme}-{language}")


def test_everybody_can_follow_the_deck(new_desk: Callable[..., Desk]) -> None:
    for theme in ("light", "dark"):
        desk = new_desk(theme=theme)
        page = desk.show("session_students")
        for number in range(1, page.locator("#deck > .slide").count() + 1):
            desk.go(number)
            result = Axe().run(page)
            assert result.violations_count == 0, f"{number}: {result.generate_report()}"


def test_a_printed_deck_has_every_slide(desk: Desk) -> None:
    page = desk.show("session_students")
    page.emulate_media(media="print")
    assert page.locator("#deck > .slide:visible").count() == page.locator("#deck > .slide").count()
    assert not page.locator("#bar").is_visible()


@pytest.mark.parametrize("name", ["guide", "self_paced", "evaluation"])
def test_notebooks_read_as_pages_scroll(desk: Desk, name: str) -> None:
    page = desk.show(name)
    assert page.locator("#deck > .slide:visible").count() == page.locator("#deck > .slide").count()
    assert Axe().run(page).violations_count == 0
    keep_picture(page, ARTIFACTS / f"{name}.png", full_page=True)
