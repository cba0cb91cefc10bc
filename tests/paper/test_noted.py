"""Offers ticked on paper: counted once, shown from five on, and never anybody's."""

from __future__ import annotations

import json
import random
import sqlite3
from typing import Any

import pandas as pd
import pypdfium2
import pytest

from kit.paper.find import find_sheets, look
from kit.paper.noted import note_rows
from kit.session.acts import codes
from kit.session.client import Refused
from kit.study.sighting import SHOWN_FROM
from tests.bench.sheet_marks import DPI, draw_mark, photograph
from tests.paper.conftest import Desk, table

OFFER = ("job", "facebook", "cambodia", "salary", "debt", "tourist_visa", "this_month")


def note_page(desk: Desk, page: int, *ticked: str) -> Any:
    """A sheet of offers with these values filled, the first bubble of each name."""
    document = pypdfium2.PdfDocument(desk.folder / "sightings.pdf")
    bitmap = document[page].render(scale=DPI / 72, grayscale=True)
    pixels = bitmap.to_numpy().reshape(bitmap.height, bitmap.width).copy()
    document.close()
    bubbles: dict[str, dict[str, Any]] = {}
    for row in note_rows():
        for one in row.bubbles:
            bubbles.setdefault(one.option_id, {"x": one.x, "y": one.y, "r": one.r})
    for value in ticked:
        draw_mark(pixels, bubbles[value], "fill", 40, random.Random(1))
    return pixels


def heard(desk: Desk) -> int | None:
    noted: int | None = desk.service.control.session(desk.code)["sightings"]
    return noted


def stored(desk: Desk) -> list[tuple[Any, ...]]:
    with sqlite3.connect(desk.service.results / "kit.db") as store:
        return store.execute(
            "SELECT kind, channel, country, promise, heard, signs FROM sighting_sheet"
        ).fetchall()


def test_an_offer_on_paper_is_read_and_counted_once(desk: Desk) -> None:
    once = desk.save("note.png", note_page(desk, 0, *OFFER))
    again = desk.folder / "again.jpg"
    again.write_bytes(photograph(note_page(desk, 0, *OFFER), random.Random(3)))
    lines = desk.scan(once, again)
    assert [(line["status"], line["reason"]) for line in lines] == [("read", ""), ("read", "note_again")]
    assert all((line["wave"], line["personal_code"]) == ("sighting", "") for line in lines)
    assert stored(desk) == [("job", "facebook", "cambodia", "salary", "this_month", "tourist_visa+debt")]
    assert desk.joined == 0
    assert desk.pictures == []


@pytest.mark.parametrize("seed", range(6))
def test_a_photo_of_a_folded_sheet_of_offers_is_read(desk: Desk, seed: int) -> None:
    path = desk.folder / "photo.jpg"
    path.write_bytes(photograph(note_page(desk, 0, *OFFER), random.Random(seed)))
    assert [(line["status"], line["reason"]) for line in desk.scan(path)] == [("read", "")]


def test_nothing_on_a_sheet_of_offers_names_a_packet(desk: Desk) -> None:
    (found,), _ = find_sheets(look(note_page(desk, 0)))
    scheme, session, number = found.text.split("/")
    assert (scheme, session) == ("KITT", desk.code)
    assert codes.read_note_number(number) == number
    document = pypdfium2.PdfDocument(desk.folder / "sightings.pdf")
    printed = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    assert number in printed
    assert not any(sheet["personal_code"] in printed for sheet in desk.sheets)
    assert number not in json.dumps(desk.sheets)
    with sqlite3.connect(desk.service.results / "kit.db") as store:
        columns = {row[1] for row in store.execute("PRAGMA table_info(sighting_sheet)")}
    assert columns.isdisjoint({"participant_id", "code_hash", "number"})


