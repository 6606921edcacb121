"""Letters on their way, and the codes that some carry: whoever has a code sees what it is for."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_TEXT: Any = sa.String()
_INSTANT = sa.DateTime(timezone=True)

_POLICIES = {
    "letters": {
        "own": "for all using (user_id = {subject}) with check (user_id = {subject})",
        "overseen": "for all using ({oversight}) with check ({oversight})",
    },
    "codes": {
        "own": "for all using (user_id = {subject}) with check (user_id = {subject})",
        "presented": "for select using (code_hash = {code})",
        "overseen": "for all using ({oversight}) with check ({oversight})",
    },
}
# A setting that was never made is null, and one of an earlier transaction is empty.
_CLAIMS = {
    "subject": "nullif(current_setting('app.subject', true), '')::uuid",
    "code": "nullif(current_setting('app.code', true), '')",
    "oversight": "current_setting('app.oversight', true) = 'mail'",
}


def upgrade() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("address", _TEXT, nullable=False),
        sa.Column("sealed", _TEXT, nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failed", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name="fk_letters_user_id_accounts", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_letters_user_id", "letters", ["user_id"])
    op.create_table(
        "codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", _TEXT, nullable=False),
        sa.Column("email", _TEXT, nullable=False),
        sa.Column("code_hash", _TEXT, nullable=False),
        sa.Column("password_hash", _TEXT, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_codes"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name="fk_codes_user_id_accounts", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("code_hash", name="uq_codes_code_hash"),
        sa.CheckConstraint("code_hash ~ '^[0-9a-f]{64}$'", name="ck_codes_code_hashed"),
        sa.CheckConstraint("purpose in ('confirm', 'reset')", name="ck_codes_purpose_known"),
    )
    op.create_index("ix_codes_user_id", "codes", ["user_id"])
    for table, policies in _POLICIES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        for name, rule in policies.items():
            op.execute(f"create policy {name} on {table} {rule.format(**_CLAIMS)}")


def downgrade() -> None:
    op.drop_table("codes")
    op.drop_table("letters")
