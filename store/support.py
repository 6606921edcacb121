"""Grants to support and the looks taken by them; row-level security shows what was claimed."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from store.db import Session, claim
from store.tables import AccountRow, GrantRow, LookRow, SessionRow

_GRANTS = GrantRow.metadata.tables["support_grants"]
_LOOKS = LookRow.metadata.tables["support_looks"]
_ACCOUNTS = AccountRow.metadata.tables["accounts"]
_SESSIONS = SessionRow.metadata.tables["sessions"]


async def oversee(db: Session) -> None:
    """Show the rest of the transaction every grant and look, and nothing else of members."""
    await claim(db, "oversight", "support")


async def present(db: Session, grant_id: UUID) -> None:
    """Show the rest of the transaction what a grant shows of its member, while it is live."""
    await claim(db, "grant", str(grant_id))


async def live(db: Session, user_id: UUID, now: datetime) -> GrantRow | None:
    """Return a member's grant that has neither ended nor been taken back."""
    given = sa.select(GrantRow).where(_GRANTS.c.user_id == user_id, *_live(now))
    return (await db.scalars(given.order_by(_GRANTS.c.ends_at.desc()).limit(1))).one_or_none()


async def of(db: Session, user_id: UUID, *, limit: int) -> list[GrantRow]:
    """Return a member's grants, the newest first."""
    given = sa.select(GrantRow).where(_GRANTS.c.user_id == user_id)
    return list(await db.scalars(given.order_by(_GRANTS.c.made_at.desc()).limit(limit)))


async def looks(db: Session, user_id: UUID, *, limit: int) -> list[LookRow]:
    """Return who looked at a member's account, the latest first."""
    taken = sa.select(LookRow).where(_LOOKS.c.user_id == user_id)
    return list(await db.scalars(taken.order_by(_LOOKS.c.at.desc()).limit(limit)))


async def give(db: Session, grant: GrantRow) -> None:
    """Keep a grant of the member that the transaction acts as."""
    await db.execute(sa.insert(_GRANTS).values(grant.model_dump()))


async def revoke(db: Session, user_id: UUID, now: datetime) -> int:
    """End a member's live grants; return how many there were."""
    mine = sa.update(_GRANTS).where(_GRANTS.c.user_id == user_id, *_live(now))
    ended = await db.execute(mine.values(revoked_at=now).returning(_GRANTS.c.id))
    return len(ended.all())


async def note(db: Session, look: LookRow) -> None:
    """Keep that somebody looked."""
    await db.execute(sa.insert(_LOOKS).values(look.model_dump()))


async def shown_account(db: Session, user_id: UUID) -> tuple[str, str, str, str] | None:
    """Return the role, state, plan and league of an account that the transaction may see."""
    told = sa.select(_ACCOUNTS.c.role, _ACCOUNTS.c.state, _ACCOUNTS.c.plan, _ACCOUNTS.c.league)
    row = (await db.execute(told.where(_ACCOUNTS.c.id == user_id))).one_or_none()
    return row and (row.role, row.state, row.plan, row.league)


async def shown_sessions(db: Session, user_id: UUID, now: datetime) -> list[tuple[str, datetime]]:
    """Return by which browsers a member is signed in and when each was last used."""
    rows = _SESSIONS.c
    told = sa.select(rows.agent, rows.last_seen_at).where(
        rows.user_id == user_id, rows.idle_ends_at > now
    )
    found = await db.execute(told.order_by(rows.last_seen_at.desc()))
    return [(str(agent), at) for agent, at in found]


async def forget_old(db: Session, now: datetime, *, kept: timedelta) -> int:
    """Forget grants that ended and looks that were taken longer ago; return how many."""
    old = sa.delete(_GRANTS).where(_GRANTS.c.ends_at <= now - kept).returning(_GRANTS.c.id)
    past = sa.delete(_LOOKS).where(_LOOKS.c.at <= now - kept).returning(_LOOKS.c.id)
    return len((await db.execute(old)).all()) + len((await db.execute(past)).all())


def _live(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (_GRANTS.c.revoked_at.is_(None), _GRANTS.c.made_at <= now, _GRANTS.c.ends_at > now)
