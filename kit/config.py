"""Settings: the only place that reads the environment."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kit.text import Language, choose_language

VARIABLES: Final[dict[str, str]] = {
    "KIT_STORE": "Store URL; SQLite in the results folder unless set, e.g. postgresql+psycopg://user@host/kit",
    "KIT_RESULTS": "Folder for bundles and the SQLite store (default: results/)",
    "KIT_CONTROL_TOKEN": "Token of the control routes (default: made at first start, kept in a 0600 file)",
    "KIT_URL": "Address of a running service, for notebooks (default: the one kit serve started)",
    "KIT_QUIZZES": "Folder of quiz files (default: quizzes/)",
    "KIT_LANGUAGE": "Language of messages in the terminal, id or en (default: id)",
    "KIT_OFFICE_CONTACT": "The local immigration office's own number, shown among the help numbers",
}


@dataclass(frozen=True)
class Settings:
    """Where things are. Folders are absolute; `url` and `control_token` may be empty."""

    store: str
    results: Path
    quizzes: Path
    notebooks: Path
    url: str
    control_token: str
    language: Language
    office_contact: str

    @property
    def private(self) -> Path:
        """The 0700 folder for token, lock, logs and the Jupyter working directory."""
        return self.results / ".kit"

    @property
    def backups(self) -> Path:
        """Copies of the SQLite store made before migrations."""
        return self.results / "backups"


def project_root() -> Path:
    """The checkout that holds `quizzes/` and `notebooks/`: the working directory, else the kit's own."""
    here = Path.cwd()
    if (here / "quizzes").is_dir() and (here / "notebooks").is_dir():
        return here
    return Path(__file__).resolve().parent.parent


def settings() -> Settings:
    """Read the settings of this process."""
    root = project_root()
    results = Path(os.environ.get("KIT_RESULTS") or root / "results").expanduser().resolve()
    return Settings(
        store=os.environ.get("KIT_STORE") or f"sqlite:///{results / 'kit.db'}",
        results=results,
        quizzes=Path(os.environ.get("KIT_QUIZZES") or root / "quizzes").expanduser().resolve(),
        notebooks=root / "notebooks",
        url=os.environ.get("KIT_URL", "").rstrip("/"),
        control_token=os.environ.get("KIT_CONTROL_TOKEN", ""),
        language=choose_language(os.environ.get("KIT_LANGUAGE")),
        office_contact=os.environ.get("KIT_OFFICE_CONTACT", ""),
    )


def private_folder(chosen: Settings) -> Path:
    """Make the private folder, readable by its owner only."""
    chosen.private.mkdir(parents=True, exist_ok=True)
    chosen.private.chmod(0o700)
    return chosen.private


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else can read, not even for a moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def ensure_control_token(chosen: Settings) -> str:
    """Return the control token: the environment's, else the kept one, else a new one (256 bits)."""
    if chosen.control_token:
        return chosen.control_token
    path = private_folder(chosen) / "control-token"
    if path.exists() and (kept := path.read_text(encoding="utf-8").strip()):
        return kept
    token = secrets.token_urlsafe(32)
    write_private(path, token)
    return token


def child_environment(**values: str) -> dict[str, str]:
    """This process's environment with values added, for a child process."""
    return {**os.environ, **values}
