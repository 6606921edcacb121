"""The index of history is by market alone: a market's rows are read together, whenever seen."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.drop_index("ix_quotes_market", "quotes")
    op.create_index("ix_quotes_market", "quotes", ["market_id"])


def downgrade() -> None:
    op.drop_index("ix_quotes_market", "quotes")
    op.create_index("ix_quotes_market", "quotes", ["market_id", "seen_at"])
