"""What the browser at a kiosk may open: the kiosk's page, the kernel behind it, and nothing of the officer's.

Whoever opens the kiosk's address gets a login of its own in place of any other that this browser had. The
ticket in that address may be read by anybody in the room: it opens the kiosk and no more.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import PasswordIdentityProvider, User
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import ApiPath
from traitlets import Dict, Instance

from kit.notebook.kernels import KEEPER
from kit.notebook.login import lead_on
from kit.notebook.meetings import Notebook, look_at_notebooks
from kit.notebook.pages import Page
from kit.notebook.peers import asks_for_own_user
from kit.notebook.spare import Spare

KIOSK: Final = "kiosk"
_RENDER: Final = "voila/render/"
_KERNEL: Final = re.compile(r"(?:api/kernels|voila/api/shutdown)/([0-9a-f-]{36})(?:/channels)?")


class Identities(PasswordIdentityProvider):
    """Who asks: the officer, or a kiosk, which is nobody wherever it has no business."""

    async def get_user(self, handler: Any) -> User | None:
        """The user of a request; None leads to the login page."""
        if not asks_for_own_user(handler.request):
            return None
        user = await self._get_user(handler)
        if user is None or user.username != KIOSK:
            return user
        path = unquote(handler.request.path).removeprefix(handler.base_url)
        return user if may_open(handler, path) else None


def may_open(handler: Any, path: str) -> bool:
    """Whether a kiosk's browser may ask for a path below the server's base."""
    if path.startswith(_RENDER):
        return path.removeprefix(_RENDER) == kiosk_notebook(handler.settings["kit_settings"].notebooks)
    kernel = _KERNEL.fullmatch(path)
    opened = handler.kernel_manager.opened_by.get(kernel[1], "") if kernel else ""
    return bool(opened) and may_open(handler, unquote(opened).removeprefix(handler.base_url))


def kiosk_notebook(folder: Path) -> str:
    """The name of the notebook that is a kiosk; empty where there is none."""
    found = (one.name for one in look_at_notebooks(folder) if isinstance(one, Notebook) and one.kind == KIOSK)
    return next(found, "")


class Kernels(AsyncMappingKernelManager):
    """Jupyter's kernels, by the path of which page each was started, and a spare one that is nobody's."""

    opened_by: Any = Dict()
    spare: Any = Instance(Spare, allow_none=True)

    async def _async_start_kernel(self, **given: Any) -> str:
        surroundings = given.get("env") or {}
        kernel_id = await self.spare.take(surroundings) if self._suits(given) else ""
        kernel_id = kernel_id or await super()._async_start_kernel(**given)
        # Voila tells a kernel the path of its page.
        self.opened_by[kernel_id] = str(surroundings.get("SCRIPT_NAME", ""))
        return kernel_id

    start_kernel = _async_start_kernel  # type: ignore[assignment]  # upstream does the same

    async def start_anew(self, kernel_id: str) -> None:
        """Start a kernel that is no page's, in the folder of the notebooks."""
        await super()._async_start_kernel(kernel_id=kernel_id, path=ApiPath(""))

    def keep_spare(self) -> None:
        """Have one kernel more than there are pages, soon."""
        self.spare = Spare(self)
        self.spare.want()

    def _suits(self, given: dict[str, Any]) -> bool:
        """Whether a kernel that is asked for is like the spare one, its surroundings aside."""
        own_name = given.get("kernel_name") in (None, self.default_kernel_name)
        folder: Any = self.cwd_for_path
        at_home = folder(given.get("path") or "") == folder("")
        return bool(self.spare) and given.get("kernel_id") is None and own_name and at_home

    def remove_kernel(self, kernel_id: str) -> Any:
        """Forget a kernel that has ended."""
        self.opened_by.pop(kernel_id, None)
        if not self.spare or kernel_id != self.spare.kernel_id:
            KEEPER.gone(kernel_id)
        return super().remove_kernel(kernel_id)


class OpenKiosk(Page):
    """`/kit/kiosk` tells the officer the address of the kiosk, which has a ticket.

    With that ticket this browser is a kiosk from now on, whatever it was before.
    """

    @allow_unauthenticated
    async def get(self) -> None:
        """Take the officer's login away and lead to the kiosk; without a ticket, show where it is."""
        ticket, given = self.settings["kit_kiosk_ticket"], self.get_query_argument("ticket", "")
        if not given and self.current_user is not None:
            self.show("kiosk.html", address=f"{self.settings['kit_address']}kit/kiosk?ticket={ticket}")
            return
        name = await asyncio.to_thread(kiosk_notebook, self.chosen.notebooks)
        if not name or not secrets.compare_digest(given.encode(), ticket.encode()):
            self.redirect(f"{self.base_url}login")
            return
        self.identity_provider.set_login_cookie(self, User(KIOSK, KIOSK, KIOSK, "K", None, None))
        lead_on(self, f"{self.base_url}{_RENDER}{name}")


ROUTES: Final = [(r"kit/kiosk", OpenKiosk)]
