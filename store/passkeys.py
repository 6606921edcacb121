"""Passkeys and their challenges, as kept; row-level security shows only what was claimed."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from store.db import Session, claim
from store.tables import CeremonyRow, PasskeyRow

_PASSKEYS = PasskeyRow.metadata.tables["passkeys"]
_CEREMONIES = CeremonyRow.metadata.tables["ceremonies"]


async def oversee(db: Session) -> None:
    """Show the rest of the transaction every challenge, of which most are nobody's yet."""
    await claim(db, "oversight", "ceremonies")


async def begin(db: Session, ceremony: CeremonyRow) -> None:
    """Keep what a challenge is for."""
    await oversee(db)
    await db.execute(sa.insert(_CEREMONIES).values(ceremony.model_dump()))


async def take(db: Session, challenge_hash: str) -> CeremonyRow | None:
    """Return what a challenge is for and forget it: of two at once it is for one."""
    await oversee(db)
    mine = _CEREMONIES.c.challenge_hash == challenge_hash
    gone = await db.execute(sa.delete(_CEREMONIES).where(mine).returning(_CEREMONIES))
    taken = gone.mappings().first()
    return CeremonyRow(**taken) if taken else None


async def forget_over(db: Session, now: datetime) -> int:
    """Forget every challenge that is over; return how many."""
    await oversee(db)
    over = sa.delete(_CEREMONIES).where(_CEREMONIES.c.ends_at <= now).returning(_CEREMONIES.c.id)
    return len((await db.execute(over)).all())


async def of(db: Session, user_id: UUID) -> list[PasskeyRow]:
    """Return a member's passkeys, the eldest first."""
    mine = sa.select(PasskeyRow).filter_by(user_id=user_id)
    return list(await db.scalars(mine.order_by(col(PasskeyRow.made_at), col(PasskeyRow.id))))


async def owner_of(db: Session, credential_id: str) -> UUID | None:
    """Return whose passkey it is that was presented."""
    await claim(db, "credential", credential_id)
    return await db.scalar(
        sa.select(_PASSKEYS.c.user_id).where(_PASSKEYS.c.credential_id == credential_id)
    )


async def held(db: Session, user_id: UUID, credential_id: str) -> PasskeyRow | None:
    """Return a member's passkey as it is now, kept from others until the transaction ends."""
    mine = sa.select(PasskeyRow).filter_by(user_id=user_id, credential_id=credential_id)
    fresh = {"populate_existing": True}
    return (await db.scalars(mine.with_for_update(), execution_options=fresh)).one_or_none()


async def own(db: Session, user_id: UUID, passkey_id: UUID) -> PasskeyRow | None:
    """Return one passkey of a member's by its own id."""
    mine = sa.select(PasskeyRow).filter_by(user_id=user_id, id=passkey_id)
    return (await db.scalars(mine)).one_or_none()


async def add(db: Session, passkey: PasskeyRow) -> bool:
    """Keep a new passkey of the member that the transaction acts as, unless anybody has it."""
    new = insert(_PASSKEYS).values(passkey.model_dump())
    alone = new.on_conflict_do_nothing(index_elements=["credential_id"])
    return (await db.scalar(alone.returning(_PASSKEYS.c.id))) is not None


async def remove(db: Session, user_id: UUID, passkey_id: UUID) -> bool:
    """Forget a passkey of a member's; return whether it was there."""
    mine = (_PASSKEYS.c.user_id == user_id) & (_PASSKEYS.c.id == passkey_id)
    gone = await db.execute(sa.delete(_PASSKEYS).where(mine).returning(_PASSKEYS.c.id))
    return len(gone.all()) > 0


async def remove_all(db: Session, user_id: UUID) -> None:
    """Forget every passkey of a member's."""
    await db.execute(sa.delete(_PASSKEYS).where(_PASSKEYS.c.user_id == user_id))
