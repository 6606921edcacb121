"""Accounts and their sessions: rows that belong to a member, each under row-level security."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TEXT: Any = sa.String()
_INSTANT = sa.DateTime(timezone=True)
_NOW = sa.func.now()

_POLICIES = {
    "accounts": {
        "own": "for all using (id = {subject}) with check (id = {subject})",
        "named": "for select using (email = {email})",
        "overseen": "for all using ({oversight}) with check ({oversight})",
    },
    "sessions": {
        "own": "for all using (user_id = {subject}) with check (user_id = {subject})",
        "presented": "for select using (token_hash = {session})",
        "overseen": "for all using ({oversight}) with check ({oversight})",
    },
}
# A setting that was never made is null, and one of an earlier transaction is empty.
_CLAIMS = {
    "subject": "nullif(current_setting('app.subject', true), '')::uuid",
    "email": "nullif(current_setting('app.email', true), '')",
    "session": "nullif(current_setting('app.session', true), '')",
    "oversight": "current_setting('app.oversight', true) = 'accounts'",
}


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", _TEXT, nullable=False),
        sa.Column("password_hash", _TEXT, nullable=False),
        sa.Column("role", _TEXT, nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("created_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("email", name="uq_accounts_email"),
        sa.CheckConstraint("email = lower(email)", name="ck_accounts_email_normal"),
        sa.CheckConstraint("password_hash like '$argon2id$%'", name="ck_accounts_password_hashed"),
        sa.CheckConstraint(
            "role in ('member', 'support', 'analyst', 'admin', 'owner')",
            name="ck_accounts_role_known",
        ),
        sa.CheckConstraint("state in ('active', 'locked')", name="ck_accounts_state_known"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", _TEXT, nullable=False),
        sa.Column("agent", _TEXT, nullable=False),
        sa.Column("address", _TEXT, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=False),
        sa.Column("idle_ends_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name="fk_sessions_user_id_accounts", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("token_hash", name="uq_sessions_token_hash"),
        sa.CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="ck_sessions_token_hashed"),
        sa.CheckConstraint("idle_ends_at <= ends_at", name="ck_sessions_idle_within_end"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    for table, policies in _POLICIES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        for name, rule in policies.items():
            op.execute(f"create policy {name} on {table} {rule.format(**_CLAIMS)}")


def downgrade() -> None:
    op.drop_table("sessions")
    op.drop_table("accounts")
