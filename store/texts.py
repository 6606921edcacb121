"""Telephones, codes and texts on their way, as kept; row security shows only what was claimed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from store.db import Session, claim
from store.tables import PhoneRow, TextCodeRow, TextRow

_PHONES = PhoneRow.metadata.tables["phones"]
_CODES = TextCodeRow.metadata.tables["text_codes"]
_TEXTS = TextRow.metadata.tables["texts"]


async def oversee(db: Session) -> None:
    """Show the rest of the transaction every text, for who carries them."""
    await claim(db, "oversight", "texts")


async def phone(db: Session, user_id: UUID) -> PhoneRow | None:
    """Return a member's telephone."""
    return await db.get(PhoneRow, user_id, populate_existing=True)


async def others_with(db: Session, found: Sequence[bytes], user_id: UUID) -> int:
    """Count the other members whose telephone has one of these blind indexes.

    Until the transaction ends nobody else counts those of the same number, and row security shows
    every account.
    """
    await db.execute(sa.select(sa.func.pg_advisory_xact_lock(_lock(found))))
    await claim(db, "oversight", "accounts")
    theirs = (_PHONES.c.found_hash.in_(found), _PHONES.c.user_id != user_id)
    return await db.scalar(sa.select(sa.func.count()).where(*theirs)) or 0


def _lock(found: Sequence[bytes]) -> int:
    # The current key's: only at the moment of a rotation do two not wait for each other.
    return int.from_bytes(found[0][:8], signed=True)


async def keep_phone(db: Session, row: PhoneRow) -> None:
    """Keep a telephone instead of the one that the member had."""
    await remove_phone(db, row.user_id)
    await db.execute(sa.insert(_PHONES).values(row.model_dump()))


async def remove_phone(db: Session, user_id: UUID) -> bool:
    """Forget a member's telephone and its code; return whether there was one."""
    await db.flush()
    await forget_code(db, user_id)
    mine = _PHONES.c.user_id == user_id
    gone = await db.execute(sa.delete(_PHONES).where(mine).returning(_PHONES.c.user_id))
    return len(gone.all()) > 0


async def keep_code(db: Session, row: TextCodeRow) -> None:
    """Keep what a code is for, instead of the one that was sent before."""
    new = insert(_CODES).values(row.model_dump())
    others = {name: new.excluded[name] for name in row.model_dump() if name != "user_id"}
    await db.execute(new.on_conflict_do_update(index_elements=["user_id"], set_=others))


async def code(db: Session, user_id: UUID) -> TextCodeRow | None:
    """Return the code that was last sent to a member."""
    return await db.get(TextCodeRow, user_id, populate_existing=True)


async def held_code(db: Session, user_id: UUID) -> TextCodeRow | None:
    """Return a member's code as it is now, kept from others until the transaction ends."""
    return await db.get(TextCodeRow, user_id, with_for_update=True, populate_existing=True)


async def forget_code(db: Session, user_id: UUID) -> None:
    """Forget the code that was sent to a member."""
    await db.execute(sa.delete(_CODES).where(_CODES.c.user_id == user_id))


async def post(db: Session, text: TextRow) -> None:
    """Put a text into the outbox, of the member that the transaction acts as."""
    db.add(text)
    await db.flush()


async def due(db: Session, now: datetime, *, limit: int) -> list[TextRow]:
    """Return texts that are to be sent now, the eldest first, kept from other carriers."""
    waiting = col(TextRow.sent_at).is_(None) & (_TEXTS.c.due_at <= now) & (_TEXTS.c.ends_at > now)
    chosen = sa.select(TextRow).where(waiting).order_by(col(TextRow.written_at)).limit(limit)
    return list(await db.scalars(chosen.with_for_update(skip_locked=True)))


async def forget_old(db: Session, now: datetime, *, kept: timedelta) -> int:
    """Forget texts older than `kept`, and codes that are over; return how many those were."""
    await oversee(db)
    old = sa.delete(_TEXTS).where(_TEXTS.c.written_at <= now - kept).returning(_TEXTS.c.id)
    gone = len((await db.execute(old)).all())
    await claim(db, "oversight", "accounts")
    over = sa.delete(_CODES).where(_CODES.c.ends_at <= now).returning(_CODES.c.user_id)
    return gone + len((await db.execute(over)).all())
