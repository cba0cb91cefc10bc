"""The tables of the store. Times are UTC ISO 8601 text, choices are option ids joined by `+`."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

site = Table(
    "site",
    metadata,
    Column("site_id", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("district", String(200), nullable=False, server_default=""),
    Column("city", String(200), nullable=False, server_default=""),
    Column("province", String(200), nullable=False, server_default=""),
    UniqueConstraint("name", "district", "city", "province"),
)

session = Table(
    "session",
    metadata,
    Column("session_id", String(32), primary_key=True),
    Column("code", String(12), nullable=False, unique=True),
    Column("event", String(200), nullable=False, server_default=""),
    Column("site_id", ForeignKey("site.site_id"), nullable=False),
    Column("held_on", String(10), nullable=False),
    Column("minors_consent", Boolean, nullable=False),
    Column("rehearsal", Boolean, nullable=False),
    Column("target", Float),
    Column("followup_days", Integer, nullable=False),
    Column("stage", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    # Secret of this session: the blocks of the randomisation are drawn from it.
    Column("seed", String(64), nullable=False),
    Column("notes", Text, nullable=False, server_default=""),
    Column("opened_at", String(32), nullable=False),
    Column("closed_at", String(32)),
    Column("bundle", String(300)),
    # Retention: people are deleted at the second look that finds them due, at least a day after the first.
    Column("due_noted_at", String(32)),
    Column("purged_at", String(32)),
)

session_quiz = Table(
    "session_quiz",
    metadata,
    Column("session_id", ForeignKey("session.session_id", ondelete="CASCADE"), primary_key=True),
    Column("quiz_id", String(40), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("quiz", Text, nullable=False),
)

participant = Table(
    "participant",
    metadata,
    Column("participant_id", String(32), primary_key=True),
    Column("session_id", ForeignKey("session.session_id", ondelete="CASCADE"), nullable=False),
    Column("quiz_id", String(40), nullable=False),
    Column("audience", String(20), nullable=False),
    Column("arm", String(2), nullable=False),
    Column("language", String(2), nullable=False),
    Column("personal_code", String(20), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("joined_stage", String(60), nullable=False),
    Column("joined_at", String(32), nullable=False),
    UniqueConstraint("session_id", "personal_code"),
    Index(None, "session_id", "audience"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("participant_id", ForeignKey("participant.participant_id", ondelete="CASCADE"), primary_key=True),
    Column("wave", String(10), primary_key=True),
    Column("form", String(2), nullable=False),
    Column("submitted_at", String(32), nullable=False),
)

response = Table(
    "response",
    metadata,
    Column("participant_id", ForeignKey("participant.participant_id", ondelete="CASCADE"), primary_key=True),
    Column("wave", String(10), primary_key=True),
    Column("item_id", String(40), primary_key=True),
    Column("choice", String(400), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("answered_at", String(32), nullable=False),
)
