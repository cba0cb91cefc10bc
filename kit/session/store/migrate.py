"""Bringing a store up to date, after a copy of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from kit.errors import Unavailable
from kit.session.store import clock
from kit.session.store.engine import backup_sqlite

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def migrate(connection: Connection, path: Path | None, backups: Path | None) -> None:
    """Bring the tables up to date, all or nothing; a SQLite file at `path` is copied to `backups` first.

    Raises Unavailable for a store that a newer kit has changed.
    """
    # Alembic takes longer to import than all else a reader of the store needs.
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    # In a configuration file a percent sign would begin a reference.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    if connection.dialect.name == "postgresql":
        # Two replicas may start at once: the second waits here and finds the work done.
        connection.execute(text("SELECT pg_advisory_xact_lock(4021)"))
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise Unavailable("store_newer", revision=current)
    if current == scripts.get_current_head():
        return
    if current is not None and path and backups:
        backup_sqlite(path, backups / f"kit-{clock.now().replace(':', '')}-{current}.db")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
