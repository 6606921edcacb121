"""Which master keys there are, and the rotations from one to the next; never a key itself."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, instant


class SealingKeyRow(Row, table=True):
    """A master key: its id, since when it is known, and, of a transit engine, the key wrapped."""

    __tablename__: ClassVar[Any] = "sealing_keys"
    __table_args__ = (
        sa.CheckConstraint("id ~ '^[a-z0-9]{1,32}$'", name="id_plain"),
        sa.CheckConstraint("(holder = 'transit') = (wrapped <> '')", name="wrapped_if_transit"),
        sa.CheckConstraint("holder in ('file', 'transit')", name="holder_known"),
    )

    id: str = Field(primary_key=True)
    holder: str
    wrapped: str = Field(default="", repr=False)
    known_at: datetime = instant()
    retired_at: datetime | None = instant(nullable=True)


class RotationRow(Row, table=True):
    """A rotation: who asked for it, the key that it led to, how far resealing has come.

    `broken` counts what did not open and was left as it was, as found by the last pass.
    """

    __tablename__: ClassVar[Any] = "key_rotations"
    __table_args__ = (
        sa.Index(
            "uq_key_rotations_open", sa.text("(ended_at is null)"), unique=True,
            postgresql_where=sa.text("ended_at is null"),
        ),
    )  # fmt: skip

    id: int | None = Field(
        default=None, primary_key=True, sa_type=sa.BigInteger, sa_column_args=[sa.Identity()]
    )
    asked_at: datetime = instant()
    asked_by: str
    key_id: str = ""
    resealed: int = 0
    broken: int = 0
    ended_at: datetime | None = instant(nullable=True)
