"""Devices that members have signed in with, and what was odd about their arrivals."""

from typing import Any, cast

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0019"
down_revision = "0018"

_TEXT: Any = sa.String()
_TEXTS: Any = ARRAY(sa.String())
_FLOAT64: Any = cast("Any", sa.Double)()
_INSTANT = sa.DateTime(timezone=True)

_OWN = "for all using (user_id = {subject}) with check (user_id = {subject})"
_OVERSEEN = "for all using ({oversight}) with check ({oversight})"
_SUBJECT = "nullif(current_setting('app.subject', true), '')::uuid"
_OVERSIGHT = {"devices": "accounts", "risk_events": "risk"}


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", _TEXT, nullable=False),
        sa.Column("hints_hash", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("networks", _TEXTS, nullable=False),
        sa.Column("countries", _TEXTS, nullable=False),
        sa.Column("first_seen_at", _INSTANT, nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name="fk_devices_user_id_accounts", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("user_id", "secret_hash", name="uq_devices_user_id_secret_hash"),
        sa.CheckConstraint("secret_hash ~ '^[0-9a-f]{64}$'", name="ck_devices_secret_hashed"),
        sa.CheckConstraint("hints_hash ~ '^([0-9a-f]{64})?$'", name="ck_devices_hints_hashed"),
        sa.CheckConstraint("first_seen_at <= last_seen_at", name="ck_devices_seen_in_order"),
    )
    op.create_table(
        "risk_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("score", _FLOAT64, nullable=False),
        sa.Column("reasons", _TEXTS, nullable=False),
        sa.Column("verdict", _TEXT, nullable=False),
        sa.Column("network", _TEXT, nullable=False),
        sa.Column("country", _TEXT, nullable=False),
        sa.Column("agent", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_risk_events"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["accounts.id"],
            name="fk_risk_events_user_id_accounts",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("score between 0 and 1", name="ck_risk_events_score_of_one"),
        sa.CheckConstraint(
            "verdict in ('allow', 'step_up', 'block')", name="ck_risk_events_verdict_known"
        ),
    )
    op.create_index("ix_risk_events_user_id_at", "risk_events", ["user_id", "at"])
    op.create_index("ix_risk_events_at_id", "risk_events", ["at", "id"])
    # What a session of before came with is not known; of a device that was forgotten neither.
    op.add_column("sessions", sa.Column("device_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_sessions_device_id_devices",
        "sessions",
        "devices",
        ["device_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index("ix_sessions_device_id", "sessions", ["device_id"])
    op.add_column("sessions", sa.Column("country", _TEXT, nullable=False, server_default=""))
    for table, overseer in _OVERSIGHT.items():
        oversight = f"current_setting('app.oversight', true) = '{overseer}'"
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy own on {table} {_OWN.format(subject=_SUBJECT)}")
        op.execute(f"create policy overseen on {table} {_OVERSEEN.format(oversight=oversight)}")


def downgrade() -> None:
    op.drop_column("sessions", "country")
    op.drop_constraint("fk_sessions_device_id_devices", "sessions")
    op.drop_column("sessions", "device_id")
    op.drop_table("risk_events")
    op.drop_table("devices")
