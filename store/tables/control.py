"""What admins decide about sources, and what is wrong with them."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, instant


class CredentialRow(Row, table=True):
    """A part of a source's credential; `sealed` is bound to this row and opens nowhere else."""

    __tablename__: ClassVar[Any] = "source_credentials"
    __table_args__ = (sa.CheckConstraint("sealed like 's1.%'", name="is_sealed"),)

    source: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    sealed: str
    set_at: datetime = instant()
    set_by: str


class SwitchRow(Row, table=True):
    """Whether a source may be asked, as last decided by an admin."""

    __tablename__: ClassVar[Any] = "source_switches"

    source: str = Field(primary_key=True)
    enabled: bool
    at: datetime = instant()
    by: str
    why: str


class AlertRow(Row, table=True):
    """Something that was wrong, since when, and until when; one open row a subject and code."""

    __tablename__: ClassVar[Any] = "alerts"
    __table_args__ = (
        sa.CheckConstraint("closed_at >= opened_at", name="closed_after_opened"),
        sa.Index(
            "uq_alerts_open", "subject", "code", unique=True,
            postgresql_where=sa.text("closed_at is null"),
        ),
    )  # fmt: skip

    id: int | None = Field(
        default=None, primary_key=True, sa_type=sa.BigInteger, sa_column_args=[sa.Identity()]
    )
    subject: str
    code: str
    sentence: str
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)
