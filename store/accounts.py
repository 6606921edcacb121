"""Accounts, as kept; row-level security shows only what the transaction has claimed."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from store.db import Session, claim
from store.tables import AccountRow

_TABLE = AccountRow.metadata.tables["accounts"]


async def act_as(db: Session, user_id: UUID) -> None:
    """Show the rest of the transaction what belongs to the member, who has proved who they are."""
    await claim(db, "subject", str(user_id))


async def oversee(db: Session) -> None:
    """Show the rest of the transaction every account, for one who may manage them."""
    await claim(db, "oversight", "accounts")


async def named(db: Session, email: str) -> AccountRow | None:
    """Return the account of a normalised e-mail address, which this transaction may then see."""
    await claim(db, "email", email)
    return (await db.scalars(sa.select(AccountRow).filter_by(email=email))).one_or_none()


async def own(db: Session, user_id: UUID) -> AccountRow | None:
    """Return a member's account, if the transaction may see it."""
    return await db.get(AccountRow, user_id)


async def held(db: Session, user_id: UUID) -> AccountRow | None:
    """Return a member's account as it is now, kept from others until the transaction ends."""
    return await db.get(AccountRow, user_id, with_for_update=True, populate_existing=True)


async def add(db: Session, account: AccountRow) -> bool:
    """Add an account; return whether the e-mail address was free."""
    given = account.model_dump(exclude_none=True)
    added = insert(_TABLE).values(given).on_conflict_do_nothing(index_elements=["email"])
    return (await db.scalar(added.returning(_TABLE.c.id))) is not None


async def every(db: Session, *, limit: int) -> list[AccountRow]:
    """Return the accounts that the transaction may see, the eldest first."""
    eldest = sa.select(AccountRow).order_by(sa.text("created_at, id")).limit(limit)
    return list(await db.scalars(eldest))


async def to_change(db: Session, user_id: UUID) -> AccountRow | None:
    """Return an account that the transaction may see, kept as it is until that ends."""
    mine = sa.select(AccountRow).filter_by(id=user_id).with_for_update()
    found = await db.scalars(mine.execution_options(populate_existing=True))
    return found.one_or_none()


async def others_active(db: Session, role: str, user_id: UUID) -> int:
    """Return how many active accounts but one hold a role, keeping all so until the end."""
    held = sa.select(AccountRow).filter_by(role=role, state="active").order_by(sa.text("id"))
    found = (await db.scalars(held.with_for_update())).all()
    return len([each for each in found if each.id != user_id])


async def move(db: Session, account: AccountRow, email: str, now: datetime) -> bool:
    """Give an account another address; return whether that was free."""
    taken = sa.select(_TABLE.c.id).where(_TABLE.c.email == email)
    await oversee(db)
    if (await db.scalar(taken)) is not None:
        return False
    try:
        async with db.begin_nested():
            account.email, account.changed_at = email, now
            await db.flush()
    except IntegrityError:
        return False
    return True


async def due_for_erasure(db: Session, now: datetime, *, limit: int) -> list[UUID]:
    """Return accounts that were closed and whose time to come back is over, the eldest first."""
    over = sa.select(_TABLE.c.id).where(_TABLE.c.state == "closed", _TABLE.c.erase_at <= now)
    return list(await db.scalars(over.order_by(_TABLE.c.erase_at).limit(limit)))


async def erase(db: Session, user_id: UUID) -> bool:
    """Delete a closed account and all that is its member's; return whether it was there."""
    await db.flush()
    gone = await db.scalar(sa.select(sa.func.erase_account(user_id)))
    db.expunge_all()
    return bool(gone)
