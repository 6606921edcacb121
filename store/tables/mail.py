"""Letters on their way, and the codes that some of them carry."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, instant


class LetterRow(Row, table=True):
    """A letter in the outbox; what it says is sealed, since it may carry a code.

    `due_at` is when it is tried next, `sent_at` when a mail server took it, and `failed` what one
    said that did not.
    """

    __tablename__: ClassVar[Any] = "letters"

    id: UUID = Field(primary_key=True)
    user_id: UUID | None = Field(
        default=None,
        index=True,
        sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")],
    )
    kind: str
    address: str = Field(repr=False)
    sealed: str = Field(repr=False)
    written_at: datetime = instant()
    due_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    tries: int = 0
    failed: str = ""


class CodeRow(Row, table=True):
    """A code that was sent to an address, known by its SHA-256; it is good for one use.

    Of somebody who has no account yet it keeps what their password hashes to.
    """

    __tablename__: ClassVar[Any] = "codes"
    __table_args__ = (
        sa.CheckConstraint("code_hash ~ '^[0-9a-f]{64}$'", name="code_hashed"),
        sa.CheckConstraint("purpose in ('confirm', 'reset', 'move', 'keep')", name="purpose_known"),
        sa.UniqueConstraint("code_hash"),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID | None = Field(
        default=None,
        index=True,
        sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")],
    )
    purpose: str
    email: str = Field(repr=False)
    code_hash: str = Field(repr=False)
    password_hash: str = Field(default="", repr=False)
    made_at: datetime = instant()
    ends_at: datetime = instant()
