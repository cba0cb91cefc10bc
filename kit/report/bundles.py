"""Bundles of closed sessions: find them, check them, read their quizzes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kit.quiz.model import Quiz, quiz_from_dict
from kit.report.faults import SourceFault
from kit.report.plain import plain

SCHEMA_VERSION: Final = 1
CHECKED: Final = ("session.json", "responses.parquet", "participants.parquet", "cube.parquet")


@dataclass(frozen=True)
class BundleSummary:
    """What a list of bundles shows about one, read from its `session.json` alone."""

    folder: Path
    code: str
    title: dict[str, str]
    event: str
    site: str
    held_on: str
    audiences: tuple[str, ...]
    quizzes: tuple[str, ...]
    joined: int
    finished_pre: int
    finished_post: int
    finished_followup: int
    rehearsal: bool


@dataclass(frozen=True)
class SessionRecord:
    """One session a report is about: where and when it was held and which quizzes it used."""

    code: str
    title: dict[str, str]
    event: str
    site: str
    held_on: str
    target: float | None
    rehearsal: bool
    quizzes: tuple[Quiz, ...]


def find_bundles(results_folder: Path | str) -> list[BundleSummary]:
    """List the bundles below a folder, newest first; folders that cannot be read are left out."""
    return sorted(_summaries(Path(results_folder)), key=lambda s: (s.held_on, s.code), reverse=True)


def _summaries(folder: Path) -> Iterator[BundleSummary]:
    for path in bundle_folders(folder):
        try:
            yield _summary(path, plain(json.loads((path / "session.json").read_text(encoding="utf-8"))))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue


def _summary(folder: Path, session: dict[str, Any]) -> BundleSummary:
    counts = session.get("counts", {})
    finished = counts.get("finished", {})
    return BundleSummary(
        folder=folder,
        code=session["code"],
        title=_title(session),
        event=session.get("event", ""),
        site=_site_name(session),
        held_on=session["held_on"],
        audiences=tuple(counts.get("by_audience", {})),
        quizzes=tuple(quiz["quiz_id"] for quiz in session.get("quizzes", [])),
        joined=int(counts.get("joined", 0)),
        finished_pre=int(finished.get("pre", 0)),
        finished_post=int(finished.get("post", 0)),
        finished_followup=int(finished.get("followup", 0)),
        rehearsal=bool(session.get("rehearsal", False)),
    )


def _title(session: dict[str, Any]) -> dict[str, str]:
    title = session.get("title") or session["code"]
    return title if isinstance(title, dict) else {"id": str(title), "en": str(title)}


def _site_name(session: dict[str, Any]) -> str:
    site = session.get("site", "")
    return str(site.get("name", "")) if isinstance(site, dict) else str(site)


def bundle_folders(folder: Path) -> list[Path]:
    """The folder itself if it is a bundle, else every bundle below it, in order of name."""
    if (folder / "session.json").is_file():
        return [folder]
    # A bundle that is being written has a name with a dot.
    found = (path.parent for path in folder.glob("*/session.json"))
    return sorted(path for path in found if not path.name.startswith("."))


def read_session(folder: Path) -> SessionRecord:
    """Read and check `session.json`. Raises SourceFault for a wrong checksum or an unknown schema version."""
    check_manifest(folder)
    try:
        session = plain(json.loads((folder / "session.json").read_text(encoding="utf-8")))
        version = session.get("schema_version")
        if version != SCHEMA_VERSION:
            raise SourceFault("schema_version", folder=folder, version=version, known=SCHEMA_VERSION)
        return SessionRecord(
            code=session["code"],
            title=_title(session),
            event=session.get("event", ""),
            site=_site_name(session),
            held_on=session["held_on"],
            target=session.get("target"),
            rehearsal=bool(session.get("rehearsal", False)),
            quizzes=tuple(quiz_from_dict(entry["quiz"]) for entry in session.get("quizzes", [])),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise SourceFault("session_json", folder=folder, reason=repr(broken)) from broken


def check_manifest(folder: Path) -> None:
    """Compare the files that a report reads with the sums in `manifest.json`, where there is one."""
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        return
    try:
        listed = json.loads(manifest.read_text(encoding="utf-8"))
        sums = listed.get("files", listed)
        expected = {name: sums[name] for name in CHECKED if name in sums}
    except (ValueError, AttributeError) as broken:
        raise SourceFault("manifest", folder=folder) from broken
    for name, recorded in expected.items():
        path = folder / name
        # Raw rows are deleted after their retention time; the cube that stays is then the source.
        if name != "session.json" and not path.is_file():
            continue
        if not path.is_file() or file_sum(path) != recorded:
            raise SourceFault("checksum", folder=folder, file=name)


def file_sum(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
