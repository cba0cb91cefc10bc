"""Who came in a burst is known after a restart too."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column; of earlier people nobody knows who came right behind whom."""
    op.add_column("participant", sa.Column("burst", sa.Integer))
