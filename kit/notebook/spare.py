"""A kernel that is ready before anybody asks: the next page takes it, and does not wait for one to start.

It has imported what the pages import and has executed nothing else. Who takes it gives it the surroundings
that a kernel of that page would have been started with. There is one, for notebooks of the kit's own folder.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from tornado.ioloop import IOLoop

SOON: Final = 3.0
"""Seconds after the server's start, and after a page took the spare one: they need the processor first."""
PATIENCE: Final = 30.0
_READY: Final = "import kit.notebook.facilitator"
_TAKE_ON: Final = "__import__('kit.config').config.take_on({told})"


class Spare:
    """The spare kernel of a kernel manager."""

    def __init__(self, kernels: Any) -> None:
        self._kernels = kernels
        self._coming: asyncio.Task[None] | None = None
        self._wanted: object = None
        self.kernel_id = ""

    def want(self) -> None:
        """Have one ready before long."""
        if self._wanted is None and self._coming is None:
            # Jupyter loads its extensions before its loop runs.
            self._wanted = IOLoop.current().call_later(SOON, self._begin)

    def _begin(self) -> None:
        self._wanted = None
        self._coming = asyncio.get_running_loop().create_task(self._start())

    async def _start(self) -> None:
        # Known before it is listed: nobody must count it as the kernel of a page.
        self.kernel_id = str(uuid.uuid4())
        await self._kernels.start_anew(self.kernel_id)
        await self._tell(_READY)

    async def take(self, surroundings: Mapping[str, str]) -> str:
        """Its id, in the surroundings of a page; empty where there is none, or it has died."""
        coming, self._coming = self._coming, None
        if coming is None:
            return ""
        try:
            await coming
            if await self._is_given(surroundings):
                return self.kernel_id
            await self._kernels.shutdown_kernel(self.kernel_id, now=True)
        except Exception:
            # Whatever is wrong with it, the page gets a kernel of its own.
            self._kernels.log.warning("the spare kernel is of no use", exc_info=True)
        finally:
            self.kernel_id = ""
            self.want()
        return ""

    async def _is_given(self, surroundings: Mapping[str, str]) -> bool:
        if not await self._kernels.get_kernel(self.kernel_id).is_alive():
            return False
        # Voila names some by members of an enumeration, which Python cannot read back: JSON makes texts.
        await self._tell(_TAKE_ON.format(told=json.loads(json.dumps(dict(surroundings)))))
        return True

    async def _tell(self, code: str) -> None:
        """Let it execute something that no page sees. Raises RuntimeError, TimeoutError."""
        client = self._kernels.get_kernel(self.kernel_id).client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=PATIENCE)
            reply = await client.execute_interactive(
                code, silent=True, store_history=False, allow_stdin=False, timeout=PATIENCE
            )
        finally:
            client.stop_channels()
        if reply["content"]["status"] != "ok":
            raise RuntimeError(reply["content"].get("evalue", ""))
