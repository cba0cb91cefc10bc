"""Raised hands of polls, and phones that several people share."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add a table for raised hands, and to each participant how many people answer together."""
    op.add_column("participant", sa.Column("people", sa.Integer, nullable=False, server_default="1"))
    op.create_table(
        "hand",
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("item_id", sa.String(40), nullable=False),
        sa.Column("option_id", sa.String(40), nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "item_id", "option_id", name=op.f("pk_hand")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.session_id"],
            name=op.f("fk_hand_session_id_session"),
            ondelete="CASCADE",
        ),
    )
