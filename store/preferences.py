"""What members chose, as kept; row-level security shows each only their own."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from store.db import Session
from store.tables import SettingsRow

_TABLE = SettingsRow.metadata.tables["member_settings"]


async def own(db: Session, user_id: UUID) -> str | None:
    """Return a member's choices as a query string, if the transaction may see them."""
    return await db.scalar(sa.select(_TABLE.c.chosen).where(_TABLE.c.user_id == user_id))


async def keep(db: Session, user_id: UUID, chosen: str, now: datetime) -> None:
    """Put a member's choices in the place of those before."""
    new = {"chosen": chosen, "changed_at": now}
    added = insert(_TABLE).values(user_id=user_id, **new)
    await db.execute(added.on_conflict_do_update(index_elements=["user_id"], set_=new))
