"""The child that writes a bundle: `kit.closing`, which stands above session and report."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from typing import Any

from kit.config import Settings, child_environment
from kit.errors import Unavailable
from kit.session.run.log import describe_trace

_log = logging.getLogger("kit.bundle")


async def forget_in_child(chosen: Settings, code: str, participant_id: str) -> None:
    """Take one person's rows out of a session's bundle. Raises Unavailable."""
    await _run_child(chosen, code, participant_id)


async def merge_in_child(chosen: Settings, code: str) -> None:
    """Merge the cells of the cube of a session whose rows are gone. Raises Unavailable."""
    await _run_child(chosen, code, "--merge")


async def move_in_child(chosen: Settings, code: str) -> None:
    """Give the bundle of a session whose rows are gone the place of its session. Raises Unavailable."""
    await _run_child(chosen, code, "--place")


async def write_bundle_in_child(chosen: Settings, code: str) -> str:
    """Write a session's bundle; its folder relative to `results/`. Raises Unavailable.

    A child, because parquet and the report need libraries many times the size of the service, which must
    stay small while phones are connected. The session is closed already and nothing is lost when this fails:
    closing again tries again.
    """
    return await _run_child(chosen, code)


async def results_in_child(chosen: Settings, code: str) -> dict[str, Any]:
    """What the report of a session will say of the room. Raises Unavailable."""
    told: dict[str, Any] = json.loads(await _run_child(chosen, code, "--results"))
    return told


async def _run_child(chosen: Settings, code: str, *more: str) -> str:
    environment = child_environment(KIT_STORE=chosen.store, KIT_RESULTS=str(chosen.results))
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kit.closing",
        code,
        *more,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()
    if child.returncode != 0:
        printed = err.decode(errors="replace").strip()
        _log.error("bundle: %s", describe_trace(printed))
        # Shown on the projector: the cause, not where this laptop keeps its files.
        last = re.sub(r":? '[^']*'", "", printed.rpartition("\n")[2])
        raise Unavailable("bundle_failed", code=code, reason=last[:200] or str(child.returncode))
    return out.decode().strip().rpartition("\n")[2]
