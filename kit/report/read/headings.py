"""Headings as people write them: which row holds them, and what each column is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kit.report.read.grid import Grid
from kit.study.wave import WAVES

LONG: Final = ("participant", "wave", "item", "correct")
WIDE: Final = ("participant", "pre", "post")
_FIRST_ROWS: Final = 20
"""Rows in which a heading is looked for."""

_SPOKEN: Final = {
    "participant": "peserta kode kode_peserta id id_peserta no_peserta nomor_peserta nama nama_peserta "
    "nama_lengkap nama_siswa nama_responden name full_name student_id respondent respondent_id nis nisn "
    "username email email_address alamat_email no_absen nomor_absen",
    "wave": "gelombang tahap waktu_tes exam",
    "item": "butir soal no_soal pertanyaan",
    "correct": "benar betul",
    "pre": "sebelum pretest pre_test tes_awal nilai_awal nilai_pre nilai_pretest nilai_pre_test skor_pre "
    "skor_pretest nilai_sebelum skor_sebelum",
    "post": "sesudah posttest post_test tes_akhir nilai_akhir nilai_post nilai_posttest nilai_post_test "
    "skor_post skor_posttest nilai_sesudah skor_sesudah setelah",
    "followup": "susulan tindak_lanjut follow_up",
    "site": "lokasi desa kelurahan",
    "district": "kecamatan",
    "city": "kabupaten kota",
    "province": "provinsi",
    "session": "sesi kelas class",
    "audience": "kelompok",
    "choice": "pilihan jawaban",
    "event": "acara",
}
SYNONYMS: Final = {spoken: name for name, many in _SPOKEN.items() for spoken in many.split()}
# The first of these that a table has names its people; the others stay what they are.
_PEOPLE: Final = (
    "participant", "peserta", "kode_peserta", "kode", "id_peserta", "no_peserta", "nomor_peserta", "id",
    "student_id", "nis", "nisn", "respondent", "respondent_id", "nama_peserta", "nama_lengkap", "nama_siswa",
    "nama_responden", "nama", "full_name", "name", "email", "email_address", "alamat_email", "username",
    "no_absen", "nomor_absen",
)  # fmt: skip


SCORE: Final = frozenset(
    "skor score nilai total_score total_skor total_nilai nilai_total skor_total jumlah_benar poin".split()
)
"""Headings of the one score that a form's export has for each person."""
FILE_WAVES: Final = {
    **dict.fromkeys(("pre", "pretest", "sebelum", "awal", "before"), "pre"),
    **dict.fromkeys(("post", "posttest", "sesudah", "setelah", "akhir", "after"), "post"),
    **dict.fromkeys(("followup", "susulan"), "followup"),
}
"""Words in the names of files and sheets that say when people answered."""
_BELOW: Final = frozenset(("response", "open_ended_response", "score", "skor", "jawaban"))
"""What SurveyMonkey writes in a second row below each heading."""


def wave_of_name(name: str) -> str | None:
    """The wave that a name tells: `Nilai sebelum.csv`; None where it tells none, or several."""
    found = {FILE_WAVES[word] for word in re.split(r"[\W_]+", name.lower()) if word in FILE_WAVES}
    return found.pop() if len(found) == 1 else None


def _written(heading: str) -> str:
    """A heading as one word; without its group (KoBo) or explanation (Forms) where that makes it known."""

    def plain(text: str) -> str:
        return re.sub(r"[^\w]+", "_", text.strip().lower()).strip("_")

    full = plain(heading)
    shorter = (plain(re.split(r"[\n(:]", heading.strip())[0]), plain(heading.rpartition("/")[2]))
    known = {*SYNONYMS, *SYNONYMS.values(), *SCORE}
    return next((name for name in (full, *shorter) if name in known), full)


def column_names(heading: Sequence[str]) -> list[str]:
    """Known names where they are known; the others as written, in lower case."""
    written = [_written(name) for name in heading]
    person = next((name for name in _PEOPLE if name in written), None)
    names = []
    for name in written:
        known = SYNONYMS.get(name, name)
        if known == "participant":
            known = known if name == person else name
        names.append(known)
    return names


def is_complete(names: Sequence[str]) -> bool:
    """Whether the columns are those of a long or of a wide table."""
    return set(LONG) <= set(names) or set(WIDE) <= set(names)


def find_heading(grid: Grid) -> tuple[list[str], int] | None:
    """The column names and the place of the first row below them; None where no row will do.

    A title may stand above, and a heading may take two rows (`Nilai` over `Pre` and `Post`).
    """
    for place, line in enumerate(grid.lines[:_FIRST_ROWS]):
        names = column_names(line)
        if is_complete(names):
            return names, place + 1 + _is_explained(names, grid.lines[place + 1 : place + 2])
        if place + 1 < len(grid.lines):
            below = grid.lines[place + 1]
            both = column_names([lower or upper for upper, lower in zip(line, below, strict=False)])
            if is_complete(both) and not any(is_number(cell) for cell in below):
                return both, place + 2
    return _one_wave(grid)


def _is_explained(names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the row below a heading explains it and holds nobody."""
    cells = [cell for line in below for name, cell in zip(names, line, strict=False) if name and cell]
    return bool(cells) and all(_written(cell) in _BELOW for cell in cells)


def _one_wave(grid: Grid) -> tuple[list[str], int] | None:
    """The heading of a table with one score a person: `pre` or `post` alone, or the score of a form's export.

    When that was is told by the name of the file; where it does not tell, the column stays a `score`.
    """
    for place, line in enumerate(grid.lines[:_FIRST_ROWS]):
        names = column_names(line)
        scores = [at for at, name in enumerate(names) if name in SCORE]
        if "participant" not in names:
            continue
        if any(wave in names for wave in WAVES):
            return names, place + 1
        if scores:
            names[scores[0]] = wave_of_name(grid.name) or "score"
            return names, place + 1
    return None


def is_number(text: str) -> bool:
    """Whether a cell holds a number, as people in Indonesia or elsewhere write it."""
    return bool(re.fullmatch(r"-?\d+(?:[.,]\d+)?%?", text))
