"""Settings: `kit.toml` of the workspace, above it the environment; the only place that reads either."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import os
import re
import secrets
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from kit.errors import BadRequest, Unavailable
from kit.text import Language, choose_language

VARIABLES: Final[dict[str, str]] = {
    "KIT_STORE": "Store URL; SQLite in the results folder unless set, e.g. postgresql+psycopg://user@host/kit",
    "KIT_RESULTS": "Folder for bundles and the SQLite store (default: results/)",
    "KIT_CONTROL_TOKEN": "Token of the control routes (default: made at first start, kept in a 0600 file)",
    "KIT_URL": "Address of a running service, for notebooks (default: the one kit serve started)",
    "KIT_QUIZZES": "Folder of quiz files (default: quizzes/)",
    "KIT_LANGUAGE": "Language of messages in the terminal, id or en (default: id)",
    "KIT_OFFICE_CONTACT": "The local immigration office's own number, shown among the help numbers",
    "KIT_HOST": "Address the phones' service listens on (default: 0.0.0.0)",
    "KIT_PORT": "Port of the phones' service (default: 8000)",
    "KIT_JUPYTER_PORT": "Port of the projector's notebooks (default: 8888)",
}
SETTINGS_FILE: Final = "kit.toml"
# A token in a file that people copy from laptop to laptop would open all of them.
_NOT_IN_FILE: Final = ("KIT_CONTROL_TOKEN",)
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{32,200}")
MOST_SMALL: Final = 100_000
"""Bytes of a file that the kit itself writes small: more were never its own."""
_PORTS: Final = ("port", "jupyter_port")
KEYS: Final = tuple(name.removeprefix("KIT_").lower() for name in VARIABLES if name not in _NOT_IN_FILE)
"""What `kit.toml` may hold: the settings of the environment, in lower case and without `KIT_`."""

CARRIED: Final = Path(__file__).parent / "workspace" / "files"
"""Quizzes, notebooks and the sample inside an installed package; a clone has them at its top instead."""
_CLONE: Final = Path(__file__).resolve().parent.parent


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
    host: str = "0.0.0.0"
    port: int = 8000
    jupyter_port: int = 8888

    @property
    def private(self) -> Path:
        """The 0700 folder for token, lock, logs and the Jupyter working directory."""
        return self.results / ".kit"

    @property
    def backups(self) -> Path:
        """Copies of the SQLite store made before migrations."""
        return self.results / "backups"


def in_clone() -> bool:
    """Whether this kit runs from a clone of its repository, and not from an installed package."""
    return (_CLONE / "notebooks").is_dir() and (_CLONE / "quizzes").is_dir()


def carried() -> Path:
    """The folder with the kit's own `notebooks/`, `quizzes/` and sample: in the package, or the clone."""
    return _CLONE if in_clone() else CARRIED


def project_root() -> Path:
    """The folder to work in: the workspace around the working directory, else the clone, else right here.

    A workspace is known by its `kit.toml`; without one, by `quizzes/` and `notebooks/` side by side.
    """
    here = Path.cwd()
    if (here / "quizzes").is_dir() and (here / "notebooks").is_dir():
        return here
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    return _CLONE if in_clone() else here


def settings() -> Settings:
    """Read the settings of this process. Raises BadRequest for a `kit.toml` that cannot be understood."""
    root = project_root()
    written = _read_file(root / SETTINGS_FILE)

    def chosen(key: str, default: object = "") -> str:
        return os.environ.get(f"KIT_{key.upper()}") or written.get(key) or str(default)

    def folder(key: str, default: Path) -> Path:
        # Relative to the workspace in its file, to the working directory in the environment.
        base = Path() if os.environ.get(f"KIT_{key.upper()}") else root
        return (base / Path(chosen(key, default)).expanduser()).resolve()

    own = root / "quizzes"
    results = folder("results", root / "results")
    return Settings(
        store=chosen("store", f"sqlite:///{results / 'kit.db'}"),
        results=results,
        quizzes=folder("quizzes", own if own.is_dir() else carried() / "quizzes"),
        notebooks=root / "notebooks",
        url=chosen("url").rstrip("/"),
        control_token=os.environ.get("KIT_CONTROL_TOKEN", ""),
        language=choose_language(chosen("language")),
        office_contact=chosen("office_contact"),
        host=chosen("host", "0.0.0.0"),
        port=_port("port", chosen("port", 8000)),
        jupyter_port=_port("jupyter_port", chosen("jupyter_port", 8888)),
    )


def spoken_language() -> Language:
    """The language of this process's refusals, also where its settings are what is refused."""
    try:
        return settings().language
    except BadRequest:
        return choose_language(os.environ.get("KIT_LANGUAGE"))


