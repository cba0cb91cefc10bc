"""The command that runs Jupyter and Voila for the facilitator: local, closed, no secret in sight."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path
from typing import Final

from kit.config import Settings, child_environment, ensure_control_token, private_folder
from kit.errors import Unavailable

_CODE: Final = ("data", "ipython", "work")
"""Folders from which Jupyter, IPython and Voila run what they find: start files, kernels, a `voila.py`.

A results folder may come from elsewhere, so at each start they are empty.
"""
OPEN_FILE: Final = "open.html"
_SHARE: Final = Path(__file__).parent / "share"
TEMPLATES: Final = _SHARE / "voila" / "templates" / "kit"


def _make_empty(settings: Settings, folder: Path) -> None:
    """Make a folder in which nothing lies; one that leads elsewhere is refused. Raises Unavailable."""
    if folder.resolve() != settings.results.resolve() / folder.relative_to(settings.results):
        raise Unavailable("folder_leads_away", folder=str(folder))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise Unavailable("folder_unusable", folder=str(folder), reason=os.strerror(errno.ENOTEMPTY))


def jupyter_folder(settings: Settings) -> Path:
    """Return the kit's own Jupyter folder: configuration, runtime files and working directory."""
    return private_folder(settings) / "jupyter"


def open_file(settings: Settings) -> Path:
    """Return the 0600 page that lets its owner's browser in: open it, never an address with a token."""
    return jupyter_folder(settings) / OPEN_FILE


def jupyter_command(settings: Settings, *, port: int, lab: bool = False) -> tuple[list[str], dict[str, str]]:
    """Return the command line and environment of the Jupyter process; neither holds Jupyter's own token."""
    folder = jupyter_folder(settings)
    for name in ("config", "runtime"):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in _CODE:
        _make_empty(settings, folder / name)
    command = [sys.executable, "-m", "kit.notebook.deck_server", "--supervised", "--port", str(port)]
    # The child works in a folder of its own, so it has to be told where the notebooks are.
    command += ["--notebooks", str(settings.notebooks)]
    environment = child_environment(
        # Only the kit's own configuration counts: a file of the machine could reopen what is closed.
        JUPYTER_NO_CONFIG="1",
        JUPYTER_DATA_DIR=str(folder / "data"),
        JUPYTER_RUNTIME_DIR=str(folder / "runtime"),
        JUPYTER_PATH=str(_SHARE),
        IPYTHONDIR=str(folder / "ipython"),
        TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR="1",
        JUPYTER_PLATFORM_DIRS="1",
        PYDEVD_DISABLE_FILE_VALIDATION="1",
        KIT_RESULTS=str(settings.results),
        KIT_QUIZZES=str(settings.quizzes),
        KIT_LANGUAGE=settings.language,
        KIT_URL=settings.url,
        KIT_CONTROL_TOKEN=ensure_control_token(settings),
    )
    return [*command, "--lab"] if lab else command, environment
