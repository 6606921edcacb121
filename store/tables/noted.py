"""What was noted beside the board: crossings held back, and names that no table of ours knows."""

import datetime as dt
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from store.tables.base import Row, document, instant, measure


class CrossingRow(Row, table=True):
    """A crossing that the gates held back on one day (UTC), as it was when last judged."""

    __tablename__: ClassVar[Any] = "refused_crossings"
    __table_args__ = (
        sa.CheckConstraint("cardinality(codes) > 0", name="held_back_by_a_gate"),
        sa.Index("ix_refused_crossings_last_seen_at", "last_seen_at"),
    )

    key: str = Field(primary_key=True)
    day: dt.date = Field(primary_key=True)
    event_id: str
    source: str
    origin: str
    codes: list[str] = Field(sa_type=ARRAY(sa.String))  # pyright: ignore[reportArgumentType]  an instance is what SQLAlchemy takes
    first_seen_at: dt.datetime = instant()
    last_seen_at: dt.datetime = instant()
    roi: float = measure()
    best_roi: float = measure()
    opportunity: dict[str, Any] = document()


class UnknownNameRow(Row, table=True):
    """A name that a source said and no table of ours knows."""

    __tablename__: ClassVar[Any] = "unknown_names"
    __table_args__ = (
        sa.CheckConstraint("count > 0", name="said_at_least_once"),
        sa.Index("ix_unknown_names_last_seen_at", "last_seen_at"),
    )

    source: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    reason: str
    example: str
    count: int = Field(sa_type=sa.BigInteger)
    first_seen_at: dt.datetime = instant()
    last_seen_at: dt.datetime = instant()
