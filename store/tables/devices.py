"""Devices that members have signed in with, and what was odd about their arrivals."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from store.tables.base import Row, instant, measure

_TEXTS: Any = ARRAY(sa.String())


class DeviceRow(Row, table=True):
    """A browser that a member has signed in with, known by a keyed hash of its cookie's secret.

    `networks` and `countries` are those that it came from last, the latest first; `hints` is a
    keyed hash of what a browser says of itself, by which alone nobody is known.
    """

    __tablename__: ClassVar[Any] = "devices"
    __table_args__ = (
        sa.CheckConstraint("secret_hash ~ '^[0-9a-f]{64}$'", name="secret_hashed"),
        sa.CheckConstraint("hints_hash ~ '^([0-9a-f]{64})?$'", name="hints_hashed"),
        sa.CheckConstraint("first_seen_at <= last_seen_at", name="seen_in_order"),
        sa.UniqueConstraint("user_id", "secret_hash"),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")])
    secret_hash: str = Field(repr=False)
    hints_hash: str = Field(default="", repr=False)
    name: str
    networks: list[str] = Field(sa_type=_TEXTS)
    countries: list[str] = Field(sa_type=_TEXTS)
    first_seen_at: datetime = instant()
    last_seen_at: datetime = instant()


class RiskEventRow(Row, table=True):
    """An arrival about which something was odd: how odd, why, and what came of it."""

    __tablename__: ClassVar[Any] = "risk_events"
    __table_args__ = (
        sa.CheckConstraint("score between 0 and 1", name="score_of_one"),
        sa.CheckConstraint("verdict in ('allow', 'step_up', 'block')", name="verdict_known"),
        sa.Index("ix_risk_events_user_id_at", "user_id", "at"),
        sa.Index("ix_risk_events_at_id", "at", "id"),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")])
    at: datetime = instant()
    score: float = measure()
    reasons: list[str] = Field(sa_type=_TEXTS)
    verdict: str
    network: str
    country: str
    agent: str
