"""Full garbage collections wait for a quiet moment."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from kit.session.run import upkeep
from kit.session.run.writer import Writer


def test_full_collections_wait_until_nobody_answers(
    writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "COLLECT_SECONDS", 0.02)
    monkeypatch.setenv("KIT_RESULTS", str(tmp_path))
    keeper = upkeep.Upkeep(settings(), writer._store, writer, lambda code: None)

    async def full_collections(meanwhile: Callable[[], None]) -> int:
        seen: list[int] = []

        def note(phase: str, info: dict[str, int]) -> None:
            if phase == "stop" and info["generation"] == 2:
                seen.append(1)

        task = asyncio.create_task(keeper.collect_garbage())
        gc.callbacks.append(note)
        gc.disable()
        try:
            for _ in range(20):
                await asyncio.sleep(0.02)
                meanwhile()
        finally:
            gc.enable()
            gc.callbacks.remove(note)
            task.cancel()
        return len(seen)

    def answer() -> None:
        writer.busy_at = time.monotonic()

    answer()
    assert asyncio.run(full_collections(answer)) == 0
    writer.busy_at = time.monotonic() - 2 * upkeep.QUIET_SECONDS
    assert asyncio.run(full_collections(lambda: None)) > 0
