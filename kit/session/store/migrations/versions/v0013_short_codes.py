"""Which sessions people joined with the short codes of earlier kits."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column. A kept code does not tell its length: any session from before may have some."""
    op.add_column("session", sa.Column("short_codes", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(sa.text("UPDATE session SET short_codes = true"))
