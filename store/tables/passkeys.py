"""Passkeys of members, and the challenges that one of them is to sign."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, instant


class PasskeyRow(Row, table=True):
    """A passkey: its public half, and how often its authenticator says that it has signed.

    `cloned_at` is when that count went back, as it does if there are two of it; since then it
    proves nothing. `told_at` is when its member was written to about that.
    """

    __tablename__: ClassVar[Any] = "passkeys"
    __table_args__ = (
        sa.CheckConstraint("length(name) between 1 and 60", name="name_short"),
        sa.CheckConstraint("sign_count >= 0", name="count_whole"),
        sa.UniqueConstraint("credential_id"),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(
        index=True, sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")]
    )
    credential_id: str = Field(repr=False)
    public_key: bytes = Field(repr=False, sa_type=sa.LargeBinary)
    sign_count: int = Field(sa_type=sa.BigInteger)
    name: str
    transports: str
    backed_up: bool
    made_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)
    cloned_at: datetime | None = instant(nullable=True)
    told_at: datetime | None = instant(nullable=True)


class CeremonyRow(Row, table=True):
    """A challenge, known by its SHA-256; it is good for one use, by the browser that asked for it.

    `about` says which that is: the session, the half-way sign-in, or what a cookie hashes to. It is
    nobody's while it is not known who signs in.
    """

    __tablename__: ClassVar[Any] = "ceremonies"
    __table_args__ = (
        sa.CheckConstraint("challenge_hash ~ '^[0-9a-f]{64}$'", name="challenge_hashed"),
        sa.CheckConstraint(
            "purpose in ('register', 'sign_in', 'step', 'prove')", name="purpose_known"
        ),
        sa.UniqueConstraint("challenge_hash"),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID | None = Field(
        default=None,
        index=True,
        sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")],
    )
    challenge_hash: str = Field(repr=False)
    purpose: str
    about: str
    rp_id: str
    origin: str
    made_at: datetime = instant()
    ends_at: datetime = instant()
