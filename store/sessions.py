"""Sessions, as kept; row-level security shows only what the transaction has claimed."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from store.db import Session, claim
from store.tables import AccountRow, SessionRow

_TABLE = SessionRow.metadata.tables["sessions"]
_STEPS = SessionRow.metadata.tables["sign_in_steps"]


async def presented(db: Session, token_hash: str) -> SessionRow | None:
    """Return the session of a token, which this transaction may then see."""
    await claim(db, "session", token_hash)
    return (await db.scalars(sa.select(SessionRow).filter_by(token_hash=token_hash))).one_or_none()


async def holders(
    db: Session, token_hashes: Collection[str], now: datetime
) -> dict[str, tuple[AccountRow, str]]:
    """Return whose sessions of so many tokens are, and what proved them; by token hash.

    Those that have ended are left out.
    """
    asked = sa.literal(list(token_hashes), ARRAY(sa.String()))
    mine = (_TABLE.c.token_hash == sa.any_(asked)) & (_TABLE.c.idle_ends_at > now)
    joined = col(AccountRow.id) == col(SessionRow.user_id)
    told = col(SessionRow.token_hash), AccountRow, col(SessionRow.factor)
    found = await db.execute(sa.select(*told).join(AccountRow, joined).where(mine))
    return {str(token_hash): (account, str(factor)) for token_hash, account, factor in found}


async def add(db: Session, session: SessionRow) -> None:
    """Add a session of the member that the transaction acts as."""
    db.add(session)
    await db.flush()


async def end(db: Session, user_id: UUID, token_hash: str) -> bool:
    """End the member's session of a token; return whether there was one."""
    mine = (_TABLE.c.user_id == user_id) & (_TABLE.c.token_hash == token_hash)
    ended = await db.execute(sa.delete(_TABLE).where(mine).returning(_TABLE.c.id))
    return len(ended.all()) > 0


async def end_one(db: Session, user_id: UUID, session_id: UUID) -> bool:
    """End a member's session by its id; return whether there was one."""
    mine = (_TABLE.c.user_id == user_id) & (_TABLE.c.id == session_id)
    ended = await db.execute(sa.delete(_TABLE).where(mine).returning(_TABLE.c.id))
    return len(ended.all()) > 0


async def of_member(db: Session, user_id: UUID, now: datetime) -> list[SessionRow]:
    """Return a member's sessions that have not ended, the one seen last first."""
    mine = (_TABLE.c.user_id == user_id) & (_TABLE.c.idle_ends_at > now)
    order = col(SessionRow.last_seen_at).desc(), col(SessionRow.id)
    return list(await db.scalars(sa.select(SessionRow).where(mine).order_by(*order)))


async def end_all(db: Session, user_id: UUID, *, but: str = "") -> int:
    """End the member's sessions, but the one of a token hash; return how many.

    What was changed is written first, so that a sign-in at the same moment is before or after it;
    one that is half-way ends as well.
    """
    await db.flush()
    await db.execute(sa.delete(_STEPS).where(_STEPS.c.user_id == user_id))
    mine = (_TABLE.c.user_id == user_id) & (_TABLE.c.token_hash != but)
    ended = await db.execute(sa.delete(_TABLE).where(mine).returning(_TABLE.c.id))
    return len(ended.all())


async def own(db: Session, session_id: UUID) -> SessionRow | None:
    """Return a session of the member that the transaction acts as, kept from others meanwhile."""
    return await db.get(SessionRow, session_id, with_for_update=True, populate_existing=True)


async def forget_over(db: Session, now: datetime) -> int:
    """Forget every session that is over and that the transaction may see; return how many."""
    over = sa.delete(_TABLE).where(_TABLE.c.idle_ends_at <= now).returning(_TABLE.c.id)
    return len((await db.execute(over)).all())
