"""Breaks and limits of members, as kept; row-level security shows only what is claimed."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel import col

from store.db import Session
from store.tables import BreakRow, LimitsRow, SessionRow

Kept = tuple[BreakRow | None, LimitsRow | None]

_BREAKS = BreakRow.metadata.tables["member_breaks"]
_LIMITS = LimitsRow.metadata.tables["member_limits"]
_SESSIONS = SessionRow.metadata.tables["sessions"]


async def of(db: Session, user_id: UUID) -> Kept:
    """Return a member's break and limits, if the transaction may see them."""
    return await db.get(BreakRow, user_id), await db.get(LimitsRow, user_id)


async def of_sessions(db: Session, token_hashes: Collection[str], now: datetime) -> dict[str, Kept]:
    """Return what those have who are behind sessions that last, by token hash; most have none."""
    chosen = (
        sa.select(col(SessionRow.token_hash), BreakRow, LimitsRow)
        .outerjoin(BreakRow, col(BreakRow.user_id) == col(SessionRow.user_id))
        .outerjoin(LimitsRow, col(LimitsRow.user_id) == col(SessionRow.user_id))
        .where(_lasting(token_hashes, now))
        .where((_BREAKS.c.ends_at > now) | (_LIMITS.c.used_s > 0.0))
    )
    return {str(key): (taken, set_) for key, taken, set_ in await db.execute(chosen)}


async def lengthen(db: Session, user_id: UUID, now: datetime, ends_at: datetime) -> datetime:
    """Begin a member's break, or lengthen the one that lasts; return when it ends.

    Of two at the same time the longer one stays, in whichever order they come.
    """
    given = {"user_id": user_id, "began_at": now, "ends_at": ends_at}
    ended = _BREAKS.c.ends_at <= now
    begun = insert(_BREAKS).values(given)
    kept = begun.on_conflict_do_update(
        index_elements=["user_id"],
        set_={
            "began_at": sa.case((ended, now), else_=_BREAKS.c.began_at),
            "ends_at": sa.func.greatest(_BREAKS.c.ends_at, begun.excluded.ends_at),
        },
    )
    return (await db.execute(kept.returning(_BREAKS.c.ends_at))).scalar_one()


async def to_change(db: Session, user_id: UUID, now: datetime) -> LimitsRow:
    """Return a member's limits, made if there were none, and kept so until the transaction ends."""
    none = LimitsRow(user_id=user_id, used_s=0.0, changed_at=now)
    added = insert(_LIMITS).values(none.model_dump())
    await db.execute(added.on_conflict_do_nothing(index_elements=["user_id"]))
    mine = sa.select(LimitsRow).filter_by(user_id=user_id).with_for_update()
    return (await db.scalars(mine)).one()


async def count(
    db: Session,
    token_hashes: Collection[str],
    now: datetime,
    *,
    day: timedelta,
    most: timedelta,
) -> None:
    """Count the time since the last count for those with a daily limit who are at the board.

    Each process counts those who watch through it: what one has counted another does not count
    again, for all of them go by when it was done last.

    Args:
        db: The transaction.
        token_hashes: The sessions that watch the board.
        now: When that is.
        day: How long after the first look it begins at nothing again.
        most: A longer time since the last count was not spent at the board.
    """
    rows = _LIMITS.c
    watching = sa.select(_SESSIONS.c.user_id).where(_lasting(token_hashes, now))
    limited = (rows.daily_min > 0) | (rows.strict_until > now)
    anew = rows.since_at.is_(None) | (rows.since_at + day <= now)
    passed = sa.extract("epoch", now - rows.counted_at)
    added = sa.case((passed.between(0.0, most.total_seconds()), passed), else_=0.0)
    await db.execute(
        sa.update(_LIMITS)
        .where(rows.user_id.in_(watching) & limited)
        .values(
            used_s=sa.case((anew, 0.0), else_=rows.used_s + added),
            since_at=sa.case((anew, now), else_=rows.since_at),
            counted_at=sa.func.greatest(rows.counted_at, now),
        )
    )


async def forget_over(db: Session, now: datetime) -> int:
    """Forget every break that is over, by PostgreSQL's clock too; return how many."""
    over = _BREAKS.c.ends_at <= sa.func.least(now, sa.func.now())
    return len(
        (await db.execute(sa.delete(_BREAKS).where(over).returning(_BREAKS.c.user_id))).all()
    )


def _lasting(token_hashes: Collection[str], now: datetime) -> sa.ColumnElement[bool]:
    asked = sa.literal(list(token_hashes), ARRAY(sa.String()))
    return (_SESSIONS.c.token_hash == sa.any_(asked)) & (_SESSIONS.c.idle_ends_at > now)
