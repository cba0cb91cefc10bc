"""Packets of printed sheets, the sheets that were read, and how a person came in."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the two tables, and the column that says phone for everybody who is there already."""
    op.add_column("participant", sa.Column("origin", sa.String(10), nullable=False, server_default="phone"))
    op.create_table(
        "packet",
        sa.Column("participant_id", sa.String(32), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("quiz_id", sa.String(40), nullable=False),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("arm", sa.String(2), nullable=False),
        sa.Column("code_hash", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", name="pk_packet"),
        sa.UniqueConstraint("session_id", "code_hash", name="uq_packet_session_id_code_hash"),
        _to("packet", "session"),
    )
    op.create_table(
        "sheet",
        sa.Column("sheet_id", sa.String(32), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("participant_id", sa.String(32), nullable=False),
        sa.Column("wave", sa.String(10), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False, server_default=""),
        sa.Column("reading", sa.Text, nullable=False),
        sa.Column("decided", sa.Boolean, nullable=False),
        sa.Column("read_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("sheet_id", name="pk_sheet"),
        _to("sheet", "session"),
        _to("sheet", "participant"),
    )
    op.create_index("ix_sheet_session_id", "sheet", ["session_id"])
    op.create_index("ix_sheet_participant_id", "sheet", ["participant_id"])


def _to(table: str, other: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{other}_id_{other}"
    return sa.ForeignKeyConstraint([f"{other}_id"], [f"{other}.{other}_id"], name=name, ondelete="CASCADE")
