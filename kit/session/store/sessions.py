"""Sessions in the store, with their sites and the snapshots of their quizzes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, delete, insert, select, update

from kit.quiz.model import Quiz
from kit.session.store import participants
from kit.session.store.requests import remove_requests
from kit.session.store.snapshots import Snapshot
from kit.session.store.tables import session, session_quiz, site
from kit.session.store.transaction import Reading, StoredRow, Writing
from kit.study.place import PLACE_FIELDS, Site
from kit.study.spelling import same_looking
from kit.study.stage import CLOSED

_SEEN_BY_PHONES: Final = frozenset({"stage", "visited_before"})


def find_or_add_site(tx: Writing, site_id: str, place: Mapping[str, str]) -> str:
    """The id of the site whose name and place look like these; a new one with `site_id` if there is none."""
    known = site_like(tx, place)
    if known is not None:
        return known
    tx.change(insert(site).values(site_id=site_id, **place))
    return site_id


def site_like(tx: Reading, place: Mapping[str, str]) -> str | None:
    """The id of the site whose name and place look like these."""
    looks = [same_looking(place[name]) for name in place]
    for row in tx.rows(select(site).order_by(site.c.site_id)):
        if [same_looking(row[name]) for name in place] == looks:
            return str(row["site_id"])
    return None


def change_site(tx: Writing, site_id: str, place: Mapping[str, str]) -> None:
    """Spell a place otherwise."""
    tx.change(update(site).where(site.c.site_id == site_id).values(**place))


def all_sites(tx: Reading) -> list[tuple[Site, list[StoredRow]]]:
    """Every site by name with its sessions that are no rehearsals, newest first."""
    held: dict[str, list[StoredRow]] = {}
    newest_first = session.c.held_on.desc(), session.c.opened_at.desc()
    for row in tx.rows(_with_site().where(session.c.rehearsal.is_(False)).order_by(*newest_first)):
        held.setdefault(row["site_id"], []).append(row)
    sites = [
        Site(row["site_id"], *(row[name] for name in PLACE_FIELDS))
        for row in tx.rows(select(site).order_by(site.c.name, site.c.site_id))
    ]
    return [(one, held[one.site_id]) for one in sites if one.site_id in held]


def sessions_of_site(tx: Reading, site_id: str) -> list[StoredRow]:
    """All sessions of a site, rehearsals too, newest first."""
    return tx.rows(_with_site().where(session.c.site_id == site_id).order_by(session.c.opened_at.desc()))


def remove_unused_sites(tx: Writing) -> int:
    """Remove the sites that no session names any more; how many."""
    return tx.change(delete(site).where(site.c.site_id.not_in(select(session.c.site_id))))


def add_session(tx: Writing, row: Mapping[str, Any], quizzes: Sequence[Mapping[str, Any]]) -> None:
    """Add a session with the snapshots of its quizzes."""
    tx.change(insert(session).values(**row))
    tx.change(insert(session_quiz), [dict(quiz) for quiz in quizzes])


def find_sessions(tx: Reading, codes: Iterable[str]) -> dict[str, StoredRow]:
    """The sessions with these join codes by code, each with its site as `site_name` and so on.

    In a writing on PostgreSQL their stages stand still until the end.
    """
    query = tx.hold(_with_site().where(session.c.code.in_(list(codes))), session)
    return {row["code"]: row for row in tx.rows(query)}


def all_sessions(tx: Reading) -> list[StoredRow]:
    """All sessions, newest first."""
    return tx.rows(_with_site().order_by(session.c.opened_at.desc()))


def earlier_sessions(tx: Reading, site_id: str, before: str) -> list[str]:
    """The ids of the real sessions of a site that were opened before a moment and still hold people."""
    earlier = select(session.c.session_id).where(session.c.site_id == site_id, session.c.opened_at < before)
    held = earlier.where(session.c.rehearsal.is_(False), session.c.purged_at.is_(None))
    newest_first = held.order_by(session.c.opened_at.desc())
    return [str(session_id) for (session_id,) in tx.tuples(newest_first)]


def short_codes_are_known(tx: Reading, code: str, *, before: bool = False) -> bool:
    """Whether people of a session, or of one at its site `before` it, may hold codes of an earlier kit."""
    this = select(session.c.session_id, session.c.site_id, session.c.opened_at).where(session.c.code == code)
    found = tx.first(this)
    if found is None:
        return False
    asked = earlier_sessions(tx, found["site_id"], found["opened_at"]) if before else [found["session_id"]]
    short = select(session.c.session_id).where(session.c.session_id.in_(asked), session.c.short_codes)
    return tx.first(short.limit(1)) is not None


def note_short_codes(tx: Writing, session_ids: Iterable[str]) -> None:
    """Note that people of these sessions hold codes of an earlier kit."""
    tx.change(update(session).where(session.c.session_id.in_(list(session_ids))).values(short_codes=True))


def session_versions(tx: Reading) -> dict[str, int]:
    """The version of every session by code: what a replica watches."""
    return {code: version for code, version in tx.tuples(select(session.c.code, session.c.version))}


def running_codes(tx: Reading) -> list[str]:
    """The codes of the sessions that are not closed, or open once more."""
    return [str(code) for (code,) in tx.tuples(select(session.c.code).where(session.c.stage != CLOSED))]


def session_quizzes(tx: Reading, session_ids: Sequence[str]) -> dict[str, tuple[Quiz, ...]]:
    """The quizzes that each of some sessions was opened with, in their order."""

    def read(missing: list[str]) -> list[Snapshot]:
        query = (
            select(session_quiz.c.session_id, session_quiz.c.sha256, session_quiz.c.quiz)
            .where(session_quiz.c.session_id.in_(missing))
            .order_by(session_quiz.c.position)
        )
        return [Snapshot(*row) for row in tx.tuples(query)]

    return tx.snapshots.quizzes(session_ids, read)


def change_session(tx: Writing, code: str, **values: object) -> None:
    """Change a session; a change that phones see makes its version grow by one."""
    if not _SEEN_BY_PHONES.isdisjoint(values):
        values["version"] = session.c.version + 1
    tx.change(update(session).where(session.c.code == code).values(**values))


def lock_session(tx: Writing, code: str) -> None:
    """Hold a session for a change of its stage; other replicas wait. Before anything else reads it."""
    tx.value(select(session.c.session_id).where(session.c.code == code).with_for_update())


def remove_session(tx: Writing, session_id: str) -> dict[str, int]:
    """Remove a session with everything in it; the counts of what went, by table."""
    remove_requests(tx, str(tx.value(select(session.c.code).where(session.c.session_id == session_id))))
    gone = participants.remove_people(tx, session_id)
    for table in (session_quiz, session):
        gone[table.name] = tx.change(delete(table).where(table.c.session_id == session_id))
    gone["site"] = remove_unused_sites(tx)
    tx.snapshots.forget(session_id)
    return gone


def _with_site() -> Select[Any]:
    place = [site.c[name].label(f"site_{name}") for name in PLACE_FIELDS]
    return select(session, *place).join(site)
