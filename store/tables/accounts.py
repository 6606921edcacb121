"""Accounts and their sessions; a row is seen by its member, or by whoever names its secret."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from store.tables.base import Row, instant, recorded


class AccountRow(Row, table=True):
    """Somebody who can sign in: a normalised e-mail address, and what their password hashes to."""

    __tablename__: ClassVar[Any] = "accounts"
    __table_args__ = (
        sa.CheckConstraint("email = lower(email)", name="email_normal"),
        sa.CheckConstraint("password_hash like '$argon2id$%'", name="password_hashed"),
        sa.CheckConstraint(
            "role in ('member', 'support', 'analyst', 'admin', 'owner')", name="role_known"
        ),
        sa.CheckConstraint("state in ('active', 'locked', 'closed')", name="state_known"),
        sa.CheckConstraint("(state = 'closed') = (erase_at is not null)", name="closed_until"),
        sa.CheckConstraint("plan in ('free', 'basic', 'pro', 'enterprise')", name="plan_known"),
        sa.UniqueConstraint("email"),
    )

    id: UUID = Field(primary_key=True)
    email: str
    password_hash: str = Field(repr=False)
    role: str
    state: str
    plan: str = Field(default="free", sa_column_kwargs={"server_default": "free"})
    league: str = Field(default="", sa_column_kwargs={"server_default": ""})
    created_at: datetime = recorded()
    changed_at: datetime = instant()
    erase_at: datetime | None = instant(nullable=True)


class SessionRow(Row, table=True):
    """A browser that is signed in, known by the SHA-256 of the token that it holds."""

    __tablename__: ClassVar[Any] = "sessions"
    __table_args__ = (
        sa.CheckConstraint("token_hash ~ '^[0-9a-f]{64}$'", name="token_hashed"),
        sa.CheckConstraint("idle_ends_at <= ends_at", name="idle_within_end"),
        sa.CheckConstraint(
            "factor in ('password', 'totp', 'passkey', 'sms', 'recovery', 'letter')",
            name="factor_known",
        ),
        sa.UniqueConstraint("token_hash"),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID = Field(
        index=True, sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")]
    )
    token_hash: str = Field(repr=False)
    agent: str
    address: str
    country: str = Field(default="", sa_column_kwargs={"server_default": ""})
    device_id: UUID | None = Field(
        default=None,
        index=True,
        sa_column_args=[sa.ForeignKey("devices.id", ondelete="SET NULL")],
    )
    factor: str = Field(default="password", sa_column_kwargs={"server_default": "password"})
    created_at: datetime = instant()
    proved_at: datetime = instant()
    last_seen_at: datetime = instant()
    idle_ends_at: datetime = instant()
    ends_at: datetime = instant()


class SettingsRow(Row, table=True):
    """What a member chose of how things are shown, as `domain.preferences` writes it."""

    __tablename__: ClassVar[Any] = "member_settings"
    __table_args__ = (sa.CheckConstraint("length(chosen) <= 300", name="chosen_short"),)

    user_id: UUID = Field(
        primary_key=True, sa_column_args=[sa.ForeignKey("accounts.id", ondelete="CASCADE")]
    )
    chosen: str
    changed_at: datetime = instant()
