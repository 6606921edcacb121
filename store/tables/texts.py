"""Telephone numbers of members, the codes that are sent to them, and texts on their way."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, instant


class PhoneRow(Row, table=True):
    """Where a member can be sent a code, sealed; `shown` are the last digits, for their own eyes.

    A number is kept here once it is confirmed; one that is not does not count. `found_hash` is its
    blind index; numbers that were confirmed before there was one have none until keys turn.
    """

    __tablename__: ClassVar[Any] = "phones"
    __table_args__ = (
        sa.CheckConstraint("shown ~ '^[0-9]{2}$'", name="shown_short"),
        sa.CheckConstraint("length(found_hash) = 16", name="found_hash_long"),
        sa.Index("ix_phones_found_hash", "found_hash"),
    )

    user_id: UUID = Field(
        primary_key=True, sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")]
    )
    sealed: str = Field(repr=False)
    shown: str
    found_hash: bytes | None = Field(default=None, repr=False)
    made_at: datetime = instant()
    confirmed_at: datetime | None = instant(nullable=True)


class TextCodeRow(Row, table=True):
    """The code that was last sent to a member's telephone, known by its keyed hash.

    `about` is what it is for: a new number, a session, or a half-way sign-in. A new number waits
    here, sealed, until it is confirmed; `shown` are its last digits.
    """

    __tablename__: ClassVar[Any] = "text_codes"
    __table_args__ = (
        sa.CheckConstraint("shown ~ '^[0-9]{2}$'", name="shown_short"),
        sa.CheckConstraint("(sealed is null) = (shown is null)", name="number_whole"),
    )

    user_id: UUID = Field(
        primary_key=True, sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")]
    )
    about: str
    code_hash: str = Field(repr=False)
    tries: int = 0
    made_at: datetime = instant()
    ends_at: datetime = instant()
    sealed: str | None = Field(default=None, repr=False)
    shown: str | None = None


class TextRow(Row, table=True):
    """A text in the outbox; to whom it goes and what it says is sealed.

    `due_at` is when it is tried next, `ends_at` when it is of no use any more, `sent_at` when the
    provider took it, and `failed` what one said that did not.
    """

    __tablename__: ClassVar[Any] = "texts"

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(
        index=True, sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")]
    )
    sealed: str = Field(repr=False)
    written_at: datetime = instant()
    due_at: datetime = instant()
    ends_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    tries: int = 0
    failed: str = ""
