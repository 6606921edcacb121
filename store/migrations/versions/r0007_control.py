"""What admins decide about sources: credentials, switches; and alerts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "source_credentials",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "part", name="pk_source_credentials"),
        sa.CheckConstraint("sealed like 's1.%'", name="ck_source_credentials_is_sealed"),
    )
    op.create_table(
        "source_switches",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_source_switches"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.CheckConstraint("closed_at >= opened_at", name="ck_alerts_closed_after_opened"),
    )
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["subject", "code"],
        unique=True,
        postgresql_where=sa.text("closed_at is null"),
    )


def downgrade() -> None:
    for table in ("alerts", "source_switches", "source_credentials"):
        op.drop_table(table)
