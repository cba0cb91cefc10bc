"""When the people of a session were found to be due for deletion, and when they were deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the two times."""
    with op.batch_alter_table("session") as table:
        table.add_column(sa.Column("due_noted_at", sa.String(32)))
        table.add_column(sa.Column("purged_at", sa.String(32)))
