"""Passkeys and their challenges; telephones, codes sent to them, and texts on their way."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_TEXT: Any = sa.String()
_INSTANT = sa.DateTime(timezone=True)

_OWN = {
    "own": "for all using (user_id = {subject}) with check (user_id = {subject})",
    "overseen": "for all using ({oversight}) with check ({oversight})",
}
_POLICIES = {
    "passkeys": {**_OWN, "presented": "for select using (credential_id = {credential})"},
    "ceremonies": _OWN,
    "phones": _OWN,
    "text_codes": _OWN,
    "texts": _OWN,
}
_OVERSIGHT = {"ceremonies": "ceremonies", "texts": "texts"}
# A setting that was never made is null, and one of an earlier transaction is empty.
_CLAIMS = {
    "subject": "nullif(current_setting('app.subject', true), '')::uuid",
    "credential": "nullif(current_setting('app.credential', true), '')",
}


def upgrade() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Uuid(), nullable=False),
        _whose(),
        sa.Column("credential_id", _TEXT, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("transports", _TEXT, nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.Column("cloned_at", _INSTANT, nullable=True),
        sa.Column("told_at", _INSTANT, nullable=True),
        *_keys("passkeys", "id"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
        sa.CheckConstraint("length(name) between 1 and 60", name="ck_passkeys_name_short"),
        sa.CheckConstraint("sign_count >= 0", name="ck_passkeys_count_whole"),
    )
    op.create_table(
        "ceremonies",
        sa.Column("id", sa.Uuid(), nullable=False),
        _whose(nullable=True),
        sa.Column("challenge_hash", _TEXT, nullable=False),
        sa.Column("purpose", _TEXT, nullable=False),
        sa.Column("about", _TEXT, nullable=False),
        sa.Column("rp_id", _TEXT, nullable=False),
        sa.Column("origin", _TEXT, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        *_keys("ceremonies", "id"),
        sa.UniqueConstraint("challenge_hash", name="uq_ceremonies_challenge_hash"),
        sa.CheckConstraint(
            "challenge_hash ~ '^[0-9a-f]{64}$'", name="ck_ceremonies_challenge_hashed"
        ),
        sa.CheckConstraint(
            "purpose in ('register', 'sign_in', 'step', 'prove')",
            name="ck_ceremonies_purpose_known",
        ),
    )
    op.create_table(
        "phones",
        _whose(),
        sa.Column("sealed", _TEXT, nullable=False),
        sa.Column("shown", _TEXT, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        *_keys("phones", "user_id"),
        sa.CheckConstraint("shown ~ '^[0-9]{2}$'", name="ck_phones_shown_short"),
    )
    op.create_table(
        "text_codes",
        _whose(),
        sa.Column("about", _TEXT, nullable=False),
        sa.Column("code_hash", _TEXT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        *_keys("text_codes", "user_id"),
    )
    op.create_table(
        "texts",
        sa.Column("id", sa.Uuid(), nullable=False),
        _whose(),
        sa.Column("sealed", _TEXT, nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failed", _TEXT, nullable=False),
        *_keys("texts", "id"),
    )
    for table in ("passkeys", "ceremonies", "texts"):
        op.create_index(f"ix_{table}_user_id", table, ["user_id"])
    for table, policies in _POLICIES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        oversight = _OVERSIGHT.get(table, "accounts")
        claims = {
            **_CLAIMS,
            "oversight": f"current_setting('app.oversight', true) = '{oversight}'",
        }
        for name, rule in policies.items():
            op.execute(f"create policy {name} on {table} {rule.format(**claims)}")


def downgrade() -> None:
    for table in reversed(_POLICIES):
        op.drop_table(table)


def _whose(*, nullable: bool = False) -> Any:
    return sa.Column("user_id", sa.Uuid(), nullable=nullable)


def _keys(table: str, primary: str) -> list[Any]:
    return [
        sa.PrimaryKeyConstraint(primary, name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name=f"fk_{table}_user_id_accounts", ondelete="CASCADE"
        ),
    ]
