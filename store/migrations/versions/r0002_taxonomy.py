"""Markets say what they count and whom they are about; those of before count the score."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    counted = sa.Column("statistic", sa.String(), nullable=False, server_default="score")
    op.add_column("markets", counted)
    op.add_column("markets", sa.Column("subject", sa.String()))


def downgrade() -> None:
    op.drop_column("markets", "subject")
    op.drop_column("markets", "statistic")
