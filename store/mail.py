"""The outbox and its codes, as kept; row-level security shows only what was claimed."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from store.db import Session, claim
from store.tables import CodeRow, LetterRow

_LETTERS = LetterRow.metadata.tables["letters"]
_CODES = CodeRow.metadata.tables["codes"]


async def oversee(db: Session) -> None:
    """Show the rest of the transaction every letter and code, for who writes or carries them."""
    await claim(db, "oversight", "mail")


async def post(db: Session, letter: LetterRow) -> None:
    """Put a letter into the outbox."""
    await oversee(db)
    await db.execute(sa.insert(_LETTERS).values(letter.model_dump()))


async def due(db: Session, now: datetime, *, limit: int) -> list[LetterRow]:
    """Return letters that are to be sent now, the eldest first, kept from other carriers."""
    waiting = col(LetterRow.sent_at).is_(None) & (_LETTERS.c.due_at <= now)
    chosen = sa.select(LetterRow).where(waiting).order_by(col(LetterRow.written_at)).limit(limit)
    return list(await db.scalars(chosen.with_for_update(skip_locked=True)))


async def newest(db: Session, *, limit: int) -> list[LetterRow]:
    """Return the letters written last, the newest first."""
    order = col(LetterRow.written_at).desc(), col(LetterRow.id)
    return list(await db.scalars(sa.select(LetterRow).order_by(*order).limit(limit)))


async def add_code(db: Session, code: CodeRow) -> None:
    """Keep what a code is good for."""
    await oversee(db)
    await db.execute(sa.insert(_CODES).values(code.model_dump()))


async def presented(db: Session, code_hash: str) -> CodeRow | None:
    """Return what a code is good for, which this transaction may then see."""
    await claim(db, "code", code_hash)
    return (await db.scalars(sa.select(CodeRow).filter_by(code_hash=code_hash))).one_or_none()


async def use_up(db: Session, code_hash: str) -> bool:
    """Forget a code; return whether it was there: of two at once it is for one."""
    await oversee(db)
    gone = sa.delete(_CODES).where(_CODES.c.code_hash == code_hash).returning(_CODES.c.id)
    return len((await db.execute(gone)).all()) > 0


async def forget_codes(db: Session, email: str) -> None:
    """Forget every code that was sent to an address."""
    await oversee(db)
    await db.execute(sa.delete(_CODES).where(_CODES.c.email == email))


async def forget_codes_of(db: Session, user_id: UUID) -> None:
    """Forget every code that is for a member's account, to whichever address it was sent."""
    await oversee(db)
    await db.execute(sa.delete(_CODES).where(_CODES.c.user_id == user_id))


async def forget_address(db: Session, email: str) -> None:
    """Forget every letter and code that went to an address, whoever's account it was about."""
    await forget_codes(db, email)
    await db.execute(sa.delete(_LETTERS).where(_LETTERS.c.address == email))


async def forget_old(db: Session, now: datetime, *, kept: timedelta) -> int:
    """Forget letters older than `kept` and codes that are over; return how many those were."""
    old = sa.delete(_LETTERS).where(_LETTERS.c.written_at <= now - kept).returning(_LETTERS.c.id)
    over = sa.delete(_CODES).where(_CODES.c.ends_at <= now).returning(_CODES.c.id)
    return len((await db.execute(old)).all()) + len((await db.execute(over)).all())
