"""Accounts, as kept; row-level security shows only what the transaction has claimed."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

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


async def holders(db: Session, role: str) -> int:
    """Return how many accounts hold a role, keeping them so until the transaction ends."""
    held = sa.select(AccountRow).filter_by(role=role).with_for_update()
    return len((await db.scalars(held)).all())
