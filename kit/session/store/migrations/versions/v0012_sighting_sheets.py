"""Offers people have heard of, ticked on a sheet of paper that belongs to nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "sighting_sheet",
        sa.Column("sighting_id", sa.String(32), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        *(
            sa.Column(name, sa.String(20), nullable=False)
            for name in ("kind", "channel", "country", "promise", "heard")
        ),
        sa.Column("signs", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("sighting_id", name=op.f("pk_sighting_sheet")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.session_id"],
            name=op.f("fk_sighting_sheet_session_id_session"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_sighting_sheet_session_id"), "sighting_sheet", ["session_id"])
