"""The first tables: site, session, session_quiz, participant, attempt, response."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "site",
        sa.Column("site_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("district", sa.String(200), nullable=False, server_default=""),
        sa.Column("city", sa.String(200), nullable=False, server_default=""),
        sa.Column("province", sa.String(200), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("site_id", name="pk_site"),
        sa.UniqueConstraint(
            "name", "district", "city", "province", name="uq_site_name_district_city_province"
        ),
    )
    op.create_table(
        "session",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("event", sa.String(200), nullable=False, server_default=""),
        sa.Column("site_id", sa.String(32), nullable=False),
        sa.Column("held_on", sa.String(10), nullable=False),
        sa.Column("minors_consent", sa.Boolean, nullable=False),
        sa.Column("rehearsal", sa.Boolean, nullable=False),
        sa.Column("target", sa.Float),
        sa.Column("followup_days", sa.Integer, nullable=False),
        sa.Column("stage", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("notes", sa.Text, nullable=False, server_default=""),
        sa.Column("opened_at", sa.String(32), nullable=False),
        sa.Column("closed_at", sa.String(32)),
        sa.Column("bundle", sa.String(300)),
        sa.PrimaryKeyConstraint("session_id", name="pk_session"),
        sa.UniqueConstraint("code", name="uq_session_code"),
        sa.ForeignKeyConstraint(["site_id"], ["site.site_id"], name="fk_session_site_id_site"),
    )
    op.create_table(
        "session_quiz",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("quiz_id", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("quiz", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "quiz_id", name="pk_session_quiz"),
        _to_session("session_quiz"),
    )
    op.create_table(
        "participant",
        sa.Column("participant_id", sa.String(32), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("quiz_id", sa.String(40), nullable=False),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("arm", sa.String(2), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("personal_code", sa.String(20), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("joined_stage", sa.String(60), nullable=False),
        sa.Column("joined_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", name="pk_participant"),
        sa.UniqueConstraint("session_id", "personal_code", name="uq_participant_session_id_personal_code"),
        sa.UniqueConstraint("token_hash", name="uq_participant_token_hash"),
        _to_session("participant"),
    )
    op.create_index("ix_participant_session_id_audience", "participant", ["session_id", "audience"])
    op.create_table(
        "attempt",
        sa.Column("participant_id", sa.String(32), nullable=False),
        sa.Column("wave", sa.String(10), nullable=False),
        sa.Column("form", sa.String(2), nullable=False),
        sa.Column("submitted_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "wave", name="pk_attempt"),
        _to_participant("attempt"),
    )
    op.create_table(
        "response",
        sa.Column("participant_id", sa.String(32), nullable=False),
        sa.Column("wave", sa.String(10), nullable=False),
        sa.Column("item_id", sa.String(40), nullable=False),
        sa.Column("choice", sa.String(400), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("answered_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "wave", "item_id", name="pk_response"),
        _to_participant("response"),
    )


def _to_session(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["session_id"], ["session.session_id"], name=f"fk_{table}_session_id_session", ondelete="CASCADE"
    )


def _to_participant(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["participant_id"],
        ["participant.participant_id"],
        name=f"fk_{table}_participant_id_participant",
        ondelete="CASCADE",
    )
