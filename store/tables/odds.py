"""What is priced, and every price seen of it."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, instant, measure, recorded


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
    """A change of one price; `odds` is None where the book withdrew it.

    A partition a day of `seen_at`, in UTC, so that a day is dropped in milliseconds. There is no
    foreign key, which would look up a market for each of 100,000 rows a second.
    """

    __tablename__: ClassVar[Any] = "quotes"
    __table_args__ = (
        sa.CheckConstraint("odds > 1", name="odds_above_one"),
        sa.Index("ix_quotes_selection", "market_id", "outcome", "book", "seen_at"),
        sa.Index("ix_quotes_seen_at", "seen_at", postgresql_using="brin"),
        {"postgresql_partition_by": "RANGE (seen_at)"},
    )
    # History has no key of its own: the mapper is told to tell rows apart by what they are.
    __mapper_args__: ClassVar[dict[str, list[str]]] = {
        "primary_key": ["seen_at", "market_id", "outcome", "side", "book"]
    }

    seen_at: datetime = instant()
    market_id: str
    outcome: str
    side: str
    book: str
    odds: float | None = measure(nullable=True)
    commission: float = measure()
    max_stake: float | None = measure(nullable=True)
    changed_at: datetime | None = instant(nullable=True)
    source: str
    origin: str
