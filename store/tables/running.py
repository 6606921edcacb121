"""What the running product remembers of itself."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, document, instant, measure, recorded


class SourceRow(Row, table=True):
    """A source's health as last saved."""

    __tablename__: ClassVar[Any] = "sources"

    name: str = Field(primary_key=True)
    title: str
    origin: str
    state: str
    note: str
    readings: int = Field(sa_type=sa.BigInteger)
    failures: int = Field(sa_type=sa.BigInteger)
    quotes: int = Field(sa_type=sa.BigInteger)
    rejected: dict[str, int] = document()
    lag_s: float | None = measure(nullable=True)
    quota_left: float | None = measure(nullable=True)
    last_answer_at: datetime | None = instant(nullable=True)
    next_due_at: datetime | None = instant(nullable=True)
    quota_ends_at: datetime | None = instant(nullable=True)
    answers: int = Field(sa_type=sa.BigInteger)
    unchanged: int = Field(sa_type=sa.BigInteger)
    error_rate: float | None = measure(nullable=True)
    not_asked: str | None = None
    failing: dict[str, str] = document()
    needs: list[str] = document()


class PositionRow(Row, table=True):
    """How far a consumer has come in a stream: moved with what it wrote, or not at all."""

    __tablename__: ClassVar[Any] = "stream_positions"

    consumer: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    position: str


class AuditRow(Row, table=True):
    """Something done that must be answered for; never changed, never deleted."""

    __tablename__: ClassVar[Any] = "audit"
    __table_args__: ClassVar[Any] = (
        sa.Index("ix_audit_at", "at"),
        sa.Index("ix_audit_actor_id", "actor", "id"),
        sa.Index("ix_audit_action_id", "action", "id"),
    )

    id: int | None = Field(
        default=None, primary_key=True, sa_type=sa.BigInteger, sa_column_args=[sa.Identity()]
    )
    at: datetime = recorded()
    actor: str
    action: str
    subject: str
    details: dict[str, Any] = document()


class ChainRow(Row, table=True):
    """A link of the audit's chain: made by PostgreSQL at the commit of the entry that it seals."""

    __tablename__: ClassVar[Any] = "audit_chain"
    __table_args__: ClassVar[Any] = (
        sa.UniqueConstraint("entry"),
        sa.CheckConstraint(
            "octet_length(previous) = 32 and octet_length(hash) = 32", name="sha256"
        ),
    )

    seq: int = Field(
        primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    entry: int = Field(sa_type=sa.BigInteger)
    version: int = Field(sa_type=sa.SmallInteger)
    previous: bytes
    hash: bytes
