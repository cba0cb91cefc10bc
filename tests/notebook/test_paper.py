"""The page of paper: what is printed there, read there and typed there."""

from __future__ import annotations

import io
import json
import random
import zipfile

import httpx
import pypdfium2
import pytest

from kit.paper.noted import note_rows
from kit.session.acts.codes import new_note_number
from tests.bench.sheet_marks import DPI, draw_mark, photograph
from tests.notebook.conftest import Laptop

pytestmark = pytest.mark.notebook


def post(owner: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return owner.post(path, data={"_xsrf": owner.cookies["_xsrf"], **fields})


def test_offers_are_printed_photographed_and_typed(laptop: Laptop, owner: httpx.Client) -> None:
    code = laptop.service.open_session(site="Kebon Kosong")
    printed = post(owner, f"/kit/paper/{code}/print", n="2")
    archive = zipfile.ZipFile(io.BytesIO(printed.content))
    assert {"booklet-A.pdf", "layout.json", "packets.pdf", "sightings.pdf"} <= set(archive.namelist())
    assert len(json.loads(archive.read("layout.json"))["sheets"]) == 4
    pdf = pypdfium2.PdfDocument(archive.read("sightings.pdf"))
    bitmap = pdf[0].render(scale=DPI / 72, grayscale=True)
    pixels = bitmap.to_numpy().reshape(bitmap.height, bitmap.width).copy()
    pdf.close()
    place = next(one for row in note_rows() for one in row.bubbles if one.option_id == "job")
    draw_mark(pixels, {"x": place.x, "y": place.y, "r": place.r}, "tick", 40, random.Random(1))
    photo = photograph(pixels, random.Random(2))
    read = owner.post(
        f"/kit/paper/{code}/scan",
        data={"_xsrf": owner.cookies["_xsrf"]},
        files=[
            ("files", ("note.jpg", photo, "image/jpeg")),
            ("files", ("teks.jpg", b"bukan gambar", "image/jpeg")),
        ],
    )
    assert "1 terbaca, 0 perlu dilihat, 1 ditolak" in read.text
    assert "Tawaran yang saya dengar" in read.text
    assert "bukan gambar atau PDF" in read.text
    number = new_note_number()
    for expected in ("1 terbaca", "tidak dihitung dua kali"):
        typed = post(
            owner, f"/kit/paper/{code}/note", number=number.lower(), kind="umrah", channel="whatsapp"
        )
        assert expected in typed.text
    wrong = post(owner, f"/kit/paper/{code}/note", number="1234-5678-A", kind="job")
    assert "huruf periksa tidak cocok" in wrong.text
