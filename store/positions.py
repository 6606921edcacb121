"""How far each consumer has come in each stream."""

from store.db import Session
from store.rows import upsert
from store.tables import PositionRow


async def position(db: Session, consumer: str, stream: str) -> str | None:
    """Return the id of the last entry that the consumer is done with, or None if of none yet."""
    row = await db.get(PositionRow, (consumer, stream), populate_existing=True)
    return None if row is None else row.position


async def move(db: Session, consumer: str, stream: str, to: str) -> None:
    """Note that the consumer is done with everything up to the id `to`.

    In the transaction of what it wrote, this makes that happen once for each entry.
    """
    row = {"consumer": consumer, "stream": stream, "position": to}
    await db.execute(upsert("stream_positions", [row]))
