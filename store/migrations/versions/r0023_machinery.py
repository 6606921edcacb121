"""How jobs went, which are paused, and which parts of the product are switched off."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"

_FLOAT64: sa.Double[float] = sa.Double()
_INSTANT = sa.DateTime(timezone=True)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False)


def _number() -> "sa.Column[int]":
    return sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "job_runs",
        _number(),
        _text("job"),
        _text("worker"),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("took_s", _FLOAT64, nullable=False),
        *map(_text, ("outcome", "code", "by", "asked")),
        sa.PrimaryKeyConstraint("id", name="pk_job_runs"),
        sa.CheckConstraint(
            "outcome in ('done', 'put_off', 'failed')", name="ck_job_runs_known_outcome"
        ),
    )
    op.create_index("ix_job_runs_job_id", "job_runs", ["job", "id"])
    op.create_index("ix_job_runs_started_at", "job_runs", ["started_at"])
    op.create_table(
        "job_pauses",
        _text("job"),
        sa.Column("at", _INSTANT, nullable=False),
        *map(_text, ("by", "why")),
        sa.PrimaryKeyConstraint("job", name="pk_job_pauses"),
    )
    op.create_table(
        "flags",
        _text("name"),
        sa.Column("rule", JSONB(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_flags"),
    )
    op.create_table(
        "flag_changes",
        _number(),
        _text("flag"),
        sa.Column("at", _INSTANT, nullable=False),
        *map(_text, ("by", "why")),
        sa.Column("before", JSONB(), nullable=False),
        sa.Column("after", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flag_changes"),
    )
    op.create_index("ix_flag_changes_flag_id", "flag_changes", ["flag", "id"])


def downgrade() -> None:
    for table in ("flag_changes", "flags", "job_pauses", "job_runs"):
        op.drop_table(table)
