"""What the clock was last seen to say, when it was doubted, and when a session was first closed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the sight of the clock and the first closing; of earlier sessions only the last is known."""
    op.create_table(
        "sight",
        sa.Column("sight_id", sa.Integer, nullable=False),
        sa.Column("seen_at", sa.String(32), nullable=False),
        sa.Column("doubted_at", sa.String(32)),
        sa.Column("doubt", sa.String(10)),
        sa.PrimaryKeyConstraint("sight_id", name="pk_sight"),
    )
    with op.batch_alter_table("session") as table:
        table.add_column(sa.Column("first_closed_at", sa.String(32)))
    op.execute("UPDATE session SET first_closed_at = closed_at")
