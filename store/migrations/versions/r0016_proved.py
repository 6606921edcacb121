"""When it was last proved that a session is its member's: what is sensitive asks for it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    # Sessions that are open have proved nothing lately; forced row security hides them from an
    # update even here, but not from a default.
    long_ago = sa.text("timestamptz 'epoch'")
    when = sa.DateTime(timezone=True)
    op.add_column("sessions", sa.Column("proved_at", when, nullable=False, server_default=long_ago))
    op.alter_column("sessions", "proved_at", server_default=None)


def downgrade() -> None:
    op.drop_column("sessions", "proved_at")
