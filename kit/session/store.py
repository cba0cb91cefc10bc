"""The store: the only module that speaks SQL. SQLite by default, PostgreSQL by URL."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Executable,
    RowMapping,
    Table,
    delete,
    func,
    insert,
    make_url,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kit.errors import KitError, Unavailable
from kit.session import tables as t
from kit.session.database import backup_sqlite, is_away, lock_file, open_engine, refusal_of, rewrite_sqlite

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


@dataclass(frozen=True, slots=True)
class _People:
    """What some participants did, read at once."""

    tokens: dict[str, str]
    responses: dict[str, list[RowMapping]]
    submitted: dict[str, set[str]]


class Store:
    """Opens the database, brings it up to date, and gives out transactions and readings."""

    def __init__(self, url: str, *, backups: Path | None = None, read_only: bool = False) -> None:
        """Open a store. `read_only` neither locks nor migrates: for exports beside a running service."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._lock: sqlite3.Connection | None = None
        if self.is_sqlite and not read_only:
            self._lock = lock_file(Path(self.url.database or ""))
        self._engine = open_engine(url)
        # Readings never wait for the writer: their own connections, in SQLite unable to write.
        self._reading = open_engine(url, read_only=True)
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
        """A reading that does not wait for the writer. Raises Unavailable when the database is away."""
        try:
            with self._reading.begin() as connection:
                yield Transaction(connection, read_only=True)
        except SQLAlchemyError as error:
            if is_away(error):
                raise refusal_of(error) from error
            raise

    def scrub(self) -> bool:
        """Leave nothing deleted in free pages or the write-ahead log; False when it must be tried again.

        Must run in the writer's thread: it writes. On PostgreSQL vacuuming is the server's own work.
        """
        if not self.is_sqlite:
            return True
        self._reading.dispose()
        return rewrite_sqlite(self._engine)

    def close(self) -> None:
        """Give back all connections and the lock."""
        self._reading.dispose()
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

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