def _read_file(path: Path) -> Mapping[str, str]:
    """The settings of a `kit.toml`, none where there is none. Raises BadRequest naming key or line."""
    if not path.is_file():
        return {}
    try:
        found = tomllib.loads(read_small(path).removeprefix("\ufeff"))
    except (OSError, ValueError, RecursionError) as broken:
        raise BadRequest("settings_broken", file=path, reason=broken) from broken
    for key, value in found.items():
        if key not in KEYS:
            near = difflib.get_close_matches(key.lower().removeprefix("kit_"), KEYS, n=1, cutoff=0)[0]
            raise BadRequest("setting_unknown", file=path, key=key, near=near, known=", ".join(KEYS))
        if isinstance(value, bool) or not isinstance(value, int if key in _PORTS else str):
            raise BadRequest("setting_value", file=path, key=key, value=value)
    return {key: str(value) for key, value in found.items()}


def _port(key: str, text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise BadRequest("setting_value", file=f"KIT_{key.upper()}", key=key, value=text)
    return int(text)


def private_folder(chosen: Settings) -> Path:
    """Make the private folder, readable by its owner only. Raises Unavailable."""
    try:
        chosen.private.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise folder_refusal(chosen.results, error) from error
    # A memory stick (exFAT) knows no owners: `is_private` says so, and the work goes on.
    with contextlib.suppress(OSError):
        chosen.private.chmod(0o700)
    return chosen.private


def is_private(folder: Path) -> bool:
    """Whether only its owner can look into a folder; where the system knows no such rights, as it is."""
    return os.name == "nt" or not folder.stat().st_mode & 0o077


def folder_refusal(folder: Path, error: OSError) -> Unavailable:
    """Why nothing can be written into a folder, in one sentence."""
    return Unavailable("folder_unusable", folder=str(folder), reason=error.strerror or type(error).__name__)


def read_small(path: Path) -> str:
    """The text of a small ordinary file, as private files and settings are. Raises OSError or ValueError.

    Opened without waiting, and never read whole: a pipe or a huge file in a folder from elsewhere holds up
    nothing.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > MOST_SMALL:
            raise ValueError(f"not an ordinary file of at most {MOST_SMALL // 1000} kB")
        return file.read(MOST_SMALL).decode()


def open_log(path: Path) -> BinaryIO:
    """A log of the private folder, to be written on. Raises Unavailable."""
    try:
        return path.open("ab")
    except OSError as error:
        raise folder_refusal(path.parent, error) from error


def write_private(path: Path, text: str) -> None:
    """Write a file whole that nobody else can read, not even for a moment. Raises Unavailable.

    As a new file in the old one's place: the rights of an old one, or a link that lies there, count nothing.
    """
    rough = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(rough, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(rough, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            rough.unlink()
        raise folder_refusal(path.parent, error) from error


def ensure_control_token(chosen: Settings) -> str:
    """Return the control token: the environment's, else the kept one, else a new one (256 bits).

    Raises Unavailable.
    """
    return chosen.control_token or _kept_secret(private_folder(chosen) / "control-token")


def _kept_secret(path: Path) -> str:
    """The secret in a private file; a new one where there is none yet, or where its writing was cut off.

    Raises Unavailable for what is no secret of ours: who put it there is for people to say.
    """
    try:
        kept = read_small(path).strip() if path.is_file() else ""
    except (OSError, ValueError):
        kept = "?"
    if (kept and not _SECRET.fullmatch(kept)) or (os.path.lexists(path) and not path.is_file()):
        raise Unavailable("secret_odd", file=str(path))
    if not kept:
        kept = secrets.token_urlsafe(32)
        write_private(path, kept)
    return kept


def ensure_code_key(chosen: Settings) -> bytes:
    """The key of the personal codes' hashes; it must not lie in the store.

    A SQLite store has its key in a private file beside it. Replicas on one PostgreSQL share no folder, so
    there it is made from the control token, which they share: with another token, earlier codes are void.
    """
    if not chosen.store.startswith("sqlite"):
        return hashlib.sha256(f"personal codes:{ensure_control_token(chosen)}".encode()).digest()
    return _kept_secret(private_folder(chosen) / "code-key").encode()


def one_thread_for_matrices() -> None:
    """Keep the matrix library to one thread, before it is loaded; a wish of the environment stands.

    The matrices of a report are small: several threads wait for each other more than they compute, and take
    the time of the service that runs beside.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def take_on(surroundings: Mapping[str, str]) -> None:
    """Let this process go on as if it had been started in other surroundings."""
    os.environ.update(surroundings)


def child_environment(**values: str) -> dict[str, str]:
    """This process's environment with values added, for a child process."""
    return {**os.environ, **values}
