"""Sheets that come back: read, in doubt or refused, and nobody's marks ever become another person's."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kit.paper.pictures import MOST_PAGES
from kit.text import entries, message
from tests.bench.sheet_marks import photograph
from tests.paper.conftest import Desk, table


def test_a_printed_packet_joins_when_its_first_sheet_is_read(desk: Desk) -> None:
    sheet = desk.sheets[0]
    assert desk.joined == 0
    answers = desk.first_answers(sheet)
    (line,) = desk.scan(desk.save("one.png", desk.fill(sheet, answers)))
    assert (line["status"], line["personal_code"], line["wave"]) == ("read", sheet["personal_code"], "pre")
    assert line["answers"] == answers
    assert desk.joined == 1
    assert desk.service.control.session(desk.code)["finished"]["pre"] == 1
    assert desk.pictures == []


def test_before_and_after_on_paper_are_one_person(desk: Desk) -> None:
    pre, post = desk.sheets[:2]
    assert pre["personal_code"] == post["personal_code"]
    assert pre["form"] != post["form"]
    paths = [
        desk.save(f"{sheet['wave']}.png", desk.fill(sheet, desk.first_answers(sheet)))
        for sheet in (pre, post)
    ]
    assert [line["status"] for line in desk.scan(*paths)] == ["read", "read"]
    assert desk.joined == 1


def test_paper_and_phone_of_one_person_are_one_participant(desk: Desk) -> None:
    sheet = desk.sheets[0]
    desk.scan(desk.save("one.png", desk.fill(sheet, desk.first_answers(sheet))))
    phone = desk.service.phone()
    resumed = phone.post(
        f"/api/sessions/{desk.code}/participants/resume", json={"personal_code": sheet["personal_code"]}
    )
    assert resumed.status_code == 200
    phone.post(
        f"/api/sessions/{desk.code}/participants/resume",
        json={"personal_code": desk.sheets[2]["personal_code"]},
    )
    assert desk.joined == 2


@pytest.mark.parametrize("seed", range(6))
def test_a_tilted_photo_is_read(desk: Desk, seed: int) -> None:
    sheet = desk.sheets[seed]
    answers = desk.first_answers(sheet)
    path = desk.folder / "photo.jpg"
    path.write_bytes(photograph(desk.fill(sheet, answers), random.Random(seed)))
    (line,) = desk.scan(path)
    assert (line["status"], line["personal_code"]) == ("read", sheet["personal_code"])
    assert line["answers"] == answers


def test_upside_down_is_no_matter(desk: Desk) -> None:
    sheet = desk.sheets[0]
    answers = desk.first_answers(sheet)
    (line,) = desk.scan(desk.save("turned.png", np.rot90(desk.fill(sheet, answers), 2)))
    assert line["answers"] == answers


def test_several_sheets_in_one_photo_each_stay_their_own(desk: Desk) -> None:
    mine, yours = desk.sheets[0], desk.sheets[2]
    first = desk.first_answers(mine)
    second = {item_id: ["unsure"] for item_id in desk.first_answers(yours)}
    floor = table(desk.fill(mine, first), np.rot90(desk.fill(yours, second), 2))
    read = {line["personal_code"]: line for line in desk.scan(desk.save("floor.png", floor))}
    assert read[mine["personal_code"]]["answers"] == first
    told = read[yours["personal_code"]]["answers"]
    assert set(map(tuple, told.values())) == {("unsure",)}


def test_the_code_of_one_sheet_over_another_is_never_read(desk: Desk) -> None:
    mine, yours = desk.fill(desk.sheets[0], desk.first_answers(desk.sheets[0])), desk.page(desk.sheets[2])
    torn = mine.copy()
    middle = mine.shape[1] // 3
    # The left third of one sheet beside the right of another, slipped by two centimetres.
    torn[:, middle:] = np.roll(yours, 160, axis=0)[:, middle:]
    for line in desk.scan(desk.save("torn.png", torn)):
        assert line["status"] == "refused"
    assert desk.joined == 0


def test_double_and_crossed_out_marks_wait_for_a_person(desk: Desk) -> None:
    sheet = desk.sheets[0]
    answers = desk.first_answers(sheet)
    item_id = next(iter(answers))
    (line,) = desk.scan(desk.save("double.png", desk.fill(sheet, {**answers, item_id: ["fraud", "genuine"]})))
    assert (line["status"], line["reason"]) == ("review", "doubtful")
    assert {doubt["option_id"] for doubt in line["doubts"]} == {"fraud", "genuine"}
    assert item_id not in line["answers"]
    assert len(desk.pictures) == 1
    (waiting,) = [one for one in desk.service.control.sheets(desk.code) if one["status"] == "review"]
    decided = desk.service.control.decide_sheet(
        desk.code, waiting["sheet_id"], answers={item_id: ["genuine"]}
    )
    assert decided["status"] == "read"
    assert desk.pictures == []
    assert desk.service.control.session(desk.code)["finished"]["pre"] == 1


def test_a_blank_item_stays_unanswered(desk: Desk) -> None:
    sheet = desk.sheets[0]
    answers = desk.first_answers(sheet)
    missing = answers.pop(next(iter(answers)))
    (line,) = desk.scan(desk.save("blank.png", desk.fill(sheet, answers)))
    assert line["status"] == "read"
    assert line["answers"] == answers
    assert missing
    assert desk.service.control.session(desk.code)["finished"]["pre"] == 0


def test_the_same_sheet_twice_counts_once_and_a_different_one_waits(desk: Desk) -> None:
    sheet = desk.sheets[0]
    answers = desk.first_answers(sheet)
    once = desk.save("once.png", desk.fill(sheet, answers))
    lines = desk.scan(once, once)
    assert [(line["status"], line["reason"]) for line in lines] == [("read", ""), ("read", "again")]
    changed = {**answers, next(iter(answers)): ["unsure"]}
    (line,) = desk.scan(desk.save("other.png", desk.fill(sheet, changed)))
    assert (line["status"], line["reason"]) == ("review", "differs")
    assert desk.joined == 1


def test_a_covered_corner_waits_and_two_are_refused(desk: Desk) -> None:
    sheet = desk.sheets[0]
    pixels = desk.fill(sheet, desk.first_answers(sheet))
    pixels[-300:, :300] = 90
    (line,) = desk.scan(desk.save("corner.png", pixels))
    assert (line["status"], line["reason"]) == ("review", "corner_missing")
    pixels[-300:, -300:] = 90
    (line,) = desk.scan(desk.save("corners.png", pixels))
    assert (line["status"], line["reason"]) == ("refused", "torn")


def test_sheets_of_elsewhere_are_refused_with_the_reason(desk: Desk, service: Any) -> None:
    other = Desk(service, desk.folder / "other", service.open_session())
    other.print(1)
    path = other.save("one.png", other.page(other.sheets[0]))
    (line,) = desk.scan(path)
    assert (line["status"], line["reason"]) == ("refused", "other_session")
    assert [line["reason"] for line in desk.scan(desk.folder / "booklet-A.pdf")] == ["booklet"] * 5
    assert desk.joined == 0


def test_what_is_no_sheet_says_so(desk: Desk, tmp_path: Path) -> None:
    text, bomb, white = tmp_path / "text.jpg", tmp_path / "bomb.png", tmp_path / "white.heic"
    text.write_text("bukan gambar")
    Image.new("1", (30_000, 30_000)).save(bomb)
    Image.new("L", (600, 800), 255).save(white)
    reasons = [line["reason"] for line in desk.scan(text, bomb, white, tmp_path / "gone.jpg")]
    assert reasons == ["not_picture", "too_large", "nothing_found", "not_picture"]


def test_a_scanned_pdf_and_a_heic_are_read(desk: Desk) -> None:
    sheets = desk.sheets[:4]
    pages = [Image.fromarray(desk.fill(sheet, desk.first_answers(sheet))) for sheet in sheets]
    pdf, heic = desk.folder / "scan.pdf", desk.folder / "photo.heic"
    pages[0].save(pdf, save_all=True, append_images=pages[1:3], resolution=200)
    pages[3].convert("RGB").save(heic, quality=60)
    lines = desk.scan(pdf, heic)
    assert [line["status"] for line in lines] == ["read"] * 4
    assert [line["page"] for line in lines] == [1, 2, 3, 1]


def test_after_closing_the_bundle_is_written_anew(desk: Desk) -> None:
    control, sheet = desk.service.control, desk.sheets[0]
    for stage in ("pre", "lesson", "post", "results"):
        control.move(desk.code, stage)
    folder = desk.service.results / control.close(desk.code)["bundle"]
    before = (folder / "session.json").read_text()
    desk.scan(desk.save("late.png", desk.fill(sheet, desk.first_answers(sheet))))
    assert (folder / "session.json").read_text() != before
    assert '"joined": 1' in (folder / "session.json").read_text()


def test_deleting_a_session_takes_its_pictures(desk: Desk) -> None:
    sheet = desk.sheets[0]
    pixels = desk.fill(sheet, desk.first_answers(sheet))
    pixels[-300:, :300] = 90
    desk.scan(desk.save("corner.png", pixels))
    assert len(desk.pictures) == 1
    desk.service.control.delete(desk.code)
    assert desk.pictures == []


def test_hundreds_of_pages_are_more_than_one_file_may_have(desk: Desk, tmp_path: Path) -> None:
    long = tmp_path / "long.pdf"
    pages = [Image.new("1", (20, 30), 1) for _ in range(401)]
    pages[0].save(long, save_all=True, append_images=pages[1:])
    (line,) = desk.scan(long)
    assert (line["status"], line["reason"]) == ("refused", "too_many_pages")


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_reason_is_a_whole_sentence(language: str) -> None:
    said = {name: message(f"paper.reasons.{name}", language) for name in entries("paper.reasons", language)}
    assert not [name for name, words in said.items() if "{" in words]
    assert str(MOST_PAGES) in said["too_many_pages"]