class Transaction:
    """Everything the rules read and write, in one transaction."""

    def __init__(self, connection: Connection, *, read_only: bool = False) -> None:
        self._connection = connection
        self._read_only = read_only
        self._sessions: dict[str, RowMapping] = {}
        self._people: _People | None = None
        self._holders: dict[str, RowMapping] | None = None
        self.wrote = False

    def _write(self, statement: Executable, values: Sequence[Mapping[str, Any]] | None = None) -> int:
        """Change rows; how many. (A bulk insert may not know.)"""
        self.wrote = True
        return self._connection.execute(statement, values).rowcount

    # Sessions

    def find_or_add_site(self, site_id: str, place: Mapping[str, str]) -> str:
        """The id of a site with this name and place; a new one with `site_id` if there is none."""
        same = [t.site.c[name] == value for name, value in place.items()]
        found = self._connection.execute(select(t.site.c.site_id).where(*same)).scalar()
        if found is not None:
            return str(found)
        self._write(insert(t.site).values(site_id=site_id, **place))
        return site_id

    def add_session(self, row: Mapping[str, Any], quizzes: Sequence[Mapping[str, Any]]) -> None:
        """Add a session with the snapshots of its quizzes."""
        self._write(insert(t.session).values(**row))
        self._write(insert(t.session_quiz), [dict(quiz) for quiz in quizzes])

    def session(self, code: str) -> RowMapping | None:
        """The session with a join code, with its site; in a PostgreSQL transaction that writes, its stage
        stands still until the end.
        """
        if code not in self._sessions:
            query = _sessions().where(t.session.c.code == code)
            if not self._read_only:
                query = query.with_for_update(read=True, of=t.session)
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
        self._write(update(t.session).where(t.session.c.code == code).values(**values))

    def delete_session(self, session_id: str) -> dict[str, int]:
        """Remove a session with everything in it; the counts of what went, by table."""
        gone = self.delete_people(session_id)
        for table in (t.session_quiz, t.session):
            gone[table.name] = self._write(delete(table).where(table.c.session_id == session_id))
        in_use = select(t.session.c.site_id)
        gone["site"] = self._write(delete(t.site).where(t.site.c.site_id.not_in(in_use)))
        return gone

    def delete_people(self, session_id: str) -> dict[str, int]:
        """Remove the participants of a session and everything they did; counts by table."""
        people = select(t.participant.c.participant_id).where(t.participant.c.session_id == session_id)
        gone: dict[str, int] = {}
        for table in (t.response, t.attempt):
            gone[table.name] = self._write(delete(table).where(table.c.participant_id.in_(people)))
        same_session = t.participant.c.session_id == session_id
        gone["participant"] = self._write(delete(t.participant).where(same_session))
        return gone

    # Participants

    def count_participants(self, session_id: str, audience: str) -> int:
        """How many of an audience have joined. Called with the session's row held, so it cannot race."""
        same = (t.participant.c.session_id == session_id, t.participant.c.audience == audience)
        return self._connection.execute(
            select(func.count()).select_from(t.participant).where(*same)
        ).scalar_one()

    def lock_session(self, code: str) -> None:
        """Hold a session for a change of its stage; other replicas wait. Before anything else reads it."""
        self._connection.execute(
            select(t.session.c.session_id).where(t.session.c.code == code).with_for_update()
        )

    def lock_joining(self, session_id: str) -> None:
        """Let other replicas wait with their joins, so that blocks of the randomisation stay whole.

        Not a lock of the session's row: its readers would have to give way, each waiting for the other.
        """
        if self._connection.dialect.name == "postgresql":
            key = int(session_id[:15], 16)
            self._connection.execute(select(func.pg_advisory_xact_lock(key)))

    def add_participant(self, row: Mapping[str, Any]) -> None:
        """Add a participant."""
        self._write(insert(t.participant).values(**row))

    def personal_code_taken(self, session_id: str, personal_code: str) -> bool:
        """Whether the session has this personal code."""
        return self.participant_by_code(session_id, personal_code) is not None

    def participant_by_code(self, session_id: str, personal_code: str) -> RowMapping | None:
        """The participant of a session with a personal code."""
        same = (t.participant.c.session_id == session_id, t.participant.c.personal_code == personal_code)
        return self._connection.execute(select(t.participant).where(*same)).mappings().first()

    def participant_by_token(self, token_hash: str) -> RowMapping | None:
        """The participant who holds a token."""
        if self._holders is not None:
            return self._holders.get(token_hash)
        query = select(t.participant).where(t.participant.c.token_hash == token_hash)
        return self._connection.execute(query).mappings().first()

    def token_hashes(self, participant_ids: Sequence[str]) -> dict[str, str]:
        """The valid token hash of each of some participants."""
        if self._people is not None:
            return {one: self._people.tokens[one] for one in participant_ids if one in self._people.tokens}
        query = select(t.participant.c.participant_id, t.participant.c.token_hash).where(
            t.participant.c.participant_id.in_(participant_ids)
        )
        return {participant_id: token_hash for participant_id, token_hash in self._connection.execute(query)}

    def replace_token(self, participant_id: str, token_hash: str) -> None:
        """Give a participant a new token; the old one is void."""
        self._write(
            update(t.participant)
            .where(t.participant.c.participant_id == participant_id)
            .values(token_hash=token_hash)
        )

    # Many at once, for readings: what they fetch does not follow later writes

    def fetch_tokens(self, token_hashes: Sequence[str]) -> None:
        """Read who holds some tokens: `participant_by_token` then asks no more."""
        query = select(t.participant).where(t.participant.c.token_hash.in_(token_hashes))
        self._holders = {row["token_hash"]: row for row in self._connection.execute(query).mappings()}

    def fetch_people(self, participant_ids: Sequence[str], waves: Iterable[str]) -> None:
        """Read what some participants did in some waves: readings about them then ask no more."""
        people = _People(self.token_hashes(participant_ids), defaultdict(list), defaultdict(set))
        done = t.response.c.participant_id.in_(participant_ids) & t.response.c.wave.in_(list(waves))
        for row in self._connection.execute(select(t.response).where(done)).mappings():
            people.responses[row["participant_id"]].append(row)
        query = select(t.attempt).where(t.attempt.c.participant_id.in_(participant_ids))
        for row in self._connection.execute(query).mappings():
            people.submitted[row["participant_id"]].add(row["wave"])
        self._people = people

    # Responses

    def upsert_responses(self, rows: Sequence[ResponseRow]) -> dict[tuple[str, str, str], int]:
        """Write responses with distinct keys; a stored one gives way only to a higher seq.

        Returns the seq that is stored now, by (participant_id, wave, item_id).
        """
        table = t.response
        keys = [(row.participant_id, row.wave, row.item_id) for row in rows]
        same = tuple_(table.c.participant_id, table.c.wave, table.c.item_id).in_(keys)
        found = self._connection.execute(
            select(table.c.participant_id, table.c.wave, table.c.item_id, table.c.seq).where(same)
        )
        stored = {(participant_id, wave, item_id): seq for participant_id, wave, item_id, seq in found}
        newer = [row for key, row in zip(keys, rows, strict=True) if row.seq > stored.get(key, 0)]
        if newer:
            values = [{column.name: getattr(row, column.name) for column in table.columns} for row in newer]
            # The condition is checked once more by the database: another replica may have been quicker.
            self._write(_UPSERTS[self._connection.dialect.name], values)
        return stored | {(row.participant_id, row.wave, row.item_id): row.seq for row in newer}

    def responses(self, participant_id: str, wave: str | None = None) -> list[RowMapping]:
        """The responses of a participant, of one wave or of all."""
        if self._people is not None:
            return [row for row in self._people.responses[participant_id] if wave in (None, row["wave"])]
        query = select(t.response).where(t.response.c.participant_id == participant_id)
        if wave is not None:
            query = query.where(t.response.c.wave == wave)
        return list(self._connection.execute(query).mappings())

    def add_attempt(self, participant_id: str, wave: str, form: str) -> None:
        """Note that a participant submitted a wave; the first time counts."""
        if wave not in self.submitted_waves(participant_id):
            row = {"participant_id": participant_id, "wave": wave, "form": form, "submitted_at": now()}
            self._write(insert(t.attempt).values(**row))

    def submitted_waves(self, participant_id: str) -> set[str]:
        """The waves a participant has submitted."""
        if self._people is not None:
            return self._people.submitted[participant_id]
        query = select(t.attempt.c.wave).where(t.attempt.c.participant_id == participant_id)
        return set(self._connection.execute(query).scalars())

    def submitted_by(self, participant_ids: Sequence[str], wave: str) -> frozenset[str]:
        """Which of some participants have submitted a wave."""
        same = (t.attempt.c.participant_id.in_(participant_ids), t.attempt.c.wave == wave)
        return frozenset(self._connection.execute(select(t.attempt.c.participant_id).where(*same)).scalars())

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


def _upsert(build: Callable[[Table], Any]) -> Any:
    statement = build(t.response)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[t.response.c.participant_id, t.response.c.wave, t.response.c.item_id],
        set_={"choice": new.choice, "seq": new.seq, "answered_at": new.answered_at},
        where=new.seq > t.response.c.seq,
    )


_UPSERTS: Final = {"sqlite": _upsert(sqlite.insert), "postgresql": _upsert(postgresql.insert)}
