"""Members and their sessions as lists, for those who look after them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from store.db import Session
from store.tables import EXPORTS, METADATA, OWNERS, AccountRow, SessionRow
from store.tables.running import AuditRow

_ACCOUNTS = AccountRow.metadata.tables["accounts"]
_SESSIONS = SessionRow.metadata.tables["sessions"]
_MOST_NOTED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which accounts are asked for; what is empty asks for nothing.

    `begins` begins the address, `email` is all of it.
    """

    begins: str = ""
    email: str = ""
    id: UUID | None = None
    state: str = ""
    role: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoughtSessions:
    """Which sessions are asked for: of whose address begins so, from where, by which browser.

    `within` begins the address that a session came from.
    """

    begins: str = ""
    user_id: UUID | None = None
    within: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that lasts, with whose it is."""

    id: UUID
    user_id: UUID
    email: str
    role: str
    agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime


async def accounts(
    db: Session, sought: Sought, *, limit: int, offset: int = 0
) -> tuple[list[AccountRow], int]:
    """Return accounts, the newest first, and how many there are in all."""
    asked = [*_asked(sought)]
    order = _ACCOUNTS.c.created_at.desc(), _ACCOUNTS.c.id
    chosen = sa.select(AccountRow).where(*asked).order_by(*order).limit(limit).offset(offset)
    total = await db.scalar(sa.select(sa.func.count()).select_from(_ACCOUNTS).where(*asked))
    return list(await db.scalars(chosen)), total or 0


async def sessions(
    db: Session, sought: SoughtSessions, now: datetime, *, limit: int, offset: int = 0
) -> tuple[list[LiveSession], int]:
    """Return the sessions that last, the last used first, and how many there are in all."""
    joined = _SESSIONS.join(_ACCOUNTS, _ACCOUNTS.c.id == _SESSIONS.c.user_id)
    asked = [_SESSIONS.c.idle_ends_at > now, *_asked_sessions(sought)]
    rows, whose = _SESSIONS.c, _ACCOUNTS.c
    told = (
        *(rows.id, rows.user_id, whose.email, whose.role),
        *(rows.agent, rows.address, rows.created_at, rows.last_seen_at),
    )
    chosen = sa.select(*told).select_from(joined).where(*asked)
    chosen = chosen.order_by(rows.last_seen_at.desc(), rows.id).limit(limit).offset(offset)
    total = await db.scalar(sa.select(sa.func.count()).select_from(joined).where(*asked))
    return [LiveSession(*row) for row in await db.execute(chosen)], total or 0


async def session_of(db: Session, session_id: UUID) -> SessionRow | None:
    """Return a session, if the transaction may see it."""
    return await db.get(SessionRow, session_id)


async def end_session(db: Session, session_id: UUID) -> bool:
    """End a session; return whether it was there."""
    ended = sa.delete(_SESSIONS).where(_SESSIONS.c.id == session_id).returning(_SESSIONS.c.id)
    return len((await db.execute(ended)).all()) > 0


async def kept_of(db: Session, user_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Return what a member is given of every table that holds rows of theirs, by its name.

    The transaction is the member's own: row-level security shows it no row of anybody else.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for name, owner in OWNERS.items():
        columns = METADATA.tables[name].c
        told = [columns[each] for each in EXPORTS[name].split(", ")]
        rows = await db.execute(sa.select(*told).where(columns[owner] == user_id))
        found[name] = [dict(row) for row in rows.mappings()]
    return found


async def noted_of(db: Session, actor: str) -> list[dict[str, Any]]:
    """Return what the audit says that somebody did, the latest first, 10,000 entries at most."""
    told = sa.select(col(AuditRow.at), col(AuditRow.action), col(AuditRow.details))
    mine = told.where(col(AuditRow.actor) == actor).order_by(col(AuditRow.id).desc())
    rows = await db.execute(mine.limit(_MOST_NOTED))
    return [dict(row) for row in rows.mappings()]


def _asked(sought: Sought) -> list[sa.ColumnElement[bool]]:
    equal = {name: getattr(sought, name) for name in ("email", "id", "state", "role", "plan")}
    asked = [_ACCOUNTS.c[name] == value for name, value in equal.items() if value]
    if sought.begins:
        asked.append(_ACCOUNTS.c.email.startswith(sought.begins, autoescape=True))
    return asked


def _asked_sessions(sought: SoughtSessions) -> list[sa.ColumnElement[bool]]:
    asked: list[sa.ColumnElement[bool]] = []
    if sought.begins:
        asked.append(_ACCOUNTS.c.email.startswith(sought.begins, autoescape=True))
    if sought.user_id:
        asked.append(_SESSIONS.c.user_id == sought.user_id)
    if sought.agent:
        asked.append(_SESSIONS.c.agent.icontains(sought.agent, autoescape=True))
    if sought.within:
        asked.append(_SESSIONS.c.address.startswith(sought.within, autoescape=True))
    return asked
