"""Second factors of members, their recovery codes, and sign-ins that are half-way."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, instant


def _whose() -> Any:
    """Return the field of the member whose row it is."""
    column = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return Field(index=True, sa_column_args=[column])


class FactorRow(Row, table=True):
    """An authenticator app: its secret, sealed, and the last time step that it was used for.

    It counts once it is confirmed; a code of `last_step`, or of an earlier one, is refused.
    """

    __tablename__: ClassVar[Any] = "factors"
    __table_args__ = (
        sa.CheckConstraint("kind = 'totp'", name="kind_known"),
        sa.CheckConstraint("length(name) <= 60", name="name_short"),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = _whose()
    kind: str
    name: str
    sealed: str = Field(repr=False)
    made_at: datetime = instant()
    confirmed_at: datetime | None = instant(nullable=True)
    used_at: datetime | None = instant(nullable=True)
    last_step: int = Field(sa_type=sa.BigInteger)


class RecoveryRow(Row, table=True):
    """A recovery code, known by its SHA-256; it is good for one use."""

    __tablename__: ClassVar[Any] = "recovery_codes"
    __table_args__ = (
        sa.CheckConstraint("code_hash ~ '^[0-9a-f]{64}$'", name="code_hashed"),
        sa.UniqueConstraint("code_hash"),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = _whose()
    code_hash: str = Field(repr=False)
    made_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)


class StepRow(Row, table=True):
    """A sign-in whose password was right, known by the SHA-256 of the token that its browser holds.

    `why` says what it waits for: a factor that was set up, or whatever there is since the arrival
    was odd. `code_hash` is of a code that was sent by letter, together with the token; "" is none.
    """

    __tablename__: ClassVar[Any] = "sign_in_steps"
    __table_args__ = (
        sa.CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="token_hashed"),
        sa.CheckConstraint("why in ('factor', 'odd')", name="why_known"),
        sa.UniqueConstraint("token_hash"),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = _whose()
    token_hash: str = Field(repr=False)
    why: str
    code_hash: str = Field(default="", repr=False)
    tries: int = 0
    made_at: datetime = instant()
    ends_at: datetime = instant()
