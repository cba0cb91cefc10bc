"""auto-multiple-choice (Debian) as a peer: the same marks on sheets of its own, read by its command line.

It has no list of doubtful marks: a box counts as ticked when more of it is dark than a threshold, which its
users set. So its figures stand at its own threshold and at a low one, as is advised for ticks and crosses.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pypdfium2

from tests.bench.sheet_marks import DPI, mark_sheet

# Options of each item as on a sheet of students, the last one "don't know".
OPTIONS = (*(3,) * 10, *(5,) * 7)
COPIES = 12
THRESHOLDS = (0.5, 0.15)
# What it counts as a box to tick, in its tables of the layout and of what was captured.
_ANSWER, _BOX = 1, 4
_SOURCE = r"""\documentclass[a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage[box,nowatermark]{automultiplechoice}
\begin{document}
\onecopy{%d}{\setlength{\parskip}{0pt}\AMCboxDimensions{size=4mm}
%s}
\end{document}
"""


class AutoMultipleChoice:
    """The program, and how its pages are printed, marked and read."""

    @classmethod
    def find(cls) -> AutoMultipleChoice | None:
        """The program, where it is installed with its LaTeX."""
        return cls() if shutil.which("auto-multiple-choice") and shutil.which("pdflatex") else None

    def measure(
        self, sheets: int, seed: int, camera: Callable[[Any, random.Random], bytes]
    ) -> dict[str, Any]:
        """Print, mark, photograph and read so many pages; the figures at each threshold."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self._print(folder)
            truths = self._photograph(folder, sheets, seed, camera)
            begun = os.times()
            self._read(folder, sheets)
            ended = os.times()
            spent = ended.children_user + ended.children_system
            spent -= begun.children_user + begun.children_system
            return {
                f"auto-multiple-choice at {threshold}": {
                    "pages": sheets,
                    "pages/s on one core": round(sheets / spent, 2),
                    **_compare(folder, truths, threshold),
                }
                for threshold in THRESHOLDS
            }

    def _print(self, folder: Path) -> None:
        items = "\n".join(_item(number, options) for number, options in enumerate(OPTIONS, 1))
        (folder / "sheet.tex").write_text(_SOURCE % (COPIES, items), encoding="utf-8")
        for made in ("data", "cr"):
            (folder / made).mkdir()
        self._run(
            folder, "prepare", "--mode", "s", "--data", f"{folder}/data", "--prefix", f"{folder}/",
            "--with", "pdflatex", "--filter", "latex", "--out-sujet", f"{folder}/sheets.pdf",
            "--out-corrige", f"{folder}/key.pdf", "--out-calage", f"{folder}/layout.xy",
            f"{folder}/sheet.tex",
        )  # fmt: skip
        self._run(folder, "meptex", "--src", f"{folder}/layout.xy", "--data", f"{folder}/data")

    def _photograph(
        self, folder: Path, sheets: int, seed: int, camera: Callable[[Any, random.Random], bytes]
    ) -> dict[str, tuple[tuple[int, int], dict[str, list[str]]]]:
        """Pictures of marked pages; what was marked on each, by its (copy, page)."""
        truths = {}
        document = pypdfium2.PdfDocument(folder / "sheets.pdf")
        with closing(sqlite3.connect(folder / "data" / "layout.sqlite")) as layout:
            pages = layout.execute("SELECT student, page, subjectpage FROM layout_page ORDER BY 3").fetchall()
            for number in range(sheets):
                copy, page, drawn = pages[number % len(pages)]
                rng = random.Random(f"{seed}:{number}")
                bitmap = document[drawn - 1].render(scale=DPI / 72, grayscale=True)
                pixels = bitmap.to_numpy().reshape(bitmap.height, bitmap.width)
                truth = mark_sheet(pixels, {"bubbles": list(_boxes(layout, copy, page))}, set(), rng)
                name = f"{number:05d}.jpg"
                (folder / name).write_bytes(camera(truth.pixels, rng))
                truths[name] = ((copy, page), truth.answers)
        document.close()
        return truths

    def _read(self, folder: Path, sheets: int) -> None:
        listed = folder / "pictures"
        listed.write_text(
            "".join(f"{folder}/{number:05d}.jpg\n" for number in range(sheets)), encoding="utf-8"
        )
        # It ends with 1 when it could not read one of them.
        self._run(
            folder, "analyse", "--projet", str(folder), "--data", f"{folder}/data", "--cr",
            f"{folder}/cr", "--liste-fichiers", str(listed), "--multiple", "--n-procs", "1", ends=(0, 1),
        )  # fmt: skip

    @staticmethod
    def _run(folder: Path, command: str, *words: str, ends: Sequence[int] = (0,)) -> None:
        asked = ["auto-multiple-choice", command, *words]
        ended = subprocess.run(asked, cwd=folder, check=False, capture_output=True, text=True)
        if ended.returncode not in ends:
            raise RuntimeError(ended.stderr[-2000:])


def _item(number: int, options: int) -> str:
    wrong = " ".join(rf"\wrongchoice{{{letter}}}" for letter in "BCDE"[: options - 1])
    return (
        rf"\begin{{question}}{{q{number:02d}}}\begin{{choiceshoriz}}[o]\correctchoice{{A}} {wrong}"
        r"\end{choiceshoriz}\end{question}"
    )


def _boxes(layout: sqlite3.Connection, copy: int, page: int) -> Any:
    """The boxes of a page in millimetres, as `layout.json` tells bubbles."""
    (dpi,) = layout.execute(
        "SELECT dpi FROM layout_page WHERE student = ? AND page = ?", (copy, page)
    ).fetchone()
    query = (
        "SELECT question, answer, xmin, xmax, ymin, ymax FROM layout_box"
        " WHERE student = ? AND page = ? AND role = ? ORDER BY question, answer"
    )
    mm = 25.4 / dpi
    for item, option, left, right, top, bottom in layout.execute(query, (copy, page, _ANSWER)):
        place = {"x": (left + right) / 2 * mm, "y": (top + bottom) / 2 * mm, "r": (right - left) / 2 * mm}
        yield {"item_id": str(item), "option_id": str(option), **place}


def _compare(
    folder: Path, truths: dict[str, tuple[tuple[int, int], dict[str, list[str]]]], threshold: float
) -> dict[str, Any]:
    tally: Counter[str] = Counter()
    with closing(sqlite3.connect(folder / "data" / "capture.sqlite")) as captured:
        pages = captured.execute("SELECT src, student, page, copy FROM capture_page").fetchall()
        for src, *where in pages:
            (copy, page), answers = truths[src.rsplit("/", 1)[-1]]
            tally["read"] += 1
            tally["wrong page"] += (copy, page) != tuple(where[:2])
            zones = captured.execute(
                "SELECT id_a, id_b, total, black FROM capture_zone"
                " WHERE student = ? AND page = ? AND copy = ? AND type = ?",
                (*where, _BOX),
            )
            for item, option, total, black in zones:
                marked = str(option) in answers.get(str(item), ())
                seen = total > 0 and black / total > threshold
                tally["boxes"] += 1
                tally["right"] += marked == seen
                tally["missed"] += marked and not seen
                tally["invented"] += seen and not marked
    return {
        "pages read": tally["read"],
        "wrong page": tally["wrong page"],
        "boxes of pages read": tally["boxes"],
        "right %": round(100 * tally["right"] / tally["boxes"], 4) if tally["boxes"] else None,
        "boxes missed": tally["missed"],
        "boxes invented": tally["invented"],
    }
