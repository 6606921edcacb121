"""What admins decide about the machinery: paused jobs and flags, and how jobs went."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, document, instant, measure


def _identity() -> Any:
    return Field(
        default=None, primary_key=True, sa_type=sa.BigInteger, sa_column_args=[sa.Identity()]
    )


class RunRow(Row, table=True):
    """One run of a job by the clock, or by the wish of an admin."""

    __tablename__: ClassVar[Any] = "job_runs"
    __table_args__: ClassVar[Any] = (
        sa.Index("ix_job_runs_job_id", "job", "id"),
        sa.Index("ix_job_runs_started_at", "started_at"),
        sa.CheckConstraint("outcome in ('done', 'put_off', 'failed')", name="known_outcome"),
    )

    id: int | None = _identity()
    job: str
    worker: str
    started_at: datetime = instant()
    took_s: float = measure()
    outcome: str
    code: str
    by: str
    asked: str


class PauseRow(Row, table=True):
    """A job that is not done until its row is gone."""

    __tablename__: ClassVar[Any] = "job_pauses"

    job: str = Field(primary_key=True)
    at: datetime = instant()
    by: str
    why: str


class FlagRow(Row, table=True):
    """A flag as it is now, if anybody ever changed it; `changed` is the change that made it so."""

    __tablename__: ClassVar[Any] = "flags"

    name: str = Field(primary_key=True)
    rule: dict[str, Any] = document()
    changed: int = Field(sa_type=sa.BigInteger)


class FlagChangeRow(Row, table=True):
    """One change of a flag, never changed itself."""

    __tablename__: ClassVar[Any] = "flag_changes"
    __table_args__: ClassVar[Any] = (sa.Index("ix_flag_changes_flag_id", "flag", "id"),)

    id: int | None = _identity()
    flag: str
    at: datetime = instant()
    by: str
    why: str
    before: dict[str, Any] = document()
    after: dict[str, Any] = document()
