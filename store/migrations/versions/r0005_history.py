"""History is a row for each market of a reading, and old days are kept in short."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)
FLOAT64: sa.Double[float] = sa.Double()

TOGETHER = """
create temporary table moved on commit drop as
select seen_at, market_id, source, origin, array_agg(outcome) as outcomes,
  array_agg(book) as books, array_agg(odds) as odds, array_agg(changed_at) as changed_at,
  case when bool_or(side <> 'back') then array_agg(side) end as sides,
  case when bool_or(commission <> 0) then array_agg(commission) end as commissions,
  case when bool_or(max_stake is not null) then array_agg(max_stake) end as max_stakes
from quotes group by seen_at, market_id, source, origin
"""
APART = """
create temporary table moved on commit drop as
select seen_at, market_id, outcome, coalesce(side, 'back') as side, book, price as odds,
  coalesce(commission, 0) as commission, max_stake, changed, source, origin
from quotes, unnest(outcomes, sides, books, odds, commissions, max_stakes, quotes.changed_at)
  as each (outcome, side, book, price, commission, max_stake, changed)
"""
DAYS = """
select public.ensure_quote_days(array[day])
from (select distinct (seen_at at time zone 'UTC')::date as day from moved) as days
"""


def upgrade() -> None:
    op.execute(TOGETHER)
    op.drop_table("quotes")
    op.create_table(
        "quotes",
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("market_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("outcomes", ARRAY(sa.String()), nullable=False),
        sa.Column("books", ARRAY(sa.String()), nullable=False),
        sa.Column("odds", ARRAY(FLOAT64), nullable=False),
        sa.Column("changed_at", ARRAY(INSTANT), nullable=False),
        sa.Column("sides", ARRAY(sa.String())),
        sa.Column("commissions", ARRAY(FLOAT64)),
        sa.Column("max_stakes", ARRAY(FLOAT64)),
        sa.CheckConstraint("1 < all(odds)", name="ck_quotes_odds_above_one"),
        sa.CheckConstraint(
            "cardinality(outcomes) = cardinality(odds) and cardinality(books) = cardinality(odds)"
            " and cardinality(changed_at) = cardinality(odds)",
            name="ck_quotes_as_long",
        ),
        postgresql_partition_by="RANGE (seen_at)",
    )
    op.create_index("ix_quotes_market", "quotes", ["market_id", "seen_at"])
    _fill()
    _make_daily()


def downgrade() -> None:
    op.drop_table("quotes_daily")
    op.execute(APART)
    op.drop_table("quotes")
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
    _fill()


def _fill() -> None:
    op.create_index("ix_quotes_seen_at", "quotes", ["seen_at"], postgresql_using="brin")
    op.execute(DAYS)
    op.execute("insert into quotes select * from moved")
    op.execute("drop table moved")


def _make_daily() -> None:
    keys = ("market_id", "day", "outcome", "side", "book", "source", "origin")
    op.create_table(
        "quotes_daily",
        *(sa.Column(key, sa.Date() if key == "day" else sa.String()) for key in keys),
        *(sa.Column(odds, FLOAT64, nullable=False) for odds in ("opened", "high", "low", "closed")),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("withdrawals", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*keys, name="pk_quotes_daily"),
        sa.ForeignKeyConstraint(
            ["market_id"],
            ["markets.id"],
            name="fk_quotes_daily_market_id_markets",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "low > 1 and opened between low and high", name="ck_quotes_daily_opened_within"
        ),
        sa.CheckConstraint("closed between low and high", name="ck_quotes_daily_closed_within"),
    )
    op.create_index("ix_quotes_daily_day", "quotes_daily", ["day"])
