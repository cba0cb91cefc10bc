"""Bundles of closed sessions: find them, check them, read their quizzes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from kit.bundle import layout
from kit.bundle.faults import SourceFault
from kit.bundle.told import ToldGroups, ToldHands, ToldSession, ToldSite, read_bounded, read_told
from kit.quiz.model import Quiz, quiz_from_dict
from kit.study.place import PLACE_FIELDS, Site, place_id, site_labels
from kit.text import plain_parts

MOST_NOTES = 4_000
"""Letters of an officer's notes that are read."""


@dataclass(frozen=True)
class BundleSummary:
    """What a list of bundles shows about one, read from its `session.json` alone."""

    folder: Path
    code: str
    title: dict[str, str]
    event: str
    site: str
    place: Site
    held_on: str
    audiences: tuple[str, ...]
    quizzes: tuple[str, ...]
    joined: int
    finished_pre: int
    finished_post: int
    finished_followup: int
    rehearsal: bool
    sample: bool = False


@dataclass(frozen=True)
class SessionRecord:
    """One session a report is about: where and when it was held and which quizzes it used.

    `site` is what people read of `place`: its name, and more where several sites of a report share one.
    """

    code: str
    title: dict[str, str]
    event: str
    place: Site
    site: str
    held_on: str
    target: float | None
    rehearsal: bool
    quizzes: tuple[Quiz, ...]
    # People whom the officer set aside: they are in no figure.
    set_aside: int = 0
    joined: int = 0
    # Notes of offers by list and value, and who gave an earlier code: what the counts of the bundle say.
    sightings: tuple[tuple[str, str, int], ...] = ()
    returning: tuple[tuple[str, float], ...] = ()
    # What the officer wrote down, for colleagues alone.
    notes: str = ""
    # Raised hands by poll, and groups with one phone.
    hands: tuple[tuple[str, ToldHands], ...] = ()
    groups: ToldGroups = field(default_factory=ToldGroups)
    # After the retention time: the cells of the cube were merged, without so many people of small groups.
    is_merged: bool = False
    left_out: int = 0
    sample: bool = False


def find_bundles(results_folder: Path | str) -> list[BundleSummary]:
    """List the bundles below a folder, newest first; folders that cannot be read are left out."""
    found = _told_apart(list(_summaries(Path(results_folder))))
    return sorted(found, key=lambda s: (s.held_on, s.code), reverse=True)


def _summaries(folder: Path) -> Iterator[BundleSummary]:
    for path in bundle_folders(folder):
        with contextlib.suppress(SourceFault):
            yield _summary(path, read_told(path)[0])


def _told_apart(found: list[BundleSummary]) -> list[BundleSummary]:
    """The same bundles; sites of one name get the label that tells them apart, as in a report."""
    labels = site_labels({summary.place for summary in found})
    return [replace(summary, site=labels[summary.place.site_id]) for summary in found]


def _summary(folder: Path, told: ToldSession) -> BundleSummary:
    finished = told.counts.finished
    return BundleSummary(
        folder=folder,
        code=told.code,
        title=told.titles,
        event=told.event,
        site=_site(told).name,
        place=_site(told),
        held_on=told.held_on,
        audiences=tuple(told.counts.by_audience),
        quizzes=tuple(quiz.quiz_id for quiz in told.quizzes),
        joined=told.counts.joined,
        finished_pre=finished.get("pre", 0),
        finished_post=finished.get("post", 0),
        finished_followup=finished.get("followup", 0),
        rehearsal=told.rehearsal,
        sample=told.sample,
    )


def _site(told: ToldSession) -> Site:
    """The site of a session; without an id of its own (schema 1), its place is its identity."""
    site = told.site if isinstance(told.site, ToldSite) else ToldSite(name=told.site)
    place = [getattr(site, name) or "" for name in PLACE_FIELDS]
    return Site(site.site_id or place_id(*place), *place)


def bundle_folders(folder: Path) -> list[Path]:
    """The folder itself if it is a bundle, else every bundle below it, in order of name."""
    if (folder / layout.SESSION).is_file():
        return [folder]
    # A bundle that is being written has a name with a dot.
    found = (path.parent for path in folder.glob(f"*/{layout.SESSION}"))
    return sorted(path for path in found if not path.name.startswith("."))


def read_session(folder: Path) -> SessionRecord:
    """Read and check `session.json`. Raises SourceFault for a wrong checksum or an unknown schema version."""
    check_manifest(folder)
    try:
        told, session = read_told(folder)
        version = session.get("schema_version")
        if version not in layout.READABLE:
            raise SourceFault("schema_version", folder=folder, version=version, known=layout.SCHEMA_VERSION)
        site = _site(told)
        return SessionRecord(
            code=told.code,
            title=told.titles,
            event=told.event,
            place=site,
            site=site.name,
            held_on=told.held_on,
            target=told.target,
            rehearsal=told.rehearsal,
            quizzes=tuple(quiz_from_dict(entry["quiz"]) for entry in session.get("quizzes", [])),
            set_aside=told.counts.set_aside,
            joined=told.counts.joined,
            sightings=_sightings(folder),
            returning=tuple(session.get("counts", {}).get("returning", {}).items()),
            notes=str(session.get("notes") or "")[:MOST_NOTES],
            hands=tuple(told.counts.hands.items()),
            groups=told.counts.groups,
            is_merged=layout.MERGED in session,
            sample=told.sample,
            left_out=int(session.get(layout.MERGED, {}).get("left_out", 0)),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise SourceFault("session_json", folder=folder, reason=repr(broken)) from broken


def _sightings(folder: Path) -> tuple[tuple[str, str, int], ...]:
    """The counts of noted offers, where there are any."""
    path = folder / layout.SIGHTINGS
    if not path.is_file():
        return ()
    import pyarrow.parquet as pq

    rows = plain_parts(pq.read_table(path, columns=["list", "value", "n"]).to_pylist())
    return tuple((str(row["list"]), str(row["value"]), int(row["n"])) for row in rows)


def check_manifest(folder: Path) -> None:
    """Compare the files that a report reads with the sums in `manifest.json`, where there is one."""
    manifest = folder / layout.MANIFEST
    if not manifest.is_file():
        return
    try:
        listed = json.loads(read_bounded(manifest, 1_000_000))
        sums = listed.get("files", listed)
        expected = {name: sums[name] for name in layout.CHECKED if name in sums}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as broken:
        raise SourceFault("manifest", folder=folder) from broken
    for name, recorded in expected.items():
        path = folder / name
        # Raw rows are deleted after their retention time; the cube that stays is then the source.
        if name != layout.SESSION and not path.is_file():
            continue
        if not path.is_file() or layout.file_sum(path) != recorded:
            raise SourceFault("checksum", folder=folder, file=name)
