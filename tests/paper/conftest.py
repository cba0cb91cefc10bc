"""Printed packets of a running service, and sheets filled in on them."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pytest

from kit.paper.command import scan_lines
from kit.paper.draw import write_paper
from tests.bench.sheet_marks import DPI, draw_mark


@dataclass
class Desk:
    """An office with a session, its printed packets and a camera."""

    service: Any
    folder: Path
    code: str
    reserved: dict[str, Any] = field(default_factory=dict)
    sheets: list[dict[str, Any]] = field(default_factory=list)

    def print(self, packets: int) -> None:
        self.reserved = self.service.control.reserve_packets(self.code, packets)
        write_paper(self.reserved, self.folder)
        self.sheets = json.loads((self.folder / "layout.json").read_text())["sheets"]

    def page(self, sheet: Mapping[str, Any]) -> Any:
        document = pypdfium2.PdfDocument(self.folder / "packets.pdf")
        bitmap = document[sheet["page"] - 1].render(scale=DPI / 72, grayscale=True)
        pixels = bitmap.to_numpy().reshape(bitmap.height, bitmap.width).copy()
        document.close()
        return pixels

    def fill(self, sheet: Mapping[str, Any], answers: Mapping[str, list[str]]) -> Any:
        """The page with these bubbles filled."""
        pixels = self.page(sheet)
        for bubble in sheet["bubbles"]:
            if bubble["option_id"] in answers.get(bubble["item_id"], ()):
                draw_mark(pixels, bubble, "fill", 40, random.Random(1))
        return pixels

    def first_answers(self, sheet: Mapping[str, Any]) -> dict[str, list[str]]:
        """Everything answered with its first option."""
        answers: dict[str, list[str]] = {}
        for bubble in sheet["bubbles"]:
            answers.setdefault(bubble["item_id"], [bubble["option_id"]])
        return answers

    def save(self, name: str, pixels: Any) -> Path:
        path = self.folder / name
        cv2.imwrite(str(path), pixels)
        return path

    def scan(self, *paths: Path) -> list[dict[str, Any]]:
        return list(scan_lines(self.service.control, self.code, paths))

    @property
    def joined(self) -> int:
        return int(self.service.control.session(self.code)["joined"])

    @property
    def pictures(self) -> list[Path]:
        return list((self.service.results / ".kit" / "sheets").rglob("*.jpg"))


@pytest.fixture
def desk(service: Any, tmp_path: Path) -> Desk:
    """A session with three packets printed."""
    made = Desk(service, tmp_path / "paper", service.open_session())
    made.print(3)
    return made


def table(*sheets: Any) -> Any:
    """Sheets side by side on a dark floor."""
    tall, wide = sheets[0].shape
    floor = np.full((tall + 200, (wide + 100) * len(sheets) + 100), 90, np.uint8)
    for place, sheet in enumerate(sheets):
        left = 100 + place * (wide + 100)
        floor[100 : 100 + tall, left : left + wide] = sheet
    return floor
