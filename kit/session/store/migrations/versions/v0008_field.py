"""Questions to the officer, offers people have heard of, and who was here at an earlier meeting."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the tables and columns."""
    op.add_column(
        "session", sa.Column("questions_open", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column(
        "session", sa.Column("visited_before", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("participant", sa.Column("returning_of", sa.String(32)))
    op.create_table(
        "question",
        sa.Column("question_id", sa.String(32), nullable=False),
        sa.Column("participant_id", sa.String(32), nullable=False),
        sa.Column("text", sa.String(600), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("question_id", name="pk_question"),
        _to_participant("question"),
    )
    op.create_index("ix_question_participant_id", "question", ["participant_id"])
    op.create_table(
        "sighting",
        sa.Column("sighting_id", sa.String(32), nullable=False),
        sa.Column("participant_id", sa.String(32), nullable=False),
        *(
            sa.Column(name, sa.String(20), nullable=False)
            for name in ("kind", "channel", "country", "promise", "heard")
        ),
        sa.Column("signs", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("sighting_id", name="pk_sighting"),
        _to_participant("sighting"),
    )
    op.create_index("ix_sighting_participant_id", "sighting", ["participant_id"])


def _to_participant(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["participant_id"],
        ["participant.participant_id"],
        name=f"fk_{table}_participant_id_participant",
        ondelete="CASCADE",
    )
