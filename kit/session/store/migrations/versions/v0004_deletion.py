"""Deletions that are not finished: rows are gone, files or bytes may still be there."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "deletion",
        sa.Column("deletion_id", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("begun_at", sa.String(32), nullable=False),
        sa.Column("told", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("deletion_id", name="pk_deletion"),
    )
