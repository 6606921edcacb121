"""The lives of opportunities: first seen, last seen, best, gone."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, document, instant, measure


class OpportunityRow(Row, table=True):
    """One life of a bet that cannot lose; `gone_at` is None while it lives."""

    __tablename__: ClassVar[Any] = "opportunities"
    __table_args__ = (
        sa.CheckConstraint("(gone_at is null) = (gone_reason is null)", name="gone_for_a_reason"),
        sa.CheckConstraint("best_roi >= roi", name="best_is_best"),
        sa.Index(
            "uq_opportunities_key_alive",
            "key",
            unique=True,
            postgresql_where=sa.text("gone_at is null"),
        ),
        sa.Index("ix_opportunities_first_seen_at", "first_seen_at"),
    )

    id: str = Field(primary_key=True)
    key: str
    event_id: str = Field(foreign_key="events.id", index=True)
    market_id: str = Field(foreign_key="markets.id")
    source: str
    origin: str
    in_play: bool
    as_of: datetime = instant()
    arrived_at: datetime = instant()
    first_seen_at: datetime = instant()
    last_seen_at: datetime = instant()
    verified_at: datetime | None = instant(nullable=True)
    gone_at: datetime | None = instant(nullable=True)
    gone_reason: str | None = None
    roi: float = measure()
    best_roi: float = measure()
    proof: dict[str, Any] = document()


class LegRow(Row, table=True):
    """One leg of an opportunity, as it was when last seen; `position` is its place among them."""

    __tablename__: ClassVar[Any] = "opportunity_legs"
    __table_args__ = (sa.CheckConstraint("odds > 1", name="odds_above_one"),)

    opportunity_id: str = Field(
        primary_key=True,
        sa_column_args=[sa.ForeignKey("opportunities.id", ondelete="CASCADE")],
    )
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    market_id: str = Field(foreign_key="markets.id")
    book: str
    outcome: str
    side: str
    odds: float = measure()
    commission: float = measure()
    share: float = measure()
    changed_at: datetime | None = instant(nullable=True)
    age_s: float | None = measure(nullable=True)
    max_stake: float | None = measure(nullable=True)
    source: str = Field(default="", sa_column_kwargs={"server_default": ""})
