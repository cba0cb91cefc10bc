"""Answer sheets printed, marked, photographed and read: how often right, how often in doubt, how fast.

`uv run python -m tests.bench paper [sheets]`. Simulated marks and photos: a set filled in by hand is owed.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import pypdfium2

from kit.paper.draw import write_paper
from kit.paper.scan import Sheet, read_file, readers_of
from kit.quiz.read import load_quiz
from kit.session.acts.open import OpenSession, open_session
from kit.session.acts.packets import ReservePackets, paper_forms, reserve_packets
from kit.session.run.writer import Writer
from kit.session.store.store import Store
from tests.bench.sheet_marks import DPI, Marked, mark_sheet, photograph
from tests.conftest import QUIZZES

SHEETS, PACKETS = 1000, 60
SEED = 15
# What a person needs, from watching: to look at a doubtful item and press a button; to lay a sheet under a
# phone; to type a line of the grid. Assumptions, printed with the figures that rest on them.
SECONDS_A_DOUBT, SECONDS_A_PHOTO, SECONDS_TYPED = 6.0, 6.0, 45.0


class Printed:
    """A session with printed packets, as an office would have them."""

    def __init__(self, folder: Path, packets: int) -> None:
        store = Store(f"sqlite:///{folder / 'kit.db'}")
        writer = Writer(store)
        quiz = load_quiz(QUIZZES / "students.yaml")
        opening = OpenSession(quizzes=[quiz], site={"name": "Kebon Kosong"}, minors_consent=True)
        self.code = writer.run(open_session, opening)
        reserved = writer.run(reserve_packets, ReservePackets(self.code, packets))
        begun = time.perf_counter()
        write_paper(reserved, folder)
        self.seconds = time.perf_counter() - begun
        with store.reading() as tx:
            forms = paper_forms(tx, self.code)
        writer.close()
        store.close()
        self.readers = readers_of(forms)
        self.several = {
            item["item_id"] for form in forms["forms"] for item in form["items"] if item["several"]
        }
        self.layout = json.loads((folder / "layout.json").read_text(encoding="utf-8"))
        self._pdf = pypdfium2.PdfDocument(folder / "packets.pdf")

    def page(self, number: int) -> Any:
        """A page of `packets.pdf` in grey, counted from 1."""
        bitmap = self._pdf[number - 1].render(scale=DPI / 72, grayscale=True)
        return bitmap.to_numpy().reshape(bitmap.height, bitmap.width).copy()

    def close(self) -> None:
        self._pdf.close()


def compare(truth: Marked, sheet: dict[str, Any], read: Sheet, tally: Counter[str]) -> None:
    """Count what became of every bubble of a sheet that was read."""
    doubtful = {doubt.item_id for doubt in read.doubts}
    for bubble in sheet["bubbles"]:
        item_id, option_id = bubble["item_id"], bubble["option_id"]
        if item_id in doubtful:
            tally["bubbles for a person"] += 1
            continue
        marked = option_id in truth.answers.get(item_id, ())
        seen = option_id in read.answers.get(item_id, ())
        tally["bubbles"] += 1
        tally["right"] += marked == seen
        tally["missed"] += marked and not seen
        tally["invented"] += seen and not marked
    for item_id, choice in read.answers.items():
        given = truth.answers.get(item_id, [])
        tally["items wrong"] += bool(given) and sorted(choice) != given


def measure(sheets: int, packets: int = PACKETS, seed: int = SEED) -> dict[str, Any]:
    """Print, mark, photograph and read so many sheets; the figures."""
    cv2.setNumThreads(1)
    tally: Counter[str] = Counter()
    spent = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        printed = Printed(folder, packets)
        listed = printed.layout["sheets"]
        for number in range(sheets):
            rng = random.Random(f"{seed}:{number}")
            sheet = listed[number % len(listed)]
            truth = mark_sheet(printed.page(sheet["page"]), sheet, printed.several, rng)
            path = folder / "photo.jpg"
            path.write_bytes(photograph(truth.pixels, rng))
            begun = time.process_time()
            found = list(read_file(path, printed.code, printed.readers))
            spent += time.process_time() - begun
            _count(truth, sheet, found, tally)
            if len(found) != 1 or found[0].status == "refused":
                print("refused", number, [one.reason for one in found], file=sys.stderr)
        printed.close()
    return _figures(tally, sheets, spent)


def _count(truth: Marked, sheet: dict[str, Any], found: list[Sheet], tally: Counter[str]) -> None:
    for read in found:
        tally[read.status] += 1
        if read.status == "refused":
            continue
        if (read.personal_code, read.wave) != (sheet["personal_code"], sheet["wave"]):
            tally["wrong person"] += 1
        compare(truth, sheet, read, tally)
        tally["doubtful items"] += len({doubt.item_id for doubt in read.doubts})
    tally["clean"] += truth.clean
    tally["clean for a person"] += truth.clean and any(read.status != "read" for read in found)


def _figures(tally: Counter[str], sheets: int, spent: float) -> dict[str, Any]:
    minutes = (30 * SECONDS_A_PHOTO + 30 * tally["doubtful items"] / sheets * SECONDS_A_DOUBT) / 60
    return {
        "sheets": sheets,
        **{name: tally[name] for name in ("read", "review", "refused", "wrong person")},
        "bubbles read": tally["bubbles"],
        "right %": round(100 * tally["right"] / max(1, tally["bubbles"]), 4),
        **{name: tally[name] for name in ("missed", "invented", "items wrong", "clean")},
        "clean sheets for a person %": round(100 * tally["clean for a person"] / max(1, tally["clean"]), 2),
        "sheets/s on one core": round(sheets / spent, 2),
        "officer's minutes for 30 sheets": round(minutes, 1),
        "minutes to type 30 sheets": round(30 * SECONDS_TYPED / 60, 1),
    }


def time_printing(packets: int = 120) -> float:
    """Seconds that so many packets with their booklets take."""
    with tempfile.TemporaryDirectory() as name:
        printed = Printed(Path(name), packets)
        printed.close()
        return printed.seconds


def main() -> None:
    """Run with as many sheets as asked for; 1,000 unless said."""
    sheets = int(sys.argv[1]) if len(sys.argv) > 1 else SHEETS
    figures = measure(sheets) | {"seconds to print 120 packets": round(time_printing(), 1)}
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
