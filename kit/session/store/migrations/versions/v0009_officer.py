"""Requests are known by their key for a day; a session knows the notebook it was opened from."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the table of requests and the column of sessions."""
    op.create_table(
        "request",
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("done_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_request"),
    )
    op.add_column("session", sa.Column("notebook", sa.String(200), nullable=False, server_default=""))
