"""What members let support see of them for some hours, and who looked."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, instant


class GrantRow(Row, table=True):
    """A member's leave to look at what they see; it ends by itself, or when they take it back."""

    __tablename__: ClassVar[Any] = "support_grants"
    __table_args__ = (
        sa.CheckConstraint("scope in ('view')", name="scope_known"),
        sa.CheckConstraint("length(reason) between 1 and 500", name="reason_given"),
        sa.CheckConstraint(
            "ends_at > made_at and ends_at <= made_at + interval '72 hours'", name="ends_in_time"
        ),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(
        index=True, sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")]
    )
    scope: str
    reason: str
    made_at: datetime = instant()
    ends_at: datetime = instant()
    revoked_at: datetime | None = instant(nullable=True)


class LookRow(Row, table=True):
    """One look of somebody who works here, as its member is told of it."""

    __tablename__: ClassVar[Any] = "support_looks"

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(
        index=True, sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")]
    )
    grant_id: UUID
    looker: UUID
    role: str
    at: datetime = instant()