@pytest.mark.parametrize(
    "ticked", [(*OFFER, "umrah"), ("job", "malaysia", "japan"), ("job", "whatsapp", "telegram")]
)
def test_two_marks_of_one_part_are_typed_by_a_person(desk: Desk, ticked: tuple[str, ...]) -> None:
    (line,) = desk.scan(desk.save("two.png", note_page(desk, 0, *ticked)))
    assert (line["status"], line["reason"]) == ("refused", "note_doubtful")
    assert codes.read_note_number(line["number"])
    (outcome,) = desk.service.control.send_sightings(desk.code, [{"number": line["number"], "kind": "job"}])
    assert outcome == {"status": "read", "reason": ""}
    assert stored(desk) == [("job", "", "", "", "", "")]


def test_a_blank_sheet_and_one_without_its_corner_are_not_counted(desk: Desk) -> None:
    torn = note_page(desk, 1, *OFFER)
    torn[-300:, :300] = 90
    paths = (desk.save("blank.png", note_page(desk, 0)), desk.save("torn.png", torn))
    assert [line["reason"] for line in desk.scan(*paths)] == ["note_blank", "note_doubtful"]
    assert stored(desk) == []


def test_offers_and_answers_lie_in_one_photo(desk: Desk) -> None:
    sheet = desk.sheets[0]
    floor = table(desk.fill(sheet, desk.first_answers(sheet)), note_page(desk, 0, *OFFER))
    lines = desk.scan(desk.save("floor.png", floor))
    assert sorted((line["wave"], line["status"]) for line in lines) == [("pre", "read"), ("sighting", "read")]
    assert (desk.joined, len(stored(desk))) == (1, 1)


def test_a_mistyped_number_counts_nothing_and_no_free_text_is_taken(desk: Desk) -> None:
    number = codes.new_note_number()
    wrong = number[:-1] + ("A" if number[-1] != "A" else "B")
    control = desk.service.control
    (outcome,) = control.send_sightings(desk.code, [{"number": wrong, "kind": "job"}])
    assert outcome == {"status": "refused", "reason": "note_mistyped"}
    (outcome,) = control.send_sightings(
        desk.code, [{"number": number.replace("-", " ").lower(), "kind": "job"}]
    )
    assert outcome["status"] == "read"
    for name in ("kind", "channel", "country", "promise", "when"):
        with pytest.raises(Refused) as refused:
            control.send_sightings(desk.code, [{"number": number, "kind": "job", name: "Pak Budi RT 3"}])
        assert refused.value.key == "sighting_unknown"
    assert len(stored(desk)) == 1


def test_paper_and_phones_are_counted_together_from_five_on_also_after_closing(desk: Desk) -> None:
    control, service = desk.service.control, desk.service
    person = service.join(desk.code)
    for stage in ("pre", "lesson", "post", "results"):
        control.move(desk.code, stage)
    told = {"kind": "job", "channel": "facebook", "country": "laos", "promise": "salary"}
    sent = person.http.post(
        f"/api/sessions/{desk.code}/sightings", json={**told, "signs": [], "when": "earlier"}
    )
    assert sent.status_code == 201
    notes = [{"number": codes.new_note_number(), **told} for _ in range(SHOWN_FROM - 1)]
    control.send_sightings(desk.code, notes[:-1])
    assert heard(desk) is None
    folder = service.results / control.close(desk.code)["bundle"]
    assert not (folder / "sightings.parquet").exists()
    control.send_sightings(desk.code, notes[-1:])
    assert heard(desk) == SHOWN_FROM
    rows = pd.read_parquet(folder / "sightings.parquet")
    kept = {(row["list"], row["value"]): row["n"] for row in rows.to_dict("records")}
    # Only the phone said when: of one note nothing is told.
    assert kept == {
        ("all", "all"): 5, ("kind", "job"): 5, ("channel", "facebook"): 5,
        ("country", "laos"): 5, ("promise", "salary"): 5,
    }  # fmt: skip


def test_offers_on_paper_go_with_the_session(desk: Desk) -> None:
    desk.scan(desk.save("note.png", note_page(desk, 0, *OFFER)))
    receipt = desk.service.control.delete(desk.code)
    assert receipt["rows"]["sighting_sheet"] == 1
    assert stored(desk) == []
