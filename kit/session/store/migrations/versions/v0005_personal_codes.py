"""Personal codes are kept as keyed hashes; an earlier phone's token is kept until it gives way or stays."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Rename the column; codes that stand in it in plain are hashed when the service starts.

    Not by a batch: that would make the table anew, and dropping the old one would delete all responses.
    """
    op.execute("ALTER TABLE participant RENAME COLUMN personal_code TO code_hash")
    op.add_column("participant", sa.Column("earlier_token_hash", sa.String(64)))
    op.create_index("ix_participant_earlier_token_hash", "participant", ["earlier_token_hash"])
