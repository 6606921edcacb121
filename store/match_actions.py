"""What persons moved from one event of ours to another, for those who hold prices of both."""

from sqlmodel import col, select

from domain.shards import Forgotten
from store.db import Session
from store.tables import ActionRow


async def moved_since(db: Session, number: int) -> list[Forgotten]:
    """Return what left which event of ours by actions after the one of that number, in order."""
    chosen = select(ActionRow).where(col(ActionRow.id) > number).order_by(col(ActionRow.id))
    return [
        Forgotten(source=action.evidence[event_id]["source"], event_id=was["canonical_id"])
        for action in await db.scalars(chosen)
        for event_id, was in action.before.items()
    ]
