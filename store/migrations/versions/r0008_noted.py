"""Crossings that were held back, and names that no table of ours knows, are kept for a while."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0008"
down_revision = "0007"

_TEXT: Any = sa.String()
_INSTANT = sa.DateTime(timezone=True)
_FLOAT64: sa.Double[float] = sa.Double()
_DOCUMENT: Any = JSONB()


def upgrade() -> None:
    op.create_table(
        "refused_crossings",
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ("event_id", "source", "origin")),
        sa.Column("codes", ARRAY(sa.String()), nullable=False),
        *(sa.Column(at, _INSTANT, nullable=False) for at in ("first_seen_at", "last_seen_at")),
        *(sa.Column(roi, _FLOAT64, nullable=False) for roi in ("roi", "best_roi")),
        sa.Column("opportunity", _DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", "day", name="pk_refused_crossings"),
        sa.CheckConstraint(
            "cardinality(codes) > 0", name="ck_refused_crossings_held_back_by_a_gate"
        ),
    )
    op.create_table(
        "unknown_names",
        *(
            sa.Column(name, _TEXT, nullable=False)
            for name in ("source", "kind", "name", "reason", "example")
        ),
        sa.Column("count", sa.BigInteger(), nullable=False),
        *(sa.Column(at, _INSTANT, nullable=False) for at in ("first_seen_at", "last_seen_at")),
        sa.PrimaryKeyConstraint("source", "kind", "name", name="pk_unknown_names"),
        sa.CheckConstraint("count > 0", name="ck_unknown_names_said_at_least_once"),
    )
    for table in ("refused_crossings", "unknown_names"):
        op.create_index(f"ix_{table}_last_seen_at", table, ["last_seen_at"])


def downgrade() -> None:
    op.drop_table("unknown_names")
    op.drop_table("refused_crossings")
