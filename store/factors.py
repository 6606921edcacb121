"""Second factors and recovery codes, as kept; row-level security shows only a member's own."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import col

from store.db import Session
from store.sealed import Place
from store.tables import FactorRow, RecoveryRow

_FACTORS = FactorRow.metadata.tables["factors"]
_CODES = RecoveryRow.metadata.tables["recovery_codes"]


def place(factor_id: UUID) -> Place:
    """Return where the secret of a factor is sealed for."""
    return Place("factors", "sealed", str(factor_id))


async def of(db: Session, user_id: UUID) -> list[FactorRow]:
    """Return a member's factors that are confirmed, the eldest first."""
    mine = sa.select(FactorRow).filter_by(user_id=user_id)
    confirmed = mine.where(col(FactorRow.confirmed_at).is_not(None))
    return list(await db.scalars(confirmed.order_by(col(FactorRow.made_at), col(FactorRow.id))))


async def held(db: Session, user_id: UUID) -> list[FactorRow]:
    """Return every factor of a member as it is now, kept from others until the transaction ends."""
    mine = sa.select(FactorRow).filter_by(user_id=user_id).order_by(col(FactorRow.id))
    fresh = {"populate_existing": True}
    return list(await db.scalars(mine.with_for_update(), execution_options=fresh))


async def begin(db: Session, factor: FactorRow) -> None:
    """Keep a factor that is to be confirmed, instead of others that never were."""
    mine = (_FACTORS.c.user_id == factor.user_id) & _FACTORS.c.confirmed_at.is_(None)
    await db.execute(sa.delete(_FACTORS).where(mine))
    db.add(factor)
    await db.flush()


async def remove(db: Session, user_id: UUID, factor_id: UUID) -> bool:
    """Forget a factor of a member's; return whether it was there."""
    mine = (_FACTORS.c.user_id == user_id) & (_FACTORS.c.id == factor_id)
    gone = await db.execute(sa.delete(_FACTORS).where(mine).returning(_FACTORS.c.id))
    return len(gone.all()) > 0


async def codes_left(db: Session, user_id: UUID) -> int:
    """Return how many of a member's recovery codes were not used."""
    mine = (_CODES.c.user_id == user_id) & _CODES.c.used_at.is_(None)
    return await db.scalar(sa.select(sa.func.count()).select_from(_CODES).where(mine)) or 0


async def use_code(db: Session, user_id: UUID, code_hash: str, now: datetime) -> bool:
    """Use a recovery code up; return whether it was good: of two at once it is for one."""
    mine = (_CODES.c.user_id == user_id) & (_CODES.c.code_hash == code_hash)
    fresh = mine & _CODES.c.used_at.is_(None)
    used = sa.update(_CODES).where(fresh).values(used_at=now).returning(_CODES.c.id)
    return len((await db.execute(used)).all()) > 0


async def replace_codes(
    db: Session, user_id: UUID, code_hashes: Collection[str], now: datetime
) -> None:
    """Keep these recovery codes of a member's, and no others."""
    await db.execute(sa.delete(_CODES).where(_CODES.c.user_id == user_id))
    rows = [
        {"id": uuid4(), "user_id": user_id, "code_hash": code_hash, "made_at": now}
        for code_hash in code_hashes
    ]
    if rows:
        await db.execute(sa.insert(_CODES), rows)
