"""The Jupyter process itself: `python -m kit.notebook.deck_server --port 8888`, started by `kit serve`.

Every setting is here, as Python: no configuration file of the user or the machine is read.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import secrets
import shutil
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import kit.schemas  # noqa: F401

# isort: split
from jupyter_server.auth.authorizer import AllowAllAuthorizer, Authorizer
from jupyter_server.serverapp import ServerApp
from traitlets import Bool
from traitlets.config import Config

from kit.config import Settings, settings
from kit.notebook.jupyter import TEMPLATES, jupyter_folder, open_file
from kit.notebook.kernels import let_in
from kit.notebook.kiosk_rights import Identities, Kernels
from kit.notebook.login import Leave, cookie_settings
from kit.notebook.slides import least_minutes, notebook_title, split_slides
from kit.notebook.widget_files import browser_words
from kit.process import follow_parent

# What a Voila page with widgets needs; without execute_request an open page is not a shell.
_MESSAGES: Final = ["comm_open", "comm_close", "comm_msg", "comm_info_request", "kernel_info_request"]
_OFF: Final = (
    "jupyter_lsp",
    "jupyter_server_terminals",
    "jupyterlab",
    "notebook",
    "notebook_shim",
    "nbclassic",
)
_UNUSED: Final = [
    "@jupyterlab/mathjax-extension",
    "@jupyterlab/mathjax2-extension",
    "@jupyterlab/vega5-extension",
]


class DeckAuthorizer(Authorizer):
    """Let a signed-in browser use the kernel of its page and nothing else of Jupyter.

    No files, no notebooks to write, no settings, no shutdown. A kiosk's browser may do less (`kiosk_rights`).
    """

    allowed: Final = {("kernels", "read"), ("kernels", "execute")}

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        """Say whether this resource may be used this way."""
        return (resource, action) in self.allowed


class DeckServer(ServerApp):
    """Jupyter's server without the file that lets a browser in by a token (see `kit.notebook.start`)."""

    no_browser_open_file = Bool(True)


def quiet_page(page: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Keep Voila's page on this machine: no MathJax from a CDN, no unused plug-ins."""
    local = {"fullMathjaxUrl": None, "mathjaxConfig": None}  # then Voila uses the copy it ships
    return page | local | {"disabledExtensions": [*page.get("disabledExtensions", []), *_UNUSED]}


def server_config(chosen: Settings, *, port: int, lab: bool) -> Config:
    """Return the whole configuration of the Jupyter server."""
    config = Config()
    server = config.ServerApp
    server.ip, server.port, server.port_retries = "127.0.0.1", port, 0
    server.open_browser = False
    config.Application.log_level = logging.WARNING
    server.root_dir, server.preferred_dir = str(chosen.notebooks), str(chosen.notebooks)
    server.default_url = "/kit"
    server.allow_root = True
    server.terminals_enabled = False
    server.quit_button = False
    server.authorizer_class = AllowAllAuthorizer if lab else DeckAuthorizer
    server.identity_provider_class = Identities
    server.kernel_manager_class = Kernels
    server.allow_unauthenticated_access = False
    server.reraise_server_extension_failures = True
    server.extra_template_paths = [str(TEMPLATES)]
    # Scripts of Voila are four times as large as they need to be on the wire.
    server.tornado_settings = {"kit_settings": chosen, "kit_lab": lab, "compress_response": True}
    server.jinja_template_vars = {
        "kit_language": chosen.language,
        "kit_open_file": str(open_file(chosen)),
        "kit_words": {language: part["pages"] for language, part in browser_words("pages").items()},
    }
    server.jpserver_extensions = {
        **dict.fromkeys(_OFF, False),
        "jupyterlab": lab,
        "voila.server_extension": True,
        "kit.notebook.start": True,
    }
    # A new token at every start, known to this process and its 0600 runtime files only.
    config.IdentityProvider.token = secrets.token_urlsafe(32)
    config.IdentityProvider.update(cookie_settings(port))
    config.IdentityProvider.logout_handler_class = Leave
    config.KernelManager.autorestart = False
    if lab:
        # No news of others and no look for updates: both ask a host that a hall does not reach.
        config.LabApp.news_url = None
        config.LabApp.app_settings_dir = str(_lab_settings(jupyter_folder(chosen)))
        config.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
    else:
        config.MappingKernelManager.allowed_message_types = _MESSAGES
    config.VoilaConfiguration = _voila_config(lab)
    config.VoilaConfiguration.resources = {
        "kit": {"language": chosen.language, "words": browser_words("loading", "cell_failed", "deck", "lost")}
    }
    config.VoilaExporter.filters = {
        "kit_slides": split_slides,
        "kit_title": notebook_title,
        "kit_least": least_minutes,
    }
    return config


def _lab_settings(folder: Path) -> Path:
    """The folder of JupyterLab's settings: nobody is asked whether to be told of news."""
    settings_folder = folder / "lab"
    settings_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    (settings_folder / "overrides.json").write_text(json.dumps(quiet), encoding="utf-8")
    return settings_folder


def _voila_config(lab: bool) -> Config:
    voila = Config()
    voila.template, voila.theme = "kit", "light"
    voila.allow_template_override, voila.allow_theme_override = "NO", "NO"
    # Voila serves /voila/files without asking who is there; an empty list closes it.
    voila.file_allowlist, voila.file_denylist = [], [".*"]
    voila.show_tracebacks = False
    voila.extension_denylist, voila.extension_allowlist = (
        [],
        [
            "@voila-dashboards/widgets-manager8",
            "@jupyter-widgets/jupyterlab-manager",
            "anywidget",
        ],
    )
    voila.page_config_hook = quiet_page
    if not lab:
        voila.prelaunch_hook = let_in
    return voila


def _use_empty_config(folder: Path) -> None:
    """Keep here the empty folder that Jupyter reads under JUPYTER_NO_CONFIG instead of /etc and home."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    tempfile.tempdir = str(folder)


def main() -> None:
    """Run Jupyter until it is told to stop."""
    parser = argparse.ArgumentParser(prog="kit.notebook.deck_server")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--notebooks", type=Path, required=True)
    parser.add_argument("--lab", action="store_true")
    parser.add_argument("--supervised", action="store_true", help="end when standard input closes")
    given = parser.parse_args()
    if given.supervised:
        follow_parent()
    chosen = replace(settings(), notebooks=given.notebooks)
    folder = jupyter_folder(chosen)
    # Voila executes a voila.py it finds in the working directory: work where nobody else can put one.
    os.chdir(folder / "work")
    _use_empty_config(folder / "config")
    # Voila's static files (scripts, style sheets) ask for no login; its file route is closed above.
    warnings.filterwarnings("ignore", message="Extension endpoints without")
    DeckServer.launch_instance(argv=[], config=server_config(chosen, port=given.port, lab=given.lab))


if __name__ == "__main__":
    main()
