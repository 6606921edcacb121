"""Breaks and limits of members, under row-level security; a break's end only moves away."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_INSTANT = sa.DateTime(timezone=True)
_TABLES = ("member_breaks", "member_limits")
_SUBJECT = "user_id = nullif(current_setting('app.subject', true), '')::uuid"
_OVERSIGHT = "current_setting('app.oversight', true) = 'accounts'"

# Closing an account takes its break with it: that is a trigger of PostgreSQL's own, above ours.
_KEEP = """
create function keep_member_break() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (new.ends_at < old.ends_at or new.user_id <> old.user_id) then
    raise exception 'a break only gets longer' using errcode = 'check_violation';
  end if;
  if tg_op = 'DELETE' then
    if old.ends_at > now() and pg_trigger_depth() = 1 then
      raise exception 'a break lasts until its end' using errcode = 'check_violation';
    end if;
    return old;
  end if;
  return new;
end $$
"""
_KEPT = """
create trigger kept before update or delete on member_breaks
for each row execute function keep_member_break()
"""


def _owned(name: str, *columns: sa.Column[Any] | sa.CheckConstraint) -> None:
    op.create_table(
        name,
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("user_id", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name=f"fk_{name}_user_id_accounts", ondelete="CASCADE"
        ),
    )


def _minutes(name: str) -> sa.CheckConstraint:
    rule = f"{name}_min between 0 and 1440"
    return sa.CheckConstraint(rule, name=f"ck_member_limits_{name}_within_a_day")


def upgrade() -> None:
    _owned(
        "member_breaks",
        sa.Column("began_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.CheckConstraint("ends_at > began_at", name="ck_member_breaks_ends_later"),
    )
    _owned(
        "member_limits",
        sa.Column("remind_min", sa.Integer(), nullable=False),
        sa.Column("firm", sa.Boolean(), nullable=False),
        sa.Column("daily_min", sa.Integer(), nullable=False),
        sa.Column("strict_min", sa.Integer(), nullable=False),
        sa.Column("strict_until", _INSTANT, nullable=True),
        sa.Column("since_at", _INSTANT, nullable=True),
        sa.Column("counted_at", _INSTANT, nullable=True),
        sa.Column("used_s", sa.Double(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        *map(_minutes, ("remind", "daily", "strict")),
        sa.CheckConstraint("used_s >= 0", name="ck_member_limits_used_not_negative"),
    )
    for table in _TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        for name, rule in (("own", _SUBJECT), ("overseen", _OVERSIGHT)):
            op.execute(
                f"create policy {name} on {table} for all using ({rule}) with check ({rule})"
            )
    op.execute(_KEEP)
    op.execute(_KEPT)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    op.execute("drop function keep_member_break()")
