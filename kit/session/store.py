"""The store: the only module that speaks SQL. SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    Table,
    case,
    create_engine,
    delete,
    event,
    func,
    insert,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from kit.errors import KitError, Unavailable
from kit.session import tables as t

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def now() -> str:
    """The time as the store keeps it: UTC, ISO 8601, whole milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """One response as stored; `choice` is option ids joined by `+`."""

    participant_id: str
    wave: str
    item_id: str
    choice: str
    seq: int
    answered_at: str


class Store:
    """Opens the database, brings it up to date, and gives out transactions and readings."""

    def __init__(self, url: str, *, backups: Path | None = None, read_only: bool = False) -> None:
        """Open a store. `read_only` neither locks nor migrates: for exports beside a running service."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock: sqlite3.Connection | None = None
        if self.is_sqlite and not read_only:
            self._take_lock()
        self._engine = _engine(url)
        # Readings never wait for the writer: their own connections, in SQLite unable to write.
        self._reading = _engine(url, read_only=True)
        try:
            if not read_only:
                self._migrate(backups)
        except DBAPIError as error:
            self.close()
            raise Unavailable("store_unreachable", store=self.url.render_as_string()) from error
        except KitError:
            self.close()
            raise

    @property
    def path(self) -> Path | None:
        """The SQLite file, None on PostgreSQL."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @contextlib.contextmanager
    def begin(self) -> Iterator[Transaction]:
        """One transaction: committed to disk at the end, or rolled back whole."""
        with self._engine.begin() as connection:
            yield Transaction(connection)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A consistent reading that does not wait for the writer."""
        with self._reading.begin() as connection:
            yield Transaction(connection)

    def scrub(self) -> None:
        """Rewrite the SQLite file so that nothing deleted is left in free pages or the write-ahead log.

        Must run in the writer's thread: it writes. On PostgreSQL vacuuming is the server's own work.
        """
        if not self.is_sqlite:
            return
        self._reading.dispose()
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.close()
        finally:
            connection.close()

    def close(self) -> None:
        """Give back all connections and the lock."""
        self._reading.dispose()
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> None:
        """Hold an exclusive lock in a file beside the store, so that no second service opens it.

        SQLite's own locking does it on every system, and the lock goes with the process, however it dies.
        """
        path = Path(self.url.database or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = sqlite3.connect(f"{path}.lock", timeout=0, isolation_level=None, check_same_thread=False)
        try:
            lock.execute("PRAGMA journal_mode=OFF")
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            lock.close()
            raise Unavailable("store_in_use", store=str(path)) from None
        self._lock = lock

    def _migrate(self, backups: Path | None) -> None:
        from alembic import command
        from alembic.config import Config
        from alembic.migration import MigrationContext
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        newest = ScriptDirectory.from_config(config).get_current_head()
        with self._engine.begin() as connection:
            if not self.is_sqlite:
                # Two replicas may start at once: the second waits here and finds the work done.
                connection.execute(text("SELECT pg_advisory_xact_lock(4021)"))
            current = MigrationContext.configure(connection).get_current_revision()
            known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
            if current is not None and current not in known:
                raise Unavailable("store_newer", revision=current)
            if current == newest:
                return
            if current is not None and self.path and backups:
                backup_sqlite(self.path, backups / f"kit-{now().replace(':', '')}-{current}.db")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def backup_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite store, safe while it is in use."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)


def _engine(url: str, *, read_only: bool = False) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=4, max_overflow=4)
    engine = create_engine(
        url, connect_args={"check_same_thread": False, "timeout": 10}, pool_size=8, max_overflow=8
    )

    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
        # SQLAlchemy begins transactions itself (below): Python's driver would begin them too late.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


class Transaction:
    """Everything the rules read and write, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sessions: dict[str, RowMapping] = {}

    # Sessions

    def find_or_add_site(self, site_id: str, place: Mapping[str, str]) -> str:
        """The id of a site with this name and place; a new one with `site_id` if there is none."""
        same = [t.site.c[name] == value for name, value in place.items()]
        found = self._connection.execute(select(t.site.c.site_id).where(*same)).scalar()
        if found is not None:
            return str(found)
        self._connection.execute(insert(t.site).values(site_id=site_id, **place))
        return site_id

    def add_session(self, row: Mapping[str, Any], quizzes: Sequence[Mapping[str, Any]]) -> None:
        """Add a session with the snapshots of its quizzes."""
        self._connection.execute(insert(t.session).values(**row))
        self._connection.execute(insert(t.session_quiz), [dict(quiz) for quiz in quizzes])

    def session(self, code: str) -> RowMapping | None:
        """The session with a join code, with its site; on PostgreSQL its stage stands still until the end."""
        if code not in self._sessions:
            query = _sessions().where(t.session.c.code == code).with_for_update(read=True, of=t.session)
            row = self._connection.execute(query).mappings().first()
            if row is None:
                return None
            self._sessions[code] = row
        return self._sessions[code]

    def sessions(self) -> list[RowMapping]:
        """All sessions, newest first."""
        query = _sessions().order_by(t.session.c.opened_at.desc())
        return list(self._connection.execute(query).mappings())

    def stages(self) -> dict[str, int]:
        """The version of every session by code: what a replica watches."""
        rows = self._connection.execute(select(t.session.c.code, t.session.c.version))
        return {code: version for code, version in rows}

    def session_quizzes(self, session_id: str) -> list[RowMapping]:
        """The quiz snapshots of a session in their order."""
        query = (
            select(t.session_quiz)
            .where(t.session_quiz.c.session_id == session_id)
            .order_by(t.session_quiz.c.position)
        )
        return list(self._connection.execute(query).mappings())

    def update_session(self, code: str, **values: object) -> None:
        """Change a session; a change of its stage makes its version grow by one."""
        self._sessions.pop(code, None)
        if "stage" in values:
            values["version"] = t.session.c.version + 1
        self._connection.execute(update(t.session).where(t.session.c.code == code).values(**values))

    def delete_session(self, session_id: str) -> dict[str, int]:
        """Remove a session with everything in it; the counts of what went, by table."""
        people = select(t.participant.c.participant_id).where(t.participant.c.session_id == session_id)
        gone: dict[str, int] = {}
        for table in (t.response, t.attempt):
            gone[table.name] = self._connection.execute(
                delete(table).where(table.c.participant_id.in_(people))
            ).rowcount
        for table in (t.participant, t.session_quiz, t.session):
            gone[table.name] = self._connection.execute(
                delete(table).where(table.c.session_id == session_id)
            ).rowcount
        in_use = select(t.session.c.site_id)
        gone["site"] = self._connection.execute(
            delete(t.site).where(t.site.c.site_id.not_in(in_use))
        ).rowcount
        return gone

    # Participants

    def count_participants(self, session_id: str, audience: str) -> int:
        """How many of an audience have joined. Called with the session's row held, so it cannot race."""
        same = (t.participant.c.session_id == session_id, t.participant.c.audience == audience)
        return self._connection.execute(
            select(func.count()).select_from(t.participant).where(*same)
        ).scalar_one()

    def lock_session(self, code: str) -> None:
        """Let other replicas wait with their joins, so that blocks of the randomisation stay whole."""
        self._connection.execute(
            select(t.session.c.session_id).where(t.session.c.code == code).with_for_update()
        )

    def add_participant(self, row: Mapping[str, Any]) -> None:
        """Add a participant."""
        self._connection.execute(insert(t.participant).values(**row))

    def personal_code_taken(self, session_id: str, personal_code: str) -> bool:
        """Whether the session has this personal code."""
        return self.participant_by_code(session_id, personal_code) is not None

    def participant_by_code(self, session_id: str, personal_code: str) -> RowMapping | None:
        """The participant of a session with a personal code."""
        same = (t.participant.c.session_id == session_id, t.participant.c.personal_code == personal_code)
        return self._connection.execute(select(t.participant).where(*same)).mappings().first()

    def participant_by_token(self, token_hash: str) -> RowMapping | None:
        """The participant who holds a token."""
        query = select(t.participant).where(t.participant.c.token_hash == token_hash)
        return self._connection.execute(query).mappings().first()

    def token_hashes(self, participant_ids: Sequence[str]) -> dict[str, str]:
        """The valid token hash of each of some participants."""
        query = select(t.participant.c.participant_id, t.participant.c.token_hash).where(
            t.participant.c.participant_id.in_(participant_ids)
        )
        return {participant_id: token_hash for participant_id, token_hash in self._connection.execute(query)}

    def replace_token(self, participant_id: str, token_hash: str) -> None:
        """Give a participant a new token; the old one is void."""
        self._connection.execute(
            update(t.participant)
            .where(t.participant.c.participant_id == participant_id)
            .values(token_hash=token_hash)
        )

    # Responses

    def upsert_responses(self, rows: Sequence[ResponseRow]) -> dict[tuple[str, str, str], int]:
        """Write responses with distinct keys; a stored one gives way only to a higher seq.

        Returns the seq that is stored now, by (participant_id, wave, item_id).
        """
        table = t.response
        build = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        statement = build(table)
        newer = statement.excluded.seq > table.c.seq
        changed = {
            name: case((newer, statement.excluded[name]), else_=table.c[name])
            for name in ("choice", "answered_at", "seq")
        }
        upsert = statement.on_conflict_do_update(
            index_elements=[table.c.participant_id, table.c.wave, table.c.item_id], set_=changed
        ).returning(table.c.participant_id, table.c.wave, table.c.item_id, table.c.seq)
        values = [{column.name: getattr(row, column.name) for column in table.columns} for row in rows]
        stored = self._connection.execute(upsert, values)
        return {(participant_id, wave, item_id): seq for participant_id, wave, item_id, seq in stored}

    def responses(self, participant_id: str, wave: str | None = None) -> list[RowMapping]:
        """The responses of a participant, of one wave or of all."""
        query = select(t.response).where(t.response.c.participant_id == participant_id)
        if wave is not None:
            query = query.where(t.response.c.wave == wave)
        return list(self._connection.execute(query).mappings())

    def add_attempt(self, participant_id: str, wave: str, form: str) -> None:
        """Note that a participant submitted a wave; the first time counts."""
        if wave not in self.submitted_waves(participant_id):
            row = {"participant_id": participant_id, "wave": wave, "form": form, "submitted_at": now()}
            self._connection.execute(insert(t.attempt).values(**row))

    def submitted_waves(self, participant_id: str) -> set[str]:
        """The waves a participant has submitted."""
        query = select(t.attempt.c.wave).where(t.attempt.c.participant_id == participant_id)
        return set(self._connection.execute(query).scalars())

    # Counts and exports

    def joined_by_audience(self, session_id: str) -> dict[str, int]:
        """People who joined, by audience."""
        query = (
            select(t.participant.c.audience, func.count())
            .where(t.participant.c.session_id == session_id)
            .group_by(t.participant.c.audience)
        )
        return {audience: count for audience, count in self._connection.execute(query)}

    def finished_by_wave(self, session_id: str) -> dict[str, int]:
        """People who submitted, by wave."""
        query = (
            select(t.attempt.c.wave, func.count())
            .join(t.participant)
            .where(t.participant.c.session_id == session_id)
            .group_by(t.attempt.c.wave)
        )
        return {wave: count for wave, count in self._connection.execute(query)}

    def poll_choices(self, session_id: str) -> list[tuple[str, str, int]]:
        """`(item_id, choice, people)` of all polls of a session."""
        query = (
            select(t.response.c.item_id, t.response.c.choice, func.count())
            .join(t.participant)
            .where(t.participant.c.session_id == session_id, t.response.c.wave == "poll")
            .group_by(t.response.c.item_id, t.response.c.choice)
        )
        return [(item_id, choice, count) for item_id, choice, count in self._connection.execute(query)]

    def participants(self, session_id: str) -> list[RowMapping]:
        """Everyone who joined, in order of joining."""
        query = (
            select(t.participant)
            .where(t.participant.c.session_id == session_id)
            .order_by(t.participant.c.joined_at, t.participant.c.participant_id)
        )
        return list(self._connection.execute(query).mappings())

    def session_responses(self, session_id: str) -> list[RowMapping]:
        """All responses of a session in a fixed order."""
        query = _of_session(t.response, session_id).order_by(
            t.response.c.participant_id, t.response.c.wave, t.response.c.item_id
        )
        return list(self._connection.execute(query).mappings())

    def session_attempts(self, session_id: str) -> list[RowMapping]:
        """All submitted attempts of a session."""
        return list(self._connection.execute(_of_session(t.attempt, session_id)).mappings())


def _sessions() -> Any:
    place = [t.site.c[name] for name in ("name", "district", "city", "province")]
    return select(t.session, *[column.label(f"site_{column.name}") for column in place]).join(t.site)


def _of_session(table: Table, session_id: str) -> Any:
    return select(table).join(t.participant).where(t.participant.c.session_id == session_id)
