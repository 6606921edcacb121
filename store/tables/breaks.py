"""Breaks that members took from the board, and the limits that they set themselves."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, instant, measure


def _owner() -> Any:
    owner = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return Field(primary_key=True, sa_column_args=[owner])


class BreakRow(Row, table=True):
    """A member's break: the board is kept from them until it ends. Its end only moves away."""

    __tablename__: ClassVar[Any] = "member_breaks"
    __table_args__ = (sa.CheckConstraint("ends_at > began_at", name="ends_later"),)

    user_id: UUID = _owner()
    began_at: datetime = instant()
    ends_at: datetime = instant()


class LimitsRow(Row, table=True):
    """What a member has asked to be reminded of, and how long they were at the board.

    `used_s` are the seconds since `since_at`, counted last at `counted_at`.
    """

    __tablename__: ClassVar[Any] = "member_limits"
    __table_args__ = (
        sa.CheckConstraint("remind_min between 0 and 1440", name="remind_within_a_day"),
        sa.CheckConstraint("daily_min between 0 and 1440", name="daily_within_a_day"),
        sa.CheckConstraint("strict_min between 0 and 1440", name="strict_within_a_day"),
        sa.CheckConstraint("used_s >= 0", name="used_not_negative"),
    )

    user_id: UUID = _owner()
    remind_min: int = 0
    firm: bool = False
    daily_min: int = 0
    strict_min: int = 0
    strict_until: datetime | None = instant(nullable=True)
    since_at: datetime | None = instant(nullable=True)
    counted_at: datetime | None = instant(nullable=True)
    used_s: float = measure()
    changed_at: datetime = instant()
