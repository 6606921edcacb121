"""What is priced, and every price seen of it."""

from datetime import date, datetime
from typing import Any, ClassVar, cast

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, instant, measure, recorded

_TEXTS: Any = sa.ARRAY(sa.String)
_FLOATS: Any = sa.ARRAY(cast("Any", sa.Double)())
_INSTANTS: Any = sa.ARRAY(sa.DateTime(timezone=True))


class EventRow(Row, table=True):
    """A contest, as its source describes it."""

    __tablename__: ClassVar[Any] = "events"

    id: str = Field(primary_key=True)
    source: str
    source_id: str
    sport: str
    league: str
    home: str
    away: str
    starts_at: datetime | None = instant(nullable=True)
    recorded_at: datetime = recorded()


class MarketRow(Row, table=True):
    """A question about an event; `id` is made of all the rest."""

    __tablename__: ClassVar[Any] = "markets"
    __table_args__ = (sa.CheckConstraint("ways in (2, 3)", name="ways_two_or_three"),)

    id: str = Field(primary_key=True)
    event_id: str = Field(
        index=True, sa_column_args=[sa.ForeignKey("events.id", ondelete="CASCADE")]
    )
    kind: str
    period: str
    line: float | None = measure(nullable=True)
    ways: int = Field(sa_type=sa.SmallInteger)
    statistic: str = Field(sa_column_kwargs={"server_default": "score"})
    subject: str | None


class QuoteRow(Row, table=True):
    """What one reading changed of one market: the n-th of each list is the n-th price.

    `odds` are None where the book withdrew the price. A list that is None has the usual value
    everywhere: all backed, no commission, no limit stated. A row holds a market's prices together
    because they move together and are read together: a row and an entry in the index for each
    price would cost three times the room, and twice the time to write.

    A partition a day of `seen_at`, in UTC, so that a day is dropped in milliseconds. There is no
    foreign key, which would look up a market for each of 100,000 rows a second.
    """

    __tablename__: ClassVar[Any] = "quotes"
    __table_args__ = (
        sa.CheckConstraint("1 < all(odds)", name="odds_above_one"),
        sa.CheckConstraint(
            "cardinality(outcomes) = cardinality(odds) and cardinality(books) = cardinality(odds)"
            " and cardinality(changed_at) = cardinality(odds)",
            name="as_long",
        ),
        # Equal keys are kept once, with where their rows are: half the cost of telling times apart.
        sa.Index("ix_quotes_market", "market_id"),
        sa.Index("ix_quotes_seen_at", "seen_at", postgresql_using="brin"),
        {"postgresql_partition_by": "RANGE (seen_at)"},
    )
    # History has no key of its own: the mapper is told to tell rows apart by what they are.
    __mapper_args__: ClassVar[dict[str, list[str]]] = {
        "primary_key": ["seen_at", "market_id", "source", "origin"]
    }

    seen_at: datetime = instant()
    market_id: str
    source: str
    origin: str
    outcomes: list[str] = Field(sa_type=_TEXTS)
    books: list[str] = Field(sa_type=_TEXTS)
    odds: list[float | None] = Field(sa_type=_FLOATS)
    changed_at: list[datetime | None] = Field(sa_type=_INSTANTS)
    sides: list[str] | None = Field(default=None, sa_type=_TEXTS, nullable=True)
    commissions: list[float] | None = Field(default=None, sa_type=_FLOATS, nullable=True)
    max_stakes: list[float | None] | None = Field(default=None, sa_type=_FLOATS, nullable=True)


class DailyQuoteRow(Row, table=True):
    """One day of one price in short, which outlives the changes themselves.

    `low` and `high` are the extremes of what was offered; `opened` and `closed` the first and last
    odds, with their instants; `changes` counts them, `withdrawals` how often there were none.
    """

    __tablename__: ClassVar[Any] = "quotes_daily"
    __table_args__ = (
        sa.CheckConstraint("low > 1 and opened between low and high", name="opened_within"),
        sa.CheckConstraint("closed between low and high", name="closed_within"),
        sa.Index("ix_quotes_daily_day", "day"),
    )

    market_id: str = Field(
        primary_key=True, sa_column_args=[sa.ForeignKey("markets.id", ondelete="CASCADE")]
    )
    day: date = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    side: str = Field(primary_key=True)
    book: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    origin: str = Field(primary_key=True)
    opened: float = measure()
    high: float = measure()
    low: float = measure()
    closed: float = measure()
    opened_at: datetime = instant()
    closed_at: datetime = instant()
    changes: int
    withdrawals: int
