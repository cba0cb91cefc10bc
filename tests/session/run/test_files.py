"""What the files of sessions tell of the time, and that an odd one holds nothing up."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from kit.bundle import layout
from kit.config import settings
from kit.session.run.files import newest_file
from tests.session.traces import change_store, wait_for


def test_the_newest_file_tells_the_time_but_not_one_of_a_year_that_no_calendar_has(monkeypatch: Any) -> None:
    # A file system in memory keeps any year; those of disks keep some centuries.
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        monkeypatch.setenv("KIT_RESULTS", folder)
        for number, moment in enumerate((1_700_000_000, 1_600_000_000, 300_000_000_000, -900_000_000)):
            path = Path(folder) / "2026-01-01-desa-K7M4QX" / f"{number}.json"
            path.parent.mkdir(exist_ok=True)
            path.touch()
            os.utime(path, (moment, moment))
            assert path.stat().st_mtime == moment
        assert newest_file(settings()) == "2023-11-14T22:13:20.000Z"


def test_no_file_tells_no_time(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("KIT_RESULTS", str(tmp_path))
    assert newest_file(settings()) is None


def test_rows_go_beside_a_bundle_that_cannot_be_read(service: Any) -> None:
    codes = [service.open_session(site=name) for name in ("Satu", "Dua")]
    change_store(service.results, "UPDATE session SET purged_at = '2026-01-01T00:00:00.000Z'")
    folders = [service.results / f"2026-01-01-desa-{code}" for code in codes]
    for odd, sound in (folders, folders[::-1]):
        for folder in folders:
            folder.mkdir(exist_ok=True)
            for name in (layout.PEOPLE, layout.RESPONSES, layout.CUBE):
                (folder / name).write_bytes(b"")
        (odd / layout.SESSION).write_text("5")
        (sound / layout.SESSION).write_text(f'{{"{layout.MERGED}": {{}}}}')
        service.restart()
        wait_for(lambda: not any((folder / name).exists() for folder in folders for name in layout.RAW))
