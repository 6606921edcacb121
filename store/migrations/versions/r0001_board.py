"""The first tables: odds and their history, lives of opportunities, what the product remembers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
FLOAT64: sa.Double[float] = sa.Double()
NOW = sa.func.now()

# A new partition is made apart and then attached, which, unlike CREATE ... PARTITION OF, does not
# wait for those who write to the others.
ENSURE_QUOTE_DAYS = """
create function public.ensure_quote_days(days date[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  day date;
  part text;
begin
  if cardinality(days) > 400 then
    raise exception 'at most 400 days at once';
  end if;
  for day in select distinct unnest(days) loop
    part := 'quotes_' || to_char(day, 'YYYYMMDD');
    continue when to_regclass('public.' || part) is not null;
    perform pg_advisory_xact_lock(hashtext('public.quotes'));
    continue when to_regclass('public.' || part) is not null;
    execute format(
      'create table public.%I (like public.quotes including constraints)', part);
    execute format(
      'alter table public.quotes attach partition public.%I for values from (%L) to (%L)',
      part, day || ' 00:00+00', day + 1 || ' 00:00+00');
  end loop;
end $$
"""

DROP_QUOTES_BEFORE = """
create function public.drop_quotes_before(first_kept date) returns setof text
language plpgsql security definer set search_path = pg_catalog, pg_temp
set lock_timeout = '2s' as $$
declare
  part text;
begin
  for part in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'public.quotes'::regclass
      and c.relname < 'quotes_' || to_char(first_kept, 'YYYYMMDD')
    order by c.relname
  loop
    execute format('drop table public.%I', part);
    return next part;
  end loop;
end $$
"""

# Blocks that a BRIN index has not summarised yet are all read by every query.
SUMMARISE_QUOTES = """
create function public.summarise_quotes() returns bigint
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(sum(brin_summarize_new_values(inhrelid)), 0)
  from pg_inherits where inhparent = 'public.ix_quotes_seen_at'::regclass
$$
"""

REFUSE_CHANGE = """
create function public.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$
"""

APPEND_ONLY = """
create trigger append_only before update or delete or truncate on audit
for each statement execute function public.refuse_change()
"""

FUNCTIONS = {
    "ensure_quote_days(date[])": ENSURE_QUOTE_DAYS,
    "drop_quotes_before(date)": DROP_QUOTES_BEFORE,
    "summarise_quotes()": SUMMARISE_QUOTES,
    "refuse_change()": REFUSE_CHANGE,
}


def upgrade() -> None:
    _make_odds()
    _make_opportunities()
    _make_running()
    for signature, body in FUNCTIONS.items():
        op.execute(body)
        op.execute(f"revoke execute on function public.{signature} from public")
    op.execute(APPEND_ONLY)


def downgrade() -> None:
    for table in (
        *("audit", "stream_positions", "sources"),
        *("opportunity_legs", "opportunities", "quotes", "markets", "events"),
    ):
        op.drop_table(table)
    for signature in FUNCTIONS:
        op.execute(f"drop function public.{signature}")


def _make_odds() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("sport", sa.String(), nullable=False),
        sa.Column("league", sa.String(), nullable=False),
        sa.Column("home", sa.String(), nullable=False),
        sa.Column("away", sa.String(), nullable=False),
        sa.Column("starts_at", INSTANT),
        sa.Column("recorded_at", INSTANT, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_table(
        "markets",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("line", FLOAT64),
        sa.Column("ways", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_markets"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_markets_event_id_events", ondelete="CASCADE"
        ),
        sa.CheckConstraint("ways in (2, 3)", name="ck_markets_ways_two_or_three"),
    )
    op.create_index("ix_markets_event_id", "markets", ["event_id"])
    op.create_table(
        "quotes",
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("market_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("odds", FLOAT64),
        sa.Column("commission", FLOAT64, nullable=False),
        sa.Column("max_stake", FLOAT64),
        sa.Column("changed_at", INSTANT),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.CheckConstraint("odds > 1", name="ck_quotes_odds_above_one"),
        postgresql_partition_by="RANGE (seen_at)",
    )
    selection = ["market_id", "outcome", "book", "seen_at"]
    op.create_index("ix_quotes_selection", "quotes", selection)
    op.create_index("ix_quotes_seen_at", "quotes", ["seen_at"], postgresql_using="brin")


def _make_opportunities() -> None:
    op.create_table(
        "opportunities",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("market_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("in_play", sa.Boolean(), nullable=False),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.Column("arrived_at", INSTANT, nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("gone_at", INSTANT),
        sa.Column("gone_reason", sa.String()),
        sa.Column("roi", FLOAT64, nullable=False),
        sa.Column("best_roi", FLOAT64, nullable=False),
        sa.Column("proof", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_opportunities"),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name="fk_opportunities_event_id_events"
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name="fk_opportunities_market_id_markets"
        ),
        sa.CheckConstraint(
            "(gone_at is null) = (gone_reason is null)", name="ck_opportunities_gone_for_a_reason"
        ),
        sa.CheckConstraint("best_roi >= roi", name="ck_opportunities_best_is_best"),
    )
    alive = sa.text("gone_at is null")
    op.create_index(
        "uq_opportunities_key_alive", "opportunities", ["key"], unique=True, postgresql_where=alive
    )
    op.create_index("ix_opportunities_event_id", "opportunities", ["event_id"])
    op.create_index("ix_opportunities_first_seen_at", "opportunities", ["first_seen_at"])
    op.create_table(
        "opportunity_legs",
        sa.Column("opportunity_id", sa.String(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("market_id", sa.String(), nullable=False),
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("odds", FLOAT64, nullable=False),
        sa.Column("commission", FLOAT64, nullable=False),
        sa.Column("share", FLOAT64, nullable=False),
        sa.Column("changed_at", INSTANT),
        sa.Column("age_s", FLOAT64),
        sa.Column("max_stake", FLOAT64),
        sa.PrimaryKeyConstraint("opportunity_id", "position", name="pk_opportunity_legs"),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunities.id"],
            name="fk_opportunity_legs_opportunity_id_opportunities",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["market_id"], ["markets.id"], name="fk_opportunity_legs_market_id_markets"
        ),
        sa.CheckConstraint("odds > 1", name="ck_opportunity_legs_odds_above_one"),
    )


def _make_running() -> None:
    op.create_table(
        "sources",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("readings", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("quotes", sa.BigInteger(), nullable=False),
        sa.Column("rejected", JSONB(), nullable=False),
        sa.Column("lag_s", FLOAT64),
        sa.Column("quota_left", FLOAT64),
        sa.Column("last_answer_at", INSTANT),
        sa.Column("next_due_at", INSTANT),
        sa.PrimaryKeyConstraint("name", name="pk_sources"),
    )
    op.create_table(
        "stream_positions",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "stream", name="pk_stream_positions"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", INSTANT, server_default=NOW, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
