"""The life of an account: closed for a while and then erased, moved, and shown to support."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_TEXT: Any = sa.String()
_INSTANT = sa.DateTime(timezone=True)
_GRANT = "nullif(current_setting('app.grant', true), '')::uuid"
_SUBJECT = "nullif(current_setting('app.subject', true), '')::uuid"
_OVERSIGHT = "current_setting('app.oversight', true) = 'support'"
_MEMBER = (
    f"(select g.user_id from support_grants g where g.id = {_GRANT}"
    " and g.revoked_at is null and g.ends_at > now())"
)
# What a live grant shows of its member, and by which column a row is theirs.
_SHOWN = {
    "accounts": "id",
    "member_breaks": "user_id",
    "member_limits": "user_id",
    "member_settings": "user_id",
    "sessions": "user_id",
}
# The application may not delete accounts: it has one erased that was closed before, and row
# security decides as ever whether the transaction may touch that one at all.
_ERASE = """
create function erase_account(account uuid) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp as $$
  with gone as (
    delete from public.accounts where id = account and state = 'closed' returning id
  )
  select exists (select from gone)
$$
"""


def _recheck(table: str, name: str, rule: str) -> None:
    # The first migrations wrote the table's name into it twice.
    for told in (f"ck_{table}_{name}", f"ck_{table}_ck_{table}_{name}"):
        op.execute(f"alter table {table} drop constraint if exists {told}")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _owned(name: str, *columns: sa.Column[Any] | sa.CheckConstraint) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name=f"fk_{name}_user_id_accounts", ondelete="CASCADE"
        ),
    )
    op.create_index(f"ix_{name}_user_id", name, ["user_id"])
    op.execute(f"alter table {name} enable row level security")
    op.execute(f"alter table {name} force row level security")
    for policy, rule in (("own", f"user_id = {_SUBJECT}"), ("overseen", _OVERSIGHT)):
        op.execute(f"create policy {policy} on {name} for all using ({rule}) with check ({rule})")


def upgrade() -> None:
    op.add_column("accounts", sa.Column("erase_at", _INSTANT, nullable=True))
    _recheck("accounts", "state_known", "state in ('active', 'locked', 'closed')")
    op.create_check_constraint(
        op.f("ck_accounts_closed_until"), "accounts", "(state = 'closed') = (erase_at is not null)"
    )
    _recheck("codes", "purpose_known", "purpose in ('confirm', 'reset', 'move', 'keep')")
    _owned(
        "support_grants",
        sa.Column("scope", _TEXT, nullable=False),
        sa.Column("reason", _TEXT, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.CheckConstraint("scope in ('view')", name="scope_known"),
        sa.CheckConstraint("length(reason) between 1 and 500", name="reason_given"),
        sa.CheckConstraint(
            "ends_at > made_at and ends_at <= made_at + interval '72 hours'",
            name="ends_in_time",
        ),
    )
    _owned(
        "support_looks",
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("looker", sa.Uuid(), nullable=False),
        sa.Column("role", _TEXT, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
    )
    op.execute(f"create policy presented on support_grants for select using (id = {_GRANT})")
    for table, column in _SHOWN.items():
        op.execute(f"create policy granted on {table} for select using ({column} = {_MEMBER})")
    op.execute(_ERASE)
    op.execute("revoke all on function erase_account(uuid) from public")


def downgrade() -> None:
    op.execute("drop function erase_account(uuid)")
    for table in _SHOWN:
        op.execute(f"drop policy granted on {table}")
    op.drop_table("support_looks")
    op.drop_table("support_grants")
    _recheck("codes", "purpose_known", "purpose in ('confirm', 'reset')")
    op.drop_constraint(op.f("ck_accounts_closed_until"), "accounts", type_="check")
    op.drop_column("accounts", "erase_at")
    _recheck("accounts", "state_known", "state in ('active', 'locked')")
