"""Sources are remembered with their quota's period, and with why they are not asked."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

_TEXT: Any = sa.String()
_FLOAT64: sa.Double[float] = sa.Double()
_DOCUMENT: Any = JSONB()


def upgrade() -> None:
    op.add_column("sources", sa.Column("quota_ends_at", sa.DateTime(timezone=True)))
    for count in ("answers", "unchanged"):
        counted = sa.Column(count, sa.BigInteger(), nullable=False, server_default="0")
        op.add_column("sources", counted)
    op.add_column("sources", sa.Column("error_rate", _FLOAT64))
    op.add_column("sources", sa.Column("not_asked", _TEXT))
    for name, empty in (("failing", "{}"), ("needs", "[]")):
        document = sa.Column(name, _DOCUMENT, nullable=False, server_default=empty)
        op.add_column("sources", document)


def downgrade() -> None:
    for name in ("needs", "failing", "not_asked", "error_rate", "unchanged", "answers"):
        op.drop_column("sources", name)
    op.drop_column("sources", "quota_ends_at")
