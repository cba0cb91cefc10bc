"""The officer's door, people set aside, and what was consented to by whom."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns; of earlier people nobody knows which text they read."""
    op.add_column("session", sa.Column("door_closed", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("session", sa.Column("expected", sa.Integer))
    op.add_column(
        "session", sa.Column("minors_consent_by", sa.String(200), nullable=False, server_default="")
    )
    op.add_column("session", sa.Column("minors_consent_on", sa.String(10), nullable=False, server_default=""))
    op.add_column(
        "session", sa.Column("minors_consent_document", sa.String(200), nullable=False, server_default="")
    )
    op.add_column(
        "participant", sa.Column("set_aside", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.add_column("participant", sa.Column("consent_text", sa.String(20), nullable=False, server_default=""))
