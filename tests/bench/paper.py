"""Answer sheets printed, marked, photographed and read: how often right, how often in doubt, how fast.

`uv run python -m tests.bench paper [sheets] [--seed N]`. The reader was made on seed 15; any other is
fresh to it. Simulated marks and photos: a set filled in by hand is owed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
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
from tests.bench.paper_peer import AutoMultipleChoice
from tests.bench.sheet_marks import DPI, Marked, mark_sheet, photograph, scan_flat
from tests.conftest import QUIZZES

SHEETS, PACKETS = 1000, 60
SEED = 15
# What a person needs, from watching: to look at a doubtful item and press a button; to lay a sheet under a
# phone; to type a line of the grid. Assumptions, printed with the figures that rest on them.
SECONDS_A_DOUBT, SECONDS_A_PHOTO, SECONDS_TYPED = 6.0, 6.0, 45.0


Camera = Callable[[Any, random.Random], bytes]


class Printed:
    """A session with printed packets, as an office would have them."""

    def __init__(self, folder: Path, packets: int) -> None:
        store = Store(f"sqlite:///{folder / 'kit.db'}")
        writer = Writer(store)
        quiz = load_quiz(QUIZZES / "students.yaml")
        opening = OpenSession(quizzes=[quiz], site={"name": "Kebon Kosong"}, minors_consent=True)
        self.code = writer.run(open_session, opening)
        reserved = writer.run(reserve_packets, ReservePackets(self.code, packets))
        begun = time.perf_counter(), time.process_time()
        write_paper(reserved, folder)
        self.seconds = time.perf_counter() - begun[0]
        self.processor_seconds = time.process_time() - begun[1]
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
    """Count what became of every bubble and every item of a sheet that was read."""
    where = "" if read.status == "read" else " in review"
    doubtful = {doubt.item_id for doubt in read.doubts}
    for bubble in sheet["bubbles"]:
        item_id, option_id = bubble["item_id"], bubble["option_id"]
        if item_id in doubtful:
            tally["bubbles for a person"] += 1
            continue
        marked = option_id in truth.answers.get(item_id, ())
        seen = option_id in read.answers.get(item_id, ())
        tally[f"bubbles{where}"] += 1
        tally[f"right{where}"] += marked == seen
    for item_id in {bubble["item_id"] for bubble in sheet["bubbles"]} - doubtful:
        given, seen_there = truth.answers.get(item_id, []), sorted(read.answers.get(item_id, []))
        tally["missed"] += bool(given) and not seen_there
        tally["invented"] += bool(seen_there) and not given
        tally["wrong"] += bool(given) and bool(seen_there) and seen_there != given


def measure(
    sheets: int, packets: int = PACKETS, seed: int = SEED, camera: Camera = photograph
) -> dict[str, Any]:
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
            path.write_bytes(camera(truth.pixels, rng))
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
        "bubbles of sheets not sent to review": tally["bubbles"],
        "right %": _percent(tally, ""),
        "settled bubbles of sheets in review": tally["bubbles in review"],
        "of them right %": _percent(tally, " in review"),
        **{f"items {name}": tally[name] for name in ("wrong", "missed", "invented")},
        "clean": tally["clean"],
        "clean sheets for a person %": round(100 * tally["clean for a person"] / max(1, tally["clean"]), 2),
        "sheets/s on one core": round(sheets / spent, 2),
        "officer's minutes for 30 sheets": round(minutes, 1),
        "minutes to type 30 sheets": round(30 * SECONDS_TYPED / 60, 1),
    }


def _percent(tally: Counter[str], where: str) -> float:
    return round(100 * tally[f"right{where}"] / max(1, tally[f"bubbles{where}"]), 4)


def time_printing(packets: int = 120) -> dict[str, float]:
    """Seconds that so many packets take with booklets, slips and sheets of offers."""
    with tempfile.TemporaryDirectory() as name:
        printed = Printed(Path(name), packets)
        printed.close()
    told = {"seconds": printed.seconds, "of the processor": printed.processor_seconds}
    return {name: round(value, 1) for name, value in told.items()}


def main() -> None:
    """Run with as many sheets as asked for; 1,000 unless said."""
    asked = argparse.ArgumentParser("python -m tests.bench paper")
    asked.add_argument("sheets", nargs="?", type=int, default=SHEETS)
    asked.add_argument("--seed", type=int, default=SEED)
    given = asked.parse_args()
    print(json.dumps({"to print 120 packets": time_printing()}), flush=True)
    print(json.dumps({"seed": given.seed} | measure(given.sheets, seed=given.seed), indent=1), flush=True)
    beside(given.sheets // 5, given.seed)


def beside(sheets: int, seed: int) -> None:
    """auto-multiple-choice on the same marks, where it is installed, as photos and as a scanner's pictures.

    Its pages carry four black dots and a number in boxes, and it sets them upright by an affine map: it is
    made for scanners. So both programs get both kinds.
    """
    peer = AutoMultipleChoice.find()
    if peer is None:
        print("auto-multiple-choice is not installed (Debian: auto-multiple-choice)")
        return
    for name, camera in (("photos", photograph), ("scans", scan_flat)):
        ours = measure(sheets, seed=seed, camera=camera)
        print(json.dumps({"pictures": name, "this kit": ours} | peer.measure(sheets, seed, camera), indent=1))


if __name__ == "__main__":
    main()
