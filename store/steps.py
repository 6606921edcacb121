"""Sign-ins that are half-way, as kept; row-level security shows only what was claimed."""

from datetime import datetime

import sqlalchemy as sa

from store.db import Session, claim
from store.tables import StepRow

_TABLE = StepRow.metadata.tables["sign_in_steps"]


async def add(db: Session, step: StepRow) -> None:
    """Keep a half-way sign-in of the member that the transaction acts as."""
    db.add(step)
    await db.flush()


async def presented(db: Session, token_hash: str) -> StepRow | None:
    """Return the half-way sign-in of a token, which this transaction may then see."""
    await claim(db, "step", token_hash)
    return (await db.scalars(sa.select(StepRow).filter_by(token_hash=token_hash))).one_or_none()


async def held(db: Session, token_hash: str) -> StepRow | None:
    """Return it as it is now, kept from others; the transaction has to act as its member."""
    chosen = sa.select(StepRow).filter_by(token_hash=token_hash).with_for_update()
    return (await db.scalars(chosen, execution_options={"populate_existing": True})).one_or_none()


async def end(db: Session, step: StepRow) -> None:
    """End one."""
    await db.delete(step)
    await db.flush()


async def forget_over(db: Session, now: datetime) -> None:
    """Forget every one that is over and that the transaction may see."""
    await db.execute(sa.delete(_TABLE).where(_TABLE.c.ends_at <= now))
