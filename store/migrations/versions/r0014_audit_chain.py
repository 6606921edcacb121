"""The audit is a chain: each entry sealed at its commit with the hash of the one before it.

A link's hash is SHA-256 over its fields, each after its length in four bytes: the name of this
format, the link's number, the hash before it, and the entry's id, instant in microseconds since
1970, actor, action, subject and details as PostgreSQL writes them.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

HASH = """
create function public.audit_hash(seq bigint, previous bytea, entry public.audit) returns bytea
language sql stable set search_path = pg_catalog, pg_temp as $$
  select sha256(string_agg(int4send(octet_length(field)) || field, ''::bytea order by place))
  from unnest(array[
    convert_to('dutchbook.audit.1', 'UTF8'),
    convert_to(seq::text, 'UTF8'),
    previous,
    convert_to(entry.id::text, 'UTF8'),
    convert_to(round(extract(epoch from entry.at) * 1000000)::text, 'UTF8'),
    convert_to(entry.actor, 'UTF8'),
    convert_to(entry.action, 'UTF8'),
    convert_to(entry.subject, 'UTF8'),
    convert_to(entry.details::text, 'UTF8')
  ]) with ordinality as fields (field, place)
$$
"""

# It runs at the end of the transaction, so that the lock is held while it commits and no longer.
CHAIN = """
create function public.chain_audit() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  last record;
begin
  if tg_relid <> 'public.audit'::regclass then
    raise exception 'only the audit is chained' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(hashtext('public.audit_chain'));
  select c.seq, c.hash into last from public.audit_chain c order by c.seq desc limit 1;
  last.seq := coalesce(last.seq, 0) + 1;
  last.hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
  insert into public.audit_chain (seq, entry, version, previous, hash) values
    (last.seq, new.id, 1, last.hash, public.audit_hash(last.seq, last.hash, new));
  return null;
end $$
"""

CHAINED = """
create constraint trigger chained after insert on public.audit
deferrable initially deferred for each row execute function public.chain_audit()
"""

APPEND_ONLY = """
create trigger append_only before update or delete or truncate on public.audit_chain
for each statement execute function public.refuse_change()
"""

CHAIN_WHAT_IS_THERE = """
do $$
declare
  old public.audit;
  n bigint := 0;
  before bytea := decode(repeat('00', 32), 'hex');
begin
  for old in select * from public.audit order by id loop
    n := n + 1;
    insert into public.audit_chain (seq, entry, version, previous, hash)
      values (n, old.id, 1, before, public.audit_hash(n, before, old)) returning hash into before;
  end loop;
end $$
"""

_INDICES = {"ix_audit_at": ["at"], "ix_audit_actor_id": ["actor", "id"],
            "ix_audit_action_id": ["action", "id"]}  # fmt: skip
_BYTES: Any = sa.LargeBinary()


def upgrade() -> None:
    op.execute("lock table public.audit in share row exclusive mode")
    op.create_table(
        "audit_chain",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("previous", _BYTES, nullable=False),
        sa.Column("hash", _BYTES, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_chain"),
        sa.UniqueConstraint("entry", name="uq_audit_chain_entry"),
        sa.CheckConstraint(
            "octet_length(previous) = 32 and octet_length(hash) = 32", name="ck_audit_chain_sha256"
        ),
    )
    for name, columns in _INDICES.items():
        op.create_index(name, "audit", columns)
    for body in (HASH, CHAIN, CHAINED, APPEND_ONLY, CHAIN_WHAT_IS_THERE):
        op.execute(body)
    for function in ("chain_audit()", "audit_hash(bigint, bytea, public.audit)"):
        op.execute(f"revoke execute on function public.{function} from public")


def downgrade() -> None:
    op.execute("drop trigger chained on public.audit")
    op.drop_table("audit_chain")
    for function in ("chain_audit()", "audit_hash(bigint, bytea, public.audit)"):
        op.execute(f"drop function public.{function}")
    for name in _INDICES:
        op.drop_index(name, "audit")
