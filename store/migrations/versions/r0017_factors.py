"""Second factors, recovery codes, sign-ins that are half-way, and how a session was proved."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_TEXT: Any = sa.String()
_INSTANT = sa.DateTime(timezone=True)

_OWN = {
    "own": "for all using (user_id = {subject}) with check (user_id = {subject})",
    "overseen": "for all using ({oversight}) with check ({oversight})",
}
_POLICIES = {
    "factors": _OWN,
    "recovery_codes": _OWN,
    "sign_in_steps": {**_OWN, "presented": "for select using (token_hash = {step})"},
}
# A setting that was never made is null, and one of an earlier transaction is empty.
_CLAIMS = {
    "subject": "nullif(current_setting('app.subject', true), '')::uuid",
    "step": "nullif(current_setting('app.step', true), '')",
    "oversight": "current_setting('app.oversight', true) = 'accounts'",
}


def upgrade() -> None:
    op.create_table(
        "factors",
        *_of_member("factors"),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("sealed", _TEXT, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind = 'totp'", name="ck_factors_kind_known"),
        sa.CheckConstraint("length(name) <= 60", name="ck_factors_name_short"),
    )
    op.create_table(
        "recovery_codes",
        *_of_member("recovery_codes"),
        sa.Column("code_hash", _TEXT, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.UniqueConstraint("code_hash", name="uq_recovery_codes_code_hash"),
        sa.CheckConstraint("code_hash ~ '^[0-9a-f]{64}$'", name="ck_recovery_codes_code_hashed"),
    )
    op.create_table(
        "sign_in_steps",
        *_of_member("sign_in_steps"),
        sa.Column("token_hash", _TEXT, nullable=False),
        sa.Column("why", _TEXT, nullable=False),
        sa.Column("code_hash", _TEXT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.UniqueConstraint("token_hash", name="uq_sign_in_steps_token_hash"),
        sa.CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="ck_sign_in_steps_token_hashed"),
        sa.CheckConstraint("why in ('factor', 'odd')", name="ck_sign_in_steps_why_known"),
    )
    for table, policies in _POLICIES.items():
        op.create_index(f"ix_{table}_user_id", table, ["user_id"])
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        for name, rule in policies.items():
            op.execute(f"create policy {name} on {table} {rule.format(**_CLAIMS)}")
    # Sessions that are open were begun by a password; nobody had anything else.
    op.add_column("sessions", sa.Column("factor", _TEXT, nullable=False, server_default="password"))
    op.create_check_constraint(
        "ck_sessions_factor_known",
        "sessions",
        "factor in ('password', 'totp', 'passkey', 'sms', 'recovery', 'letter')",
    )


def downgrade() -> None:
    op.drop_column("sessions", "factor")
    for table in ("sign_in_steps", "recovery_codes", "factors"):
        op.drop_table(table)


def _of_member(table: str) -> list[Any]:
    """Return what every row of a member's has: its own id, and whose it is."""
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name=f"fk_{table}_user_id_accounts", ondelete="CASCADE"
        ),
    ]
